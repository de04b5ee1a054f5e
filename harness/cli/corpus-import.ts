import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { addToCorpus, readCorpus, type Recording } from '../corpus/corpus.ts';
import { Name, originKey } from '../corpus/entry.ts';
import { helloId } from '../corpus/recorded-hello.ts';
import { openFileSource } from '../corpus/import/byte-source.ts';
import { canonicalAddress, type Named, OriginNamer } from '../corpus/import/name-origins.ts';
import { readCapture } from '../corpus/import/read-capture.ts';
import { readHelloList } from '../corpus/import/read-hello-list.ts';
import { type ListRead, readTestsslList } from '../corpus/import/read-testssl.ts';
import { TESTSSL_LISTS } from '../corpus/import/testssl-lists.ts';
import { HarnessFault } from '../faults.ts';
import type { Port } from '../vocabulary/trial.ts';
import { EXIT } from './exit.ts';
import { readInstalledTestssl } from './installed-testssl.ts';
import { printable } from './printable.ts';

export interface CorpusImportOptions extends Named {
  readonly corpus: string;
  readonly testssl?: boolean | string;
  /** Ports of a capture that stand for a mail port. */
  readonly port?: ReadonlyMap<number, Port>;
}

/** `cutover corpus import FILE…`: hellos of others' recordings. */
export function importRecordings(files: readonly string[], options: CorpusImportOptions): number {
  const lists = options.testssl === undefined ? [] : [readTestssl(options.testssl)];
  demandNames(options);
  if (files.length + lists.length === 0) {
    throw new HarnessFault('nothing-to-import', 'No file was given to import.', {
      advice: 'Give a capture or a list, or --testssl where testssl.sh is installed.',
      exitCode: 64,
    });
  }
  const client = options.client === undefined ? undefined : readAddress(options.client);
  const read = [...files.map((file) => readFile(file, options, client)), ...lists];
  for (const { lines } of read) for (const line of lines) console.log(printable(line));
  for (const line of describeShared(options.corpus, read)) console.log(printable(line));
  const { added, known, tooLarge } = addToCorpus(
    options.corpus,
    read.flatMap((one) => one.recordings),
  );
  if (tooLarge.length > 0) console.log(describeTooLarge(tooLarge));
  const ids = [...added, ...known];
  console.log(`${added.length} hellos are new, ${known.length} were known; in ${options.corpus}`);
  if (ids.length > 0 && ids.length <= 10) console.log(`What they say: npx cutover corpus show ${ids.join(' ')}`);
  return read.some(({ isWhole }) => !isWhole) || tooLarge.length > 0 ? EXIT.inconclusive : EXIT.expected;
}

/** Two captures may be called alike and be of two devices: then the good hello of one would speak for the other. */
function describeShared(corpus: string, read: readonly Read[]): readonly string[] {
  const known = new Map<string, Set<string>>();
  for (const { id, seen } of readCorpus([corpus])) for (const origin of seen) addTo(known, originKey(origin), id);
  const shared = new Set<string>();
  for (const { recordings } of read) {
    const own = new Map<string, Set<string>>();
    for (const { hello, origin } of recordings) addTo(own, originKey(origin), helloId(hello));
    for (const [client, ids] of own) {
      if ([...(known.get(client) ?? [])].some((id) => !ids.has(id))) shared.add(client);
      for (const id of ids) addTo(known, client, id);
    }
  }
  if (shared.size === 0) return [];
  const [names, more] = [[...shared].slice(0, 10).join(', '), shared.size - 10];
  return [
    `  other hellos of ${names}${more > 0 ? ` and ${more} more` : ''} are kept already: all count as of one device, and the best decides`,
    '    If that is another device, or the same before an update: `cutover corpus remove`, or another name with --device.',
  ];
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const known = sets.get(key);
  if (known === undefined) sets.set(key, new Set([value]));
  else known.add(value);
}

function describeTooLarge(ids: readonly string[]): string {
  return `  not kept: ${ids.join(', ')}: with all that it lists, or all who say it, its file would have more than 1 MiB`;
}

/** Before anything is read: a capture takes a while. */
function demandNames({ device, model, firmware }: CorpusImportOptions): void {
  for (const [option, text] of Object.entries({ device, model, firmware })) {
    const { error } = Name.optional().safeParse(text);
    if (error === undefined) continue;
    const message = `--${option} ${JSON.stringify(text)}: ${error.issues[0]?.message ?? 'is no name'}.`;
    throw new HarnessFault('name-invalid', message, { advice: 'Give another, or leave it out.', exitCode: 64 });
  }
}

interface Read {
  readonly recordings: readonly Recording[];
  readonly lines: readonly string[];
  /** False: something of the file could not be read. */
  readonly isWhole: boolean;
}

const MAX_LIST = 67_108_864;
/** A hello has hundreds of bytes; what has this many lines is some other file. */
const MAX_LINES = 500_000;

function hasMoreLines(text: string, most: number): boolean {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && count <= most; at = text.indexOf('\n', at + 1)) count++;
  return count > most;
}

