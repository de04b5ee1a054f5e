import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import { readYamlFile } from '../yaml-file.ts';
import type { GuestFile } from './cpio.ts';
import { ARCHITECTURES, type GuestArchitecture } from './packages.ts';

const TOP = join(import.meta.dirname, '..', '..');
const IMAGES = join(TOP, 'devices', 'guests', 'images');
const ROOTS = join(TOP, 'devices', 'guests', 'roots');
const RECIPE = 'image.yml';
/** Counts up when the same recipe would give another image. */
const BUILDER = 1;

const Names = z.array(z.string().regex(/^[a-z0-9][a-z0-9+.-]*$/, 'a package is named with a-z, 0-9, +, . and -'));
/** In an image: relative to its root, without `.` and `..`. */
const Path = z.string().regex(/^(?:(?!\.{1,2}(?:\/|$))[^/\0]+(?:\/(?!$)|$))+$/, 'a path in the image: usr/bin/msmtp');

const Recipe = z
  .strictObject({
    $schema: z.string().optional(),
    /** boot: a kernel and its first root file system. rootfs: a root file system without a kernel, as a tar archive. */
    kind: z.enum(['boot', 'rootfs']),
    architecture: z.enum(['x86_64', 'mipsel', 'armel', 'armhf', 'aarch64']),
    /** Debian packages; what they depend on comes by itself. */
    packages: Names,
    /** Of these packages, only: programs, with the libraries that they name. */
    programs: z.array(Path).default([]),
    /** Also these, which no program names: patterns with `*`. */
    files: z.array(z.string().min(1)).default([]),
    /** Package of the kernel, and modules that are loaded at boot, with what they depend on. */
    kernel: z.string().optional(),
    modules: z.array(z.string()).default([]),
    /** Folders of devices/guests/roots that are laid over, the later over the earlier. */
    roots: z.array(z.string().regex(/^[a-z0-9-]+$/)).default([]),
    /** Files and folders of this project, by their path in the image. */
    project: z.record(Path, z.string()).default({}),
    /** An old TLS stack of devices/emulated/stacks that becomes usr/bin/node: x86_64 only. */
    stack: z
      .string()
      .regex(/^node-[0-9.]+$/)
      .optional(),
    links: z.record(Path, z.string().min(1)).default({}),
  })
  .refine((r) => (r.kind === 'boot') === (r.kernel !== undefined), {
    path: ['kernel'],
    error: 'exactly what is booted has a kernel',
  });

export interface GuestRecipe extends z.output<typeof Recipe> {
  readonly name: string;
  readonly architecture: GuestArchitecture;
  /** Of the recipe and the files of this project that it names: what packages hold is not in it. */
  readonly hash: string;
}

/** All recipes, by name. Throws HarnessFault for one that cannot be read. */
export function readGuestRecipes(folder = IMAGES): readonly GuestRecipe[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, RECIPE)))
    .toSorted()
    .map((name) => readOne(name, folder));
}

/** Throws HarnessFault `unknown-image`. */
export function readGuestRecipe(name: string, folder = IMAGES): GuestRecipe {
  if (/^[a-z0-9-]+$/.test(name) && existsSync(join(folder, name, RECIPE))) return readOne(name, folder);
  throw new HarnessFault('unknown-image', `there is no image of a guest named ${name}`, {
    exitCode: 64,
    advice: `There are: ${readGuestRecipes(folder)
      .map((r) => r.name)
      .join(', ')}.`,
  });
}

/** What comes from this project: roots in their order, then single files, then the stack. */
export function readProjectFiles(recipe: z.output<typeof Recipe>): readonly GuestFile[] {
  const roots = recipe.roots.flatMap((root) => readTree(join(ROOTS, root), ''));
  const single = Object.entries(recipe.project).flatMap(([path, from]) => readTree(join(TOP, from), path));
  const links = Object.entries(recipe.links).map(([path, link]) => ({ path, link }));
  return [...roots, ...single, ...links];
}

/** Throws HarnessFault `stacks-missing`. */
export function readStack(stack: string): GuestFile {
  const path = join(TOP, 'devices/emulated/stacks/node_modules', `stack-${stack}`, 'bin/node');
  if (existsSync(path)) return { path: 'usr/bin/node', content: readFileSync(path), mode: 0o755 };
  throw new HarnessFault('stacks-missing', `${stack} is not installed`, {
    advice: 'Run `node devices/emulated/stacks/install.mjs`; it needs the network once.',
  });
}

function readOne(name: string, folder: string): GuestRecipe {
  const recipe = readYamlFile(join(folder, name, RECIPE), Recipe);
  return { ...recipe, name, hash: hashOf(recipe) };
}

function hashOf(recipe: z.output<typeof Recipe>): string {
  const hash = createHash('sha256').update(JSON.stringify([BUILDER, ARCHITECTURES[recipe.architecture], recipe]));
  for (const file of readProjectFiles(recipe)) {
    hash.update(`\n${file.path} ${'link' in file ? file.link : 'content' in file ? `${file.mode} ` : ''}`);
    if ('content' in file) hash.update(createHash('sha256').update(file.content).digest());
  }
  return hash.digest('hex');
}

/** One file, or all files of a folder. Only "may be run" counts of a mode, as at a checkout. */
function readTree(from: string, path: string): readonly GuestFile[] {
  const stat = lstatSync(from, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new HarnessFault('bad-image', `${from} is not there, and an image is to have it`, {
      advice: 'Correct `roots` or `project` in the recipe of the image.',
    });
  }
  if (stat.isDirectory())
    return readdirSync(from)
      .toSorted()
      .flatMap((name) => readTree(join(from, name), path === '' ? name : `${path}/${name}`));
  if (stat.isSymbolicLink()) return [{ path, link: readlinkSync(from) }];
  return [{ path, content: readFileSync(from), mode: (stat.mode & 0o100) === 0 ? 0o644 : 0o755 }];
}
