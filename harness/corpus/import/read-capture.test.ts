import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENDPOINTS } from '../../vocabulary/trial.ts';
import { buildCapture } from '../../wire/hand-built.ts';
import { renderPcapng as renderTapFile } from '../../wire/pcapng.ts';
import { PACKAGED_CORPUS, readCorpus } from '../corpus.ts';
import { helloId, type RecordedHello } from '../recorded-hello.ts';
import { windowOver } from './byte-source.ts';
import type { CapturedHello } from './follow-connections.ts';
import {
  converse,
  type Conversation,
  LINKS,
  renderHello,
  renderIp,
  renderPcap,
  renderPcapng,
} from './hand-built-packets.ts';
import { asTshark, readWithTshark } from './hellos-by-tshark.ts';
import { readCapture } from './read-capture.ts';

const CORPUS = readCorpus([PACKAGED_CORPUS]).map(({ hello }) => hello);
const TLS = CORPUS.filter(({ format, extensions }) => format === 'tls' && extensions !== null);
const SSLV2 = CORPUS.filter(({ format }) => format === 'sslv2');
const [FIRST, SECOND] = [TLS[0]!, TLS[1]!];
const OLD: RecordedHello = SSLV2[0] ?? {
  format: 'sslv2',
  recordVersion: null,
  version: 0x0301,
  sessionBytes: 16,
  suites: [0x0005, 0x010080],
  compressions: [],
  extensions: null,
};

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'cutover-import-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function read(file: Buffer, chunk = 65_536) {
  const hellos: CapturedHello[] = [];
  const source = windowOver((into, from) => file.copy(into, 0, from, Math.min(file.length, from + chunk)), file.length);
  return { ...readCapture(source, (hello) => hellos.push(hello)), hellos };
}

function readFileWithTshark(file: Buffer) {
  const path = join(folder, 'capture');
  writeFileSync(path, file);
  return readWithTshark(path);
}

const GREETING: Readonly<Record<string, readonly (readonly ['client' | 'server', string])[]>> = {
  smtp: [
    ['server', '220 mail ESMTP\r\n'],
    ['client', 'EHLO printer\r\n'],
    ['server', '250-mail\r\n250 STARTTLS\r\n'],
    ['client', 'STARTTLS\r\n'],
    ['server', '220 go ahead\r\n'],
  ],
  imap: [
    ['server', '* OK ready\r\n'],
    ['client', 'a1 CAPABILITY\r\n'],
    ['server', '* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK\r\n'],
    ['client', 'a2 STARTTLS\r\n'],
    ['server', 'a2 OK\r\n'],
  ],
  pop3: [
    ['server', '+OK\r\n'],
    ['client', 'STLS\r\n'],
    ['server', '+OK Begin TLS\r\n'],
  ],
};

/** One conversation for each mail port. */
function onAllPorts(hello: Buffer): readonly Conversation[] {
  return ENDPOINTS.map(({ protocol, port, tls }, i) => {
    const before = tls === 'implicit' ? [] : (GREETING[protocol] ?? []);
    return converse(40_000 + i, port, [...before, ['client', hello], ['server', Buffer.from('1503010002022e', 'hex')]]);
  });
}

function framesOf(conversations: readonly Conversation[], { version, wrap }: ReturnType<(typeof LINKS)[string]>) {
  return conversations.flatMap((one, i) => renderIp(one, version, i + 1)).map(wrap);
}

