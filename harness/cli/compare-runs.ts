import { readFileSync } from 'node:fs';
import { HarnessFault } from '../faults.ts';
import { readRun, type StoredRun } from '../records.ts';
import type { Baseline } from '../regression/baseline.ts';
import { compareStates } from '../regression/compare.ts';
import { parseBaseline } from '../regression/parse-baseline.ts';
import { createConcludable } from '../regression/concludable.ts';
import type { Scope } from '../regression/scope.ts';
import type { State } from '../regression/state.ts';
import { stateOfRun } from '../regression/state-of-run.ts';
import type { Comparison } from '../vocabulary/comparison.ts';
import { scopeOfRun } from './run-scope.ts';

/** Reads an accepted state. Throws HarnessFault `baseline-unreadable` or `baseline-invalid`. */
export function readBaseline(file: string): Baseline {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'there is no such file' : cause;
    throw new HarnessFault('baseline-unreadable', `${file}: cannot be read: ${String(why)}`, {
      cause,
      stage: 'configuration',
      advice: '`npx cutover baseline accept RUN` writes one.',
    });
  }
  return parseBaseline(text, file);
}

/** A run as far as it is compared: its records are not held any longer. */
export interface ComparedRun {
  readonly state: State;
  readonly scope: Scope;
}

/** @param path A run's folder. */
export function readCompared(path: string): ComparedRun {
  const run = readRun(path, createConcludable());
  for (const repair of run.repairs) console.error(`cutover: ${repair}`);
  return comparedRun(run);
}

export function comparedRun(run: StoredRun): ComparedRun {
  return { state: stateOfRun(run), scope: scopeOfRun(run) };
}

/** A run against the accepted state. `asOf`: the day on which excuses must hold. */
export function compareWithBaseline(
  { state: after, scope }: ComparedRun,
  { state: before, excuses }: Baseline,
  asOf: Date,
): Comparison {
  return compareStates(before, after, { against: 'baseline', scope, excuses, asOf });
}

/** A run against another. */
export function compareWithRun({ state: after, scope }: ComparedRun, { state: before }: ComparedRun): Comparison {
  return compareStates(before, after, { against: 'run', scope, excuses: new Map(), asOf: new Date() });
}
