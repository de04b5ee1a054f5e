import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessFault } from '../../faults.ts';

/** Kernels follow as many links (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * Where an absolute path leads to whoever has `root` as its root: relative to that, without a first slash. Links are
 * followed inside only; what does not exist is taken as it stands. Nobody may write there meanwhile. Throws HarnessFault
 * `bad-root` for links in a circle.
 */
export function resolveInside(root: string, path: string): string {
  const waiting = path.split('/').toReversed();
  const done: string[] = [];
  let links = 0;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      continue;
    }
    const target = linkAt(join(root, ...done, part));
    if (target === null) {
      done.push(part);
      continue;
    }
    links += 1;
    // Never half resolved: the rest would be followed from our own root.
    if (links > MAX_LINKS)
      throw new HarnessFault('bad-root', `${path} leads through more than ${MAX_LINKS} links in the root file system`, {
        advice: 'Correct the links in the unpacked folder, or leave the path out of `writable`.',
        stage: 'configuration',
      });
    if (target.startsWith('/')) done.length = 0;
    waiting.push(...target.split('/').toReversed());
  }
  return done.join('/');
}

function linkAt(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    // It does not exist, or stands below a file.
    return null;
  }
}
