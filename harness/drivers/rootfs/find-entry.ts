import { HarnessFault } from '../../faults.ts';
import { readGuestRecipe } from '../../guests/recipe.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { RootArchitecture, RootfsReach } from '../../vocabulary/root-reach.ts';
import { findInterpreter } from './interpreters.ts';
import { type Lack, whyNoNamespaces } from './namespaces.ts';

/** How a root file system is entered on this machine. `line`: for binfmt_misc of its namespace, or null. */
export type Entry =
  | { readonly kind: 'container' }
  | { readonly kind: 'chroot'; readonly line: string | null }
  | ({ readonly kind: 'none' } & Lack);

/** In a container where an engine is and can run its programs, else in namespaces. Reads and tries; changes nothing. */
export function findEntry(architecture: RootArchitecture, hasEngine: boolean): Entry {
  const inContainer = findInterpreter(architecture, { mayBePrivate: false });
  if (hasEngine && inContainer.kind !== 'missing') return { kind: 'container' };
  const interpreter = findInterpreter(architecture, { mayBePrivate: true });
  if (interpreter.kind === 'missing') return { ...interpreter, kind: 'none' };
  const lack = whyNoNamespaces();
  if (lack === null) return { kind: 'chroot', line: interpreter.kind === 'private' ? interpreter.line : null };
  // With an engine it is the programs that cannot be run; without one, either would do.
  return hasEngine && inContainer.kind === 'missing' ? { ...inContainer, kind: 'none' } : { ...lack, kind: 'none' };
}

/** Whether a run that has an engine enters this device in a container. */
export function entersContainer({ reach }: Device): boolean {
  return reach?.driver === 'rootfs' && findEntry(architectureOf(reach), true).kind === 'container';
}

/** What the programs in it are for: said by the device file, or by the recipe of our image. */
export function architectureOf({ image, architecture }: RootfsReach): RootArchitecture {
  if (image === undefined) {
    if (architecture !== undefined) return architecture;
    throw new TypeError('a root file system without image and architecture');
  }
  const recipe = readGuestRecipe(image);
  if (recipe.kind === 'rootfs') return QEMU_NAMES[recipe.architecture];
  throw new HarnessFault('not-a-root-image', `the image ${image} is booted, not entered`, {
    advice: 'A device file for it has `driver: qemu`; here an image of kind rootfs is wanted.',
    stage: 'configuration',
  });
}

/** Debian tells two ARM processors apart by how they calculate; QEMU's program is the same. */
const QEMU_NAMES = { armel: 'arm', armhf: 'arm', mipsel: 'mipsel', x86_64: 'x86_64', aarch64: 'aarch64' } as const;
