import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createServer } from 'node:net';
import { once } from 'node:events';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HarnessFault } from '../faults.ts';
import {
  clientHello,
  handshakeMessage,
  portOf,
  SUBMISSION,
  buildCapture,
  tlsRecord,
  uint16,
  vector,
} from '../wire/hand-built.ts';
import { describeHello } from '../wire/client-hello.ts';
import { parseHelloBody } from '../wire/raw-hello.ts';
import { addToCorpus, PACKAGED_CORPUS, readCorpus, removeFromCorpus } from './corpus.ts';
import { readEntry, renderEntry } from './corpus-file.ts';
import type { Met, Origin } from './entry.ts';
import { explainHello } from './explain-hello.ts';
import { parseRecordedHello } from './parse-recorded.ts';
import { helloBytes } from './record-run.ts';
import { describeRecorded, helloId, type RecordedHello, renderHelloBody } from './recorded-hello.ts';

const ORIGIN: Origin = {
  device: 'printer',
  model: 'Example "Printer": 4\u2028#',
  firmware: '1.10',
  emulated: true,
  setting: { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' },
  source: { kind: 'list', name: 'test' },
  on: '2026-01-02',
  met: [],
};

function recorded(bytes: Buffer): RecordedHello {
  const parsed = parseRecordedHello(bytes);
  if (parsed.kind !== 'hello') throw new Error(`${parsed.kind}: ${'why' in parsed ? parsed.why : ''}`);
  return parsed.hello;
}

const share = (group: number, key: Buffer) => Buffer.concat([uint16(group), vector(2, key)]);

/** A hello of TLS 1.3 in which all that changes from one connection to the next is filled with `fill`. */
function helloFilled(fill: number, grease: number): Buffer {
  const bytes = (count: number) => Buffer.alloc(count, fill);
  const body = Buffer.concat([
    uint16(0x0303),
    bytes(32),
    vector(1, bytes(32)),
    vector(2, uint16(grease, 0x1301, 0xc02f)),
    vector(1, Buffer.from([0])),
    vector(
      2,
      ...(
        [
          [grease, Buffer.alloc(0)],
          [0, vector(2, Buffer.from([0]), vector(2, Buffer.from(`host-${fill}.example`)))],
          [10, vector(2, uint16(grease, 29, 23))],
          [35, bytes(fill)],
          [12, vector(1, Buffer.from(`user-${fill}`))],
          [43, vector(1, uint16(grease, 0x0304, 0x0303))],
          [51, vector(2, share(grease, Buffer.from([0])), share(29, bytes(32)))],
          [21, Buffer.alloc(fill)],
          [41, bytes(60)],
        ] as const
      ).map(([code, content]) => Buffer.concat([uint16(code), vector(2, content)])),
    ),
  ]);
  return tlsRecord(22, 0x0301, handshakeMessage(1, body));
}

describe('what a recording keeps', () => {
  test('two connections of one client are one recording', () => {
    const [one, other] = [recorded(helloFilled(3, 0x1a1a)), recorded(helloFilled(77, 0xfafa))];
    expect(helloId(one)).toBe(helloId(other));
    expect(describeRecorded(one)).toEqual(describeRecorded(other));
    expect(describeRecorded(one).extensions).not.toContain('srp');
  });

  test('whatever the client decides makes another', () => {
    const base = { version: 0x0303, suites: [0xc02f, 0xc030], extensions: [] as [number, Buffer][] };
    const variants = [
      base,
      { ...base, version: 0x0302 },
      { ...base, suites: [0xc030, 0xc02f] },
      { ...base, suites: [0xc02f, 0xc030, 0x00ff] },
      { ...base, extensions: null },
      { ...base, extensions: [[10, vector(2, uint16(29))]] as [number, Buffer][] },
      { ...base, extensions: [[10, vector(2, uint16(23))]] as [number, Buffer][] },
      { ...base, extensions: [[0, Buffer.alloc(0)]] as [number, Buffer][] },
    ].map((parts) => helloId(recorded(tlsRecord(22, 0x0301, clientHello(parts)))));
    const record = helloId(recorded(tlsRecord(22, 0x0300, clientHello(base))));
    expect(new Set([...variants, record]).size).toBe(9);
  });

  test('Node sends the same recording twice, and its facts are those of the bytes', async () => {
    const hellos = [await helloOfNode('a.example'), await helloOfNode('another.example')];
    const [one, other] = hellos.map(recorded);
    expect(helloId(one!)).toBe(helloId(other!));
    const bytes = hellos[0]!;
    const raw = parseHelloBody(bytes.subarray(9));
    // Whom it calls and how long that is belongs to no client.
    const { sni, lengthBytes, ...facts } = describeHello(raw, 0x0301);
    expect(sni).toBe('a.example');
    expect(describeRecorded(one!)).toMatchObject({ ...facts, sni: null });
    expect(lengthBytes).toBe(bytes.length - 5);
  });

  test('a hello in SSLv2 format', () => {
    const kinds = Buffer.from('00002f010080', 'hex');
    const body = (challenge: number) =>
      Buffer.concat([Buffer.from([1]), uint16(0x0301, kinds.length, 0, 16), kinds, Buffer.alloc(16, challenge)]);
    const [one, other] = [1, 2].map((n) => {
      const bytes = body(n);
      return recorded(Buffer.concat([Buffer.from([0x80, bytes.length]), bytes]));
    });
    expect(helloId(one!)).toBe(helloId(other!));
    expect(describeRecorded(one!)).toMatchObject({ format: 'sslv2', maxVersion: '1.0', recordVersion: null });
    expect(describeRecorded(one!).suites[0]).toBe('TLS_RSA_WITH_AES_128_CBC_SHA');
  });
});

describe('reading bytes', () => {
  const whole = helloFilled(3, 0x2a2a);

  test('in pieces it is incomplete until the last one', () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseRecordedHello(whole.subarray(0, length)).kind).toBe('incomplete');
    }
    expect(parseRecordedHello(Buffer.concat([whole, Buffer.from('behind it')])).kind).toBe('hello');
  });

  test('over any number of records it is the same hello', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        const message = whole.subarray(5);
        const records: Buffer[] = [];
        for (let at = 0, turn = 0; at < message.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          records.push(tlsRecord(22, 0x0301, message.subarray(at, at + size)));
          at += size;
        }
        expect(helloId(recorded(Buffer.concat(records)))).toBe(helloId(recorded(whole)));
      }),
    );
  });

  test('any bytes are read without a fault, and what is read can be written and read again', () => {
    const broken = fc
      .tuple(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 }))
      .map(([at, value]) => Buffer.from(whole).fill(value, at, at + 1));
    fc.assert(
      fc.property(
        fc.oneof(
          broken,
          fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)),
        ),
        (bytes) => {
          const parsed = parseRecordedHello(bytes);
          if (parsed.kind !== 'hello' || parsed.hello.format !== 'tls') return;
          const { hello } = parsed;
          const body = renderHelloBody(hello, { random: Buffer.alloc(32), session: Buffer.alloc(hello.sessionBytes) });
          const record = tlsRecord(22, hello.recordVersion ?? 0, handshakeMessage(1, body));
          expect(helloId(recorded(record))).toBe(helloId(hello));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('64 kB are read; what is longer than a hello can be is refused by its first bytes', () => {
    const long = clientHello({ extensions: [[0x1234, Buffer.alloc(65_000)]] });
    const records = [0, 1, 2, 3].map((n) => tlsRecord(22, 0x0301, long.subarray(n * 16_384, (n + 1) * 16_384)));
    expect(parseRecordedHello(Buffer.concat(records))).toMatchObject({ kind: 'hello' });
    const endless = tlsRecord(22, 0x0301, Buffer.from('01ffffff0303', 'hex'));
    expect(parseRecordedHello(endless)).toMatchObject({ kind: 'unreadable', why: expect.stringContaining('limit') });
  });

  test('it is found behind STARTTLS', () => {
    const capture = buildCapture(SUBMISSION, [
      ['server', '220 mail\r\n'],
      ['client', 'EHLO x\r\n'],
      ['server', '250 STARTTLS\r\n'],
      ['client', 'STARTTLS\r\n'],
      ['server', '220 go\r\n'],
      ['client', whole.subarray(0, 40)],
      ['client', whole.subarray(40)],
    ]);
    expect(helloBytes(capture)).toEqual(whole);
  });
});

