import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The run folders that a person means who names one, wherever it lies, or the output folder that holds them: oldest
 * first. Empty: there is none.
 */
export function runsAt(given: string): readonly string[] {
  if (isRun(given)) return [given];
  const folder = join(given, 'runs');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return names.map((name) => join(folder, name)).filter(isRun);
}

function isRun(path: string): boolean {
  return existsSync(join(path, 'run.json'));
}
