import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import type { StoredRun } from '../records.ts';
import { Comparison } from '../vocabulary/comparison.ts';

/**
 * comparison.json of the newest run that was compared with something; undefined: none was.
 *
 * @throws HarnessFault `unreadable-run` when the file is not what `cutover run --baseline` writes.
 */
export function newestComparison(runs: readonly StoredRun[]): Comparison | undefined {
  const file = runs.map((r) => join(r.path, 'comparison.json')).findLast((path) => existsSync(path));
  if (file === undefined) return undefined;
  try {
    return Comparison.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new HarnessFault('unreadable-run', `${file}: is no comparison of this version`, {
      cause,
      advice: 'It was changed by hand or torn. Delete it: `cutover report` then leaves out what changed.',
    });
  }
}