describe('a folder of recordings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutover-corpus-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const hello = recorded(helloFilled(1, 0x0a0a));
  const met = (mode: string, outcome: Met['outcome']): Met => {
    return { scenario: 'submit', mode, engine: 'embedded', connections: [1], outcome, certificate: 'rsa-2048' };
  };

  test('what is added is read back, and adding it again changes nothing', () => {
    const origin = { ...ORIGIN, limits: { dhBits: { atMost: 1024 } }, met: [met('strict', 'fails')] };
    expect(addToCorpus(folder, [{ hello, origin }])).toMatchObject({ added: [helloId(hello)], known: [] });
    const entries = readCorpus([folder]);
    expect(entries).toEqual([{ id: helloId(hello), hello, seen: [origin] }]);
    const text = readFileSync(join(folder, `${helloId(hello)}.yaml`), 'utf8');
    expect(addToCorpus(folder, [{ hello, origin }])).toMatchObject({ known: [helloId(hello)], changed: [] });
    expect(readFileSync(join(folder, `${helloId(hello)}.yaml`), 'utf8')).toBe(text);
    expect(text).toContain('- 0x1301 # TLS_AES_128_GCM_SHA256\n');
    expect(text).toContain('supported_groups: GREASE, x25519, secp256r1');
  });

  test('a hello that several say is one entry; newer results replace older ones of the same mode alone', () => {
    addToCorpus(folder, [
      { hello, origin: { ...ORIGIN, met: [met('strict', 'fails'), met('today', 'works')] } },
      { hello, origin: { ...ORIGIN, device: 'camera' } },
    ]);
    const newer = { ...ORIGIN, on: '2026-02-01', met: [met('strict', 'works')] };
    addToCorpus(folder, [{ hello, origin: newer }]);
    addToCorpus(folder, [{ hello, origin: { ...ORIGIN, on: '2025-01-01', met: [met('strict', 'fails')] } }]);
    const [entry, ...more] = readCorpus([folder]);
    expect(more).toEqual([]);
    expect(entry?.seen.map(({ device }) => device)).toEqual(['camera', 'printer']);
    expect(entry?.seen[1]).toMatchObject({ on: '2026-02-01', met: [met('strict', 'works'), met('today', 'works')] });
  });

  test('removing forgets one client; the file goes with the last', () => {
    addToCorpus(folder, [
      { hello, origin: ORIGIN },
      { hello, origin: { ...ORIGIN, device: 'camera' } },
    ]);
    removeFromCorpus(folder, (_, { device }) => device === 'camera');
    expect(readCorpus([folder])[0]?.seen).toEqual([ORIGIN]);
    removeFromCorpus(folder, () => true);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('2,000 who say the same are one file; of more than a file holds nothing is written', () => {
    const said = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ hello, origin: { ...ORIGIN, device: `printer-${i}` } }));
    expect(addToCorpus(folder, said(2_000)).added).toEqual([helloId(hello)]);
    expect(readCorpus([folder])[0]?.seen).toHaveLength(2_000);
    expect(addToCorpus(folder, said(20_000))).toMatchObject({ known: [], changed: [], tooLarge: [helloId(hello)] });
    expect(readCorpus([folder])[0]?.seen).toHaveLength(2_000);
  });

  test.each(['', 'two\nlines', '\u001b[2J'])(
    'a name that could not be read again (%j) leaves the folder as it was',
    (device) => {
      const bad = { hello, origin: { ...ORIGIN, device } };
      expect(() => addToCorpus(folder, [{ hello, origin: ORIGIN }, bad])).toThrow(/device: a name is one line/);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('what is no folder is told in a sentence', () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    expect(() => readCorpus([path])).toThrow(/no folder of recordings/);
  });

  test('a file under another name is refused, as it could not be removed', () => {
    addToCorpus(folder, [{ hello, origin: ORIGIN }]);
    renameSync(join(folder, `${helloId(hello)}.yaml`), join(folder, 'printer.yaml'));
    expect(() => readCorpus([folder])).toThrow(/printer\.yaml: is the recording [0-9a-f]{12}, whose file is/);
  });

  test.each([
    [
      'a short text that stands for gigabytes',
      (text: string) => text.replace("body: '", `body: '${'*99999 '.repeat(99)}`),
    ],
    ['a session id that is none', (text: string) => text.replace(/sessionBytes: \d+/, 'sessionBytes: 300')],
  ])('%s is refused before it is made', (_, change) => {
    addToCorpus(folder, [{ hello, origin: ORIGIN }]);
    const path = join(folder, `${helloId(hello)}.yaml`);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    expect(() => readEntry(path)).toThrow(/bytes at most/);
  });

  test.each([
    ['a suite changed by hand', (text: string) => text.replace('0x1301 #', '0x1302 #'), /its bytes are those of/],
    ['an unknown key', (text: string) => text.replace('seen:', 'sene:'), /:\d+:\d+: \(file\): the key "sene"/],
    ['a body that is no hex', (text: string) => text.replace("body: '", "body: 'xyz"), /:\d+:\d+: extensions/],
  ])('%s is refused with its place', (_, change, message) => {
    addToCorpus(folder, [{ hello, origin: ORIGIN }]);
    const path = join(folder, `${helloId(hello)}.yaml`);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    expect(() => readEntry(path)).toThrow(HarnessFault);
    expect(() => readEntry(path)).toThrow(message);
  });
});

