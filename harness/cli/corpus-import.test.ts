import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { PACKAGED_CORPUS, readCorpus } from '../corpus/corpus.ts';
import { converse, renderHello, renderIp, renderPcap } from '../corpus/import/hand-built-packets.ts';
import { removeRecordings } from './corpus.ts';
import { importRecordings } from './corpus-import.ts';
import { readInstalledTestssl } from './installed-testssl.ts';
import { runCommandLine } from './main.ts';
import { showWhatIf } from './whatif.ts';

const ENTRIES = readCorpus([PACKAGED_CORPUS]);
/** A hello of TLS 1.0, which was measured to be too old for strict, and to work with today's policy. */
const OLD = ENTRIES.find(
  ({ hello, seen }) =>
    hello.version === 0x0301 &&
    seen.some(
      ({ met }) =>
        met.some(({ mode, cause }) => mode === 'strict' && cause === 'version-too-old') &&
        met.some(({ mode, outcome, clear }) => mode === 'today' && outcome === 'works' && clear !== true),
    ),
)!;

let folder: string;
let corpus: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'cutover-import-'))));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void (corpus = mkdtempSync(join(folder, 'corpus-'))));

function printed(run: () => number): { readonly code: number; readonly text: string } {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  try {
    return { code: run(), text: lines.join('\n') };
  } finally {
    log.mockRestore();
  }
}

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A printer at 192.0.2.1 on 465, another client at 192.0.2.2 on 443 and one in the clear. */
function printerCapture(): Buffer {
  return renderPcap(101, [
    ...renderIp(converse(40_000, 465, [['client', renderHello(OLD.hello)]]), 4, 1),
    ...renderIp(converse(40_001, 443, [['client', renderHello(ENTRIES[1]!.hello)]]), 4, 2),
    ...renderIp(
      converse(40_002, 25, [
        ['client', 'EHLO x\r\n'],
        ['client', 'MAIL FROM:<secret@b.example>\r\n'],
      ]),
      4,
      3,
    ),
  ]);
}

describe('a capture', () => {
  test('of a printer among others says what is taken and what is not', () => {
    const path = write('printer.pcap', printerCapture());
    const { code, text } = printed(() => importRecordings([path], { corpus, device: 'printer-2nd-floor' }));
    expect(code).toBe(0);
    expect(text.split('\n')).toEqual([
      `${path}: 13 packets, 2 connections on mail ports, 1 with a hello taken, of 1 clients`,
      '  skipped 1 connections: it goes on in the clear',
      '  passed over 6 packets: not from a client on a mail port',
      `1 hellos are new, 0 were known; in ${corpus}`,
      `What they say: npx cutover corpus show ${OLD.id}`,
    ]);
    const answer = printed(() =>
      showWhatIf({ mode: ['today', 'strict'], engine: 'embedded', device: ['printer-2nd-floor'], corpus }),
    );
    expect(answer.text).toMatch(/printer-2nd-floor@unknown\/implicit-465 +works\*, 1\.\d +version-too-old/);
    expect(answer.text).toContain('certificate, login and mail are not in a hello');
  });

  test('that ends within a packet gives what stands before, says where it ends, and exits with 2', () => {
    const whole = printerCapture();
    const path = write('torn.pcap', whole.subarray(0, whole.length - 10));
    const { code, text } = printed(() => importRecordings([path], { corpus }));
    expect(code).toBe(2);
    expect(text).toMatch(/^ {2}not read to its end: it is cut short at byte \d+$/m);
    expect(readCorpus([corpus]).map(({ id }) => id)).toEqual([OLD.id]);
  });

  test('of other ports, where it is said what they stand for', () => {
    const path = write(
      'odd.pcap',
      renderPcap(101, renderIp(converse(40_000, 2525, [['client', renderHello(OLD.hello)]]), 4)),
    );
    expect(printed(() => importRecordings([path], { corpus })).text).toContain('0 connections on mail ports');
    printed(() => importRecordings([path], { corpus, port: new Map([[2525, 465]]) }));
    expect(readCorpus([corpus])).toMatchObject([
      { id: OLD.id, seen: [{ setting: { id: 'implicit-465', port: 465 } }] },
    ]);
  });

  test.each(['2525', '2525=26', '70000=25', '0=25', 'x=25'])('--port %s is wrong usage', async (port) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    vi.spyOn(console, 'error').mockReturnValue();
    await runCommandLine(['corpus', 'import', write('any.pcap', printerCapture()), '--port', port, '--corpus', corpus]);
    vi.restoreAllMocks();
    expect(process.exitCode).toBe(64);
    process.exitCode = 0;
    expect(readCorpus([corpus])).toEqual([]);
  });

  test('nothing of a mail is in what is kept', () => {
    printed(() => importRecordings([write('edge.pcap', printerCapture())], { corpus }));
    const kept = readCorpus([corpus]);
    expect(kept.map(({ id }) => id)).toEqual([OLD.id]);
    const text = kept.map(({ id }) => readFileSync(join(corpus, `${id}.yaml`), 'utf8')).join('');
    expect(text).not.toContain('secret');
    expect(text).not.toContain('192.0.2');
    expect(kept[0]?.seen).toMatchObject([{ device: 'edge-1', model: 'client 1 in edge.pcap', on: '2025-10-09' }]);
  });
});

