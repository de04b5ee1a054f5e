import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import tls from 'node:tls';
import { calculateJa3, calculateJa4, readTlsClientHello } from 'read-tls-client-hello';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWithTshark, type TsharkStream } from './tshark-oracle.ts';
import { openTap, type Tap } from '../tap.ts';
import type { Endpoint } from '../vocabulary/trial.ts';
import type { Capture } from './capture.ts';
import { parseConnection } from './connection.ts';
import { bytesOf, portOf, SUBMISSION, SUBMISSIONS } from './hand-built.ts';
import { renderPcapng } from './pcapng.ts';

/** Real handshakes, made once: each as seen by our parser, by tshark and by read-tls-client-hello. */
const folder = mkdtempSync(join(tmpdir(), 'cutover-oracles-'));
const captures: Capture[] = [];
let streams: readonly TsharkStream[] = [];

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
const EVERY_CIPHER = 'ALL:@SECLEVEL=0';

beforeAll(async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=mail.test', '-addext', 'subjectAltName=DNS:mail.test,IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  });
  const pair = { key: readFileSync(key), cert: readFileSync(cert) };
  const forgiving = { ...pair, minVersion: 'TLSv1', ciphers: EVERY_CIPHER, dhparam: 'auto' } as const;
  await overTap(SUBMISSIONS, await openServer(forgiving), async (port) => {
    for (const version of VERSIONS) {
      await nodeClient(port, { minVersion: version, maxVersion: version });
      await nodeClient(port, { minVersion: version, maxVersion: version, rejectUnauthorized: true });
    }
    for (const ciphers of ['AES128-SHA', 'DHE-RSA-AES256-SHA', 'ECDHE-RSA-CHACHA20-POLY1305']) {
      await nodeClient(port, { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0`, ecdhCurve: 'prime256v1' });
    }
    for (const flags of [
      ['-tls1'],
      ['-tls1_1'],
      ['-tls1_2'],
      ['-tls1_3'],
      ['-verify_return_error'],
      ['-alpn', 'smtp,x'],
    ]) {
      await openssl(port, ['-cipher', EVERY_CIPHER, ...flags]);
    }
  });
  await overTap(
    SUBMISSIONS,
    await openServer({ ...pair, minVersion: 'TLSv1.2', ecdhCurve: 'secp384r1' }),
    async (port) => {
      await openssl(port, ['-tls1', '-cipher', EVERY_CIPHER]);
      await openssl(port, ['-tls1_2', '-cipher', 'CAMELLIA256-SHA:@SECLEVEL=0']);
      await openssl(port, ['-groups', 'X25519:P-384']);
      await openssl(port, ['-tls1_2', '-sigalgs', 'RSA+SHA512']);
    },
  );
  await overTap(SUBMISSION, await openStarttls(forgiving), async (port) => {
    for (const flag of ['-tls1', '-tls1_2', '-tls1_3'])
      await openssl(port, ['-starttls', 'smtp', '-cipher', EVERY_CIPHER, flag]);
  });
  const file = join(folder, 'wire.pcapng');
  writeFileSync(file, renderPcapng(captures));
  streams = readWithTshark(file);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe('real handshakes', () => {
  test('were captured: versions, refusals, alerts of either side, a retry, STARTTLS', () => {
    const facts = captures.map(parseConnection);
    expect(new Set(facts.map((f) => f.serverHello?.version))).toEqual(new Set(['1.0', '1.1', '1.2', '1.3', undefined]));
    expect(new Set(facts.flatMap((f) => f.alerts.map((a) => `${a.from} ${a.number}`)))).toEqual(
      new Set(['client null', 'client 48', 'server null', 'server 70', 'server 40']),
    );
    expect(facts.filter((f) => f.serverHello?.retried)).toMatchObject([
      { serverHello: { version: '1.3', group: 'secp384r1' } },
    ]);
    expect(facts.filter((f) => f.starttls === 'accepted')).toHaveLength(3);
    expect(facts.flatMap((f) => f.oddities)).toEqual([]);
    expect(facts.filter((f) => f.handshake === 'finished').length).toBeGreaterThan(10);
    expect(new Set(facts.map((f) => f.serverHello?.dhBits))).toContain(2048);
  });

  test('tshark reads the same hellos', () => {
    const ours = captures
      .map((capture) => parseConnection(capture).hello)
      .map((hello) => ({
        suites: hello?.suites,
        ja3: hello?.ja3,
        ja3Hash: hello?.ja3Hash,
        version: hello?.helloVersion,
        sni: hello?.sni,
      }));
    expect(ours).toEqual(streams.map(({ client }) => client));
  });

  test('tshark reads the same answers and alerts', () => {
    const ours = captures.map(parseConnection).map((facts) => ({
      answer: facts.serverHello && { version: facts.serverHello.version, suite: facts.serverHello.suite },
      alerts: facts.alerts.flatMap(({ number }) => (number === null ? [] : [number])),
    }));
    expect(ours).toEqual(streams.map(({ answer, alerts }) => ({ answer, alerts })));
  });

  test('JA3 and JA4 are those of read-tls-client-hello', async () => {
    const theirs = await Promise.all(
      captures.map(async (capture) => {
        const sent = bytesOf(capture, 'client');
        const stream = new PassThrough();
        stream.write(sent.subarray(sent.indexOf(Buffer.from([0x16, 3]))));
        const hello = await readTlsClientHello(stream);
        return [calculateJa3(hello), calculateJa4(hello)];
      }),
    );
    const hellos = captures.map((capture) => parseConnection(capture).hello);
    expect(hellos.map((hello) => [hello?.ja3Hash, hello?.ja4])).toEqual(theirs);
  });

  test('tshark sees whole connections: handshake, ends, no gap, right checksums, the dialogue', () => {
    expect(streams.map((s) => s.warnings).flat()).toEqual([]);
    expect(streams.filter((s) => s.protocols.has('smtp'))).toHaveLength(
      captures.filter((c) => c.endpoint.port === 587).length,
    );
  });

  test('the certificate is the one OpenSSL made', () => {
    const facts = captures.map((c) => parseConnection(c).certificate).find((c) => c !== null);
    const output = execFileSync(
      'openssl',
      ['x509', '-in', join(folder, 'cert.pem'), '-noout', '-fingerprint', '-sha256'],
      { encoding: 'utf8' },
    );
    expect(facts?.sha256.toUpperCase()).toBe(output.split('=')[1]?.trim().replaceAll(':', ''));
    expect(facts).toMatchObject({
      subject: 'CN=mail.test',
      names: ['mail.test', '127.0.0.1'],
      key: 'RSA 2048',
      signature: 'sha256WithRSAEncryption',
      chainLength: 1,
    });
  });
});

async function overTap(endpoint: Endpoint, server: net.Server, drive: (port: number) => Promise<void>): Promise<void> {
  const upstream = { host: '127.0.0.1', port: portOf(server) };
  await using tap: Tap = await openTap({ listen: '127.0.0.1', endpoint, upstream });
  await drive(tap.address.port);
  await tap.settled({ idleMs: 100, totalMs: 5_000 });
  captures.push(...tap.captures().map((c) => ({ ...c, number: captures.length + c.number })));
  server.close();
}

async function openServer(options: tls.TlsOptions): Promise<net.Server> {
  const server = tls.createServer(options, (socket) => {
    socket.on('error', () => {}).resume();
    socket.write('220 mail.test ESMTP\r\n');
    socket.on('end', () => socket.end());
  });
  server.on('tlsClientError', () => {});
  return listening(server);
}

/** The least that a STARTTLS client needs to get to its handshake. */
async function openStarttls(options: tls.SecureContextOptions): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 mail.test ESMTP\r\n');
    socket.on('data', function answer(bytes) {
      if (!bytes.toString().startsWith('STARTTLS')) {
        socket.write('250-mail.test\r\n250 STARTTLS\r\n');
        return;
      }
      socket.off('data', answer);
      socket.write('220 2.0.0 Ready to start TLS\r\n');
      new tls.TLSSocket(socket, { isServer: true, secureContext: tls.createSecureContext(options) })
        .on('error', () => {})
        .resume();
    });
  });
  return listening(server);
}

async function listening(server: net.Server): Promise<net.Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function nodeClient(port: number, options: tls.ConnectionOptions): Promise<void> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    servername: 'mail.test',
    rejectUnauthorized: false,
    ciphers: EVERY_CIPHER,
    ...options,
  });
  socket.on('error', () => {});
  socket.once('data', () => socket.end('QUIT\r\n'));
  await once(socket, 'close').catch(() => {});
}

async function openssl(port: number, args: readonly string[]): Promise<void> {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.on('error', () => {}).end('Q\n');
  await once(child, 'close');
}
