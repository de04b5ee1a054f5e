import type { Attempt } from './attempts.ts';

/**
 * Of attempts in order of arrival those that are kept: while there are too many, whoever has most gives the oldest, and
 * an address that a call is known to use gives none. So a stranger who hammers pushes out what they did themselves, and
 * a customer is lost only among as many addresses as there are places.
 */
export function keepFairly(
  attempts: readonly Attempt[],
  most: number,
  known: ReadonlySet<string> = new Set(),
): readonly Attempt[] {
  const kept = [...attempts];
  while (kept.length > most) {
    const counts = new Map<string, number>();
    for (const { source } of kept) counts.set(source, (counts.get(source) ?? 0) + 1);
    const givers = kept.filter((a) => !known.has(a.source));
    const busiest = Math.max(0, ...givers.map((a) => counts.get(a.source) ?? 0));
    const giver = givers.find((a) => counts.get(a.source) === busiest) ?? kept[0];
    if (giver === undefined) break;
    kept.splice(kept.indexOf(giver), 1);
  }
  return kept;
}
