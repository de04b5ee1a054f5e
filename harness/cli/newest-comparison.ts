import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import type { StoredRun } from '../records.ts';
import { Comparison } from '../vocabulary/comparison.ts';
import { comparedRun, compareWithRun } from './compare-runs.ts';

/**
 * comparison.json of the newest run that was compared with an accepted state; without any, what the newest run answers
 * differently from the run before it. undefined: there is nothing to compare.
 *
 * @throws HarnessFault `unreadable-run` when the file is not what `cutover run --baseline` writes.
 */
export function newestComparison(runs: readonly StoredRun[]): Comparison | undefined {
  const file = runs.map((r) => join(r.path, 'comparison.json')).findLast((path) => existsSync(path));
  return file === undefined ? compareLastTwo(runs) : readComparison(file);
}

function readComparison(file: string): Comparison {
  try {
    return Comparison.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new HarnessFault('unreadable-run', `${file}: is no comparison of this version`, {
      cause,
      advice: 'It was changed by hand or torn. Delete it: `cutover report` then leaves out what changed.',
    });
  }
}

/** Of the same engine: what other servers answer is no change. What a run that was cut off left out is none either. */
function compareLastTwo(runs: readonly StoredRun[]): Comparison | undefined {
  const whole = runs.filter(({ run }) => run.state === 'finished' && run.watch === undefined);
  const newest = whole.at(-1);
  const before = whole.slice(0, -1).findLast(({ run }) => run.engine === newest?.run.engine);
  return newest === undefined || before === undefined
    ? undefined
    : compareWithRun(comparedRun(newest), comparedRun(before));
}
