import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HarnessFault } from '../faults.ts';
import type { Device } from '../vocabulary/device.ts';

const INSTALLER = join(import.meta.dirname, '..', '..', 'devices', 'emulated', 'stacks', 'install.mjs');

/** Installs the old TLS stacks that emulated devices run on; does nothing when they are there, or none is run. */
export async function installStacks(devices: readonly Device[], signal: AbortSignal): Promise<void> {
  if (devices.some((d) => d.reach?.driver === 'emulated')) await installStackPrograms(signal);
}

/** The same for whoever needs them in any case. */
export async function installStackPrograms(signal: AbortSignal): Promise<void> {
  const installer: { readonly installStacks?: unknown } = await import(pathToFileURL(INSTALLER).href);
  if (typeof installer.installStacks !== 'function')
    throw new HarnessFault('stacks-broken', `${INSTALLER}: exports no installStacks`);
  try {
    await installer.installStacks(undefined, signal);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessFault('stacks-missing', message, { cause, stage: 'start' });
  }
}
