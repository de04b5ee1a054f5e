import MiniSearch from 'minisearch';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';

export interface Hit {
  readonly device: Device;
  /** One a direction; none for a device that nobody tested. */
  readonly verdicts: readonly Verdict[];
  /** Higher is better; only comparable within one search. */
  readonly score: number;
}

/**
 * Devices that fit every word, best first: words may be cut short or slightly misspelt, and accents, case and the
 * marks inside model names do not matter.
 */
export function searchDevices(
  devices: readonly Device[],
  verdicts: readonly Verdict[],
  words: readonly string[],
): readonly Hit[] {
  const index = new MiniSearch<Entry>({
    fields: ['model', 'aliases', 'vendor', 'id', 'kind'],
    tokenize,
    processTerm: fold,
    searchOptions: {
      combineWith: 'AND',
      prefix: true,
      // One wrong letter in five; model numbers are short, and P1005 is another printer than P1006.
      fuzzy: (term) => (/\d/.test(term) ? false : 0.2),
      boost: { model: 3, aliases: 3, vendor: 2, id: 2 },
      tokenize: tokenizeQuery,
    },
  });
  index.addAll(devices.map(entryOf));
  const byId = new Map(devices.map((d) => [d.id, d]));
  return index.search(words.join(' ')).flatMap((result): readonly Hit[] => {
    const device = byId.get(String(result.id));
    if (device === undefined) return [];
    return [{ device, verdicts: verdicts.filter((v) => v.device === device.id), score: result.score }];
  });
}

interface Entry {
  readonly id: string;
  readonly model: string;
  readonly vendor: string;
  readonly aliases: string;
  readonly kind: string;
}

function entryOf(device: Device): Entry {
  const { id, vendor, model, kind } = device;
  return { id, vendor, model, kind, aliases: device.aliases.join(' ') };
}

/** Words whole, in parts, and neighbours run together: "LaserJet MX-26_N" is found as MX-26_N, MX, MX26N, LaserJetMX. */
function tokenize(text: string): string[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const parts = words.flatMap(partsOf);
  const joined = words.map((word) => partsOf(word).join(''));
  const neighbours = parts.slice(1).map((part, i) => `${parts[i] ?? ''}${part}`);
  return [...new Set([...words, ...parts, ...joined, ...neighbours])];
}

/** Each word of a query once: with AND, all forms of a word would have to fit at the same time. */
function tokenizeQuery(text: string): string[] {
  return text.split(/\s+/).flatMap((word) => partsOf(word).join('') || []);
}

function partsOf(word: string): readonly string[] {
  return word.split(MARKS).filter((part) => part !== '');
}

const MARKS = /[_.\-/,;:()]+/;

/** NFKD takes ü apart and full-width letters back; ß is not a letter with a mark, so it is spelt out. */
function fold(term: string): string | null {
  const folded = term.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
  return folded === '' ? null : folded;
}
