import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import { linkIfFree, removeDead } from '../link-lock.ts';
import { currentOwner, isLive } from '../owner.ts';

/** ${XDG_CACHE_HOME:-~/.cache}/cutover/guests: XDG base directory specification, by which a relative one is ignored. */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'cutover', 'guests');
}

/** What an image was built from, beside its files. */
export const ImageFacts = z.strictObject({
  name: z.string(),
  kind: z.enum(['boot', 'rootfs']),
  architecture: z.enum(['x86_64', 'mipsel', 'armel', 'armhf', 'aarch64']),
  /** Hash of the recipe and of the project's files in it. */
  recipe: z.string(),
  packages: z.array(z.strictObject({ name: z.string(), version: z.string() })),
  builtAt: z.string(),
});
export type ImageFacts = z.output<typeof ImageFacts>;

export interface CachedImage extends ImageFacts {
  readonly folder: string;
  readonly bytes: number;
}

const FACTS = 'image.json';

/** Every image that was built whole, newest first. What cannot be read is no image. */
export function readCache(): readonly CachedImage[] {
  const top = cacheFolder();
  return namesIn(top)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name): readonly CachedImage[] => {
      const folder = join(top, name);
      const facts = readFacts(join(folder, FACTS));
      return facts === null ? [] : [{ ...facts, folder, bytes: sizeOf(folder) }];
    })
    .toSorted((a, b) => (a.builtAt < b.builtAt ? 1 : -1));
}

/**
 * Puts a finished image where it is found: `made` is a folder in the same file system, which is moved, so that an
 * interrupted build leaves no half image.
 */
export function keepImage(made: string, facts: ImageFacts, key: string): string {
  const folder = join(cacheFolder(), `${facts.name}-${key}`);
  writeFileSync(join(made, FACTS), `${JSON.stringify(facts, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(made, folder);
  return folder;
}

/**
 * The one builder at a time: others wait, because builds share what they fetch. Its folder `.work` goes when it ends, and
 * what a killed one left goes when the next begins. `fetched` stays: packages that another image needs, too.
 */
export async function openWork(onWait: (pid: number) => void, signal?: AbortSignal) {
  const top = cacheFolder();
  const [lock, work, fetched] = [join(top, '.lock'), join(top, '.work'), join(top, '.packages')];
  try {
    mkdirSync(top, { recursive: true });
    await takeLock(lock, onWait, signal);
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work);
  } catch (cause) {
    signal?.throwIfAborted();
    throw unusable(top, cause);
  }
  return {
    work,
    fetched,
    [Symbol.dispose]() {
      rmSync(work, { recursive: true, force: true });
      rmSync(lock, { force: true });
    },
  };
}

/** A cache that cannot be written, as what it means for who builds. Everything else stays as it is. */
export function unusable(top: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const why = WHY[code];
  if (why === undefined) return cause;
  return new HarnessFault('no-cache', `${top}: images of guests cannot be kept there: ${why}`, {
    advice: `${isFull ? 'Free 600 MB there, or name' : 'Name'} another folder in XDG_CACHE_HOME. Nothing half-built was left.`,
    cause,
  });
}

const WHY: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'it may not be written',
  EPERM: 'it may not be written',
  EROFS: 'it is read-only',
  ENOTDIR: 'a part of its path is no folder',
};

/** How often a waiting builder looks again. */
const LOOK_MS = 250;
const LockOwner = z.strictObject({ pid: z.int(), started: z.string() });

async function takeLock(path: string, onWait: (pid: number) => void, signal: AbortSignal | undefined): Promise<void> {
  for (let told = false; ; ) {
    if (tryLock(path)) return;
    const owner = readOwner(path);
    if (owner === null || !isLive(owner)) {
      removeDead(path, `${path}-${process.pid}`, isHeld);
      continue;
    }
    if (!told) onWait(owner.pid);
    told = true;
    await sleep(LOOK_MS, undefined, signal === undefined ? {} : { signal });
  }
}

function tryLock(path: string): boolean {
  const own = `${path}-${process.pid}`;
  writeFileSync(own, JSON.stringify(currentOwner()));
  try {
    return linkIfFree(own, path);
  } finally {
    rmSync(own, { force: true });
  }
}

function isHeld(path: string): boolean {
  const owner = readOwner(path);
  return owner !== null && isLive(owner);
}

function readOwner(path: string) {
  try {
    return LockOwner.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

function readFacts(path: string): ImageFacts | null {
  try {
    return ImageFacts.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Of a folder that another process may be removing. */
function sizeOf(folder: string): number {
  const sizes = namesIn(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
