import type { ChildProcess } from 'node:child_process';
import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { playPress } from '../../attend/desk/play-person.ts';
import { readDevices } from '../../device-files.ts';
import { runProgram } from '../../servers/embedded/open-test-server.ts';
import type { AttendedDevice, Prompt } from '../../vocabulary/attend.ts';
import { attend } from './attend.ts';
import { openTestAttend, openTestTablet, type TestAttend, type TestTablet } from './open-test-attend.ts';

const HOSTS = ['smtp.variomedia.de', 'imap.variomedia.de', 'pop3.variomedia.de'];
const folder = mkdtempSync(join(tmpdir(), 'cutover-names-'));
const inFolder = (name: string) => join(folder, name);
const running: ChildProcess[] = [];
const signal = new AbortController().signal;

/** Built to verify: roots as named, the name always. Both differ only in whose root they know. */
const deviceFile = (id: string, verifies: 'factory' | 'imported', verdict: string) => `id: ${id}
vendor: Beispiel Pruefer
model: ${id}
kind: os
reach: { driver: emulated, console: tiny-shell, over: pty }
client: tiny-shell
patience: { idleSeconds: 10, totalSeconds: 40 }
trust: ${verifies === 'imported' ? 'run-ca' : 'none'}
firmware:
  - version: '1.0'
    stack: 'OpenSSL 3 (current Node)'
    emulated: { stack: node-current, verifies: ${verifies}, verifiesName: true }
settings:
  - { id: starttls-587, protocol: smtp, port: 587, security: starttls }
truth: { built: verifies, verdict: { send: ${verdict} } }
`;
const BUTTON = `id: my-printer
vendor: Example
model: Printer 1
kind: printer
firmware:
  - version: '1'
settings:
  - { id: implicit-465, protocol: smtp, port: 465, security: implicit }
reach: { driver: button }
`;

async function openssl(...args: readonly string[]): Promise<void> {
  const { code, output } = await runProgram('openssl', args);
  if (code !== 0) throw new Error(`openssl ${args.join(' ')}: ${output}`);
}

