import { belongsTo, type NumberedTexts, numberedTexts } from './number-owner.ts';
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
  /** Systems that the answer depends on, by each of their names. */
  readonly systems: readonly string[];
}

export interface Match {
  readonly id: string;
  /** Higher is better; only comparable within one search. */
  readonly score: number;
  /** Words of the query that this entry does not know, as typed. Empty: everything fits. */
  readonly missed: readonly string[];
  /** It knows every word, or those that it knows hold a whole name of it. */
  readonly named: boolean;
}

export type Search = (query: string, options?: { readonly limit?: number }) => readonly Match[];

/** Longer queries are cut: a pasted mail is no search. */
const LONGEST_QUERY = 200;

/**
 * Indexes once, searches often: words may be cut short or slightly misspelt; accents, case and the marks inside model
 * names do not matter, numbers have to fit, and in the name that holds the word before them. Where every word fits
 * nowhere, the entries that most words fit come with the words that they miss. Needs no file, so it runs in a browser.
 *
 * @param terms Of the same entries, where they were kept: collecting them takes longer than a search.
 */
export function createSearch(entries: readonly SearchEntry[], terms: Terms = termsToFind(entries)): Search {
  const index = openIndex(entries.length, terms);
  const names: (ReadonlySet<string> | undefined)[] = [];
  const texts: (NumberedTexts | undefined)[] = [];
  const fits = (part: Part, entry: number) => {
    if ((part.scores[entry] ?? 0) === 0) return false;
    const known = entries[entry];
    if (part.owner === undefined || known === undefined) return true;
    return belongsTo((texts[entry] ??= numberedTexts(known)), part.owner, part.text);
  };
  return (query, { limit = entries.length } = {}) => {
    const words = splitWords(query.slice(0, LONGEST_QUERY));
    const parts = matchWords(words, index);
    const needed = parts.some((p) => !p.filler) ? parts.filter((p) => !p.filler) : parts;
    const whole = wholeOf(needed);
    let most = 1;
    let best: { readonly entry: number; readonly score: number }[] = [];
    for (let entry = 0; entry < entries.length; entry += 1) {
      if (needed.filter(({ scores }) => (scores[entry] ?? 0) > 0).length < most) continue;
      const covered = needed.filter((p) => fits(p, entry)).length;
      if (covered < most) continue;
      if (covered > most) [most, best] = [covered, []];
      best.push({
        entry,
        score: scoreOf(
          entry,
          parts.filter((p) => p.owner === undefined || fits(p, entry)),
        ),
      });
    }
    // An entry that knows nothing but the number of an unknown model is no neighbour of it.
    if (most < needed.length && needed.some((p) => p.owner !== undefined)) {
      const others = needed.filter((p) => p.owner === undefined);
      const neighbours = best.filter(({ entry }) => others.some((p) => fits(p, entry)));
      if (neighbours.length > 0) best = neighbours;
    }
    return best
      .map(({ entry, score }) => {
        const own = (names[entry] ??= namesOf(entries[entry]));
        const known = most === needed.length ? whole : wholeOf(needed.filter((p) => fits(p, entry)));
        // Who types a whole name means this entry, not one whose longer name contains it: "Thunderbird 45".
        const isMeant = own.has(known) || (most < needed.length && isOfMaker(needed, entries[entry]));
        return { entry, score: isMeant ? score * 2 : score, named: most === needed.length || holdsName(known, own) };
      })
      .sort((a, b) => b.score - a.score || a.entry - b.entry)
      .slice(0, limit)
      .map(({ entry, score, named }) => ({
        id: entries[entry]?.id ?? '',
        score,
        missed: most === needed.length ? [] : [...new Set(needed.filter((p) => !fits(p, entry)).map((p) => p.typed))],
        named,
      }));
  };
}

/** Of an unknown model the maker is known: its other models come before those of others with a similar name. */
function isOfMaker(parts: readonly Part[], known: SearchEntry | undefined): boolean {
  const makers = foldText(known?.vendor ?? '').split(/\s+/);
  return parts.some((p) => makers.includes(foldText(p.text)));
}

