import { createHash } from 'node:crypto';
import {
  type Dirent,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { TESTSSL_LISTS } from '../corpus/import/testssl-lists.ts';
import type { PredictionsOf } from '../../reports/lookup/predictions.ts';
import type { Terms } from '../../reports/lookup/term-index.ts';
import type { ServerTrait } from '../../reports/server-traits.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Verdict } from '../vocabulary/verdict.ts';

/** All that an answer is composed from. */
export interface LookupState {
  /** Of today's files and of the runs' snapshots; today's files win. */
  readonly devices: readonly Device[];
  readonly verdicts: readonly Verdict[];
  readonly outranked: readonly Verdict[];
  readonly policies: readonly Mode[];
  readonly traits: readonly ServerTrait[];
  /** From the recordings that are here. */
  readonly predictions: PredictionsOf;
  /** By which `devicesToFind` are found, samples left out. */
  readonly terms: Terms;
}

const ROOT = join(import.meta.dirname, '..', '..');
const CACHE_FOLDER = join(ROOT, 'node_modules', '.cache', 'cutover');

/**
 * Reads device files and runs; while nothing that they are made from has changed, what was read last time. A customer
 * waits: 300 files take a second to read and check, the cache a few milliseconds.
 */
export async function readLookupState(out: string): Promise<LookupState> {
  const path = join(CACHE_FOLDER, `lookup-${digest(resolve(out)).slice(0, 16)}.json`);
  const key = digest(stateOfFiles(out));
  const cached = readCached(path, key);
  if (cached !== null) return cached;
  const { computeLookupState } = await import('./compute-lookup-state.ts');
  const state = computeLookupState(out);
  writeCached(path, key, state);
  return state;
}

/** Path, size and time of every file that the state depends on, and of the code that makes it. */
function stateOfFiles(out: string): string {
  const runs = join(out, 'runs');
  const files = [
    ...filesBelow(join(ROOT, 'devices'), /\.ya?ml$/),
    ...filesBelow(join(ROOT, 'harness', 'modes'), /\.(?:ts|yaml)$/),
    ...filesBelow(join(ROOT, 'harness', 'vocabulary'), /\.ts$/),
    ...filesBelow(join(ROOT, 'harness', 'judging'), /\.ts$/),
    ...filesBelow(join(ROOT, 'harness', 'predict'), /\.ts$/),
    ...filesBelow(join(ROOT, 'harness', 'replay'), /\.ts$/),
    ...filesBelow(join(ROOT, 'harness', 'corpus'), /\.(?:ts|yaml)$/),
    ...filesBelow(join(out, 'corpus'), /\.yaml$/),
    ...TESTSSL_LISTS,
    ...filesBelow(join(ROOT, 'reports', 'lookup'), /\.ts$/),
    ...filesBelow(join(ROOT, 'reports', 'provider-list'), /\.ts$/),
    ...CODE.map((path) => join(ROOT, path)),
    ...namesIn(runs).flatMap((run) => RUN_FILES.map((file) => join(runs, run.name, file))),
  ];
  return files
    .map((path) => {
      const stats = statSync(path, { throwIfNoEntry: false });
      return `${path} ${stats?.size} ${stats?.mtimeMs}`;
    })
    .join('\n');
}

const RUN_FILES = ['records.jsonl', 'run.json', 'devices.json'];
const CODE = [
  'claims',
  'conclude',
  'device-files',
  'records',
  'yaml-file',
  'cli/conclusions',
  'cli/compute-lookup-state',
  'cli/device-predictions',
].map((name) => `harness/${name}.ts`);
/** They hold no device files, but thousands of others. */
const SKIPPED = new Set(['node_modules', 'stacks', 'images', 'clients', 'site']);

function filesBelow(folder: string, wanted: RegExp): readonly string[] {
  return namesIn(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesBelow(path, wanted);
    return wanted.test(entry.name) ? [path] : [];
  });
}

function namesIn(folder: string): readonly Dirent[] {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}

/** First line: what it was made from. The rest: the state. */
function readCached(path: string, key: string): LookupState | null {
  try {
    if (!existsSync(path)) return null;
    const text = readFileSync(path, 'utf8');
    const end = text.indexOf('\n');
    return text.slice(0, end) === key ? JSON.parse(text.slice(end + 1)) : null;
  } catch {
    // Cut short, or not readable: it is made again.
    return null;
  }
}

/** Whole or not at all. Where nothing can be written, every call reads the files. */
function writeCached(path: string, key: string, state: LookupState): void {
  try {
    mkdirSync(CACHE_FOLDER, { recursive: true });
    const own = `${path}.${process.pid}`;
    writeFileSync(own, `${key}\n${JSON.stringify(state)}`, { mode: 0o600 });
    renameSync(own, path);
  } catch {
    // Only speed is lost.
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
