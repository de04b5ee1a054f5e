import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Device } from '../vocabulary/device.ts';
import { openEmulated, type EmulatedOptions } from './emulated.ts';

// The far end here is a minimal program of this test, so that the agreement with real consoles is written down once:
// what it finds in CUTOVER_EMULATED, how it asks for the login, what it prints when it serves SSH.
const folder = mkdtempSync(join(tmpdir(), 'cutover-emulated-'));
const ssh2 = import.meta.resolve('ssh2');
afterAll(() => rmSync(folder, { recursive: true }));

const TERMINAL_CONSOLE = `
import { createInterface } from 'node:readline/promises';
const task = JSON.parse(process.env.CUTOVER_EMULATED);
const lines = createInterface({ input: process.stdin });
process.stdout.write('login: ');
const typed = [];
lines.on('line', (line) => {
  typed.push(line);
  if (typed.length === 1) process.stdout.write('Password: ');
  if (typed.length === 2) {
    const ok = typed[0] === task.login.user && typed[1] === task.login.password;
    const { login, ...rest } = task;
    process.stdout.write('\\n' + (ok ? 'welcome ' + JSON.stringify(Object.keys(rest).sort()) : 'denied') + ' ' + task.firmware.stack + '\\n# ');
  }
  if (typed.length === 3) process.stdout.write('the password was ' + task.login.password + '\\n# ');
});
`;

const SSH_CONSOLE = `
import { createHash, generateKeyPairSync } from 'node:crypto';
import ssh2 from ${JSON.stringify(ssh2)};
const task = JSON.parse(process.env.CUTOVER_EMULATED);
const key = generateKeyPairSync('rsa', { modulusLength: task.hostKeyBits }).privateKey.export({ type: 'pkcs1', format: 'pem' });
const blob = ssh2.utils.parseKey(key).getPublicSSH();
const hostKey = 'SHA256:' + createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
const server = new ssh2.Server({ hostKeys: [key], algorithms: task.algorithms }, (client) => {
  client.on('error', () => {});
  client.on('authentication', (c) => (c.method === 'password' && c.password === task.login.password ? c.accept() : c.reject(['password'])));
  client.on('session', (accept) => {
    const session = accept();
    session.on('pty', (acceptPty) => acceptPty());
    session.on('shell', (acceptShell) => acceptShell().write('pid ' + process.pid + '\\r\\n# '));
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port, hostKey })));
process.stdin.on('end', () => process.exit(0)).resume();
`;

beforeAll(() => {
  writeFileSync(join(folder, 'terminal.mjs'), TERMINAL_CONSOLE);
  writeFileSync(join(folder, 'ssh.mjs'), SSH_CONSOLE);
  writeFileSync(join(folder, 'broken.mjs'), 'throw new Error("no such dialect")');
});

function options(program: string, reach: object): EmulatedOptions {
  const device = Device.parse({
    id: 'emu-test',
    vendor: 'Test',
    model: 'Emulated',
    kind: 'printer',
    firmware: [{ version: '1.0', emulated: { stack: 'forge' } }, { version: '2.0' }],
    settings: [{ id: 'as-shipped', protocol: 'smtp', port: 25, security: 'plaintext' }],
    client: 'test',
    truth: { built: 'for this test', verdict: {} },
    reach: { driver: 'emulated', console: 'test-menu', over: 'pty', ...reach },
  });
  return { device, firmware: '1.0', roots: { factory: 'F', run: 'R' }, program: join(folder, program) };
}

test('over pty: logs in with a password of its own, and stands before the banner', async () => {
  await using session = await openEmulated(options('terminal.mjs', {}));
  const { match } = await session.expect({ welcome: /welcome (.*) (\S+)\n/, denied: /denied/ });
  expect(JSON.parse(match[1]!)).toEqual([
    'auth',
    'console',
    'firmware',
    'hostKeyBits',
    'over',
    'resolve',
    'roots',
    'speed',
  ]);
  expect(match[2]).toBe('forge');
  session.send('tell');
  await session.expect({ told: /the password was \S+\n/ });
  const { screen } = await session.takeTranscript();
  expect(screen).toContain('Password: ***');
  expect(screen).toContain('the password was ***');
});

test('over ssh, with old algorithms: the program serves, and ends with the session', async () => {
  const algorithms = {
    kex: ['diffie-hellman-group14-sha1'],
    serverHostKey: ['ssh-rsa'],
    cipher: ['aes128-cbc'],
    hmac: ['hmac-sha1'],
  };
  const session = await openEmulated(options('ssh.mjs', { over: 'ssh', hostKeyBits: 1024, algorithms }));
  const { match } = await session.expect({ prompt: /pid (\d+)\n# $/ });
  expect(session.facts).toMatchObject({
    console: 'test-menu',
    legacy: 'diffie-hellman-group14-sha1 ssh-rsa aes128-cbc',
  });
  await session[Symbol.asyncDispose]();
  expect(() => process.kill(Number(match[1]), 0)).toThrow('ESRCH');
});

test('a console program that fails is quoted', async () => {
  await expect(openEmulated(options('broken.mjs', { over: 'ssh' }))).rejects.toMatchObject({
    name: 'LabFault',
    code: 'console-program-failed',
    message: expect.stringContaining('no such dialect'),
  });
  await expect(openEmulated(options('broken.mjs', {}))).rejects.toMatchObject({
    name: 'LabFault',
    code: 'console-program-failed',
    message: expect.stringContaining('no such dialect'),
  });
});

test('a firmware that is not emulated is named', async () => {
  await expect(openEmulated({ ...options('terminal.mjs', {}), firmware: '2.0' })).rejects.toMatchObject({
    name: 'HarnessFault',
    code: 'no-emulated-firmware',
  });
});
