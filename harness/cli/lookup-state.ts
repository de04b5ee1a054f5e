import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
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
  const files = [
    ...globSync('devices/**/*.{yaml,yml}', { cwd: ROOT, exclude: SKIPPED }).map((p) => join(ROOT, p)),
    ...globSync('harness/{vocabulary,modes,judging}/*.{ts,yaml}', { cwd: ROOT }).map((p) => join(ROOT, p)),
    ...CODE.map((p) => join(ROOT, p)),
    ...globSync('runs/*/{records.jsonl,run.json,devices.json}', { cwd: out }).map((p) => join(out, p)),
  ];
  return files
    .sort()
    .map((path) => {
      const stats = statSync(path, { throwIfNoEntry: false });
      return `${path} ${stats?.size} ${stats?.mtimeMs}`;
    })
    .join('\n');
}

const SKIPPED = ['**/node_modules/**', '**/stacks/**', '**/images/**'];
const CODE = [
  'harness/conclude.ts',
  'harness/device-files.ts',
  'harness/yaml-file.ts',
  'harness/records.ts',
  'reports/server-traits.ts',
];

function readCached(path: string, key: string): LookupState | null {
  try {
    if (!existsSync(path)) return null;
    const { key: own, sum, text } = JSON.parse(readFileSync(path, 'utf8'));
    // A file that was cut short or changed by hand is computed again.
    return own === key && typeof text === 'string' && sum === digest(text) ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** Where nothing can be written, every call reads the files. */
function writeCached(path: string, key: string, state: LookupState): void {
  const text = JSON.stringify(state);
  try {
    mkdirSync(CACHE_FOLDER, { recursive: true });
    const own = `${path}.${process.pid}`;
    writeFileSync(own, JSON.stringify({ key, sum: digest(text), text }));
    renameSync(own, path);
  } catch {
    // Only speed is lost.
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