test('a device that is named is one address', () => {
  const both = renderPcap(101, [
    ...renderIp(converse(40_000, 465, [['client', renderHello(OLD.hello)]]), 4, 1),
    ...renderIp(converse(40_000, 993, [['client', renderHello(ENTRIES[1]!.hello)]]), 6, 2),
  ]);
  const path = write('two.pcap', both);
  expect(() => importRecordings([path], { corpus, device: 'nas' })).toThrow(/2 addresses.*192\.0\.2\.1, 2001:db8::2/);
  printed(() => importRecordings([path], { corpus, device: 'nas', client: '2001:0db8::0002' }));
  expect(readCorpus([corpus]).flatMap(({ seen }) => seen.map((o) => o.setting.port))).toEqual([993]);
});

test('several hellos of one address are told apart, unless somebody says that they are of one device', () => {
  // A router in front of a new program and an old printer: the one must not speak for the other.
  const hellos = [ENTRIES.find(({ hello }) => hello.version === 0x0303)!, OLD];
  const behindRouter = hellos.flatMap(({ hello }, i) =>
    renderIp(converse(40_000 + i, 465, [['client', renderHello(hello)]]), 4, 1),
  );
  const path = write('office.pcap', renderPcap(101, behindRouter));
  printed(() => importRecordings([path], { corpus }));
  const devices = () => readCorpus([corpus]).flatMap(({ seen }) => seen.map(({ device }) => device));
  expect(devices().toSorted()).toEqual(hellos.map(({ id }) => `office-1-${id}`).toSorted());
  const { text } = printed(() => showWhatIf({ mode: ['strict'], engine: 'embedded', device: ['office-*'], corpus }));
  expect(text).toContain(`    office-1-${OLD.id}@unknown/implicit-465`);
  expect(text).toContain('LOST: 1\n');
  const another = mkdtempSync(join(folder, 'corpus-'));
  printed(() => importRecordings([path], { corpus: another, device: 'nas' }));
  expect(readCorpus([another]).flatMap(({ seen }) => seen.map(({ device }) => device))).toEqual(['nas', 'nas']);
});

test('captures that are called alike are not taken for one device without a word', () => {
  const [here, there] = ['here', 'there'].map((name) => mkdtempSync(join(folder, name)));
  const other = renderPcap(101, renderIp(converse(1, 465, [['client', renderHello(ENTRIES[1]!.hello)]]), 4, 1));
  const paths = [join(here!, 'printer.pcap'), join(there!, 'printer.pcap')] as const;
  writeFileSync(paths[0], printerCapture());
  writeFileSync(paths[1], other);
  const notice = /other hellos of printer-1@unknown\/implicit-465 are kept already/;
  expect(printed(() => importRecordings([paths[0]], { corpus })).text).not.toMatch(notice);
  expect(printed(() => importRecordings([paths[0]], { corpus })).text).not.toMatch(notice);
  expect(printed(() => importRecordings([paths[1]], { corpus })).text).toMatch(notice);
  const both = mkdtempSync(join(folder, 'corpus-'));
  expect(printed(() => importRecordings(paths, { corpus: both })).text).toMatch(notice);
});

test('a device that is called like the beginning of an id is that device', () => {
  const word = OLD.id.slice(0, 4);
  printed(() => importRecordings([write('a.pcap', printerCapture())], { corpus, device: 'printer' }));
  const other = renderPcap(101, renderIp(converse(1, 465, [['client', renderHello(ENTRIES[1]!.hello)]]), 4, 1));
  printed(() => importRecordings([write('b.pcap', other)], { corpus, device: word }));
  printed(() => removeRecordings([word], { corpus }));
  expect(readCorpus([corpus]).map(({ id }) => id)).toEqual([OLD.id]);
  printed(() => removeRecordings([word], { corpus }));
  expect(readCorpus([corpus])).toEqual([]);
});

