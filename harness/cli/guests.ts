import { styleText } from 'node:util';
import { buildGuestImages, removeGuestImages } from '../guests/build.ts';
import { type GuestImageState, listGuestImages } from '../guests/find.ts';
import { readGuestRecipe, readGuestRecipes } from '../guests/recipe.ts';
import { EXIT } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { printable } from './printable.ts';
import { installStackPrograms } from './stacks.ts';

export interface GuestBuildFlags {
  readonly sources?: string;
  readonly refresh?: boolean;
}

/** `cutover guests build`: what is done goes to stderr, what there is then to stdout. */
export async function buildGuests(names: readonly string[], flags: GuestBuildFlags): Promise<number> {
  using interrupt = onInterrupt();
  const { signal } = interrupt;
  const recipes = names.length === 0 ? readGuestRecipes() : names.map((name) => readGuestRecipe(name));
  try {
    if (recipes.some((recipe) => recipe.stack !== undefined)) await installStackPrograms(signal);
    await buildGuestImages(names, {
      ...flags,
      signal,
      onLine: (line) => console.error(printable(line)),
      onBuilt: ({ image, isNew, seconds }) =>
        console.log(isNew ? `${image.name} (${seconds.toFixed(0)} s)` : `${image.name} (was there)`),
    });
  } catch (fault) {
    if (signal.aborted) return EXIT.interrupted;
    throw fault;
  }
  return EXIT.expected;
}

/** `cutover guests list`: a line for each image, or a JSON array. */
export function listGuests({ json = false }: { readonly json?: boolean }): number {
  const images = listGuestImages();
  if (json) {
    console.log(JSON.stringify(images, null, 2));
    return EXIT.expected;
  }
  const width = Math.max(0, ...images.map((image) => image.name.length));
  for (const image of images) console.log(renderImage(image, width));
  const unbuilt = images.filter((image) => image.state !== 'built').length;
  if (unbuilt > 0) console.log(`\n${unbuilt} to build: npx cutover guests build`);
  return EXIT.expected;
}

/** `cutover guests remove`. */
export async function removeGuests(names: readonly string[]): Promise<number> {
  const removed = await removeGuestImages(names, { onLine: (line) => console.error(printable(line)) });
  for (const folder of removed) console.log(`removed ${printable(folder)}`);
  console.log(`${removed.length} images removed`);
  return EXIT.expected;
}

const COLOURS = { built: 'green', stale: 'yellow', missing: 'red' } as const;

function renderImage(image: GuestImageState, width: number): string {
  const { name, state, kind, architecture, bytes, builtAt, folder } = image;
  const mark = styleText(COLOURS[state], state.padEnd(7), { stream: process.stdout });
  const what = `${mark} ${name.padEnd(width)}  ${kind.padEnd(6)}  ${architecture.padEnd(7)}`;
  if (builtAt === null || folder === null) return what.trimEnd();
  const age = state === 'stale' ? ', from another recipe than there is now' : '';
  return `${what}  ${`${Math.round(bytes / 1e6)} MB`.padStart(6)}  ${builtAt.slice(0, 16)}Z in ${printable(folder)}${age}`;
}
