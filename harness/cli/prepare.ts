import { join } from 'node:path';
import { stackPath } from '../../devices/emulated/stack-path.ts';
import type { Lab } from '../campaign.ts';
import { readDevices } from '../device-files.ts';
import { readRecipe } from '../drivers/read-recipe.ts';
import { HarnessFault } from '../faults.ts';
import { readModes, shippedModes } from '../modes/read-mode.ts';
import type { Plan } from '../next-trial.ts';
import type { RunFolder } from '../records.ts';
import type { Rig } from '../rig.ts';
import { readScenarios, selectScenarios } from '../scenario-files.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Mode } from '../vocabulary/mode.ts';

/** Devices that ship with the harness. */
export const DEVICES_FOLDER = join(import.meta.dirname, '..', '..', 'devices');
const DEFAULT_MODES = ['today', 'strict', 'legacy'];

export interface Selection {
  readonly device?: readonly string[];
  readonly kind?: readonly string[];
  readonly mode?: readonly string[];
  readonly scenario?: readonly string[];
  readonly devices?: string;
}

/** What a run is about, read from files. Throws HarnessFault with everything that is wrong in them. */
export interface Prepared {
  readonly plans: readonly Plan[];
  readonly devices: readonly Device[];
  /** The policies that are asked, and the control mode last. */
  readonly modes: readonly Mode[];
}

export async function prepare(selection: Selection): Promise<Prepared> {
  const policies = readModes(selection.mode ?? DEFAULT_MODES);
  const [forgiving] = readModes(['forgiving']);
  if (forgiving === undefined) throw new HarnessFault('mode-unknown', 'the control mode "forgiving" is missing');
  // The control is asked of the provider's own host names: the lab's name service knows no others.
  const control = { ...forgiving, hosts: policies[0]?.hosts ?? forgiving.hosts };
  const scenarios = selectScenarios(await readScenarios(), selection.scenario ?? []);
  const devices = selectDevices(
    readDevices(selection.devices ?? DEVICES_FOLDER, { modes: [...shippedModes(), ...policies.map((m) => m.id)] }),
    selection,
  );
  return {
    plans: devices.map((device) => ({ device, modes: policies, forgiving: control, scenarios })),
    devices,
    modes: [...policies, control],
  };
}

/** The lab of the embedded engine, as `cutover run` and the regression view use it. */
export function labOf(
  rig: Rig,
  folder: RunFolder,
  options: Pick<Lab, 'signal' | 'onRecord' | 'keepBodies'> & { readonly allowPrograms: boolean },
): Lab {
  return {
    rig,
    folder,
    recipeOf: (device) => readRecipe(device.client ?? ''),
    whyMissing,
    keepBodies: options.keepBodies,
    signal: options.signal,
    onRecord: options.onRecord,
    openContext: {
      roots: { factory: rig.pki.factoryRootPem, run: rig.pki.runCaPem },
      allowPrograms: options.allowPrograms,
    },
  };
}

/** Old stacks are binaries of one platform. */
function whyMissing(device: Device, firmware: string): string | null {
  const stack = device.firmware.find((f) => f.version === firmware)?.emulated?.stack;
  const found = stack === undefined ? null : stackPath(stack);
  return found !== null && 'reason' in found ? found.reason : null;
}

/** Devices that the lab can reach, narrowed by --device and --kind. */
function selectDevices(all: readonly Device[], options: Selection): readonly Device[] {
  const unknown = (options.device ?? []).filter((id) => !all.some((d) => d.id === id));
  if (unknown.length > 0) {
    const near = [...new Set(unknown.flatMap((id) => nearestIds(id, all)))];
    throw usage(
      `no device file has the id ${unknown.join(', ')}`,
      near.length === 0 ? 'There are no device files in this folder.' : `The nearest ids are: ${near.join(', ')}.`,
    );
  }
  const named = all
    .filter((d) => options.device?.includes(d.id) ?? true)
    .filter((d) => options.kind?.includes(d.kind) ?? true);
  const reachable = named.filter((d) => d.reach !== undefined);
  if (reachable.length > 0) return reachable;
  const why =
    named.length === 0
      ? 'no device fits --device and --kind'
      : `none of the ${named.length} devices has \`reach\` in its file, so the lab cannot drive it`;
  throw usage(why, 'See devices/README.md for how a device is reached.');
}

/** More would hide the right one. */
const NEAREST = 3;

function nearestIds(id: string, devices: readonly Device[]): readonly string[] {
  return devices
    .map((d) => ({ id: d.id, edits: editsBetween(id, d.id) }))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, NEAREST)
    .map((d) => d.id);
}

/** Letters to insert, remove or replace (Levenshtein), row by row. */
function editsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of a.split('').entries()) {
    const row = [i + 1];
    for (const [j, other] of b.split('').entries()) {
      const replaced = (above[j] ?? 0) + (letter === other ? 0 : 1);
      row.push(Math.min(replaced, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    above = row;
  }
  return above.at(-1) ?? 0;
}

function usage(message: string, advice: string): HarnessFault {
  return new HarnessFault('no-devices', message, { exitCode: 64, stage: 'configuration', advice });
}
