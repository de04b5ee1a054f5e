import * as fc from 'fast-check';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKAGED_CORPUS, readCorpus } from '../corpus.ts';
import { helloId } from '../recorded-hello.ts';
import { openFileSource, windowOver } from './byte-source.ts';
import { ConnectionFollower, type FollowOptions } from './follow-connections.ts';
import { converse, LINKS, renderHello, renderIp, renderPcap, renderPcapng } from './hand-built-packets.ts';
import { parseSegment } from './parse-segment.ts';
import { readCapture } from './read-capture.ts';

const HELLOS = readCorpus([PACKAGED_CORPUS]).map(({ hello }) => hello);
const HELLO = renderHello(HELLOS[0]!, 60);
const ETHERNET = LINKS['ethernet']!(4);
const FRAMES = [
  ...renderIp(
    converse(40_000, 465, [
      ['client', HELLO.subarray(0, 90)],
      ['client', HELLO.subarray(90)],
    ]),
    4,
  ),
  ...renderIp(
    converse(40_001, 587, [
      ['client', 'EHLO x\r\n'],
      ['client', 'STARTTLS\r\n'],
      ['client', HELLO],
    ]),
    4,
  ),
].map(ETHERNET.wrap);
const FILES = [
  renderPcap(1, FRAMES),
  renderPcapng(
    [1],
    FRAMES.map((frame) => [0, frame]),
  ),
];

function read(file: Buffer, options?: FollowOptions) {
  let hellos = 0;
  const source = windowOver((into, from) => file.copy(into, 0, from), file.length);
  return { ...readCapture(source, () => void hellos++, options), hellos };
}

describe('hostile captures', () => {
  test.each(FILES.map((file, i) => [i === 0 ? 'pcap' : 'pcapng', file] as const))(
    '%s: cut anywhere, it gives what stands before the cut, and says so',
    (_, file) => {
      const whole = read(file);
      expect(whole).toMatchObject({ hellos: 2, trouble: null });
      let clean = 0;
      for (let end = 0; end < file.length; end++) {
        const cut = read(file.subarray(0, end));
        expect(cut.packets).toBeLessThanOrEqual(whole.packets);
        if (cut.trouble === null) clean++;
      }
      // Between two packets nobody can see a cut.
      expect(clean).toBeLessThanOrEqual(FRAMES.length + 3);
      expect(clean).toBeGreaterThan(FRAMES.length - 2);
    },
  );

  test('any bytes changed: nothing is thrown, and what is held stays within its limits', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.constantFrom(...FILES), fc.array(change, { minLength: 1, maxLength: 12 }), (file, changes) => {
        const changed = Buffer.from(file);
        for (const [at, value] of changes) changed[at % changed.length] = value;
        const { packets, hellos, mostHeld } = read(changed);
        expect(hellos).toBeLessThanOrEqual(packets);
        // A held packet is charged for more than its bytes.
        expect(mostHeld).toBeLessThanOrEqual(file.length + 256 * packets);
      }),
      { numRuns: 1_000 },
    );
  });

  test('any frame and any file at all', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 101, 113, 276, 77), fc.uint8Array({ maxLength: 120 }), (link, bytes) => {
        expect(['segment', 'other']).toContain(parseSegment(link, Buffer.from(bytes)).kind);
        expect(read(Buffer.concat([FILES[1]!.subarray(0, 28), bytes])).hellos).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['nothing', Buffer.alloc(0), /^it is empty/],
    ['gzip', Buffer.from('1f8b0800', 'hex'), /gunzip/],
    [
      'a packet of 2 GB',
      Buffer.concat([FILES[0]!.subarray(0, 32), Buffer.alloc(8, 0x7f)]),
      /announces 2139062143 bytes/,
    ],
    [
      'zeros after its header',
      Buffer.concat([FILES[0]!.subarray(0, 24), Buffer.alloc(4_096)]),
      /^at byte 24 stand zeros/,
    ],
    [
      'a block of 4 bytes',
      Buffer.concat([FILES[1]!.subarray(0, 28), Buffer.from('0600000004000000', 'hex')]),
      /announces 4/,
    ],
  ])('%s: one clear line', (_, file, why) => {
    expect(read(file).trouble).toMatch(why);
  });

  test('a hello of 64 kB in segments of one byte is read', () => {
    const hello = { ...HELLOS[0]!, extensions: [{ code: 0x1234, body: Buffer.alloc(65_000, 1) }] };
    const bytes = renderHello(hello);
    const said = Array.from(bytes, (byte) => ['client', Buffer.from([byte])] as const);
    const found: string[] = [];
    const file = renderPcap(101, renderIp(converse(40_000, 465, said), 4));
    const source = windowOver((into, from) => file.copy(into, 0, from), file.length);
    readCapture(source, (one) => found.push(helloId(one.hello)));
    expect(found).toEqual([helloId(hello)]);
  });
});

