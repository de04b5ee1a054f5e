import { globSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { HarnessFault } from '../faults.ts';
import type { GuestFile } from './cpio.ts';
import { readNeeds } from './elf.ts';

/** What is taken out of unpacked packages. */
export interface Wanted {
  /** Programs, with the shared libraries that they name. */
  readonly programs: readonly string[];
  /** Patterns of other files. */
  readonly files: readonly string[];
  /** What comes from elsewhere: its programs' libraries are taken, too. */
  readonly added: readonly GuestFile[];
}

/**
 * The files of an image: of the packages only what is wanted and what that needs at start, so that an image that is a
 * hundred megabytes when installed boots from twenty. `folder` holds the unpacked packages. Throws HarnessFault
 * `bad-image` for a wanted file, or a library, that none of them has.
 */
export function composeFiles(folder: string, { programs, files, added }: Wanted): readonly GuestFile[] {
  const taken = new Map<string, GuestFile>();
  const libraries = indexLibraries(folder);
  const take = (path: string, neededBy: string): void => {
    if (taken.has(path)) return;
    const full = join(folder, path);
    const stat = lstatSync(full, { throwIfNoEntry: false });
    if (stat === undefined) throw lacking(path, neededBy);
    if (stat.isDirectory()) return;
    if (stat.isSymbolicLink()) {
      const link = readlinkSync(full);
      taken.set(path, { path, link });
      take(posix.join(link.startsWith('/') ? '' : dirname(path), link).replace(/^\//, ''), path);
      return;
    }
    const content = readFileSync(full);
    taken.set(path, { path, content, mode: stat.mode & 0o777 });
    takeNeeds(content, path);
  };
  const takeNeeds = (content: Buffer, path: string): void => {
    const needs = readNeeds(content);
    if (needs === null) return;
    if (needs.loader !== null) take(needs.loader.replace(/^\//, ''), path);
    for (const name of needs.libraries) {
      const library = libraries.get(name);
      if (library === undefined) throw lacking(name, path);
      take(library, path);
    }
  };
  for (const path of programs) take(path, 'the recipe');
  for (const pattern of files) {
    const found = globSync(pattern, { cwd: folder });
    if (found.length === 0) throw lacking(pattern, 'the recipe');
    for (const path of found.toSorted()) take(path, 'the recipe');
  }
  for (const file of added) if ('content' in file) takeNeeds(Buffer.from(file.content), file.path);
  for (const file of added) taken.set(file.path, file);
  return [...taken.values()];
}

/** Where a dynamic loader looks, by the name that programs give. */
function indexLibraries(folder: string): ReadonlyMap<string, string> {
  const found = globSync(['{usr/,}lib/*.so*', '{usr/,}lib/*-linux-*/*.so*'], { cwd: folder });
  return new Map(found.toSorted().map((path) => [basename(path), path]));
}

function lacking(what: string, neededBy: string): HarnessFault {
  return new HarnessFault('bad-image', `no package of the image has ${what}, which ${neededBy} needs`, {
    advice: 'Correct `packages`, `programs` or `files` in the recipe of the image.',
  });
}
