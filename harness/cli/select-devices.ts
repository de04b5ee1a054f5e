import { HarnessFault } from '../faults.ts';
import { type Device, isGuest } from '../vocabulary/device.ts';
import { isSample } from '../vocabulary/emulated.ts';
import { matcherOf } from './star-pattern.ts';

export interface DeviceSelection {
  /** Ids, or patterns with `*`. */
  readonly device?: readonly string[];
  readonly kind?: readonly string[];
  /** Lab in which the devices stand. */
  readonly site?: string;
}

/**
 * Devices that a lab can reach, narrowed by --device, --kind and --site. Guests of our images boot for seconds and are
 * samples: they join only where --device names them. Throws HarnessFault when none is left.
 */
export function selectDevices(all: readonly Device[], options: DeviceSelection): readonly Device[] {
  refuseUnknownSite(all, options.site);
  const usual = all.filter((d) => !(isGuest(d) && isSample(d)));
  const named = (options.device === undefined ? usual : findDevices(all, options.device)).filter(
    (d) => (options.kind?.includes(d.kind) ?? true) && (options.site === undefined || d.site === options.site),
  );
  const reachable = named.filter((d) => d.reach !== undefined && d.reach.driver !== 'button');
  if (reachable.length > 0) return reachable;
  const why =
    named.length === 0
      ? `no device fits ${options.site === undefined ? '--device and --kind' : '--device, --kind and --site'}`
      : `none of the ${named.length} devices has \`reach\` in its file, so the lab cannot drive it`;
  throw usage(why, 'See devices/README.md for how a device is reached.');
}

/** A site that is only misspelt would be a run of nothing. */
function refuseUnknownSite(all: readonly Device[], site: string | undefined): void {
  const sites = [...new Set(all.flatMap((d) => d.site ?? []))].sort();
  if (site === undefined || sites.includes(site)) return;
  throw usage(
    `no device file has the site ${site}`,
    sites.length === 0
      ? 'Name it in the files of the devices that stand there: `site: NAME`.'
      : `The sites are: ${sites.join(', ')}.`,
  );
}

/** The devices that ids, or patterns with `*`, name. Throws HarnessFault for one that fits none. */
export function findDevices(all: readonly Device[], given: readonly string[]): readonly Device[] {
  const wanted = given.map((one) => ({ given: one, fits: matcherOf(one) }));
  const unknown = wanted.filter(({ fits }) => !all.some((d) => fits(d.id))).map((one) => one.given);
  if (unknown.length > 0) {
    const near = [...new Set(unknown.flatMap((id) => nearestIds(id, all)))];
    throw usage(
      `no device file has the id ${unknown.join(', ')}`,
      near.length === 0 ? 'There are no device files in this folder.' : `The nearest ids are: ${near.join(', ')}.`,
    );
  }
  return all.filter((d) => wanted.some(({ fits }) => fits(d.id)));
}

/** Whether --device names this one by its whole id, not by a pattern. */
export function isNamed(device: Device, options: DeviceSelection): boolean {
  return options.device?.includes(device.id) ?? false;
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
