import { accessSync, constants } from 'node:fs';
import { findEmulator } from '../drivers/qemu/find-emulator.ts';
import { findInterpreter, type Interpreter } from '../drivers/rootfs/interpreters.ts';
import { whyNoNamespaces } from '../drivers/rootfs/namespaces.ts';
import { listGuestImages } from '../guests/find.ts';
import { HarnessFault } from '../faults.ts';
import type { Check } from './doctor.ts';

/** Of our root file systems; the owner's may be for others. */
const FOREIGN = ['arm', 'mipsel'] as const;

/** What guests need: systems that QEMU boots, and root file systems that are entered. */
export const GUEST_CHECKS: readonly Check[] = [
  emulator('x86_64'),
  emulator('mipsel'),
  {
    what: 'KVM',
    neededFor: 'guests of our own processor at full speed',
    required: false,
    find: async () => (mayOpen('/dev/kvm') ? '/dev/kvm; used for a guest once it has proven itself, else TCG' : null),
    advice: 'Nothing to do: without it QEMU translates (TCG), which takes some seconds at boot.',
  },
  {
    what: 'other processors',
    neededFor: 'root file systems of other processors, ARM and MIPS among them',
    required: false,
    find: async () => renderInterpreters(FOREIGN.map((a) => findInterpreter(a, { mayBePrivate: true }))),
    advice: adviceOf(FOREIGN.map((a) => findInterpreter(a, { mayBePrivate: true }))),
  },
  {
    what: 'user namespaces',
    neededFor: 'root file systems where no container engine is',
    required: false,
    find: async () => (whyNoNamespaces() === null ? 'a root file system can be entered in them' : null),
    get advice() {
      const lack = whyNoNamespaces();
      return lack === null ? '' : `${lack.why}. ${lack.advice}`;
    },
  },
  {
    what: 'guest images',
    neededFor: 'the devices guest-*',
    required: false,
    find: async () => {
      const images = listGuestImages();
      return images.every(({ state }) => state === 'built') ? `${images.length} built` : null;
    },
    advice: 'npx cutover guests build (apt-get is needed, root is not)',
  },
];

function emulator(architecture: 'x86_64' | 'mipsel'): Check {
  const find = (): string => findEmulator(architecture);
  return {
    what: `qemu-system-${architecture}`,
    neededFor: `guests with a processor of kind ${architecture}`,
    required: false,
    find: async () => find(),
    get advice() {
      try {
        return find();
      } catch (fault) {
        return fault instanceof HarnessFault ? (fault.advice ?? '') : String(fault);
      }
    },
  };
}

/** null: one of them cannot be run. Containers take only what is registered on the machine itself. */
function renderInterpreters(found: readonly Interpreter[]): string | null {
  if (found.some(({ kind }) => kind === 'missing')) return null;
  if (found.every(({ kind }) => kind !== 'private')) return `${FOREIGN.join(', ')}: registered, for containers too`;
  return `${FOREIGN.join(', ')}: in user namespaces of their own; for containers register them (binfmt_misc, flag F)`;
}

function adviceOf(found: readonly Interpreter[]): string {
  return found.flatMap((one) => (one.kind === 'missing' ? [one.advice] : []))[0] ?? '';
}

function mayOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
