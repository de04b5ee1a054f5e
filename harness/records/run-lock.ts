import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import { currentOwner, isLive } from '../owner.ts';
import { PRIVATE_FILE } from './whole-file.ts';

/**
 * Takes the lock of a run: `run.lock`, with this process's id, start time and machine. A dead process's lock is taken
 * over. Throws HarnessFault `run-locked` when the process lives, or is another machine's, where nobody here can tell.
 */
export function takeRunLock(runPath: string): Disposable {
  const file = lockOf(runPath);
  const mine = `${file}.${process.pid}`;
  // Made whole and then linked: a lock that is there names its owner, however early that one is killed.
  writeFileSync(mine, `${JSON.stringify({ ...currentOwner(), host: hostname() })}\n`, { mode: PRIVATE_FILE });
  try {
    if (!linkIfFree(mine, file)) {
      removeDead(file, `${mine}.dead`);
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
  const lock = readLock(lockOf(runPath));
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

function linkIfFree(mine: string, file: string): boolean {
  try {
    linkSync(mine, file);
    return true;
  } catch (cause) {
    if (existsSync(file)) return false;
    throw cause;
  }
}

/** Moved away before it is removed: of two that find it dead, one gets it, and a lock taken in between is seen and put back. */
function removeDead(file: string, aside: string): void {
  const seen = readLock(file);
  if (seen !== null && mayLive(seen)) throw lockedBy(file, seen);
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const moved = readLock(aside);
  if (moved !== null && mayLive(moved)) linkIfFree(aside, file);
  rmSync(aside, { force: true });
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
