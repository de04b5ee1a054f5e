import { expect, test } from 'vitest';
import type { ContainerLab, ContainerOptions } from '../containers/contract.ts';
import { Device } from '../vocabulary/device.ts';
import { openFleet } from './container.ts';
import { openSession, type OpenContext } from './open.ts';

/** The way to a working device is tested with real containers: harness/cli/fleet.test.ts. */
const device = Device.parse({
  id: 'lab-test',
  vendor: 'Muster Test',
  model: 'Test (Beispiel)',
  kind: 'router',
  reach: { driver: 'container', image: 'installed' },
  client: 'msmtp',
  firmware: [
    { version: '1', container: {} },
    { version: '2', container: { image: 'update', environment: { GREETING: "it's 2" } } },
  ],
  settings: [{ id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' }],
  truth: { built: 'for a test', verdict: {} },
});

const context: OpenContext = {
  firmware: '1',
  signal: new AbortController().signal,
  allowPrograms: false,
  roots: { factory: '', run: '' },
};

/** An address of this host where no SSH server listens. */
const NOBODY = '127.77.0.1';

function openFakeLab(trouble: string) {
  const started: ContainerOptions[] = [];
  let removed = 0;
  const lab: ContainerLab = {
    engine: 'fake',
    folder: '/nowhere',
    openNetwork: async ({ name }) => ({ name, gateway: '127.77.0.254', [Symbol.asyncDispose]: async () => {} }),
    importRoot: async ({ name }) => ({ tag: name }),
    start: async (options) => {
      started.push(options);
      options.onLog?.('chpasswd: no such user');
      return {
        id: 'fake',
        address: NOBODY,
        published: new Map(),
        exec: async () => ({ exitCode: 0, output: '' }),
        restart: async () => {},
        trouble,
        [Symbol.asyncDispose]: async () => void (removed += 1),
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return { lab, started, removed: () => removed };
}

test('without a container engine a device in a container is a clear fault', async () => {
  await expect(openSession(device, context)).rejects.toMatchObject({
    name: 'HarnessFault',
    code: 'no-container-engine',
    message: expect.stringContaining('lab-test'),
    advice: expect.stringContaining('doctor'),
  });
});

test('a device that ends before it serves is trouble of the lab, with its last words, and is removed', async () => {
  const fake = openFakeLab('it ended with exit code 1');
  await using fleet = await openFleet({ lab: fake.lab, hosts: ['smtp.example'] });
  await expect(openSession(device, { ...context, fleet })).rejects.toMatchObject({
    name: 'LabFault',
    code: 'device-not-started',
    message: expect.stringMatching(/exit code 1; it said: chpasswd: no such user/),
  });
  expect(fake.removed()).toBe(1);
});

test('mail hosts lead to the gateway, and each container gets a login of its own', async () => {
  const fake = openFakeLab('ended');
  await using fleet = await openFleet({ lab: fake.lab, hosts: ['smtp.example', 'imap.example'] });
  const secrets: string[] = [];
  const open = async () => openSession(device, { ...context, fleet, onSecret: (secret) => secrets.push(secret) });
  await expect(open()).rejects.toThrow('ended');
  await expect(open()).rejects.toThrow('ended');
  const [first, second] = fake.started;
  expect(first?.hosts).toEqual({ 'smtp.example': '127.77.0.254', 'imap.example': '127.77.0.254' });
  const fileOf = (options: ContainerOptions | undefined, target: string) =>
    options?.files?.find((f) => f.target === target)?.content;
  expect(secrets).toEqual([first, second].map((options) => fileOf(options, '/etc/device/password')));
  expect(new Set(secrets).size).toBe(2);
  expect(fileOf(first, '/etc/device/host_key')).not.toBe(fileOf(second, '/etc/device/host_key'));
});

test('another firmware version starts from its own image and environment', async () => {
  const fake = openFakeLab('ended');
  await using fleet = await openFleet({ lab: fake.lab, hosts: [] });
  for (const firmware of ['1', '2'])
    await expect(openSession(device, { ...context, fleet, firmware })).rejects.toThrow('ended');
  expect(fake.started.map((s) => [s.image, s.environment])).toEqual([
    ['installed', {}],
    ['update', { GREETING: "it's 2" }],
  ]);
  const profile = fake.started[1]?.files?.find((f) => f.target.startsWith('/etc/profile.d/'))?.content;
  expect(profile).toBe(`export GREETING='it'\\''s 2'\n`);
});
