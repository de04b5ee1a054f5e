import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { Run } from '../vocabulary/run.ts';

/**
 * The folder of the run that is meant: a run's own, wherever it lies, or the newest below an output folder. Runs that
 * compared ways of refusing ask another question and are passed over.
 *
 * @throws HarnessFault `no-runs` (64).
 */
export function newestRun(given: string): string {
  if (existsSync(join(given, 'run.json'))) return given;
  const runs = join(given, 'runs');
  const names = existsSync(runs) ? readdirSync(runs).sort().toReversed() : [];
  const found = names.map((name) => join(runs, name)).find((path) => isComparable(path));
  if (found !== undefined) return found;
  throw new HarnessFault('no-runs', `${given}: no run here`, {
    exitCode: 64,
    stage: 'configuration',
    advice: 'Name a run folder (`out/runs/…`), or the folder that was given to `cutover run --out`.',
  });
}

/** Of a run that cannot be read, who reads it says why. */
function isComparable(path: string): boolean {
  const file = join(path, 'run.json');
  if (!existsSync(file)) return false;
  try {
    return Run.parse(JSON.parse(readFileSync(file, 'utf8'))).watch === undefined;
  } catch {
    return true;
  }
}
