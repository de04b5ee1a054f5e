import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { entryPath, readEntry, renderEntry } from './corpus-file.ts';
import { type CorpusEntry, type Met, type Origin, originKey } from './entry.ts';
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
}

/** Keeps recordings in a folder, each hello once whoever says it. The folder is made if it is not there. */
export function addToCorpus(folder: string, recordings: readonly Recording[]): Added {
  const before = new Map<string, CorpusEntry | null>();
  const entries = new Map<string, CorpusEntry>();
  for (const { hello, origin } of recordings) {
    const id = helloId(hello);
    if (!before.has(id)) before.set(id, existsSync(entryPath(folder, id)) ? readEntry(entryPath(folder, id)) : null);
    const entry = entries.get(id) ?? before.get(id) ?? { id, hello, seen: [] };
    entries.set(id, { ...entry, seen: mergeOrigin(entry.seen, origin) });
  }
  const changed = [...entries.values()].filter((entry) => {
    const old = before.get(entry.id) ?? null;
    return old === null || renderEntry(old) !== renderEntry(entry);
  });
  for (const entry of changed) writeEntry(folder, entry);
  const ids = [...entries.keys()].sort();
  return {
    added: ids.filter((id) => before.get(id) === null),
    known: ids.filter((id) => before.get(id) !== null),
    changed: changed.map(({ id }) => id).sort(),
  };
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
    entries.set(entry.id, known === undefined ? entry : { ...entry, seen: entry.seen.reduce(mergeOrigin, known.seen) });
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
    else writeEntry(folder, { ...entry, seen });
    return gone.map((origin) => ({ id: entry.id, origin }));
  });
}

/** Newer facts of an origin replace its older ones; results that the newer ones do not speak of stay. */
function mergeOrigin(seen: readonly Origin[], origin: Origin): readonly Origin[] {
  const key = originKey(origin);
  const known = seen.find((one) => originKey(one) === key);
  const [older, newer] = known === undefined || known.on <= origin.on ? [known, origin] : [origin, known];
  const met = new Map([...(older?.met ?? []), ...newer.met].map((one) => [metKey(one), one]));
  const merged = { ...newer, met: [...met.entries()].sort(byKey).map(([, one]) => one) };
  return [...seen.filter((one) => one !== known), merged].sort((a, b) => (originKey(a) < originKey(b) ? -1 : 1));
}

function metKey({ scenario, mode, engine }: Met): string {
  return `${scenario}/${mode}/${engine}`;
}

function byKey([a]: readonly [string, Met], [b]: readonly [string, Met]): number {
  return a < b ? -1 : 1;
}

/** As a whole or not at all: a reader must never see half a recording. */
function writeEntry(folder: string, entry: CorpusEntry): void {
  const path = entryPath(folder, entry.id);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, renderEntry(entry));
  renameSync(`${path}.new`, path);
}

function entryFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => entryPath(folder, name.slice(0, -'.yaml'.length)));
}
