import { readFileSync } from 'node:fs';
import { HarnessFault } from '../faults.ts';
import type { StoredRun } from '../records.ts';
import type { Baseline } from '../regression/baseline.ts';
import { compareStates } from '../regression/compare.ts';
import { parseBaseline } from '../regression/parse-baseline.ts';
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

/** A run against the accepted state. `asOf`: the day on which excuses must hold. */
export function compareWithBaseline(run: StoredRun, { state, excuses }: Baseline, asOf: Date): Comparison {
  return compareStates(state, stateOfRun(run), { against: 'baseline', scope: scopeOfRun(run), excuses, asOf });
}

/** A run against another. */
export function compareWithRun(run: StoredRun, before: StoredRun): Comparison {
  const options = { against: 'run', scope: scopeOfRun(run), excuses: new Map(), asOf: new Date() } as const;
  return compareStates(stateOfRun(before), stateOfRun(run), options);
}
