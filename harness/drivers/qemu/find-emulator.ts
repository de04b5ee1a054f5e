import { delimiter } from 'node:path';
import { HarnessFault } from '../../faults.ts';
import type { GuestArchitecture } from '../../vocabulary/guest-reach.ts';
import { findExecutable } from '../find-executable.ts';
import { MACHINES } from './machines.ts';

/** Path of the emulator. Throws HarnessFault `no-emulator` with the package to install. */
export function findEmulator(architecture: GuestArchitecture, path = process.env['PATH'] ?? ''): string {
  const program = `qemu-system-${architecture}`;
  const found = findExecutable([program], path.split(delimiter));
  if (found !== null) return found;
  throw new HarnessFault('no-emulator', `${program} is not installed`, {
    advice: `Install it: apt-get install --no-install-recommends ${MACHINES[architecture].debianPackage}`,
    stage: 'start',
  });
}
