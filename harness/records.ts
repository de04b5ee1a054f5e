import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { HarnessFault } from './faults.ts';
import { newestBy } from './judging/newest.ts';
import { readRecords } from './records/record-lines.ts';
import type { RecordHead } from './records/record-parts.ts';
import { Device } from './vocabulary/device.ts';
import type { Record } from './vocabulary/record.ts';
import { Run } from './vocabulary/run.ts';

export { evidenceFolder } from './records/evidence-folder.ts';
export { readRecords, readWholeRecords, withFields } from './records/record-lines.ts';
export { openRunFolder, type RunFolder } from './records/run-folder.ts';
export { demandUnlocked, isBeingWritten } from './records/run-lock.ts';

/** A run as its files tell it. */
export interface StoredRun {
  readonly path: string;
  readonly run: Run;
  readonly records: readonly Record[];
  readonly devices: readonly Device[];
  /** What had to be left out, as sentences; empty for a sound run. */
  readonly repairs: readonly string[];
}

/** Reads one run folder. A torn last line (power cut, full disk) is left out and said. */
export function readRun(path: string, keep?: (head: RecordHead) => RecordHead): StoredRun {
  const { records, repairs } = readRecords(join(path, 'records.jsonl'), keep);
  return { ...readRunWithoutRecords(path), records, repairs };
}

/** What a run was, and its devices: a small part of its folder. */
export function readRunWithoutRecords(path: string): Pick<StoredRun, 'path' | 'run' | 'devices'> {
  return {
    path,
    run: readJson(join(path, 'run.json'), Run),
    devices: readJson(join(path, 'devices.json'), z.array(Device)),
  };
}

/** Every run under an output folder, oldest first. One that cannot be read is said and left out; if all, it throws. */
export function readRuns(out: string): readonly StoredRun[] {
  const folder = join(out, 'runs');
  if (!existsSync(folder)) {
    throw new HarnessFault('no-runs', `${folder}: no runs here`, {
      advice: 'Name the folder that was given to `cutover run --out`.',
    });
  }
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'run.json')));
  const faults: unknown[] = [];
  const runs = names.sort().flatMap((name) => {
    try {
      return [readRun(join(folder, name))];
    } catch (fault) {
      faults.push(fault);
      console.error(`cutover: the run ${name} cannot be read and was left out: ${messageOf(fault)}`);
      console.error(`  → Restore its files, or move ${join(folder, name)} away.`);
      return [];
    }
  });
  // Reports over nothing would replace the ones that there are.
  if (runs.length === 0 && faults.length > 0) throw faults[0];
  return runs;
}

/** The newest record of each trial over several runs. */
export function newestRecords(runs: readonly StoredRun[]): readonly Record[] {
  return newestOf(runs.flatMap((r) => r.records));
}

/** The newest record of each trial: a repeated attempt stands for the one before. */
export function newestOf(records: readonly Record[]): readonly Record[] {
  return [...newestBy(records, (r) => r.trial).values()];
}

function readJson<T>(file: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new HarnessFault('unreadable-run', `${file}: cannot be read: ${messageOf(cause)}`, {
      cause,
      advice: 'A run folder needs run.json and devices.json as `cutover run` wrote them.',
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HarnessFault(
    'unreadable-run',
    `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown form'}`,
    { advice: 'It was written by another version or changed by hand.' },
  );
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
