/** What of a device file tells. Structural: the schema of device files asks it while it is being made. */
interface Reachable {
  readonly reach?: { readonly driver: string; readonly image?: string | undefined } | undefined;
}

/**
 * An emulated device, in a container or as a guest of ours or not, never gives a real model a verdict. Beside the
 * schema and not in it: pages and answers ask this without loading the schema.
 */
export function isEmulated(device: Reachable): boolean {
  return isSample(device) || device.reach?.driver === 'scripted';
}

/**
 * Emulated devices, and those that are made from an image of ours: all in containers, of guests and root file systems
 * those that are not the owner's own. Samples say in their file what must come out (`truth`).
 */
export function isSample({ reach }: Reachable): boolean {
  return reach?.driver === 'emulated' || reach?.image !== undefined;
}
