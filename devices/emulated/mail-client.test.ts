import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDevices } from '../../harness/device-files.ts';
import { openTap } from '../../harness/tap.ts';
import { Device, STACKS, type Stack } from '../../harness/vocabulary/device.ts';
import type { Connection } from '../../harness/vocabulary/evidence.ts';
import { ENDPOINTS, type Port, type Security } from '../../harness/vocabulary/trial.ts';
import { parseConnection } from '../../harness/wire/connection.ts';
import { missingStacks, openTestLab } from './open-test-lab.ts';
import { stackPath } from './stack-path.ts';

const missing = missingStacks();
if (missing !== null) console.warn(`skipped: the mail client on old stacks, because ${missing}`);
const onStacks = describe.skipIf(missing !== null);

let lab: Awaited<ReturnType<typeof openTestLab>>;
beforeAll(async () => {
  lab = await openTestLab('legacy');
});
afterAll(() => lab[Symbol.asyncDispose]());

type Built = NonNullable<Device['firmware'][number]['emulated']>;
const devices = readDevices(import.meta.dirname);
function built(id: string): Built {
  return devices.find((d) => d.id === id)!.firmware[0]!.emulated!;
}

/** Firmware with all defaults, on a stack. */
function plain(stack: Stack, change: Partial<Built> = {}): Built {
  return { ...built('emu-augenblick-cam'), stack, ...change };
}

let jobs = 0;
interface Mailed {
  readonly answer: { readonly ok: boolean; readonly stage: string; readonly text: string };
  readonly connections: readonly Connection[];
  readonly sessions: ReturnType<typeof lab.server.sessions>;
  /** Asks again: the server notes that a mail was fetched when its last bytes are gone, which the client may have read before. */
  readonly newestSessions: () => Mailed['sessions'];
  readonly arrived: number;
}

/** Runs the client once through a tap, as the console does. */
async function run(firmware: Built, port: Port, security: Security, change: object = {}): Promise<Mailed> {
  const endpoint = ENDPOINTS.find((e) => e.port === port)!;
  await using tap = await openTap({ listen: '127.0.0.1', endpoint, upstream: lab.server.address(port) });
  const marker = `cutover-${String(++jobs).padStart(16, '0')}`;
  const { user, password, address } = lab.account;
  if (endpoint.protocol !== 'smtp') lab.store.putMail(lab.account, marker, 3_000);
  const { protocol } = endpoint;
  const mail = { user, password, from: address, to: address, marker, sizeBytes: 3_000 };
  const job = { protocol, host: 'smtp.example', port: tap.address.port, security, ...mail, resolve: '127.0.0.1' };
  const answer = await startClient(firmware.stack, { ...job, firmware, roots: [], ...change });
  await tap.until((t) => t.openConnections === 0, { idleMs: 5_000, totalMs: 10_000 });
  const captures = tap.captures();
  const newestSessions = () =>
    lab.server.sessions(
      captures.map((c) => c.tapPort),
      marker,
    );
  const sessions = newestSessions();
  const arrived = lab.store.arrived(marker);
  return { answer, connections: captures.map(parseConnection), sessions, newestSessions, arrived };
}

async function startClient(stack: Stack, job: unknown): Promise<Mailed['answer']> {
  const found = stackPath(stack);
  if ('reason' in found) throw new Error(found.reason);
  const program = join(import.meta.dirname, stack === 'forge' ? 'forge-client.ts' : 'mail-client.cjs');
  const client = spawn(found.path, [program], { env: { NODE_NO_WARNINGS: '1' }, stdio: ['pipe', 'pipe', 'inherit'] });
  client.stdin.write(`${JSON.stringify(job)}\n`);
  return JSON.parse(await text(client.stdout));
}

