import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { cacheFolder, type ImageFacts, keepImage, openWork, readCache, unusable } from './cache.ts';
import { type GuestImage, toImage } from './find.ts';
import { type DebianPackage, type GuestArchitecture, openPackages, type PackageStore } from './packages.ts';
import { type GuestRecipe, readGuestRecipe, readGuestRecipes } from './recipe.ts';
import { writeImage } from './write-image.ts';

export interface GuestBuildOptions {
  /** Folder of recipes; default: those that come with this project. */
  readonly recipes?: string;
  /** A list of apt sources, where those of this machine have no packages of an architecture. */
  readonly sources?: string;
  /** Look for newer packages, too; otherwise an image of the same recipe stays as it is, and no network is needed. */
  readonly refresh?: boolean;
  readonly onLine?: (line: string) => void;
  readonly onBuilt?: (image: BuiltGuestImage) => void;
  readonly signal?: AbortSignal;
}

export interface BuiltGuestImage {
  readonly image: GuestImage;
  /** false: it was there already. */
  readonly isNew: boolean;
  readonly seconds: number;
}

/**
 * Builds the named images, or all: those of different architectures at the same time. Older ones of the same name are
 * removed. Throws HarnessFault `guest-image-failed` with what is wrong with each that could not be built; the others are
 * built all the same.
 */
export async function buildGuestImages(
  names: readonly string[],
  options: GuestBuildOptions = {},
): Promise<readonly BuiltGuestImage[]> {
  const { signal, refresh = false, onLine } = options;
  const recipes =
    names.length === 0
      ? readGuestRecipes(options.recipes)
      : [...new Set(names)].map((name) => readGuestRecipe(name, options.recipes));
  const built: BuiltGuestImage[] = [];
  const report = (image: BuiltGuestImage): void => {
    built.push(image);
    options.onBuilt?.(image);
  };
  const wanted = recipes.filter((recipe) => {
    const image = refresh ? undefined : readCache().find((i) => i.name === recipe.name && i.recipe === recipe.hash);
    if (image !== undefined) report({ image: toImage(image), isNew: false, seconds: 0 });
    return image === undefined;
  });
  if (wanted.length === 0) return built;

  using place = await openWork((pid) => onLine?.(renderWait(pid)), signal);
  const faults: unknown[] = [];
  const byArchitecture = Map.groupBy(wanted, (recipe) => recipe.architecture);
  await Promise.all(
    [...byArchitecture].map(async ([architecture, ofIt]) => {
      for await (const outcome of buildFor(architecture, ofIt, place, options))
        if ('fault' in outcome) faults.push(outcome.fault);
        else report(outcome);
    }),
  );
  signal?.throwIfAborted();
  if (faults.length > 0) throw joinFaults(faults);
  return built;
}

const renderWait = (pid: number): string => `waiting for another build (process ${pid}) …`;

/** Removes the named images of ours, or all, and then what was fetched for them. */
export async function removeGuestImages(
  names: readonly string[],
  { signal, onLine }: Pick<GuestBuildOptions, 'signal' | 'onLine'> = {},
): Promise<readonly string[]> {
  const known = new Set(readCache().map((image) => image.name));
  // One whose recipe is gone can still be removed by its name.
  for (const name of names) if (!known.has(name)) readGuestRecipe(name);
  using place = await openWork((pid) => onLine?.(renderWait(pid)), signal);
  const images = readCache().filter((image) => names.length === 0 || names.includes(image.name));
  for (const { folder } of images) rmSync(folder, { recursive: true });
  if (names.length === 0) rmSync(place.fetched, { recursive: true, force: true });
  return images.map((image) => image.folder);
}

type Outcome = BuiltGuestImage | { readonly fault: unknown };

interface Place {
  readonly work: string;
  readonly fetched: string;
}

async function* buildFor(
  architecture: GuestArchitecture,
  recipes: readonly GuestRecipe[],
  place: Place,
  options: GuestBuildOptions,
): AsyncGenerator<Outcome> {
  const { signal, sources, onLine } = options;
  const folder = join(place.fetched, architecture);
  const unpacked = join(place.work, architecture);
  let store: PackageStore;
  try {
    mkdirSync(unpacked);
    onLine?.(`${architecture}: reading lists of packages …`);
    store = await openPackages(architecture, { folder, ...pick({ signal, sources }) });
  } catch (fault) {
    yield { fault: unusable(cacheFolder(), fault) };
    return;
  }
  for (const recipe of recipes) {
    try {
      yield await buildOne(recipe, { store, unpacked, work: place.work }, options);
    } catch (fault) {
      yield { fault: unusable(cacheFolder(), fault) };
    }
  }
}

interface Bench {
  readonly store: PackageStore;
  readonly unpacked: string;
  readonly work: string;
}

async function buildOne(recipe: GuestRecipe, bench: Bench, options: GuestBuildOptions): Promise<BuiltGuestImage> {
  const begun = performance.now();
  const names = [...recipe.packages, ...(recipe.kernel === undefined ? [] : [recipe.kernel])];
  const packages = await bench.store.resolve(names);
  const key = keyOf(recipe, packages);
  const ready = join(cacheFolder(), `${recipe.name}-${key}`);
  const isNew = !existsSync(ready);
  if (isNew) {
    options.onLine?.(`${recipe.name}: fetching and unpacking ${packages.length} packages …`);
    const files = await bench.store.fetch(names);
    const made = join(bench.work, recipe.name);
    mkdirSync(made);
    await writeImage(recipe, {
      packages: files,
      unpacked: bench.unpacked,
      to: made,
      ...pick({ signal: options.signal }),
    });
    keepImage(made, factsOf(recipe, packages), key);
  }
  for (const image of readCache())
    if (image.name === recipe.name && image.folder !== ready) rmSync(image.folder, { recursive: true });
  const image = readCache().find((i) => i.folder === ready);
  if (image === undefined) throw new HarnessFault('guest-image-failed', `${ready} was removed while it was built`);
  return { image: toImage(image), isNew, seconds: (performance.now() - begun) / 1000 };
}

function keyOf(recipe: GuestRecipe, packages: readonly DebianPackage[]): string {
  const versions = packages.map(({ name, version }) => `${name} ${version}`);
  return createHash('sha256')
    .update([recipe.hash, ...versions].join('\n'))
    .digest('hex')
    .slice(0, 12);
}

function factsOf(recipe: GuestRecipe, packages: readonly DebianPackage[]): ImageFacts {
  const { name, kind, architecture, hash } = recipe;
  return {
    name,
    kind,
    architecture,
    recipe: hash,
    packages: packages.map(({ name: p, version }) => ({ name: p, version })),
    builtAt: new Date().toISOString(),
  };
}

function joinFaults(faults: readonly unknown[]): unknown {
  const [first] = faults;
  const unforeseen = faults.find((fault) => !(fault instanceof HarnessFault));
  if (unforeseen !== undefined || !(first instanceof HarnessFault)) return unforeseen ?? first;
  const messages = new Set(faults.map((fault) => (fault instanceof Error ? fault.message : String(fault))));
  return new HarnessFault('guest-image-failed', [...messages].join('\n'), {
    cause: first,
    ...(first.advice === undefined ? {} : { advice: first.advice }),
  });
}

/** Options without those that are not given. */
function pick<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> };
function pick(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
