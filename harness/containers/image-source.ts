import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import type { ContainerFile } from './contract.ts';
import { renderTar } from './tar.ts';

/** What an image is built from. */
export interface ImageSource {
  readonly name: string;
  readonly folder: string;
  /** Everything that the build gets. */
  readonly archive: Buffer;
  /** Of the archive: equal files, equal hash. */
  readonly hash: string;
}

/** Folders whose subfolders with a Dockerfile are images. */
export type ImageFolders = readonly string[];

const TOP = join(import.meta.dirname, '..', '..');
const OURS: ImageFolders = [
  join(TOP, 'harness', 'servers', 'containers'),
  join(TOP, 'devices', 'containers', 'images'),
  join(TOP, 'harness', 'containers'),
];

/** Every image there is, by name. Throws HarnessFault `bad-image` for two of one name or a name that engines refuse. */
export function readImageSources(folders: ImageFolders = OURS): readonly ImageSource[] {
  const found = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => ({ name, folder: join(folder, name) })))
    .filter(({ folder }) => existsSync(join(folder, 'Dockerfile')))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  for (const [i, { name, folder }] of found.entries()) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
      throw new HarnessFault('bad-image', `${folder}: an image is named with a-z, 0-9 and single hyphens`);
    if (name === found[i + 1]?.name)
      throw new HarnessFault('bad-image', `${folder}: there are two images named ${name}`);
  }
  return found.map(({ name, folder }) => {
    const archive = renderTar(readFiles(folder, ''));
    return { name, folder, archive, hash: createHash('sha256').update(archive).digest('hex') };
  });
}

/** One of them. Throws HarnessFault `unknown-image`. */
export function readImageSource(name: string, folders?: ImageFolders): ImageSource {
  const sources = readImageSources(folders);
  const source = sources.find((s) => s.name === name);
  if (source !== undefined) return source;
  throw new HarnessFault('unknown-image', `there is no image ${name}`, {
    exitCode: 64,
    advice: `There are: ${sources.map((s) => s.name).join(', ')}.`,
  });
}

/** Code of the harness and words for people stand beside a Dockerfile, and are no part of the image. */
const NOT_BUILT = /\.(ts|md)$/;

function readFiles(folder: string, below: string): readonly ContainerFile[] {
  return readdirSync(join(folder, below))
    .toSorted()
    .flatMap((name): readonly ContainerFile[] => {
      const target = below === '' ? name : `${below}/${name}`;
      const path = join(folder, target);
      const stat = lstatSync(path);
      if (stat.isDirectory()) return readFiles(folder, target);
      if (!stat.isFile()) throw new HarnessFault('bad-image', `${path}: an image is built from plain files`);
      if (NOT_BUILT.test(name)) return [];
      // Only "may be run" counts: the rest depends on how the repository was checked out.
      return [{ target, content: readFileSync(path), mode: (stat.mode & 0o100) === 0 ? 0o644 : 0o755 }];
    });
}
