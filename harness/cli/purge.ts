import { readdirSync, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { isBeingWritten } from '../records.ts';

/** `cutover purge`: deletes runs that ended longer ago than `olderThanMs`. A run that is being written stays. */
export function purgeRuns(out: string, olderThanMs: number): number {
  const folder = join(out, 'runs');
  if (!existsSync(folder))
    throw new HarnessFault('no-runs', `${folder}: no runs here`, {
      exitCode: 64,
      advice: 'Name the folder that was given to `cutover run --out`.',
    });
  const limit = Date.now() - olderThanMs;
  const old = readdirSync(folder).filter((name) => {
    const path = join(folder, name);
    if (!statSync(path).isDirectory() || isBeingWritten(path)) return false;
    // A run that was killed before it wrote anything has only its folder's age.
    const file = join(path, 'run.json');
    return statSync(existsSync(file) ? file : path).mtimeMs < limit;
  });
  for (const name of old) {
    rmSync(join(folder, name), { recursive: true });
    console.log(`deleted ${join(folder, name)}`);
  }
  console.log(`${old.length} runs deleted. \`cutover report ${out}\` writes the reports without them.`);
  return 0;
}
