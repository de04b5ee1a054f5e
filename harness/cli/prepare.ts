import { join } from 'node:path';
import { readDevices } from '../device-files.ts';
import { HarnessFault } from '../faults.ts';
import { readModes, shippedModes } from '../modes/read-mode.ts';
import type { Plan } from '../next-trial.ts';
import { readScenarios, selectScenarios } from '../scenario-files.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Shard } from '../vocabulary/run.ts';
import type { Scenario } from '../vocabulary/trial.ts';
import { imagesOf, lookForContainers, whyNoContainer } from './containers-here.ts';
import { whyNoGuest } from './guests-here.ts';
import { isOfShard } from './shard.ts';
import { type DeviceSelection, isNamed, selectDevices } from './select-devices.ts';

/** Devices that ship with the harness. */
export const DEVICES_FOLDER = join(import.meta.dirname, '..', '..', 'devices');
export const DEFAULT_MODES = ['today', 'strict', 'legacy'];

export interface Selection extends DeviceSelection {
  readonly mode?: readonly string[];
  readonly scenario?: readonly string[];
  readonly devices?: string;
  readonly shard?: Shard;
}

/** What a run is about, read from files. Throws HarnessFault with everything that is wrong in them. */
export interface Prepared {
  readonly plans: readonly Plan[];
  readonly devices: readonly Device[];
  /** Ids of the devices of all shards; without shards, of `devices`. */
  readonly planned: readonly string[];
  readonly scenarios: readonly Scenario[];
  /** Devices of the folder that no lab reaches: what sources say of them. */
  readonly catalogue: readonly Device[];
  /** The policies that are asked, and the control mode last. */
  readonly modes: readonly Mode[];
  /** Why a device that was asked for by its id cannot be started here. */
  readonly missing: ReadonlyMap<string, string>;
  /** Ids of devices that were left out because this machine cannot run them. */
  readonly leftOutIds?: readonly string[];
  /** What was left out because this machine cannot run it, and why: a sentence, or null. */
  readonly leftOut: string | null;
}

/** @param look What this machine can run in containers; asked only when a device needs it. */
export async function prepare(selection: Selection, look = lookForContainers): Promise<Prepared> {
  const policies = readModes(selection.mode ?? DEFAULT_MODES);
  const [forgiving] = readModes(['forgiving']);
  if (forgiving === undefined) throw new HarnessFault('mode-unknown', 'the control mode "forgiving" is missing');
  // The control is asked of the provider's own host names: the lab's name service knows no others.
  const control = { ...forgiving, hosts: policies[0]?.hosts ?? forgiving.hosts };
  const scenarios = selectScenarios(await readScenarios(), selection.scenario ?? []);
  const all = readDevices(selection.devices ?? DEVICES_FOLDER, {
    modes: [...shippedModes(), ...policies.map((m) => m.id)],
  });
  const selected = selectDevices(all, selection);
  const why = await findMissing(selected, look);
  const planned = selected.filter((d) => !why.has(d.id) || isNamed(d, selection));
  const { shard } = selection;
  const devices = shard === undefined ? planned : planned.filter((d) => isOfShard(d.id, shard));
  const missing = new Map([...why].filter(([id]) => devices.some((d) => d.id === id)));
  const out = selected.filter((d) => why.has(d.id) && !isNamed(d, selection)).map((d) => d.id);
  const leftOut = renderLeftOut(out.flatMap((id) => why.get(id) ?? []));
  if (planned.length === 0)
    throw new HarnessFault('no-devices', leftOut ?? 'no device is left', {
      exitCode: 64,
      stage: 'configuration',
      advice: '`npx cutover doctor` says what is missing here.',
    });
  return {
    plans: devices.map((device) => ({ device, modes: policies, forgiving: control, scenarios })),
    devices,
    planned: planned.map((d) => d.id),
    scenarios,
    catalogue: catalogueOf(all),
    modes: [...policies, control],
    missing,
    leftOutIds: out,
    leftOut,
  };
}

/** Of the device files that there are now. Only claims: a file that is wrong by now takes nothing from a run that is done. */
export function readCatalogue(folder = DEVICES_FOLDER): readonly Device[] {
  try {
    return catalogueOf(readDevices(folder));
  } catch (fault) {
    if (!(fault instanceof HarnessFault)) throw fault;
    console.error(`cutover: the reports are without the catalogue: ${fault.message}`);
    return [];
  }
}

export function catalogueOf(all: readonly Device[]): readonly Device[] {
  return all.filter((d) => d.reach === undefined || d.reach.driver === 'button');
}

/** By device: why this machine cannot start it. */
export async function findMissing(
  devices: readonly Device[],
  look: typeof lookForContainers,
): Promise<ReadonlyMap<string, string>> {
  const here = devices.some((d) => imagesOf(d).length > 0) ? await look() : null;
  const found = await Promise.all(
    devices.map(async (device) => {
      const why = (here && whyNoContainer(device, here)) ?? (await whyNoGuest(device));
      return why === null ? [] : [[device.id, why] as const];
    }),
  );
  return new Map(found.flat());
}

/** A line for each reason, with the devices that it is about. */
export function renderMissing(missing: Prepared['missing']): readonly string[] {
  const byReason = Map.groupBy(missing, ([, why]) => why);
  return [...byReason].map(([why, of]) => `${of.map(([id]) => id).join(', ')} cannot be started here: ${why}`);
}

/** Devices in containers share one reason where there is no engine; of images that are not built each has its own. */
const MOST_REASONS = 3;

function renderLeftOut(reasons: readonly string[]): string | null {
  if (reasons.length === 0) return null;
  const different = [...new Set(reasons)];
  const more = different.length - MOST_REASONS;
  const shown = [...different.slice(0, MOST_REASONS), ...(more > 0 ? [`and ${more} more`] : [])];
  return `${reasons.length === 1 ? '1 device is' : `${reasons.length} devices are`} left out: ${shown.join('; ')}`;
}