describe('large captures', () => {
  test('what is to be skipped in a file of more than 4 GB is not read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutover-large-'));
    const path = join(folder, 'sparse.pcapng');
    const file = openSync(path, 'w');
    const [section, rest] = [FILES[1]!.subarray(0, 28), FILES[1]!.subarray(28)];
    const head = Buffer.from('0d0d0d0dfcffffff', 'hex');
    writeSync(file, Buffer.concat([section, head]));
    const end = section.length + 0xffff_fffc;
    ftruncateSync(file, end);
    writeSync(file, rest, 0, rest.length, end);
    closeSync(file);
    const hellos: string[] = [];
    {
      using source = openFileSource(path);
      const { trouble } = readCapture(source, ({ endpoint }) => hellos.push(String(endpoint.port)));
      expect(trouble).toBeNull();
      expect(source.at).toBeGreaterThan(2 ** 32);
    }
    expect(hellos).toEqual(['465', '587']);
    rmSync(folder, { recursive: true });
  });

  test('4 GB of mail on one connection pass through, and none of it is held', () => {
    const said = Array.from({ length: 3_000 }, (_, i) => ['client', i === 0 ? HELLO : Buffer.alloc(60_000)] as const);
    const file = renderPcap(1, renderIp(converse(40_000, 465, said), 4).map(ETHERNET.wrap));
    const [head, packets] = [file.subarray(0, 24), file.subarray(24)];
    const length = head.length + Math.ceil(2 ** 32 / packets.length) * packets.length;
    const before = process.memoryUsage.rss();
    let most = 0;
    const source = windowOver((into, from) => {
      most = Math.max(most, process.memoryUsage.rss() - before);
      if (from === 0) return head.copy(into);
      if (from >= length) return 0;
      return packets.copy(into, 0, (from - head.length) % packets.length);
    }, length);
    const hellos: string[] = [];
    const { mostHeld, trouble } = readCapture(source, (one) => hellos.push(helloId(one.hello)));
    expect(source.at).toBeGreaterThan(2 ** 32);
    expect({ hellos, trouble }).toEqual({ hellos: [helloId(HELLOS[0]!)], trouble: null });
    expect(mostHeld).toBeLessThan(1_000);
    expect(most).toBeLessThan(2 ** 28);
  });

  test('200,000 packets of 10,000 connections at a time hold what their hellos need, and no mail', () => {
    const follower = new ConnectionFollower(() => {});
    const open = (n: number, bytes: Buffer, at: number) => ({
      kind: 'segment' as const,
      source: Buffer.from([10, 0, n >> 8, n & 0xff]),
      target: Buffer.from([10, 9, 9, 9]),
      sourcePort: 40_000,
      targetPort: 587,
      sequence: at,
      flags: 0x10,
      payload: bytes,
      missing: 0,
    });
    const mail = Buffer.from(`MAIL FROM:<a@b.example>\r\n${'x'.repeat(1_400)}`);
    for (let n = 0; n < 10_000; n++)
      for (let k = 0; k < 20; k++) follower.accept(open(n, mail, 1 + k * mail.length), 0);
    const { connections, mostHeld, skipped } = follower.finish();
    expect(connections).toBe(10_000);
    expect(mostHeld).toBeLessThan(100);
    expect([...skipped.values()]).toEqual([10_000]);
  });

  test('segments of one byte before their turn are charged for what they take', () => {
    const follower = new ConnectionFollower(() => {}, { maxHeld: 10_000 });
    const accept = (sequence: number, flags: number, payload: Buffer) =>
      follower.accept(
        {
          kind: 'segment',
          source: Buffer.from([10, 0, 0, 1]),
          target: Buffer.from([10, 9, 9, 9]),
          sourcePort: 40_000,
          targetPort: 465,
          sequence,
          flags,
          payload,
          missing: 0,
        },
        0,
      );
    accept(0, 0x02, Buffer.alloc(0));
    for (let n = 1; n <= 100; n++) accept(2 * n, 0x10, Buffer.from([22]));
    const { mostHeld, skipped } = follower.finish();
    expect([...skipped]).toContainEqual(['more went on at a time than is followed', 1]);
    expect(mostHeld).toBeLessThan(11_000);
  });

  test('more connections and bytes than are followed: the oldest are given up, and named', () => {
    const half = HELLO.subarray(0, 100);
    const file = renderPcap(
      101,
      Array.from({ length: 50 }, (_, n) =>
        renderIp(converse(40_000 + n, 465, [['client', half]]), 4).slice(0, 3),
      ).flat(),
    );
    const { mostHeld, skipped } = read(file, { maxConnections: 100, maxHeld: 1_000 });
    expect(mostHeld).toBeLessThanOrEqual(1_100);
    expect(skipped.get('more went on at a time than is followed')).toBe(40);
    expect(
      read(file, { maxConnections: 10, maxHeld: 1e6 }).skipped.get('more went on at a time than is followed'),
    ).toBe(40);
  });
});