function readAddress(text: string): string {
  const address = canonicalAddress(text);
  if (address !== null) return address;
  throw new HarnessFault('address-invalid', `--client ${JSON.stringify(text)}: is no IP address.`, {
    advice: 'Give it as captures have it: 192.168.0.50, or 2001:db8::50.',
    exitCode: 64,
  });
}

function readFile(path: string, options: CorpusImportOptions, client: string | undefined): Read {
  if (!existsSync(path) || statSync(path).isDirectory())
    throw unreadable(path, 'there is no such file', 'Check the path.');
  // Its beginning is looked at first, and a pipe would not give it a second time.
  if (!statSync(path).isFile()) throw unreadable(path, 'it is no plain file', 'Write it into a file first.');
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw unreadable(path, 'this user may not read it', 'Check its permissions.');
  }
  return looksLikeText(path) ? readList(path, options) : readPackets(path, options, client);
}

/** No capture begins with four bytes that all are ASCII text, and pcapng's line ends are a mark of its own. */
function looksLikeText(path: string): boolean {
  using source = openFileSource(path);
  const start = source.take(4);
  if (start === null || start.readUInt32BE(0) === 0x0a0d0d0a) return false;
  return start.every((byte) => (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13);
}

function readPackets(path: string, options: CorpusImportOptions, client: string | undefined): Read {
  using source = openFileSource(path);
  const namer = new OriginNamer(client);
  const { packets, others, connections, skipped, trouble } = readCapture(
    source,
    (hello) => namer.add(hello),
    options.port === undefined ? {} : { ports: options.port },
  );
  const { addresses } = namer;
  if (options.device !== undefined && addresses.length > 1) {
    throw new HarnessFault(
      'several-clients',
      `${path} has hellos of ${addresses.length} addresses, and one device was named: ${addresses.slice(0, 10).join(', ')}.`,
      { advice: 'Say which of them it is: --client ADDRESS.', exitCode: 64 },
    );
  }
  const { hellos, ignored, beyond } = namer.counts;
  const lines = [
    `${path}: ${packets} packets, ${connections} connections on mail ports, ${hellos} with a hello taken, of ${addresses.length} clients`,
    ...[...skipped].map(([why, count]) => `  skipped ${count} connections: ${why}`),
    ...(ignored === 0 ? [] : [`  skipped ${ignored} connections: from another address`]),
    ...(beyond === 0 ? [] : [`  skipped ${beyond} connections: more different hellos and clients than are kept`]),
    ...[...others].map(([why, count]) => `  passed over ${count} packets: ${why}`),
    ...(trouble === null ? [] : [`  not read to its end: ${trouble}`]),
  ];
  return { recordings: namer.recordings(basename(path), options), lines, isWhole: trouble === null };
}

function readList(path: string, options: CorpusImportOptions): Read {
  const { size, mtime } = statSync(path);
  if (size > MAX_LIST) throw unreadable(path, `it has ${size} bytes, and a list has ${MAX_LIST} at most`, 'Split it.');
  const text = readFileSync(path, 'utf8');
  if (hasMoreLines(text, MAX_LINES)) throw unreadable(path, `it has more than ${MAX_LINES} lines`, 'Split it.');
  const from = { on: mtime.toISOString().slice(0, 10), file: basename(path) };
  if (/^[ \t]*names\+=\(/m.test(text)) return describeList(path, readTestsslList(text, from));
  const read = readHelloList(text, { ...from, named: options });
  if (read === null) {
    const advice = 'Give a pcap or pcapng file, testssl.sh’s client list, a JSON array, or lines of "name hex".';
    throw unreadable(path, 'it is neither a capture nor a list of hellos', advice);
  }
  return describeList(path, read);
}

/** More lines than a person reads. */
const SHOWN = 1_000;

function describeList(path: string, { recordings, skipped, entries }: ListRead): Read {
  const lines = [
    `${path}: ${entries} entries, ${entries - skipped.length} taken, ${skipped.length} skipped`,
    ...skipped.slice(0, SHOWN).map(({ line, name, why }) => `  skipped ${path}:${line}, ${name}: ${why}`),
    ...(skipped.length > SHOWN ? [`  skipped ${skipped.length - SHOWN} more`] : []),
  ];
  return { recordings, lines, isWhole: true };
}

function readTestssl(given: boolean | string): Read {
  const places = typeof given === 'string' ? [given] : TESTSSL_LISTS;
  const read = readInstalledTestssl(places);
  if (read !== null) return describeList(read.path, read);
  throw new HarnessFault('testssl-missing', `The client list of testssl.sh is at none of: ${places.join(', ')}.`, {
    advice: 'Install testssl.sh, or give its path: --testssl PATH/etc/client-simulation.txt.',
    exitCode: 78,
  });
}

function unreadable(path: string, why: string, advice: string): HarnessFault {
  return new HarnessFault('file-unreadable', `${path}: ${why}.`, { advice, exitCode: 78 });
}
