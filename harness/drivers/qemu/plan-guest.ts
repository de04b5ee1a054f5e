import { findGuestImage } from '../../guests/find.ts';
import { HarnessFault } from '../../faults.ts';
import type { GuestArchitecture, QemuReach } from '../../vocabulary/guest-reach.ts';
import { checkDisk, checkFile } from './check-disk.ts';
import { findEmulator } from './find-emulator.ts';
import { MACHINES } from './machines.ts';

/** What is booted, in which machine: everything but where this one guest's own files lie. */
export interface GuestPlan {
  readonly emulator: string;
  readonly architecture: GuestArchitecture;
  readonly machine: string;
  readonly cpu: string | undefined;
  /** Network card. */
  readonly network: string;
  readonly memoryMb: number;
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly append: string;
  readonly disk: QemuReach['disk'];
  readonly clock: string | undefined;
  /** Made from one of our images: its init takes files that are laid behind its own. */
  readonly isOurs: boolean;
  /**
   * It can be brought back to how it stood. QEMU 7.2 forgets the timer of a MIPS processor: the guest then stands still
   * for as long as it had run since (36 and 76 s, measured). Images of ours go by the board's timer.
   */
  readonly keepsState: boolean;
}

/**
 * Throws HarnessFault `no-emulator`, for an image of ours `no-guest-image` or `unknown-image`, for an owner's files what
 * `checkDisk` throws; each says what to do.
 */
export async function planGuest(reach: QemuReach): Promise<GuestPlan> {
  const booted = await findBooted(reach);
  const { architecture } = booted;
  const emulator = findEmulator(architecture);
  const usual = MACHINES[architecture];
  return {
    ...booted,
    emulator,
    machine: reach.machine ?? usual.machine,
    cpu: reach.cpu ?? usual.cpu,
    network: reach.network ?? (booted.isOurs && isPc(architecture) ? 'virtio-net-pci' : usual.network),
    memoryMb: reach.memoryMb,
    append: reach.append ?? `console=${usual.serial} quiet panic=-1`,
    clock: reach.clock,
    keepsState: booted.isOurs || !architecture.startsWith('mips'),
  };
}

type Booted = Pick<GuestPlan, 'architecture' | 'kernel' | 'initrd' | 'disk' | 'isOurs'>;

async function findBooted({ image, architecture, kernel, initrd, disk }: QemuReach): Promise<Booted> {
  if (image === undefined) {
    if (architecture === undefined) throw notBootable('it names no architecture');
    if (disk !== undefined) checkDisk(disk);
    for (const file of [kernel, initrd]) if (file !== undefined) checkFile(file);
    return { architecture, kernel, initrd, disk, isOurs: false };
  }
  const found = await findGuestImage(image);
  if (found.kind !== 'boot') throw notBootable(`the image ${image} is a root file system without a kernel`);
  const known = ARCHITECTURES.find((one) => one === found.architecture);
  if (known === undefined) throw notBootable(`QEMU boots no image of the architecture ${found.architecture} here`);
  return { architecture: known, kernel: found.kernel, initrd: found.initrd, disk: undefined, isOurs: true };
}

const ARCHITECTURES = Object.keys(MACHINES).filter((name): name is GuestArchitecture => name in MACHINES);

export function isPc(architecture: GuestArchitecture): boolean {
  return architecture === 'x86_64' || architecture === 'i386';
}

function notBootable(why: string): HarnessFault {
  return new HarnessFault('not-bootable', `the guest cannot be booted: ${why}`, {
    advice: 'devices/README.md says what `reach` of the driver qemu needs.',
    stage: 'configuration',
  });
}
