import { expect, test } from 'vitest';
import { Device } from '../vocabulary/device.ts';
import { openSession, type OpenContext } from './open.ts';

function device(reach: unknown): Device {
  return Device.parse({
    id: 'test-printer',
    vendor: 'Test',
    model: 'Printer',
    kind: 'printer',
    firmware: [{ version: '1.0' }],
    settings: [{ id: 'as-shipped', protocol: 'smtp', port: 25, security: 'plaintext' }],
    client: 'test',
    patience: { idleSeconds: 5, totalSeconds: 20 },
    ...(reach === undefined ? {} : { reach }),
  });
}

const context: OpenContext = {
  firmware: '1.0',
  signal: new AbortController().signal,
  allowPrograms: true,
  roots: { factory: '', run: '' },
  environment: { PRINTER_PASSWORD: 'Kanari-4711' },
};

const TELNET = `printf 'Login: '; read user; printf 'Password: '; read password; echo; echo "hello $user"; printf '> '; cat`;
const LOGIN = [
  { expect: 'Login: $', send: 'service' },
  { expect: 'Password: $', secretEnv: 'PRINTER_PASSWORD' },
];

test('a program is logged into by the steps of its file; its secret is in no transcript', async () => {
  const reach = { driver: 'pty', program: ['sh', '-c', TELNET], login: LOGIN };
  await using session = await openSession(device(reach), context);
  await session.expect({ prompt: /> $/ });
  const { cast, screen } = await session.takeTranscript();
  expect(screen).toBe('Login: service\nPassword: ***\n\nhello service\n>');
  expect(cast).not.toContain('Kanari');
});

test('a device file starts no program unless that is allowed', async () => {
  const reach = { driver: 'pty', program: ['sh', '-c', 'echo started'] };
  await expect(openSession(device(reach), { ...context, allowPrograms: false })).rejects.toMatchObject({
    name: 'HarnessFault',
    code: 'programs-not-allowed',
    advice: expect.stringContaining('--allow-programs'),
  });
});

test('a secret that is not set is named together with its device, before anything is started', async () => {
  const missing = {
    name: 'HarnessFault',
    code: 'secret-missing',
    message: expect.stringMatching(/test-printer.*PRINTER_PASSWORD/),
  };
  const withoutSecrets = { ...context, environment: {} };
  // Would be another fault if the program were looked for.
  const program = { driver: 'pty', program: ['no-such-program'], login: LOGIN };
  await expect(openSession(device(program), withoutSecrets)).rejects.toMatchObject(missing);
  const ssh = { driver: 'ssh', host: '127.0.0.1', port: 1, user: 'u', secretEnv: 'PRINTER_PASSWORD' };
  await expect(openSession(device(ssh), withoutSecrets)).rejects.toMatchObject(missing);
  await expect(openSession(device(ssh), context)).rejects.toMatchObject({ name: 'LabFault', code: 'ssh-refused' });
});

test('a login that does not come to its end closes the console', async () => {
  const reach = { driver: 'pty', program: ['sh', '-c', 'echo locked'], login: LOGIN };
  await expect(openSession(device(reach), context)).rejects.toMatchObject({
    code: 'console-ended',
    message: expect.stringMatching(/waiting for \/Login: \$\/.*locked/),
  });
});

test('mistakes in login steps are found before anything is opened', async () => {
  const broken = { driver: 'pty', program: ['no-such-program'], login: [{ expect: '(' }] };
  expect(() => device(broken)).toThrow(/is no regular expression/);
  const nobody = { driver: 'pty', program: ['no-such-program'], login: [{ expect: 'x', send: '{user}' }] };
  await expect(openSession(device(nobody), context)).rejects.toMatchObject({ code: 'login-without-user' });
});

test('a fake device is opened by the name of its script', async () => {
  await using session = await openSession(device({ driver: 'scripted', script: 'never-connects' }), context);
  expect(session.facts['carrier']).toBe('scripted');
  const unknown = device({ driver: 'scripted', script: 'explodes' });
  await expect(openSession(unknown, context)).rejects.toMatchObject({ code: 'no-such-script' });
});

test('a device without reach is not in this lab; a stopped run opens nothing', async () => {
  await expect(openSession(device(undefined), context)).rejects.toMatchObject({ code: 'not-reachable' });
  const stopped = { ...context, signal: AbortSignal.abort(new Error('stopped')) };
  await expect(openSession(device({ driver: 'pty', program: ['sh'] }), stopped)).rejects.toThrow('stopped');
});
