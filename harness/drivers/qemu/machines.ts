import type { GuestArchitecture } from '../../vocabulary/guest-reach.ts';

/** What QEMU emulates for an architecture unless a device file says otherwise. */
export interface Machine {
  readonly machine: string;
  readonly cpu?: string;
  readonly network: string;
  /** The kernel's name of the first serial line. */
  readonly serial: string;
  /** Debian's package of the emulator. */
  readonly debianPackage: string;
}

const pc: Machine = { machine: 'pc', cpu: 'max', network: 'e1000', serial: 'ttyS0', debianPackage: 'qemu-system-x86' };
const mips = { machine: 'malta', network: 'pcnet', serial: 'ttyS0', debianPackage: 'qemu-system-mips' };
const arm = { machine: 'virt', network: 'virtio-net-pci', serial: 'ttyAMA0', debianPackage: 'qemu-system-arm' };

/** Machines and cards that the kernels of many years have drivers for. */
export const MACHINES: Readonly<Record<GuestArchitecture, Machine>> = {
  x86_64: pc,
  i386: pc,
  mips: { ...mips, cpu: '24Kf' },
  mipsel: { ...mips, cpu: '24Kf' },
  mips64: mips,
  mips64el: mips,
  arm: { ...arm, cpu: 'cortex-a15' },
  aarch64: { ...arm, cpu: 'cortex-a57' },
  ppc: { machine: 'g3beige', network: 'sungem', serial: 'ttyPZ0', debianPackage: 'qemu-system-ppc' },
};
