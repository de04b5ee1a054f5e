import type { Device, Reach } from './device.ts';

/**
 * An emulated device, in a container or not, never gives a real model a verdict. Beside the schema and not in it: pages
 * and answers ask this without loading the schema.
 */
export function isEmulated(device: Pick<Device, 'reach'>): boolean {
  return device.reach !== undefined && EMULATING.has(device.reach.driver);
}

const EMULATING: ReadonlySet<string> = new Set<Reach['driver']>(['emulated', 'container', 'scripted']);
