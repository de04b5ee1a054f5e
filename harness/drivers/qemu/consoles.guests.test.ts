import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CONTEXT, guestDevice, hasGuest, leftovers, ownKernel } from './guests-of-tests.ts';
import { openGuest } from './open-guest.ts';

const here = await hasGuest('guests over SSH and telnet');
const folder = mkdtempSync(join(tmpdir(), 'cutover-consoles-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
  expect(leftovers()).toEqual([]);
});
const ROOT_PEM = '-----BEGIN CERTIFICATE-----\nnone, for a test\n-----END CERTIFICATE-----\n';

test.skipIf(!here)('an image of ours over SSH: names, root, clock, and clean again for each trial', async () => {
  const { device, reach } = guestDevice({
    driver: 'qemu',
    image: 'small-linux',
    clock: '2012-03-04',
    console: { over: 'ssh', user: 'root', secretEnv: 'GUEST_PASSWORD' },
    login: [{ expect: '# $' }],
  });
  const keys: string[] = [];
  const context = {
    ...CONTEXT,
    roots: { factory: '', run: ROOT_PEM },
    guestHosts: ['smtp.example.net', 'pop.example.net'],
    environment: { GUEST_PASSWORD: 'guest' },
    onUnknownHostKey: async ({ fingerprint }: { readonly fingerprint: string }) => keys.push(fingerprint) > 0,
  };
  await using guest = await openGuest({ ...device, trust: 'run-ca' }, reach, context, {});
  expect(guest.facts).toMatchObject({ carrier: 'ssh', machine: 'pc' });
  expect(keys.length).toBeGreaterThan(0);
  expect((await guest.run('tail -n 2 /etc/hosts')).output).toBe(
    '10.0.2.100 smtp.example.net\n10.0.2.100 pop.example.net',
  );
  expect((await guest.run('tail -n 3 /etc/ssl/certs/ca-certificates.crt')).output).toBe(ROOT_PEM.trim());
  expect((await guest.run('date -u +%F')).output).toBe('2012-03-04');
  await guest.run('echo old > /tmp/left');
  await guest.renew?.();
  expect((await guest.run('ls /tmp')).output).toBe('');
});

/** What went to the console: events `[seconds, "i", text]` of an asciicast. */
function typedIn(cast: string): string {
  const [, ...events] = cast.trim().split('\n');
  return events
    .map((line): unknown => JSON.parse(line))
    .flatMap((event) => (Array.isArray(event) && event[1] === 'i' ? [String(event[2])] : []))
    .join('');
}

test.skipIf(!here)("an owner's system over telnet, with the login that it asks for", async () => {
  const init = 'mkdir -p /dev/pts; mount -t devpts devpts /dev/pts; exec telnetd -F -l /bin/login';
  const { device, reach } = guestDevice({
    ...(await ownKernel(folder, init, 'small-linux')),
    console: { over: 'telnet' },
    login: [
      { expect: 'login: $', send: 'root' },
      { expect: 'assword: $', secretEnv: 'GUEST_PASSWORD' },
      { expect: '# $' },
    ],
  });
  const context = { ...CONTEXT, environment: { GUEST_PASSWORD: 'guest' } };
  await using guest = await openGuest(device, reach, context, {});
  expect(guest.facts).toMatchObject({ carrier: 'telnet', machine: 'pc' });
  expect((await guest.run('tty')).output).toMatch(/^\/dev\/pts\//);
  await guest.run('echo old > /tmp/left');
  await guest.renew?.();
  expect((await guest.run('ls /tmp')).output).toBe('');
  const typed = typedIn((await guest.takeTranscript()).cast);
  expect(typed).toContain('root');
  expect(typed).not.toContain('guest');
});

test.skipIf(!here)('a wrong password is a fault of the login, and leaves nothing', async () => {
  const { device, reach } = guestDevice({
    driver: 'qemu',
    image: 'small-linux',
    console: { over: 'ssh', user: 'root', secretEnv: 'GUEST_PASSWORD' },
  });
  const context = { ...CONTEXT, environment: { GUEST_PASSWORD: 'wrong' }, onUnknownHostKey: async () => true };
  await expect(openGuest(device, reach, context, {})).rejects.toMatchObject({
    code: 'guest-not-booted',
    message: expect.stringContaining('ssh-auth-rejected'),
  });
});
