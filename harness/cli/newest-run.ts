import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { Run } from '../vocabulary/run.ts';
import { runsAt } from './runs-at.ts';

/**
 * The folder of the run that is meant: a run's own, wherever it lies, or the newest below an output folder. Runs that
 * compared ways of refusing ask another question and are passed over.
 *
 * @throws HarnessFault `no-runs` (64).
 */
export function newestRun(given: string): string {
  const found = runsAt(given).findLast((path) => path === given || isComparable(path));
  if (found !== undefined) return found;
  throw new HarnessFault('no-runs', `${given}: no run here`, {
    exitCode: 64,
    stage: 'configuration',
    advice: 'Name a run folder (`out/runs/…`), or the folder that was given to `cutover run --out`.',
  });
}

/** Of a run that cannot be read, who reads it says why. */
function isComparable(path: string): boolean {
  try {
    return Run.parse(JSON.parse(readFileSync(join(path, 'run.json'), 'utf8'))).watch === undefined;
  } catch {
    return true;
  }
}
