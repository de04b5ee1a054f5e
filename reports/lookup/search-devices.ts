import type { Device } from '../../harness/vocabulary/device.ts';
import { isEmulated } from '../../harness/vocabulary/emulated.ts';
import { createSearch, type Match, type SearchEntry } from './create-search.ts';
import type { Terms } from './term-index.ts';
import { kindSearchWords } from './kind-search-words.ts';

export interface Hit extends Omit<Match, 'id'> {
  readonly device: Device;
}

/** Devices that fit the words best, best first; what `missed` names, fits none of them. */
export function searchDevices(devices: readonly Device[], words: readonly string[], terms?: Terms): readonly Hit[] {
  const byId = new Map(devices.map((d) => [d.id, d]));
  return createSearch(
    searchEntries(devices),
    terms,
  )(words.join(' ')).flatMap(({ id, ...match }) => {
    const device = byId.get(id);
    return device === undefined ? [] : [{ device, ...match }];
  });
}

/** What each device is found by. Systems that an answer depends on go by their own names. */
export function searchEntries(devices: readonly Device[]): readonly SearchEntry[] {
  const systems = new Map(devices.filter((d) => d.kind === 'os').map((d) => [d.id, [d.model, ...d.aliases]]));
  return devices.map((device) => {
    const { id, vendor, model, modelEn, errors, claims } = device;
    const aliases = modelEn === undefined ? device.aliases : [...device.aliases, modelEn];
    const conditions = new Set(claims.flatMap((c) => c.when?.os ?? []));
    return {
      id,
      vendor,
      model,
      aliases,
      kinds: kindSearchWords(device.kind),
      errors: errors.map((e) => e.text),
      systems: [...conditions].flatMap((os) => systems.get(os) ?? [os.replaceAll('-', ' ')]),
    };
  });
}

/** Emulated devices and the lab's stay out, unless samples are asked for or nothing else is known. */
export function devicesToFind(devices: readonly Device[], samples: boolean): readonly Device[] {
  const real = devices.filter((d) => !isEmulated(d));
  return samples || real.length === 0 ? devices : real;
}
