import type { Device } from '../vocabulary/device.ts';

/** What customers call a thing without firmware: an operating system, or any other software. */
export type Software = 'system' | 'program';

/** Null: a device, also where nobody knows the kind any more. */
export function softwareOf(kind: Device['kind'] | undefined): Software | null {
  return (kind === undefined ? undefined : KINDS[kind]) ?? null;
}

const KINDS: Readonly<Partial<Record<Device['kind'], Software>>> = {
  os: 'system',
  'mail-program': 'program',
  'mail-server': 'program',
  'app-or-runtime': 'program',
  'tls-library': 'program',
};
