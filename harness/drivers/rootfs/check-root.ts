import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { HarnessFault } from '../../faults.ts';

/** How archives begin that can be entered: tar (POSIX.1), and it compressed by gzip, bzip2, xz or zstd. */
const BEGINNINGS: readonly (readonly [at: number, hex: string])[] = [
  [257, '7573746172'],
  [0, '1f8b'],
  [0, '425a68'],
  [0, 'fd377a585a00'],
  [0, '28b52ffd'],
];
const START_BYTES = 512;

const PATH = 'Correct the path: it is absolute, or relative to the device file.';

/**
 * Looks at an owner's root file system before anything is started: that it is a folder or an archive. Throws
 * HarnessFault `no-root`.
 */
export function checkRoot(root: string): void {
  const kind = statSync(root, { throwIfNoEntry: false });
  if (kind === undefined) throw noRoot(root, 'there is no such folder or file', PATH);
  if (kind.isDirectory()) return;
  if (!kind.isFile()) throw noRoot(root, 'it is neither a folder nor a file', PATH);
  const start = readStart(root);
  if (BEGINNINGS.some(([at, hex]) => start.subarray(at, at + hex.length / 2).toString('hex') === hex)) return;
  throw noRoot(root, 'it is no tar archive', 'Unpack it first: devices/guests/own-root.md.');
}

function readStart(file: string): Buffer {
  const bytes = Buffer.alloc(START_BYTES);
  try {
    const descriptor = openSync(file, 'r');
    readSync(descriptor, bytes);
    closeSync(descriptor);
    return bytes;
  } catch (cause) {
    throw noRoot(file, 'it cannot be read', 'Give the user that starts cutover the right to read it.', cause);
  }
}

function noRoot(root: string, why: string, advice: string, cause?: unknown): HarnessFault {
  return new HarnessFault('no-root', `${root} cannot be entered: ${why}`, {
    advice,
    stage: 'configuration',
    cause,
  });
}