/** A leaf for these names, signed by the root that openssl made. */
async function issue(name: string, hosts: readonly string[], days: string): Promise<void> {
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  writeFileSync(inFolder(`${name}.ext`), `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`);
  const request = ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${hosts[0]}`];
  await openssl(...request, '-keyout', inFolder(`${name}.key`), '-out', inFolder(`${name}.csr`));
  const signed = ['-CA', inFolder('root.pem'), '-CAkey', inFolder('root.key'), '-set_serial', `0x${randomSerial()}`];
  const dates = days === 'over' ? ['-not_before', '20240101000000Z', '-not_after', '20240201000000Z'] : ['-days', days];
  const made = ['-extfile', inFolder(`${name}.ext`), '-out', inFolder(`${name}.pem`)];
  await openssl('x509', '-req', '-in', inFolder(`${name}.csr`), ...signed, ...dates, ...made);
}

const randomSerial = () => randomUUID().replaceAll('-', '').slice(0, 16);

beforeAll(async () => {
  mkdirSync(inFolder('devices'));
  writeFileSync(inFolder('devices/emu-verifies.yaml'), deviceFile('emu-verifies', 'factory', 'unknown'));
  writeFileSync(inFolder('devices/emu-given-root.yaml'), deviceFile('emu-given-root', 'imported', 'works'));
  writeFileSync(inFolder('devices/my-printer.yaml'), BUTTON);
  const ca = ['-subj', '/CN=Provider root of the test', '-addext', 'basicConstraints=critical,CA:TRUE', '-days', '30'];
  const root = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...ca];
  await openssl(...root, '-keyout', inFolder('root.key'), '-out', inFolder('root.pem'));
  await issue('own', HOSTS, '20');
  await issue('narrow', HOSTS.slice(1), '20');
}, 200_000);

afterEach(() => {
  for (const child of running.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ENV = { NODE_EXTRA_CA_CERTS: inFolder('root.pem') };
const deviceOf = (id: string) => readDevices(inFolder('devices')).find((d) => d.id === id)!;

async function start(out: string, ...args: readonly string[]) {
  const more = args.includes('--resume') ? [] : ['--ports', 'mapped', '--devices', inFolder('devices'), '--out', out];
  const started = await openTestAttend([...args, ...more], ENV);
  running.push(started.child);
  return started;
}

/** A port that was free of its own is anybody's after a crash: who took it is waited for. */
async function startAgain(out: string): Promise<TestAttend> {
  for (;;) {
    try {
      return await start(out, '--resume', out);
    } catch (fault) {
      if (!(fault instanceof Error && fault.message.includes('another program listens there'))) throw fault;
    }
  }
}

/** dig, which knows nothing of ours, asks the name server that was printed. */
async function dig(port: string, name: string): Promise<string> {
  const at = ['@127.0.0.1', '-p', port, '+tries=1', '+time=5', '+noall', '+answer', '+comments'];
  const { output, missing } = await runProgram('dig', [...at, name, 'A']);
  if (missing) throw new Error('dig is not installed');
  return output;
}

async function addressOf(port: string, name: string): Promise<string> {
  return /\sA\s+(\S+)/.exec(await dig(port, name))?.[1] ?? '';
}

/** Does what the page says at an emulated device until its verdict is there. */
async function pressToTheEnd(
  tablet: TestTablet,
  id: string,
  { dns, roots }: { readonly dns: string | null; readonly roots: { readonly factory: string; readonly run: string } },
): Promise<AttendedDevice> {
  const entered = new Map<string, string>();
  expect(await tablet.answer({ kind: 'take', device: id, by: 'Anna' })).toBe(204);
  for (let presses = 0; presses <= 4; presses++) {
    const device = await tablet.until((d) => d.id === id && (d.state === 'done' || d.prompt !== null));
    if (device.state === 'done') return device;
    await tablet.answer({ kind: 'pressed', device: id });
    const host = device.prompt!.entries.find(({ name }) => name === 'host')?.value ?? entered.get('host') ?? '';
    const door = dns === null ? '127.0.0.1' : await addressOf(dns, host);
    const played = { device: deviceOf(id), prompt: device.prompt!, entered, from: '127.0.0.41', door, roots, signal };
    await playPress(played);
    await tablet.until((d) => d.id === id && d.results.length > presses);
  }
  return tablet.until((d) => d.id === id && d.state === 'done');
}

const rootPem = () => readFileSync(inFolder('root.pem'), 'utf8');

/** A button device that verifies chain and name: nodemailer, which finds the door by the name alone. */
async function sendAsPrinter(prompt: Prompt, dns: string): Promise<void> {
  const read = (name: string) => prompt.entries.find((entry) => entry.name === name)!.value;
  const host = read('host');
  const device = createTransport({
    host: await addressOf(dns, host),
    port: Number(read('port')),
    secure: true,
    auth: { user: read('user'), pass: read('password') },
    tls: { servername: host, ca: rootPem(), rejectUnauthorized: true },
  });
  await device.sendMail({ from: read('sender'), to: read('recipient'), subject: 'test', text: 'test' });
  device.close();
}

test('devices that verify chain and name find the provider’s under its own name, and work', async () => {
  const out = inFolder('own-out');
  const chain = ['--certificate-chain', inFolder('own.pem'), '--certificate-key', inFolder('own.key')];
  const attended = await start(out, '--device', 'emu-verifies', '--device', 'my-printer', '--names', '0', ...chain);
  const [, dns = ''] = await attended.says(/Name server: 127\.0\.0\.1 port (\d+)\./);
  expect(await addressOf(dns, 'SMTP.variomedia.de')).toBe('127.0.0.1');
  expect(await dig(dns, 'example.com')).toContain('status: REFUSED');

  const tablet = await openTestTablet(attended.url);
  expect((await tablet.view()).certificate).toBe('provider');
  const verifies = await pressToTheEnd(tablet, 'emu-verifies', { dns, roots: { factory: rootPem(), run: '' } });
  expect(verifies).toMatchObject({ results: [{ outcome: 'works' }], verdicts: [{ verdict: 'works' }] });

  await tablet.answer({ kind: 'take', device: 'my-printer', by: 'Anna' });
  const { prompt } = await tablet.until((d) => d.id === 'my-printer' && d.prompt !== null);
  expect(prompt!.prepare).toEqual(['names']);
  expect(prompt!.entries[0]).toEqual({ name: 'host', value: 'smtp.variomedia.de' });
  await tablet.answer({ kind: 'pressed', device: 'my-printer' });
  await sendAsPrinter(prompt!, dns);
  expect(await tablet.until((d) => d.id === 'my-printer' && d.state === 'done')).toMatchObject({
    results: [{ outcome: 'works' }],
    verdicts: [{ verdict: 'works', basis: 'measured' }],
  });
  await attended.says(/127\.0\.0\.1 asked for smtp\.variomedia\.de and is led here\./i);

  const guide = await (await tablet.get('/names')).text();
  for (const host of [HOSTS[0]!, '/etc/hosts', '127.0.0.1']) expect(guide).toContain(host);
  expect((await fetch(new URL('/names', attended.url))).status).toBe(401);
  expect((await tablet.get('/favicon.ico')).status).toBe(204);
  await tablet.answer({ kind: 'finish' });
  const [code] = await once(attended.child, 'exit');
  expect([code, attended.told()]).toEqual([0, expect.stringContaining('Devices are told smtp.variomedia.de.')]);
  // Nothing of the key is below --out: neither as it stands in its file nor as bytes.
  const secret = readFileSync(inFolder('own.key'), 'utf8').split('\n')[5]!;
  for (const file of readdirSync(out, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())) {
    const bytes = readFileSync(join(file.parentPath, file.name));
    expect([file.name, bytes.includes(secret), bytes.includes(Buffer.from(secret, 'base64'))]).toEqual([
      file.name,
      false,
      false,
    ]);
  }
}, 400_000);

test('with a throw-away root a device that verifies gets no verdict: nowhere is it said that it fails', async () => {
  const out = inFolder('lab-out');
  const attended = await start(out, '--device', 'emu-verifies', '--names', '0');
  const [, dns = ''] = await attended.says(/Name server: 127\.0\.0\.1 port (\d+)\./);
  const tablet = await openTestTablet(attended.url);
  expect((await tablet.view()).certificate).toBe('lab');
  const device = await pressToTheEnd(tablet, 'emu-verifies', { dns, roots: { factory: rootPem(), run: '' } });
  expect(device.results.length).toBeGreaterThan(0);
  for (const { outcome } of device.results) expect(outcome).toBe('inconclusive');
  expect(device.verdicts).toMatchObject([{ verdict: 'unknown' }]);
  await tablet.answer({ kind: 'finish' });
  await once(attended.child, 'exit');

  const [run = ''] = readdirSync(join(out, 'runs'));
  const records = readFileSync(join(out, 'runs', run, 'records.jsonl'), 'utf8');
  for (const line of records.trim().split('\n')) expect(line).toContain('lab certificate');
  expect(readFileSync(join(out, 'matrix.csv'), 'utf8')).toMatch(/emu-verifies.*unknown/);
  const faq = readFileSync(join(out, 'faq', 'faq.de.md'), 'utf8');
  const row = faq.split('\n').filter((line) => line.includes('emu-verifies'));
  expect(row).toEqual([expect.stringMatching(/Noch nicht abschließend geprüft[^]*ohne klares Ergebnis/)]);
  const cli = join(import.meta.dirname, '..', 'cutover.mjs');
  const lookup = await runProgram(process.execPath, [cli, 'lookup', 'emu-verifies', '--samples', '--out', out]);
  const found = Buffer.from(lookup.output, 'latin1').toString('utf8');
  expect(found).toMatch(/^Senden: noch ohne klares Ergebnis$/m);
  for (const text of [...row, found]) expect(text).not.toMatch(/keine E-Mails mehr|Störung besteht|stops-working/);
}, 400_000);

test('the run’s root is offered to the device that needs it, outlives a crash, and its key goes with the run', async () => {
  const out = inFolder('root-out');
  const first = await start(out, '--device', 'emu-given-root');
  const tablet = await openTestTablet(first.url);
  const pem = await (await tablet.get('/run-ca.pem')).text();
  const der = await tablet.get('/run-ca.crt');
  expect([der.headers.get('content-type'), der.headers.get('content-disposition')]).toEqual([
    'application/x-x509-ca-cert',
    'attachment; filename="cutover-run-ca.crt"',
  ]);
  const read = await runProgram('openssl', [
    'x509',
    '-in',
    await stored(der),
    '-inform',
    'DER',
    '-noout',
    '-fingerprint',
    '-sha256',
  ]);
  expect(read.output.trim()).toMatch(new RegExp(`=${new X509Certificate(pem).fingerprint256}$`));
  for (const path of ['/run-ca.pem', '/run-ca.crt']) expect((await fetch(new URL(path, first.url))).status).toBe(401);
  await tablet.answer({ kind: 'take', device: 'emu-given-root', by: 'Anna' });
  const asked = await tablet.until((d) => d.prompt !== null);
  expect(asked.prompt!.prepare).toEqual(['run-ca']);

  const [run = ''] = readdirSync(join(out, 'runs'));
  const key = join(out, 'runs', run, 'run-ca.key.pem');
  expect(statSync(key).mode & 0o777).toBe(0o600);
  // What was answered is saved a moment later.
  const saved = join(out, 'runs', run, 'attend.json');
  while (!readFileSync(saved, 'utf8').includes('"by": "Anna"')) await new Promise((resolve) => setTimeout(resolve, 50));
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await startAgain(out);
  const again = await openTestTablet(second.url, tablet.cookie);
  expect(await (await again.get('/run-ca.pem')).text()).toBe(pem);
  // Given the root of before the crash, it trusts what it meets after it.
  const device = await pressToTheEnd(again, 'emu-given-root', { dns: null, roots: { factory: rootPem(), run: pem } });
  expect(device).toMatchObject({ results: [{ outcome: 'works' }], verdicts: [{ verdict: 'works' }] });
  await again.answer({ kind: 'finish' });
  const [code] = await once(second.child, 'exit');
  expect(code).toBe(0);
  expect(existsSync(key)).toBe(false);
  for (const file of readdirSync(out, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()))
    expect(readFileSync(join(file.parentPath, file.name), 'latin1')).not.toContain('PRIVATE KEY');
}, 400_000);

async function stored(response: Response): Promise<string> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const path = inFolder(`${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.crt`);
  writeFileSync(path, bytes);
  return path;
}

describe('what would give wrong answers is refused before anything starts', () => {
  const base = () => ({
    device: ['my-printer'],
    devices: inFolder('devices'),
    listen: '127.0.0.1',
    ports: 'mapped' as const,
    pagePort: 0,
    html: false,
    language: 'en' as const,
    console: true,
  });
  const taken = createSocket('udp4');
  beforeAll(async () => {
    taken.bind(0, '127.0.0.1');
    await once(taken, 'listening');
  });
  afterAll(() => void taken.close());
  const own = () => ({ certificateChain: inFolder('own.pem'), certificateKey: inFolder('own.key') });

  test.for<readonly [string, () => object, string, number]>([
    ['a chain without its key', () => ({ names: 0, certificateChain: inFolder('own.pem') }), 'certificate-options', 64],
    ['a chain, and devices that dial an address', own, 'certificate-options', 64],
    ['another key', () => ({ names: 0, ...own(), certificateKey: inFolder('narrow.key') }), 'certificate-files', 78],
    [
      'a chain that does not cover the host',
      () => ({ names: 0, certificateChain: inFolder('narrow.pem'), certificateKey: inFolder('narrow.key') }),
      'certificate-files',
      78,
    ],
    ['a root that no device knows', () => ({ names: 0, ...own() }), 'certificate-files', 78],
    ['a name server where there is one', () => ({ names: taken.address().port }), 'names-listen', 78],
  ])('%s', async ([, more, code, exitCode]) => {
    const out = mkdtempSync(inFolder('refused-'));
    const fault: unknown = await attend({ ...base(), out, ...more() }).catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ code, exitCode, advice: expect.any(String) });
    expect(readdirSync(out)).toEqual([]);
  });

  test('a resumed run whose chain is gone', async () => {
    const out = inFolder('gone-out');
    const chain = ['--certificate-chain', inFolder('gone.pem'), '--certificate-key', inFolder('own.key')];
    cpSync(inFolder('own.pem'), inFolder('gone.pem'));
    const first = await start(out, '--device', 'my-printer', '--names', '0', ...chain);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    rmSync(inFolder('gone.pem'));
    await expect(attend({ ...base(), out, resume: out })).rejects.toMatchObject({
      message: expect.stringContaining('gone.pem'),
      exitCode: 78,
    });
  }, 300_000);
});
