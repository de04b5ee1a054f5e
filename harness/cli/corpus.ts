import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addToCorpus, PACKAGED_CORPUS, readCorpus, removeFromCorpus, type Recording } from '../corpus/corpus.ts';
import { type CorpusEntry, type Origin, originKey } from '../corpus/entry.ts';
import { explainHello } from '../corpus/explain-hello.ts';
import { describeRecorded } from '../corpus/recorded-hello.ts';
import { recordTrial, type Skipped } from '../corpus/record-run.ts';
import { HarnessFault } from '../faults.ts';
import { applyChange } from '../modes/apply-change.ts';
import { readRun, readRuns, type StoredRun } from '../records.ts';
import { parsePcapng } from '../wire/pcapng.ts';
import { EXIT } from './exit.ts';
import { printable } from './printable.ts';

export interface CorpusOptions {
  /** The folder of one's own recordings. */
  readonly corpus: string;
  readonly json?: boolean;
}

/** `cutover corpus add RUN…`: the hellos of runs, and what came of them. */
export function addRuns(paths: readonly string[], { corpus }: CorpusOptions): number {
  const recordings: Recording[] = [];
  const skipped: Skipped[] = [];
  for (const run of paths.flatMap((path) => (existsSync(join(path, 'run.json')) ? [readRun(path)] : readRuns(path)))) {
    const read = recordRun(run);
    recordings.push(...read.recordings);
    skipped.push(...read.skipped);
  }
  const { added, known, tooLarge } = addToCorpus(corpus, recordings);
  for (const id of tooLarge) console.error(`cutover: not kept: ${id}: its file would have more than 1 MiB`);
  for (const { trial, connection, why } of skipped)
    console.error(printable(`cutover: skipped ${trial}, connection ${connection}: ${why}`));
  console.log(`${added.length} hellos are new, ${known.length} were known, ${skipped.length} skipped; in ${corpus}`);
  return tooLarge.length > 0 ? EXIT.inconclusive : EXIT.expected;
}

/** The hellos of a run's captures. */
export function recordRun({ run, records, path }: StoredRun) {
  const read = records.map((record) => {
    const mode = run.modes.find((m) => m.id === record.mode);
    const file = record.attachments.find((a) => a.name === 'wire.pcapng');
    if (mode === undefined || file === undefined) return { recordings: [], skipped: [] };
    const { change } = record;
    const met = change === undefined ? mode : applyChange(mode, change.path, change.to).mode;
    return recordTrial(record, met, parsePcapng(readFileSync(join(path, file.path))));
  });
  return { recordings: read.flatMap((r) => r.recordings), skipped: read.flatMap((r) => r.skipped) };
}

/** `cutover corpus list`: one line a hello and client. */
export function listCorpus({ corpus, json }: CorpusOptions): number {
  const entries = readCorpus([PACKAGED_CORPUS, corpus]);
  if (json === true) {
    console.log(JSON.stringify(entries.map(summarise), null, 2));
    return EXIT.expected;
  }
  for (const entry of entries) {
    const { versions, suites } = summarise(entry);
    const offers = `${versions.join(' ')}, ${suites} suites`;
    for (const origin of entry.seen)
      console.log(printable(`${entry.id}  ${offers.padEnd(30)}  ${originKey(origin)}  (${origin.model})`));
  }
  const clients = new Set(entries.flatMap((e) => e.seen.map((o) => `${o.device}@${o.firmware}`)));
  console.log(`${entries.length} hellos of ${clients.size} clients`);
  return EXIT.expected;
}

function summarise({ id, hello, seen }: CorpusEntry) {
  const { versions, maxVersion, suites, ja3Hash, ja4 } = describeRecorded(hello);
  return { id, format: hello.format, maxVersion, versions, suites: suites.length, ja3Hash, ja4, seen };
}

/** `cutover corpus show ID|DEVICE`: what the hello says, in words. */
export function showRecordings(words: readonly string[], { corpus, json }: CorpusOptions): number {
  const entries = readCorpus([PACKAGED_CORPUS, corpus]);
  const found = words.flatMap((word) => {
    const isMeant = meaningOf(word, entries);
    const own = entries.filter((entry) => entry.seen.some((origin) => isMeant(entry, origin)));
    if (own.length === 0) throw unknown(word);
    return own;
  });
  const chosen = [...new Set(found)];
  if (json === true) {
    const whole = chosen.map((entry) => ({ ...summarise(entry), hello: describeRecorded(entry.hello) }));
    console.log(JSON.stringify(whole, null, 2));
    return EXIT.expected;
  }
  console.log(printable(chosen.map((entry) => explainHello(entry).join('\n')).join('\n\n')));
  return EXIT.expected;
}

/** `cutover corpus remove ID|DEVICE`: from one's own recordings. */
export function removeRecordings(words: readonly string[], { corpus }: CorpusOptions): number {
  const own = readCorpus([corpus]);
  for (const word of words) {
    const isMeant = meaningOf(word, own);
    if (own.some((entry) => entry.seen.some((origin) => isMeant(entry, origin)))) continue;
    throw unknown(word, `in ${corpus}`);
  }
  const meanings = words.map((word) => meaningOf(word, own));
  const gone = removeFromCorpus(corpus, (entry, origin) => meanings.some((isMeant) => isMeant(entry, origin)));
  for (const { id, origin } of gone) console.log(printable(`removed ${id} of ${originKey(origin)}`));
  return EXIT.expected;
}

type Meaning = (entry: CorpusEntry, origin: Origin) => boolean;

/** A device, `device@firmware`, or the whole with its setting; only where none is called so, an id or its first digits (four and more). */
function meaningOf(word: string, entries: readonly CorpusEntry[]): Meaning {
  const isName: Meaning = (_, origin) =>
    [origin.device, `${origin.device}@${origin.firmware}`, originKey(origin)].includes(word);
  if (entries.some((entry) => entry.seen.some((origin) => isName(entry, origin)))) return isName;
  return ({ id }) => /^[0-9a-f]{4,12}$/.test(word) && id.startsWith(word);
}

function unknown(word: string, where = 'in the corpus'): HarnessFault {
  return new HarnessFault('recording-unknown', `There is no recording "${word}" ${where}.`, {
    advice: 'Give an id, a device, or device@firmware, as `cutover corpus list` prints them.',
    exitCode: 64,
  });
}
