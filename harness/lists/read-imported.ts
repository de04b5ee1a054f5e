import { existsSync, readFileSync } from 'node:fs';
import { readDeviceFiles } from '../device-files.ts';
import type { Device } from '../vocabulary/device.ts';
import { stateOf } from './render-device-file.ts';

export interface ImportFolder {
  readonly devices: readonly Device[];
  /** Files that an import has written, by id. */
  readonly imported: ReadonlyMap<string, ImportedFile>;
}

interface ImportedFile {
  readonly path: string;
  readonly state: 'ours' | 'edited';
  readonly text: string;
}

/**
 * The devices of a folder, and which of their files an import has written. A folder that is not there yet has none.
 *
 * @throws HarnessFault `file-invalid` for files that are not sound.
 */
export function readImported(folder: string): ImportFolder {
  if (!existsSync(folder)) return { devices: [], imported: new Map() };
  const files = readDeviceFiles(folder);
  const imported = files.flatMap(({ device, path }) => {
    const text = readFileSync(path, 'utf8');
    const state = stateOf(text);
    return state === 'foreign' ? [] : [[device.id, { path, state, text }] as const];
  });
  return { devices: files.map((f) => f.device), imported: new Map(imported) };
}