onStacks('one client on every stack', () => {
  test.for(STACKS)('%s sends in the clear, after STARTTLS and over TLS', async (stack) => {
    for (const [port, security] of [
      [25, 'plaintext'],
      [587, 'starttls'],
      [465, 'implicit'],
    ] as const) {
      const { answer, sessions, arrived } = await run(plain(stack), port, security);
      expect(answer).toMatchObject({ ok: true, stage: 'done' });
      expect(arrived).toBe(1);
      expect(sessions[0]?.tls === null).toBe(security === 'plaintext');
      expect(sessions[0]?.delivered[0]?.bytes).toBeGreaterThan(3_000);
    }
  });

  test.for(STACKS)('%s fetches over IMAP and POP3', async (stack) => {
    for (const [port, security] of [
      [993, 'implicit'],
      [143, 'starttls'],
      [995, 'implicit'],
      [110, 'starttls'],
    ] as const) {
      const { answer, newestSessions } = await run(plain(stack), port, security);
      expect(answer).toMatchObject({ ok: true });
      await expect.poll(() => newestSessions()[0], { timeout: 20_000 }).toMatchObject({ fetched: true });
    }
  });

  test.for(['node-0.8.6', 'node-0.10.0', 'forge'] as const)('%s sends 3 MB', async (stack) => {
    const { answer, sessions } = await run(plain(stack), 587, 'starttls', { sizeBytes: 3_000_000 });
    expect(answer.ok).toBe(true);
    expect(sessions[0]?.delivered[0]?.bytes).toBeGreaterThan(3_000_000);
  });
});

onStacks('what devices say in their hello, by how they are built', () => {
  const facts: readonly (readonly [string, object])[] = [
    ['emu-druckwerk-mfp', { format: 'tls', maxVersion: '1.0', groups: null, sni: 'smtp.example' }],
    ['emu-druckwerk-color', { maxVersion: '1.0', groups: expect.arrayContaining(['secp256r1']), signatures: null }],
    ['emu-augenblick-dome', { maxVersion: '1.0', sni: null, groups: expect.arrayContaining(['secp256r1']) }],
    ['emu-faxwerk-laser', { maxVersion: '1.0', extensions: [], sni: null }],
    ['emu-faxwerk-thermo', { format: 'sslv2', maxVersion: '1.0', recordVersion: null, sni: null }],
    ['emu-wachturm-panel', { maxVersion: 'SSLv3' }],
    ['emu-netzweber-switch', { maxVersion: '1.1', versions: ['1.1'] }],
    ['emu-hausbote-bridge', { maxVersion: '1.1', sni: 'smtp.example', groups: null }],
    ['emu-wegweiser-router', { maxVersion: '1.2', groups: ['secp256r1'] }],
    ['emu-wegweiser-alt', { maxVersion: '1.0' }],
    ['emu-speicherinsel-nas', { maxVersion: '1.2', signatures: ['rsa_pkcs1_sha1'] }],
    ['emu-zaehlwerk-plc', { maxVersion: '1.2', groups: ['secp256k1'] }],
    ['emu-notstrom-ups', { maxVersion: '1.2', suites: ['TLS_RSA_WITH_RC4_128_SHA', 'TLS_RSA_WITH_RC4_128_MD5', SCSV] }],
    [
      'emu-druckwerk-scan',
      { maxVersion: '1.2', suites: ['TLS_RSA_WITH_RC4_128_SHA', 'TLS_RSA_WITH_RC4_128_MD5', SCSV] },
    ],
    ['emu-notstrom-classic', { maxVersion: '1.0', suites: ['TLS_RSA_WITH_3DES_EDE_CBC_SHA', SCSV] }],
    ['emu-fernruf-pbx', { maxVersion: '1.2', suites: expect.not.arrayContaining([expect.stringContaining('GCM')]) }],
    ['emu-augenblick-cam', { maxVersion: '1.3' }],
  ];
  test.for(facts)('%s', async ([id, hello]) => {
    const { connections } = await run(built(id), 465, 'implicit');
    expect(connections[0]?.hello).toMatchObject(hello);
  });
});

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV: OpenSSL's way to say it in a hello without extensions (RFC 5746 section 3.3). */
const SCSV = 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV';

