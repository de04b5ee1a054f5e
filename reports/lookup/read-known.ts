import type { Device } from '../../harness/vocabulary/device.ts';
import type { Known } from './answers.ts';
import { foldText, splitAtDigits, splitWords } from './search-words.ts';

/** What a system is called: of its device file, or of the little that the lookup page holds of it. */
interface System extends Pick<Device, 'id' | 'model'> {
  readonly aliases: readonly string[];
}

/**
 * What a query tells beyond the device: "outlook 2010 windows 7" names a system that the answer depends on, "fritzbox
 * 6.0" a version. Words that name the device itself are no version.
 *
 * @param missed Words of the query that the device is not found by.
 * @param systems Device files of the kind `os`.
 */
export function readKnown(query: string, missed: readonly string[], device: Device, systems: readonly System[]): Known {
  const asked = new Set(device.claims.flatMap((c) => c.when?.os ?? []));
  const spelt = spell(query);
  const names = systems
    .filter((s) => asked.has(s.id))
    .flatMap((s) => [s.model, ...s.aliases].map((name) => ({ id: s.id, name: spell(name) })))
    .filter(({ name }) => spelt.includes(name))
    // "Windows 8.1" is not Windows 8.
    .sort((a, b) => b.name.length - a.name.length);
  const [system] = names;
  const own = spell([device.vendor, device.model, ...device.aliases, system?.name ?? ''].join(' '));
  const version = !hasVersions(device)
    ? undefined
    : splitWords(query).find(
        (word) =>
          (VERSION.test(word) && word.includes('.') && !own.includes(spell(word))) ||
          (missed.includes(word) && (WHOLE_VERSION.test(word) || (VERSION.test(word) && word.includes('.')))),
      );
  return {
    ...(system === undefined ? {} : { os: system.id }),
    ...(version === undefined ? {} : { firmware: version.replace(/^v/i, '') }),
  };
}

const VERSION = /^v?\d+(?:\.\d+)*[a-z]?$/i;
/** "Thunderbird 115" names a version; "FRITZ!Box 5530" a model that nobody has entered. */
const WHOLE_VERSION = /^v?\d{1,3}[a-z]?$/i;

/** Where no statement depends on a version, a number that nobody knows is another model. */
function hasVersions({ firmware, claims }: Device): boolean {
  return firmware.length > 0 || claims.some((claim) => claim.when?.firmware !== undefined);
}

/** Words between blanks, digits apart: "Win7" and "win 7" are alike. */
function spell(text: string): string {
  const words = splitWords(foldText(text)).flatMap((word) => (VERSION.test(word) ? [word] : splitAtDigits(word)));
  return ` ${words.join(' ').replaceAll(/[^\p{L}\p{N}.]+/gu, ' ')} `;
}
