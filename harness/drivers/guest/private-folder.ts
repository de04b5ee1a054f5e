import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HarnessFault } from '../../faults.ts';
import { currentOwner, isLive } from '../../owner.ts';

export interface PrivateFolder extends Disposable {
  readonly path: string;
}

/** The owner follows: pid, start time. */
const PREFIX = 'cutover-guest-';
/** Of the path of a socket (unix(7)), less the names of those that lie in such a folder. */
const MOST_BYTES = 107 - '/monitor'.length;

/**
 * A folder of one guest for its sockets and what it writes, that nobody else may enter (mode 0700). Disposing removes
 * it; those of a run that was killed are removed by the next that opens one. Throws HarnessFault `tmpdir-too-long`.
 */
export function openPrivateFolder(): PrivateFolder {
  removeLeftovers();
  const { pid, started } = currentOwner();
  const start = join(tmpdir(), `${PREFIX}${pid}-${started}-`);
  if (Buffer.byteLength(start) + MADE_UP > MOST_BYTES) throw tooLong();
  const path = mkdtempSync(start);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Characters that mkdtemp adds. */
const MADE_UP = 6;

function tooLong(): HarnessFault {
  return new HarnessFault('tmpdir-too-long', `sockets of guests cannot lie in ${tmpdir()}: its path is too long`, {
    advice: 'Name another folder in TMPDIR, with 50 characters at most.',
    stage: 'start',
  });
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
