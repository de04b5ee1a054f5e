import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Kernels follow as many links (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * Where an absolute path leads to whoever has `root` as its root: relative to that, without a first slash. Links are
 * followed inside only; what does not exist is taken as it stands. Nobody may write there meanwhile.
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
    if (target === null || links === MAX_LINKS) {
      done.push(part);
      continue;
    }
    links += 1;
    if (target.startsWith('/')) done.length = 0;
    waiting.push(...target.split('/').toReversed());
  }
  return done.join('/');
}

function linkAt(path: string): string | null {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : null;
}
