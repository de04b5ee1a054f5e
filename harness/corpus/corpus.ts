import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { entryPath, readEntry, renderEntry } from './corpus-file.ts';
import { type CorpusEntry, type Met, Origin, originKey } from './entry.ts';
import { helloId, type RecordedHello } from './recorded-hello.ts';

/** The recordings that come with the harness: of its own fleets, and of nobody else. */
export const PACKAGED_CORPUS = `${import.meta.dirname}/recordings`;

export interface Recording {
  readonly hello: RecordedHello;
  readonly origin: Origin;
}

/** What adding did, in ids. `known`: the hello was there; its origin was added to it, or brought up to date. */
export interface Added {
  readonly added: readonly string[];
  readonly known: readonly string[];
  /** Files that now read otherwise; adding the same again changes none. */
  readonly changed: readonly string[];
  /** Not kept, or not with all that was to be added: the file would be larger than it may be read. */
  readonly tooLarge: readonly string[];
}

/**
 * Keeps recordings in a folder, each hello once whoever says it. The folder is made if it is not there.
 *
 * @throws HarnessFault of `readEntry`; also `recording-invalid` for an origin that could not be read again: then nothing
 *   is written.
 */
export function addToCorpus(folder: string, recordings: readonly Recording[]): Added {
  for (const { origin } of recordings) demandReadable(origin);
  const byId = [...Map.groupBy(recordings, ({ hello }) => helloId(hello))].sort(byKey);
  const planned = byId.map(([id, same]) => planEntry(folder, id, same));
  const kept = planned.filter(({ text }) => Buffer.byteLength(text) <= MAX_FILE);
  const changed = kept.filter(({ before, text }) => before !== text);
  for (const { id, text } of changed) writeEntry(entryPath(folder, id), text);
  const idsOf = (some: typeof planned) => some.map(({ id }) => id);
  return {
    added: idsOf(kept.filter(({ before }) => before === null)),
    known: idsOf(kept.filter(({ before }) => before !== null)),
    changed: idsOf(changed),
    tooLarge: idsOf(planned.filter(({ text }) => Buffer.byteLength(text) > MAX_FILE)),
  };
}

/** What an entry's file will be, and was; null: it is not there yet. */
function planEntry(folder: string, id: string, recordings: readonly Recording[]) {
  const path = entryPath(folder, id);
  const old = existsSync(path) ? readEntry(path) : null;
  const hello = old?.hello ?? recordings[0]?.hello;
  if (hello === undefined) throw new Error('an entry is of a hello');
  const seen = mergeOrigins([...(old?.seen ?? []), ...recordings.map(({ origin }) => origin)]);
  return { id, before: old === null ? null : renderEntry(old), text: renderEntry({ id, hello, seen }) };
}

/** What `readYamlFile` reads. */
const MAX_FILE = 1_048_576;

/** One recording that cannot be read again would take all others with it. */
function demandReadable(origin: Origin): void {
  const { error } = Origin.safeParse(origin);
  const [issue] = error?.issues ?? [];
  if (issue === undefined) return;
  const where = `${JSON.stringify(origin.device)}, ${issue.path.join('.')}`;
  throw new HarnessFault('recording-invalid', `A recording of ${where}: ${issue.message}.`, {
    advice: 'Give other words for it; nothing was written.',
    exitCode: 78,
  });
}

/**
 * Every recording of these folders, in the order of their ids; a hello of several folders is one entry. A folder that
 * is not there holds none.
 *
 * @throws HarnessFault of `readEntry`.
 */
export function readCorpus(folders: readonly string[]): readonly CorpusEntry[] {
  const entries = new Map<string, CorpusEntry>();
  for (const path of folders.flatMap(entryFiles)) {
    const entry = readEntry(path);
    const known = entries.get(entry.id);
    entries.set(
      entry.id,
      known === undefined ? entry : { ...entry, seen: mergeOrigins([...known.seen, ...entry.seen]) },
    );
  }
  return [...entries.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Forgets whatever `choose` picks; an entry that nobody is left of goes as a whole. Returns what is gone. */
export function removeFromCorpus(
  folder: string,
  choose: (entry: CorpusEntry, origin: Origin) => boolean,
): readonly { readonly id: string; readonly origin: Origin }[] {
  return readCorpus([folder]).flatMap((entry) => {
    const gone = entry.seen.filter((origin) => choose(entry, origin));
    const seen = entry.seen.filter((origin) => !gone.includes(origin));
    if (gone.length === 0) return [];
    if (seen.length === 0) rmSync(entryPath(folder, entry.id));
    else writeEntry(entryPath(folder, entry.id), renderEntry({ ...entry, seen }));
    return gone.map((origin) => ({ id: entry.id, origin }));
  });
}

/** Each origin once, in the order of their keys. */
function mergeOrigins(origins: readonly Origin[]): readonly Origin[] {
  const merged = new Map<string, Origin>();
  for (const origin of origins) {
    const key = originKey(origin);
    merged.set(key, mergeOrigin(merged.get(key), origin));
  }
  return [...merged].sort(byKey).map(([, origin]) => origin);
}

/** Newer facts of an origin replace its older ones; results that the newer ones do not speak of stay. */
function mergeOrigin(known: Origin | undefined, origin: Origin): Origin {
  const [older, newer] = known === undefined || known.on <= origin.on ? [known, origin] : [origin, known];
  const met = new Map([...(older?.met ?? []), ...newer.met].map((one) => [metKey(one), one]));
  return { ...newer, met: [...met].sort(byKey).map(([, one]) => one) };
}

function metKey({ scenario, mode, engine }: Met): string {
  return `${scenario}/${mode}/${engine}`;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** As a whole or not at all: a reader must never see half a recording. */
function writeEntry(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function entryFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory()) {
    throw new HarnessFault('file-unreadable', `${folder}: is no folder of recordings.`, {
      advice: 'Name a folder; `cutover corpus import` reads files.',
      exitCode: 78,
    });
  }
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => entryPath(folder, name.slice(0, -'.yaml'.length)));
}