describe('hellos of a capture, as tshark sees them too', () => {
  const cases = Object.entries(LINKS).flatMap(([name, link]) =>
    ([4, 6] as const).map((v) => [name, v, link(v)] as const),
  );
  test.each(cases)('%s, IPv%i: all seven ports, with STARTTLS and without', (_, __, link) => {
    const file = renderPcap(link.linkType, framesOf(onAllPorts(renderHello(FIRST)), link));
    const { hellos, connections, skipped, trouble } = read(file);
    expect(hellos.map(({ hello }) => helloId(hello))).toEqual(ENDPOINTS.map(() => helloId(FIRST)));
    expect(hellos.map(({ security }) => security)).toEqual(ENDPOINTS.map(({ tls }) => tls));
    expect(hellos.map(asTshark)).toEqual(readFileWithTshark(file));
    expect({ connections, skipped: [...skipped], trouble }).toEqual({ connections: 7, skipped: [], trouble: null });
  });

  test('every recording of the fleets, in pcapng with several interfaces, in large and small records', () => {
    const links = [LINKS['ethernet']!(4), LINKS['any']!(4), LINKS['tunnel']!(6)];
    const frames = TLS.flatMap((hello, i) => {
      const link = links[i % links.length]!;
      const bytes = renderHello(hello, i % 2 === 0 ? 16_384 : 100);
      const ip = renderIp(converse(30_000 + i, 465, [['client', bytes]]), link.version);
      return ip.map((packet) => [i % links.length, link.wrap(packet)] as const);
    });
    const file = renderPcapng(
      links.map(({ linkType }) => linkType),
      frames,
    );
    const { hellos } = read(file);
    expect(hellos.map(({ hello }) => helloId(hello))).toEqual(TLS.map(helloId));
    expect(hellos.map(asTshark)).toEqual(readFileWithTshark(file));
  });

  test('in SSLv2 format', () => {
    const file = renderPcap(101, renderIp(converse(40_000, 995, [['client', renderHello(OLD)]]), 4));
    const { hellos } = read(file);
    expect(hellos.map(({ hello }) => helloId(hello))).toEqual([helloId(OLD)]);
    expect(readFileWithTshark(file)).toMatchObject([{ port: 995, suites: [...OLD.suites] }]);
  });

  test.each([
    ['in order', (s: readonly Buffer[]) => s],
    ['backwards', (s: readonly Buffer[]) => s.toReversed()],
    ['twice', (s: readonly Buffer[]) => s.flatMap((one) => [one, one])],
    ['backwards, each twice', (s: readonly Buffer[]) => [...s.toReversed(), ...s]],
  ])('in segments of 7 bytes, %s', (_, order) => {
    const bytes = renderHello(FIRST, 50);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (__, i) => bytes.subarray(7 * i, 7 * i + 7));
    // Longer than the 256 bytes after which the numbers begin again.
    expect(bytes.length).toBeGreaterThan(256);
    const [syn, synAck, ...rest] = renderIp(
      converse(
        40_000,
        465,
        pieces.map((p) => ['client', p] as const),
      ),
      4,
    );
    const file = renderPcap(101, [syn!, synAck!, ...order(rest.slice(0, -1)), rest.at(-1)!]);
    const { hellos } = read(file);
    expect(hellos.map(({ hello }) => helloId(hello))).toEqual([helloId(FIRST)]);
    expect(hellos.map(asTshark)).toEqual(readFileWithTshark(file));
  });

  test('of a file that the tap wrote', () => {
    const capture = buildCapture({ protocol: 'smtp', port: 587, tls: 'starttls' }, [
      ...GREETING['smtp']!,
      ['client', renderHello(SECOND)],
    ]);
    const file = renderTapFile([capture]);
    expect(read(file).hellos.map(asTshark)).toEqual(readFileWithTshark(file));
  });

  test('in the other byte order, and in chunks of any size', () => {
    const ip = renderIp(converse(40_000, 465, [['client', renderHello(FIRST)]]), 4);
    for (const chunk of [1, 3, 1000]) expect(read(renderPcap(101, ip, 65_536, true), chunk).hellos).toHaveLength(1);
  });
});

describe('what is skipped says why', () => {
  const hello = renderHello(FIRST);
  const reasons = (file: Buffer) => [...read(file).skipped];
  const only = (conversation: Conversation) => renderPcap(101, renderIp(conversation, 4));

  test('a client that stays in the clear, of which nothing is held', () => {
    const said = [
      ['client', 'EHLO printer\r\n'],
      ['client', `AUTH PLAIN ${'A'.repeat(5_000)}\r\n`],
    ] as const;
    const result = read(only(converse(40_000, 587, said)));
    expect([...result.skipped]).toEqual([['it goes on in the clear', 1]]);
    expect(result.mostHeld).toBeLessThan(100);
  });

  test('a hello that a mail quotes is none', () => {
    const said = ['EHLO x\r\n', 'MAIL FROM:<a@b>\r\n', 'DATA\r\n', 'STARTTLS\r\n'].map((l) => ['client', l] as const);
    const result = read(only(converse(40_000, 587, [...said, ['client', hello]])));
    expect(result.hellos).toEqual([]);
  });

  test('TLS on a port of STARTTLS is taken, and said to be so', () => {
    expect(read(only(converse(40_000, 587, [['client', hello]]))).hellos).toMatchObject([{ security: 'implicit' }]);
  });

  test.each([
    ['a capture that begins later', 'it began before the capture did', [3]],
    ['a segment that is missing', 'packets are missing from the capture', [2]],
  ])('%s', (_, why, dropped) => {
    const conversation = converse(40_000, 465, [
      ['client', hello.subarray(0, 50)],
      ['client', hello.subarray(50)],
    ]);
    const ip = renderIp(conversation, 4);
    const kept = dropped[0] === 3 ? ip.slice(3) : ip.filter((__, i) => !dropped.includes(i));
    expect(reasons(renderPcap(101, kept))).toEqual([[why, 1]]);
  });

  test('a snap length that cuts hellos off', () => {
    const file = renderPcap(101, renderIp(converse(40_000, 465, [['client', hello]]), 4), 96);
    expect(reasons(file)).toEqual([['the capture kept only the beginning of packets (tcpdump: -s 0)', 1]]);
  });

  test('other ports, other protocols, and link types that are not read', () => {
    const ip = renderIp(converse(40_000, 443, [['client', hello]]), 4);
    expect([...read(renderPcap(101, ip)).others]).toEqual([['not from a client on a mail port', ip.length]]);
    expect([...read(renderPcap(105, ip)).others]).toEqual([['link type 105, which is not read', ip.length]]);
  });
});
