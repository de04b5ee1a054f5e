import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** The first of these programs that may be executed, by name and then by folder; null: there is none. */
export function findExecutable(names: readonly string[], folders: readonly string[]): string | null {
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
