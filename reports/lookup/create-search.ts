import { collectTerms, type Fits, openIndex, type TermIndex, type Terms } from './term-index.ts';
import { foldText, isFiller, joinParts, splitAtDigits, splitWords } from './search-words.ts';

/** What a device is found by. */
export interface SearchEntry {
  readonly id: string;
  readonly vendor: string;
  readonly model: string;
  readonly aliases: readonly string[];
  /** Words for the kind, in both languages: `kindSearchWords`. */
  readonly kinds: readonly string[];
  /** Texts and codes that the device shows. */
  readonly errors: readonly string[];
  /** Systems that the answer depends on, by name. */
  readonly systems: readonly string[];
}

export interface Match {
  readonly id: string;
  /** Higher is better; only comparable within one search. */
  readonly score: number;
  /** Words of the query that this entry does not know, as typed. Empty: everything fits. */
  readonly missed: readonly string[];
}

export type Search = (query: string, options?: { readonly limit?: number }) => readonly Match[];

/** Longer queries are cut: a pasted mail is no search. */
const LONGEST_QUERY = 200;

/**
 * Indexes once, searches often: words may be cut short or slightly misspelt; accents, case and the marks inside model
 * names do not matter, numbers have to fit. Where every word fits nowhere, the entries that most words fit come with
 * the words that they miss. Needs no file, so it runs in a browser.
 *
 * @param terms Of the same entries, where they were kept: collecting them takes longer than a search.
 */
export function createSearch(entries: readonly SearchEntry[], terms: Terms = termsToFind(entries)): Search {
  const index = openIndex(entries.length, terms);
  const names: (ReadonlySet<string> | undefined)[] = [];
  return (query, { limit = entries.length } = {}) => {
    const words = splitWords(query.slice(0, LONGEST_QUERY));
    const parts = matchWords(words, index);
    const needed = parts.some((p) => !p.filler) ? parts.filter((p) => !p.filler) : parts;
    const whole = wholeOf(needed);
    let most = 1;
    let best: { readonly entry: number; readonly score: number }[] = [];
    for (let entry = 0; entry < entries.length; entry += 1) {
      const covered = needed.filter((p) => fits(p, entry)).length;
      if (covered < most) continue;
      if (covered > most) [most, best] = [covered, []];
      best.push({ entry, score: scoreOf(entry, parts) });
    }
    // Who types a whole name means this entry, not one whose longer name contains it: "Thunderbird 45" is Thunderbird.
    const isNamed = (entry: number, known: SearchEntry | undefined) =>
      known !== undefined &&
      (names[entry] ??= namesOf(known)).has(
        most === needed.length ? whole : wholeOf(needed.filter((p) => fits(p, entry))),
      );
    return best
      .map(({ entry, score }) => ({ entry, score: isNamed(entry, entries[entry]) ? score * 2 : score }))
      .sort((a, b) => b.score - a.score || a.entry - b.entry)
      .slice(0, limit)
      .map(({ entry, score }) => ({
        id: entries[entry]?.id ?? '',
        score,
        missed: needed.filter((p) => !fits(p, entry)).map((p) => p.text),
      }));
  };
}

export function termsToFind(entries: readonly SearchEntry[]): Terms {
  return collectTerms(entries.map(weighTexts));
}

/** One word of the query, or two neighbours that are one word: what it fits, by entry. */
interface Part extends Fits {
  readonly text: string;
  /** Said around a device, or its version: an entry may lack it. */
  readonly filler: boolean;
}

function wholeOf(parts: readonly Part[]): string {
  return joinParts(foldText(parts.map((p) => p.text.replaceAll(' ', '')).join('')));
}

function fits(part: Part, entry: number): boolean {
  return (part.scores[entry] ?? 0) > 0;
}

/** A word that many entries know tells less. */
function scoreOf(entry: number, parts: readonly Part[]): number {
  let score = 0;
  // Who has a filler in a name ("Outlook 7 auf Windows 7") is not meant by everybody who says "auf".
  for (const { scores, count, text } of parts)
    if (!isFiller(text)) score += (scores[entry] ?? 0) * Math.log(1 + scores.length / Math.max(1, count));
  return score;
}