onStacks('firmware that is odd', () => {
  test('a refused hello is tried again with the next options, on a new connection', async () => {
    const { answer, connections } = await run(built('emu-faxwerk-combi'), 465, 'implicit');
    expect(answer.ok).toBe(true);
    expect(connections.map((c) => c.hello?.maxVersion)).toEqual(['SSLv3', '1.0']);
  });

  test('a fallback to the clear sends what TLS should have protected', async () => {
    const { sessions, connections, arrived } = await run(built('emu-druckwerk-scan'), 587, 'starttls');
    expect(connections).toHaveLength(2);
    expect(sessions.map((s) => [s.tls, s.delivered.length])).toEqual([
      [null, 0],
      [null, 1],
    ]);
    expect(arrived).toBe(1);
  });

  test.for([
    ['PLAIN', true, 'PLAIN'],
    ['LOGIN', true, 'LOGIN'],
    ['LOGIN-initial', true, 'LOGIN'],
    ['CRAM-MD5', false, 'CRAM-MD5'],
  ] as const)('signs in with %s', async ([auth, ok, mechanism]) => {
    const { answer, sessions } = await run(plain('node-0.8.28', { auth }), 587, 'starttls');
    expect(answer.ok).toBe(ok);
    expect(sessions[0]?.auth).toMatchObject({ mechanism, accepted: ok });
  });

  test('without signing in the server refuses the mail', async () => {
    const { answer, sessions } = await run(plain('node-0.8.28', { auth: 'none', greeting: 'HELO' }), 25, 'plaintext');
    expect(answer).toMatchObject({ ok: false, stage: 'mail' });
    expect(sessions[0]?.auth).toBeNull();
  });

  test('it waits for a greeting where TLS starts at once, and gives up without a byte', async () => {
    const { answer, connections } = await run(plain('node-8.17.0'), 465, 'starttls');
    expect(answer).toEqual({ ok: false, stage: 'greeting', text: 'no answer' });
    expect(connections[0]).toMatchObject({ bytes: { client: 0 }, hello: null });
  });

  test('it says hello where the server greets first', async () => {
    const { answer, connections } = await run(plain('node-current'), 587, 'implicit');
    expect(answer.stage).toBe('tls');
    expect(connections[0]?.helloBeforeStarttls).toBe(true);
  });
});

describe('a device that looks at the certificate', () => {
  const { run: runCa, factory } = { run: () => lab.roots.run, factory: () => lab.roots.factory };
  const host = () => lab.mode.hosts.smtp;
  test.for([
    ['trusts the imported CA', {}, () => ({ roots: [factory(), runCa()] }), null],
    ['knows only its factory', {}, () => ({ roots: [factory()] }), 'unknown issuer'],
    ['lives in 1970', { clock: '1970-01-01' }, () => ({ roots: [runCa()] }), 'not yet valid'],
    ['lives in 2050', { clock: '2050-01-01' }, () => ({ roots: [runCa()] }), 'expired'],
    ['asks for the right name', { verifiesName: true }, () => ({ roots: [runCa()], host: host() }), null],
    ['asks for another name', { verifiesName: true }, () => ({ roots: [runCa()] }), 'name does not match'],
  ] as const)('%s', async ([, change, job, objection]) => {
    const firmware = plain('node-current', { verifies: 'imported', tls: { maxVersion: 'TLSv1.2' }, ...change });
    const { answer, connections } = await run(firmware, 465, 'implicit', job());
    if (objection === null) return expect(answer.ok).toBe(true);
    expect(answer).toEqual({ ok: false, stage: 'certificate', text: objection });
    // As Node does: the handshake is finished, then it closes without an alert and without a word.
    expect(connections[0]).toMatchObject({ handshake: 'finished', applicationBytes: { client: 0 } });
    return expect(connections[0]!.alerts.filter((a) => a.from === 'client')).toEqual([]);
  });
});
