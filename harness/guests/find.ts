import { join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { type CachedImage, readCache } from './cache.ts';
import type { GuestArchitecture } from './packages.ts';
import { type GuestRecipe, readGuestRecipe, readGuestRecipes } from './recipe.ts';

/** An image that can be started; paths are absolute, and its files are never written. */
export type GuestImage =
  | {
      readonly kind: 'boot';
      readonly name: string;
      readonly architecture: GuestArchitecture;
      readonly kernel: string;
      /** newc, not compressed: another archive may be put behind it. */
      readonly initrd: string;
    }
  | { readonly kind: 'rootfs'; readonly name: string; readonly architecture: GuestArchitecture; readonly tar: string };

/** `stale`: built from another recipe than there is now. */
export interface GuestImageState {
  readonly name: string;
  readonly kind: GuestRecipe['kind'];
  readonly architecture: GuestArchitecture;
  readonly state: 'built' | 'stale' | 'missing';
  readonly bytes: number;
  readonly builtAt: string | null;
  readonly folder: string | null;
}

export const FILES = { kernel: 'kernel', initrd: 'initrd', tar: 'root.tar' } as const;

/** The newest image built from the recipe that there is now. Throws HarnessFault `no-guest-image`, `unknown-image`. */
export async function findGuestImage(name: string): Promise<GuestImage> {
  const recipe = readGuestRecipe(name);
  const { state, image } = stateOf(recipe, readCache());
  if (image !== null && state === 'built') return toImage(image);
  const why = state === 'stale' ? 'was built from another recipe than there is now' : 'is not built';
  throw new HarnessFault('no-guest-image', `the image of the guest ${name} ${why}`, {
    advice: `Build it: \`npx cutover guests build ${name}\`, or all of them: \`npx cutover guests build\`.`,
  });
}

/** Every image that there is a recipe for, by name. */
export function listGuestImages(): readonly GuestImageState[] {
  const cache = readCache();
  return readGuestRecipes().map((recipe) => {
    const { state, image } = stateOf(recipe, cache);
    const { name, kind, architecture } = recipe;
    const found = { bytes: image?.bytes ?? 0, builtAt: image?.builtAt ?? null, folder: image?.folder ?? null };
    return { name, kind, architecture, state, ...found };
  });
}

export function toImage({ name, kind, architecture, folder }: CachedImage): GuestImage {
  return kind === 'boot'
    ? { kind, name, architecture, kernel: join(folder, FILES.kernel), initrd: join(folder, FILES.initrd) }
    : { kind, name, architecture, tar: join(folder, FILES.tar) };
}

function stateOf(recipe: GuestRecipe, cache: readonly CachedImage[]) {
  const ofName = cache.filter((image) => image.name === recipe.name);
  const same = ofName.find((image) => image.recipe === recipe.hash);
  if (same !== undefined) return { state: 'built', image: same } as const;
  const [other = null] = ofName;
  return { state: other === null ? 'missing' : 'stale', image: other } as const;
}
