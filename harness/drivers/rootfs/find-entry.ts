import { readFileSync } from 'node:fs';
import type { RootArchitecture } from '../../vocabulary/root-reach.ts';
import { findInterpreter, findProgram } from './interpreters.ts';

/** How a root file system is entered on this machine. `line`: for binfmt_misc of its namespace, or null. */
export type Entry =
  | { readonly kind: 'container' }
  | { readonly kind: 'chroot'; readonly line: string | null }
  | { readonly kind: 'none'; readonly why: string; readonly advice: string };

/** What enters one where no container engine is, and the Debian package of each. */
const TOOLS = {
  unshare: 'util-linux',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  capsh: 'libcap2-bin',
  tar: 'tar',
} as const;

/** In a container where an engine is and can run its programs, else in namespaces. Reads only; milliseconds. */
export function findEntry(architecture: RootArchitecture, hasEngine: boolean): Entry {
  const inContainer = findInterpreter(architecture, { mayBePrivate: false });
  if (hasEngine && inContainer.kind !== 'missing') return { kind: 'container' };
  const chroot = whyNoNamespaces();
  if (chroot !== null) return { kind: 'none', ...(inContainer.kind === 'missing' && hasEngine ? inContainer : chroot) };
  const interpreter = findInterpreter(architecture, { mayBePrivate: true });
  if (interpreter.kind === 'missing') return { ...interpreter, kind: 'none' };
  return { kind: 'chroot', line: interpreter.kind === 'private' ? interpreter.line : null };
}

/** What this machine lacks to enter a root file system without a container engine, or null. */
export function whyNoNamespaces(): { readonly why: string; readonly advice: string } | null {
  if (process.platform !== 'linux')
    return { why: 'namespaces are needed, which only Linux has', advice: 'Use a container engine, or Linux.' };
  const missing = Object.entries(TOOLS).filter(([program]) => findProgram([program]) === null);
  const [first] = missing;
  if (first !== undefined) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
    return {
      why: `there is no ${missing.map(([program]) => program).join(', ')}`,
      advice: `apt-get install ${packages}`,
    };
  }
  if (readLimit('user/max_user_namespaces') === '0' || readLimit('kernel/unprivileged_userns_clone') === '0')
    return {
      why: 'user namespaces are turned off here',
      advice: 'sysctl user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1, or use a container engine.',
    };
  if (readLimit('kernel/apparmor_restrict_unprivileged_userns') === '1')
    return {
      why: 'AppArmor keeps programs from making user namespaces here',
      advice: 'sysctl kernel.apparmor_restrict_unprivileged_userns=0, or use a container engine.',
    };
  return null;
}

function readLimit(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return null;
  }
}
