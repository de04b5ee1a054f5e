import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { HarnessFault } from '../../faults.ts';
import { readRun, type StoredRun } from '../../records.ts';
import { SavedDesk } from './saved-desk.ts';

export interface StoredDesk {
  /** The output folder above `runs`. */
  readonly out: string;
  readonly stored: StoredRun;
  readonly saved: SavedDesk;
}

/**
 * The attended run that goes on: the one of a run folder, or the newest of an output folder that was not ended.
 * Throws HarnessFault `nothing-to-resume` when there is none, `unreadable-run` when its files are damaged.
 */
export function readStoredDesk(folder: string): StoredDesk {
  const path = existsSync(join(folder, FILE)) ? resolve(folder) : newestIn(folder);
  if (path === null) {
    throw new HarnessFault('nothing-to-resume', `${folder}: there is no attended run that was cut off`, {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Name the folder that was given to `cutover attend --out`, or one run in it.',
    });
  }
  cutTornLine(join(path, 'records.jsonl'));
  return { out: dirname(dirname(path)), stored: readRun(path), saved: readSaved(path) };
}

const FILE = 'attend.json';

function newestIn(out: string): string | null {
  const runs = join(out, 'runs');
  if (!existsSync(runs)) return null;
  const paths = readdirSync(runs)
    .sort()
    .map((name) => join(runs, name))
    .filter((path) => existsSync(join(path, FILE)));
  return paths.findLast((path) => !readSaved(path).finished) ?? null;
}

function readSaved(path: string): SavedDesk {
  try {
    return SavedDesk.parse(JSON.parse(readFileSync(join(path, FILE), 'utf8')));
  } catch (cause) {
    throw new HarnessFault('unreadable-run', `${join(path, FILE)}: cannot be read`, {
      cause,
      stage: 'configuration',
      advice: `It was changed by hand or by another version. The records are kept: \`cutover report ${basename(path)}\`.`,
    });
  }
}

/** What a full disk or a power cut left of the last line would stand before the next record; it tells nothing alone. */
function cutTornLine(file: string): void {
  if (!existsSync(file)) return;
  const fd = openSync(file, 'r+');
  try {
    const { size } = fstatSync(fd);
    const chunk = Buffer.alloc(1 << 16);
    for (let end = size; end > 0; ) {
      const start = Math.max(0, end - chunk.length);
      const count = readSync(fd, chunk, 0, end - start, start);
      const at = chunk.lastIndexOf(0x0a, count - 1);
      if (at >= 0) return ftruncateSync(fd, start + at + 1);
      end = start;
    }
    ftruncateSync(fd, 0);
  } finally {
    closeSync(fd);
  }
}