describe('the packaged recordings', () => {
  const entries = readCorpus([PACKAGED_CORPUS]);

  test('are of runs of the own fleets alone', () => {
    expect(entries.length).toBeGreaterThan(40);
    for (const origin of entries.flatMap(({ seen }) => seen)) {
      expect(origin.emulated).toBe(true);
      expect(origin.source.kind).toBe('run');
      expect(origin.device).toMatch(/^(?:emu|lab)-/);
    }
  });

  test('are written as the program writes them', () => {
    for (const entry of entries) {
      expect(readFileSync(join(PACKAGED_CORPUS, `${entry.id}.yaml`), 'utf8')).toBe(renderEntry(entry));
    }
  });

  test('can be explained', () => {
    const old = entries.find(({ hello }) => hello.format === 'sslv2');
    expect(explainHello(old!).join('\n')).toMatch(/SSL 2\.0[^]*too old for servers that ask for TLS 1\.2/);
    const silent = entries.find(({ hello }) => {
      const { maxVersion, signatures } = describeRecorded(hello);
      return maxVersion === '1.2' && signatures === null;
    });
    expect(explainHello(silent!).join('\n')).toContain('which means SHA-1');
  });
});

/** The first bytes of a TLS client of this Node. */
async function helloOfNode(servername: string): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ host: '127.0.0.1', port: portOf(server), servername });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  let bytes = Buffer.alloc(0);
  while (parseRecordedHello(bytes).kind === 'incomplete') {
    const [chunk] = await once(socket, 'data');
    bytes = Buffer.concat([bytes, chunk]);
  }
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}