describe('what cannot be is said at once', () => {
  test.each([
    [{ device: '' }, /--device ""/],
    [{ model: 'two\nlines' }, /--model "two\\nlines"/],
    [{ firmware: '\u001b[2J' }, /--firmware/],
    [{ client: 'nonsense' }, /--client "nonsense": is no IP address/],
  ])('%j', (options, message) => {
    const path = write('good.pcap', printerCapture());
    expect(() => importRecordings([path], { corpus, ...options })).toThrow(message);
    expect(readCorpus([corpus])).toEqual([]);
  });

  test('an address of IPv4 that is written as one of IPv6 is the same', () => {
    const path = write('good.pcap', printerCapture());
    printed(() => importRecordings([path], { corpus, device: 'printer', client: '::ffff:192.0.2.1' }));
    expect(readCorpus([corpus])).toHaveLength(1);
  });

  test('200,000 empty lines are no list, and take no time', () => {
    expect(() => importRecordings([write('empty.txt', '\n'.repeat(200_000))], { corpus })).toThrow(/neither a capture/);
  });

  test.each([
    ['lines', 'x\n'.repeat(600_000), /more than 500000 lines/],
    ['a JSON array', `[${'0,'.repeat(100_000)}0]`, /100000 hellos at most/],
  ])('%s beyond count', (_, text, message) => {
    expect(() => importRecordings([write('long.txt', text)], { corpus })).toThrow(message);
  });
});

describe('lists', () => {
  const hex = renderHello(OLD.hello).toString('hex');

  test('of hexadecimal lines: what is none is named with its line', () => {
    const path = write('list.txt', `# seen in May\nOld Scanner ${hex}\nhello there\nother ${hex.slice(0, 80)}\n`);
    const { text } = printed(() => importRecordings([path], { corpus }));
    expect(text).toContain(`${path}: 3 entries, 1 taken, 2 skipped`);
    expect(text).toContain(`skipped ${path}:3, entry 2: its hello is not hexadecimal`);
    expect(text).toContain(`skipped ${path}:4, other: its hello is cut short`);
    expect(readCorpus([corpus])).toMatchObject([{ id: OLD.id, seen: [{ device: 'old-scanner' }] }]);
  });

  test('of JSON', () => {
    const path = write('list.json', JSON.stringify([{ hello: hex, device: 'nas', port: 587 }, { hallo: 1 }, hex]));
    const { text } = printed(() => importRecordings([path], { corpus }));
    expect(text).toContain('3 entries, 2 taken, 1 skipped');
    const [entry] = readCorpus([corpus]);
    expect(entry?.seen.map((o) => [o.device, o.setting.id])).toEqual([
      ['list-3', 'implicit-465'],
      ['nas', 'starttls-587'],
    ]);
  });

  test('what is neither says what would be', () => {
    expect(() => importRecordings([write('letter.txt', 'Dear customer,\n')], { corpus })).toThrow(/neither a capture/);
    expect(() => importRecordings([join(folder, 'none.pcap')], { corpus })).toThrow(/no such file/);
    expect(() => importRecordings([], { corpus, testssl: join(folder, 'none.txt') })).toThrow(/at none of/);
  });

  test('in the form of testssl.sh, with what its clients accept', () => {
    const list = `
     names+=("Printer (old)")
     handshakebytes+=("${hex}")
     minDhBits+=(1024)
     maxDhBits+=(-1)

     names+=("Silent")
     handshakebytes+=("")
`;
    const { text } = printed(() => importRecordings([], { corpus, testssl: write('clients.txt', list) }));
    expect(text).toContain('2 entries, 1 taken, 1 skipped');
    expect(text).toContain('Silent: it has no recorded hello');
    const [entry] = readCorpus([corpus]);
    expect(entry?.seen.map((o) => [o.device, o.setting.port, o.limits?.dhBits])).toEqual([
      ['testssl-printer-old', 465, { atLeast: 1024 }],
      ['testssl-printer-old', 993, { atLeast: 1024 }],
    ]);
  });

  test('the list of an installed testssl.sh is read whole', ({ skip }) => {
    const installed = readInstalledTestssl();
    // Where tests run for everybody nothing may be left out.
    if (installed === null && process.env['CI'] === undefined) skip('testssl.sh is not installed');
    const names = readFileSync(installed!.path, 'utf8').match(/^\s*names\+=/gm);
    expect(installed).toMatchObject({ entries: names?.length, skipped: [] });
    expect(installed!.recordings).toHaveLength(2 * installed!.entries);
  });
});
