import type { RootArchitecture } from '../../vocabulary/root-reach.ts';
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
