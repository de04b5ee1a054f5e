import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import { linkIfFree, removeDead } from '../link-lock.ts';
import { currentOwner, isLive } from '../owner.ts';
import { PRIVATE_FILE } from './whole-file.ts';

/**
 * Takes the lock of a run: `run.lock`, with this process's id, start time and machine. A dead process's lock is taken
 * over. Throws HarnessFault `run-locked` when the process lives, or is another machine's, where nobody here can tell.
 */
export function takeRunLock(runPath: string): Disposable {
  const file = lockOf(runPath);
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, `${JSON.stringify({ ...currentOwner(), host: hostname() })}\n`, { mode: PRIVATE_FILE });
  try {
    if (!linkIfFree(mine, file)) {
      const holder = holderOf(file);
      if (holder !== null) throw lockedBy(file, holder);
      removeDead(file, `${mine}.dead`, (path) => holderOf(path) !== null);
      if (!linkIfFree(mine, file)) throw lockedBy(file, readLock(file));
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

/** Whether a live process writes this run, as far as this machine can tell. */
export function isBeingWritten(runPath: string): boolean {
  return writerOf(runPath) !== null;
}

/** Throws HarnessFault `run-locked`, which names the process, when this run is being written. */
export function demandUnlocked(runPath: string): void {
  const writer = writerOf(runPath);
  if (writer !== null) throw lockedBy(lockOf(runPath), writer);
}

const Lock = z.object({
  pid: z.int(),
  started: z.string(),
  /** Absent in locks of older versions. */
  host: z.string().optional(),
});
type Lock = z.infer<typeof Lock>;

function writerOf(runPath: string): Lock | null {
  return holderOf(lockOf(runPath));
}

/** null: nobody holds it, or a dead process. */
function holderOf(file: string): Lock | null {
  const lock = readLock(file);
  return lock !== null && mayLive(lock) ? lock : null;
}

function mayLive(lock: Lock): boolean {
  return isElsewhere(lock) || isLive(lock);
}

function isElsewhere({ host }: Lock): boolean {
  return host !== undefined && host !== hostname();
}

function lockOf(runPath: string): string {
  return join(runPath, 'run.lock');
}

function lockedBy(file: string, lock: Lock | null): HarnessFault {
  if (lock !== null && isElsewhere(lock))
    return new HarnessFault(
      'run-locked',
      `${file}: process ${lock.pid} of the machine ${lock.host} was writing this run`,
      {
        advice: 'Wait for it to end. If you know that it has ended, remove that file.',
      },
    );
  return new HarnessFault('run-locked', `${file}: process ${lock?.pid ?? '(unknown)'} is writing this run`, {
    advice: 'Wait for it to end, or choose another --out.',
  });
}

function readLock(file: string): Lock | null {
  try {
    return Lock.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
