import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HarnessFault } from '../../faults.ts';
import type { GuestArchitecture } from '../../vocabulary/guest-reach.ts';
import { MACHINES } from './machines.ts';

/** Path of the emulator. Throws HarnessFault `no-emulator` with the package to install. */
export function findEmulator(architecture: GuestArchitecture, path = process.env['PATH'] ?? ''): string {
  const program = `qemu-system-${architecture}`;
  const found = path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable);
  if (found !== undefined) return found;
  throw new HarnessFault('no-emulator', `${program} is not installed`, {
    advice: `Install it: apt-get install --no-install-recommends ${MACHINES[architecture].debianPackage}`,
    stage: 'start',
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
