import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';

/**
 * Takes a lock: `mine` is made whole first and then linked, so that a lock that is there names its owner, however early
 * that one is killed. false: somebody has it.
 */
export function linkIfFree(mine: string, file: string): boolean {
  try {
    linkSync(mine, file);
    return true;
  } catch (cause) {
    // It may be released again by now, or be there although the file system does not say so.
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    if (isTaken || existsSync(file)) return false;
    throw cause;
  }
}

/**
 * Moved away to `aside` before it is removed: of two that find it dead one gets it, and a lock that was taken in between
 * is seen and put back.
 */
export function removeDead(file: string, aside: string, isHeld: (path: string) => boolean): void {
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (isHeld(aside)) linkIfFree(aside, file);
  rmSync(aside, { force: true });
}
