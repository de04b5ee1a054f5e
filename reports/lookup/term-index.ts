import { foldText, splitAtDigits, splitAtMarks } from './search-words.ts';

export interface TermIndex {
  /** Number of entries. */
  readonly size: number;
  /**
   * How well a folded term fits each entry that knows it: the weight of the text it stands in, less where only its
   * beginning fits, and with `loose` less again where letters differ. Terms with digits fit exactly or as a beginning.
   */
  match: (term: string, loose: boolean) => Fits;
}

/** By entry, 0 where nothing fits; `count`: how many do. Arrays, for a term may fit thousands within a keystroke. */
export interface Fits {
  readonly scores: Float64Array;
  readonly count: number;
}

/** Each term with the entries that know it and the weight there, in turn; terms in order. Plain data, to be kept. */
export type Terms = readonly (readonly [string, readonly number[]])[];

/** @param texts By entry, its texts and their weights. */
export function collectTerms(texts: readonly (readonly (readonly [string, number])[])[]): Terms {
  const terms = new Map<string, number[]>();
  const cache = new Map<string, readonly string[]>();
  for (const [entry, own] of texts.entries()) {
    for (const [text, weight] of own) {
      for (const term of termsOf(text, cache)) {
        // Entries come in order, so that of this one can only be the last.
        const postings = terms.get(term);
        if (postings === undefined) terms.set(term, [entry, weight]);
        else if (postings.at(-2) !== entry) postings.push(entry, weight);
        else postings[postings.length - 1] = Math.max(weight, postings.at(-1) ?? 0);
      }
    }
  }
  return [...terms].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** @param size Number of entries. */
export function openIndex(size: number, collected: Terms): TermIndex {
  const terms = new Map(collected);
  const sorted = collected.map(([term]) => term);
  return {
    size,
    match: (term, loose) => {
      const scores = new Float64Array(size);
      let count = 0;
      const add = (known: string, quality: number) => {
        const postings = terms.get(known) ?? [];
        for (let i = 0; i < postings.length; i += 2) {
          const entry = postings[i] ?? 0;
          const score = (postings[i + 1] ?? 0) * quality;
          const before = scores[entry] ?? 0;
          if (before === 0) count += 1;
          if (before < score) scores[entry] = score;
        }
      };
      for (let i = firstAtOrAfter(sorted, term); sorted[i]?.startsWith(term) === true; i += 1) {
        const known = sorted[i] ?? '';
        // A number is whole: 10 is not the beginning of 100, but that of 10n.
        if (known === term) add(known, 1);
        else if (!isDigit(term.at(-1)) || !isDigit(known[term.length])) {
          add(known, 0.4 + (0.4 * term.length) / known.length);
        }
      }
      if (count === 0 && loose && term.length >= 4 && !/\d/.test(term)) {
        for (const [known, slips] of misspellings(term, sorted)) add(known, 0.5 / slips);
      }
      return { scores, count };
    },
  };
}

export function isDigit(letter: string | undefined): boolean {
  return letter !== undefined && letter >= '0' && letter <= '9';
}

/** Words in parts, at digits, and neighbours run together: "MFC-7360N" is mfc, 7360n, 7360, n, mfc7360n. Versions whole. */
function termsOf(text: string, cache: Map<string, readonly string[]>): readonly string[] {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const terms = new Set<string>();
  let before = '';
  for (const word of foldText(text).split(/\s+/)) {
    const parts = splitAtMarks(word);
    if (parts.length > 2) terms.add(parts.join(''));
    // A version is whole: iOS 9.3 is no iOS 3, and 10.12 is no 12.
    const [, name = '', version] = /^(\p{L}*)(\d+(?:\.\d+)+)$/u.exec(word) ?? [];
    if (version !== undefined) {
      terms.add(version);
      if (name !== '') for (const term of [name, splitAtMarks(word).join('')]) terms.add(term);
      before = '';
      continue;
    }
    if (/^\d+\.\d/.test(word)) terms.add(word);
    for (const part of parts) {
      terms.add(part);
      if (/\d\D|\D\d/.test(part)) for (const piece of splitAtDigits(part)) terms.add(piece);
      if (before !== '') terms.add(before + part);
      before = part;
    }
  }
  const list = [...terms];
  cache.set(text, list);
  return list;
}

function firstAtOrAfter(sorted: readonly string[], term: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < term) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Known terms with one wrong, missing, added or swapped letter in five, with their number of slips. */
function misspellings(term: string, sorted: readonly string[]): readonly (readonly [string, number])[] {
  const most = Math.max(1, Math.floor(term.length / 5));
  const found: (readonly [string, number])[] = [];
  for (const known of sorted) {
    if (Math.abs(known.length - term.length) > most || /\d/.test(known)) continue;
    const slips = slipsBetween(term, known, most);
    if (slips <= most) found.push([known, slips]);
  }
  return found;
}

/** Optimal string alignment distance; more than `most` is only "more". */
function slipsBetween(a: string, b: string, most: number): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let slips = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + Number(!same));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) slips = Math.min(slips, (before[j - 2] ?? 0) + 1);
      row.push(slips);
      least = Math.min(least, slips);
    }
    if (least > most) return most + 1;
    [before, last] = [last, row];
  }
  return last[b.length] ?? most + 1;
}