function matchWords(words: readonly string[], index: TermIndex): readonly Part[] {
  const alone = words.map((word) => matchWord(word, index));
  const parts: Part[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const [word = '', next = ''] = [words[i], words[i + 1]];
    const own = alone[i] ?? NOTHING;
    const together = next === '' ? NOTHING : index.match(joinParts(foldText(`${word}${next}`)), false);
    const filler = isFiller(word) || isVersion(word);
    // "thunder bird": neighbours that are one word, where one of them alone is none.
    if (together.count > 0 && (own.count === 0 || alone[i + 1]?.count === 0)) {
      parts.push({ text: `${word} ${next}`, filler: false, ...together });
      i += 1;
      continue;
    }
    parts.push({ text: word, filler, ...own });
    // "open wrt": both words are known elsewhere, and still one word here. Side by side they also tell more than apart.
    if (together.count > 0 && !filler && !isFiller(next)) {
      parts[parts.length - 1] = { text: word, filler, ...eitherOf(own, together) };
      alone[i + 1] = eitherOf(alone[i + 1] ?? NOTHING, together);
    }
  }
  return parts;
}

function eitherOf(a: Fits, b: Fits): Fits {
  const scores = a.scores.map((score, entry) =>
    score === 0 ? (b.scores[entry] ?? 0) : score + (b.scores[entry] ?? 0) / 2,
  );
  return { scores, count: scores.reduce((count, score) => count + Number(score > 0), 0) };
}

const NOTHING: Fits = { scores: new Float64Array(0), count: 0 };

function matchWord(word: string, index: TermIndex): Fits {
  const folded = foldText(word);
  const version = isVersion(folded);
  // 9.3.5 is found as 9.3 and as 9, but never as 935.
  for (const form of version ? shorterVersions(folded) : [joinParts(folded)]) {
    const found = index.match(form, !version);
    if (found.count > 0) return found;
  }
  // "outlook2010", where no name writes it so.
  const pieces = version ? [] : splitAtDigits(joinParts(folded));
  return pieces.length < 2 ? NOTHING : allOf(pieces.map((piece) => index.match(piece, true)));
}

function allOf(fitting: readonly Fits[]): Fits {
  const scores = new Float64Array(fitting[0]?.scores.length ?? 0);
  let count = 0;
  for (let entry = 0; entry < scores.length; entry += 1) {
    const own = fitting.map((f) => f.scores[entry] ?? 0);
    if (own.includes(0)) continue;
    scores[entry] = own.reduce((sum, score) => sum + score, 0);
    count += 1;
  }
  return { scores, count };
}

/** What an owner adds to answer a question; few names hold one. */
function isVersion(word: string): boolean {
  return /^v?\d+(?:\.\d+)+$/i.test(word);
}

function shorterVersions(version: string): readonly string[] {
  const numbers = version.replace(/^v/, '').split('.');
  return numbers.map((_, i) => numbers.slice(0, numbers.length - i).join('.'));
}

const WEIGHTS = { model: 3, aliases: 2.8, vendor: 3, id: 2, errors: 1.5, kinds: 1, systems: 0.7 } as const;

function weighTexts(entry: SearchEntry): readonly (readonly [string, number])[] {
  const { id, vendor, model, aliases, kinds, errors, systems } = entry;
  return [
    [vendor, WEIGHTS.vendor],
    [model, WEIGHTS.model],
    [joinParts(id), WEIGHTS.id],
    ...aliases.map((text) => [text, WEIGHTS.aliases] as const),
    ...errors.map((text) => [text, WEIGHTS.errors] as const),
    ...kinds.map((text) => [text, WEIGHTS.kinds] as const),
    ...systems.map((text) => [text, WEIGHTS.systems] as const),
  ];
}

function namesOf({ vendor, model, aliases }: SearchEntry): ReadonlySet<string> {
  return new Set(
    [model, `${vendor} ${model}`, ...aliases].map((name) => joinParts(foldText(name.replaceAll(/\s+/g, '')))),
  );
}
