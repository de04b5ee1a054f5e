import type { Words } from './words.ts';

/** A range of versions as people say it: `>=6.20 <7` is "ab 6.20, älter als 7". What is no such range stays as it is. */
export function rangeWords(range: string, words: Words): string {
  const parts = range
    .trim()
    .split(/\s+/)
    .map((word) => /^(>=|<=|<|>|=)?(.+)$/.exec(word));
  const bound = (operator: string) => parts.find((p) => (p?.[1] ?? '=') === operator)?.[2];
  const [low, above, high, last, exact] = [bound('>='), bound('>'), bound('<'), bound('<='), bound('=')];
  if (parts.length === 1 && exact !== undefined) return exact;
  if (parts.length === 1 && low !== undefined) return words.from(low);
  if (parts.length === 1 && above !== undefined) return words.newerThan(above);
  if (parts.length === 1 && high !== undefined) return words.onlyBelow(high);
  if (parts.length === 1 && last !== undefined) return words.upTo(last);
  if (parts.length === 2 && low !== undefined && high !== undefined) return words.fromBelow(low, high);
  if (parts.length === 2 && low !== undefined && last !== undefined) return words.fromTo(low, last);
  if (parts.length === 2 && above !== undefined && high !== undefined) return words.between(above, high);
  return range;
}
