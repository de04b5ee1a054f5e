import { readFileSync } from 'node:fs';

/** The process that something belongs to; a reused pid has another start time. */
export interface Owner {
  readonly pid: number;
  /** In clock ticks since boot (proc(5), field 22); empty where there is no /proc. */
  readonly started: string;
}

export function currentOwner(): Owner {
  return { pid: process.pid, started: startOf(process.pid) ?? '' };
}

/** Whether this very process still runs. */
export function isLive({ pid, started }: Owner): boolean {
  const now = startOf(pid);
  if (now !== null || started !== '') return now === started;
  // No /proc here: all that can be known is whether there is such a process.
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie holds nothing any more; it only waits for its parent to ask.
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
