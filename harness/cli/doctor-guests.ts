import { chooseAccelerator } from '../drivers/qemu/accelerator.ts';
import { findEmulator } from '../drivers/qemu/find-emulator.ts';
import { findInterpreter, type Interpreter } from '../drivers/rootfs/interpreters.ts';
import { whyNoNamespaces } from '../drivers/rootfs/namespaces.ts';
import { findGuestImage, listGuestImages } from '../guests/find.ts';
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
    find: proveKvm,
    advice: 'Nothing to do: where it is not there, or hangs, QEMU translates (TCG): some seconds more at boot.',
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

/** As a guest's start does it, with the kernel of an image of ours. null: QEMU will translate. */
async function proveKvm(): Promise<string | null> {
  const image = await findGuestImage('small-linux');
  if (image.kind !== 'boot') return null;
  const program = findEmulator('x86_64');
  const plan = { architecture: 'x86_64', emulator: program, kernel: image.kernel } as const;
  const chosen = await chooseAccelerator(plan, new AbortController().signal);
  return chosen === 'kvm' ? 'proven with a kernel of ours' : null;
}
