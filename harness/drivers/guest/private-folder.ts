import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentOwner, isLive } from '../../owner.ts';

export interface PrivateFolder extends Disposable {
  readonly path: string;
}

/** The owner follows: pid, start time. Short, because the path of a socket has 107 characters at most (unix(7)). */
const PREFIX = 'cutover-guest-';

/**
 * A folder of one guest for its sockets and what it writes, that nobody else may enter (mode 0700). Disposing removes
 * it; those of a run that was killed are removed by the next that opens one.
 */
export function openPrivateFolder(): PrivateFolder {
  removeLeftovers();
  const { pid, started } = currentOwner();
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${pid}-${started}-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = /^(\d+)-(\d*)-/.exec(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '');
    if (owner === null || isLive({ pid: Number(owner[1]), started: owner[2] ?? '' })) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
}