/** Shorter names stand inside of other words. */
const SHORTEST_NAME = 4;

function holdsName(known: string, names: ReadonlySet<string>): boolean {
  return names.has(known) || [...names].some((name) => name.length >= SHORTEST_NAME && known.includes(name));
}

export function termsToFind(entries: readonly SearchEntry[]): Terms {
  return collectTerms(entries.map(weighTexts));
}

/** One word of the query, or two neighbours that are one word: what it fits, by entry. */
interface Part extends Fits {
  readonly text: string;
  /** The word that it is, or is a piece of. */
  readonly typed: string;
  /** Of a number: the word before it. */
  readonly owner?: string;
  /** Said around a device, or its version: an entry may lack it. */
  readonly filler: boolean;
}

function wholeOf(parts: readonly Part[]): string {
  return joinParts(foldText(parts.map((p) => p.text.replaceAll(' ', '')).join('')));
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
  const pieces = words.map((word) => piecesOf(word, index));
  const alone = words.map((word, i) => {
    const own = matchWord(word, index);
    return own.count > 0 ? own : allOf((pieces[i] ?? []).map((p) => p.fits));
  });
  const parts: Part[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const [word = '', next = ''] = [words[i], words[i + 1]];
    const own = alone[i] ?? NOTHING;
    const together = next === '' ? NOTHING : index.match(joinParts(foldText(`${word}${next}`)), false);
    const filler = isFiller(word) || isVersion(word);
    // "thunder bird": neighbours that are one word, where one of them alone is none.
    if (together.count > 0 && (own.count === 0 || alone[i + 1]?.count === 0)) {
      parts.push({ text: `${word} ${next}`, typed: `${word} ${next}`, filler: false, ...together });
      i += 1;
      continue;
    }
    const split = matchWord(word, index).count > 0 ? [] : (pieces[i] ?? []);
    if (split.length > 0) {
      for (const { piece, fits } of split)
        parts.push({ text: piece, typed: word, filler: false, ...ownerOf(piece, parts), ...fits });
      continue;
    }
    parts.push({ text: word, typed: word, filler, ...ownerOf(word, parts), ...own });
    // "open wrt": both words are known elsewhere, and still one word here. Side by side they also tell more than apart.
    if (together.count > 0 && !filler && !isFiller(next)) {
      parts[parts.length - 1] = { text: word, typed: word, filler, ...eitherOf(own, together) };
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
  return NOTHING;
}

/** "outlook2010", where no name writes it so; "ccu9", which nobody has entered, for its letters. */
function piecesOf(word: string, index: TermIndex): readonly { readonly piece: string; readonly fits: Fits }[] {
  const folded = foldText(word);
  const pieces = isVersion(folded) ? [] : splitAtDigits(joinParts(folded));
  if (pieces.length < 2) return [];
  const matched = pieces.map((piece) => ({ piece, fits: index.match(piece, true) }));
  const [name] = matched;
  const isName = name !== undefined && /^\p{L}{3,}$/u.test(name.piece) && name.fits.count > 0;
  return isName || allOf(matched.map((m) => m.fits)).count > 0 ? matched : [];
}

/** The last word that is none said around a device and has no digit itself. */
function ownerOf(word: string, before: readonly Part[]): { readonly owner?: string } {
  if (!/^\d+[a-z]{0,2}$/i.test(word)) return {};
  const last = before.findLast((p) => !p.filler);
  return last === undefined || /\d/.test(last.text) || last.count === 0 ? {} : { owner: last.text };
}

function allOf(fitting: readonly Fits[]): Fits {
  if (fitting.length === 0) return NOTHING;
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

function namesOf(entry: SearchEntry | undefined): ReadonlySet<string> {
  if (entry === undefined) return new Set();
  const { vendor, model, aliases } = entry;
  return new Set(
    [model, `${vendor} ${model}`, ...aliases].map((name) => joinParts(foldText(name.replaceAll(/\s+/g, '')))),
  );
}
