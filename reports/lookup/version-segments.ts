import { compareVersions, parseVersionRange, type VersionRange } from '../../harness/vocabulary/version-range.ts';

/** Versions between two cuts, as a range that people read: `<6.20`, `>=6.20 <7`, `>=7`. */
export interface Segment {
  readonly range: string;
  /** Of the given ranges those that hold for every version of the segment. */
  readonly within: readonly string[];
}

/**
 * Cuts all versions where any of the ranges begins or ends, oldest first, so that an owner's version lies in exactly
 * one segment. Texts that say no range are left out.
 */
export function cutVersions(ranges: readonly string[]): readonly Segment[] {
  const parsed = [...new Set(ranges)].flatMap((text) => {
    const range = parseVersionRange(text);
    return 'kind' in range ? [] : [{ text, span: spanOf(range) }];
  });
  const cuts = parsed
    .flatMap(({ span }) => [span.from, span.to])
    .filter((cut) => cut !== null)
    .sort(compareCuts)
    .filter((cut, i, all) => i === 0 || compareCuts(cut, all[i - 1] ?? cut) !== 0);
  return [null, ...cuts].map((from, i) => {
    const to = cuts[i] ?? null;
    const within = parsed.filter(({ span }) => startsBefore(span.from, from) && endsAfter(span.to, to));
    return { range: renderSpan(from, to), within: within.map((p) => p.text) };
  });
}

/** A place between versions: just before a version, or just after it. */
interface Cut {
  readonly version: string;
  readonly after: boolean;
}
interface Span {
  readonly from: Cut | null;
  readonly to: Cut | null;
}

function spanOf(range: VersionRange): Span {
  let [from, to]: [Cut | null, Cut | null] = [null, null];
  for (const { operator, version } of range) {
    const [before, after] = [
      { version, after: false },
      { version, after: true },
    ];
    const low = { '>': after, '>=': before, '=': before, '<': null, '<=': null }[operator];
    const high = { '<': before, '<=': after, '=': after, '>': null, '>=': null }[operator];
    if (low !== null && (from === null || compareCuts(low, from) > 0)) from = low;
    if (high !== null && (to === null || compareCuts(high, to) < 0)) to = high;
  }
  return { from, to };
}

function compareCuts(a: Cut, b: Cut): number {
  return compareVersions(a.version, b.version) || Number(a.after) - Number(b.after);
}

function startsBefore(from: Cut | null, segment: Cut | null): boolean {
  return from === null || (segment !== null && compareCuts(from, segment) <= 0);
}

function endsAfter(to: Cut | null, segment: Cut | null): boolean {
  return to === null || (segment !== null && compareCuts(to, segment) >= 0);
}

function renderSpan(from: Cut | null, to: Cut | null): string {
  if (from !== null && to !== null && from.version === to.version) return from.version;
  const low = from === null ? [] : [`${from.after ? '>' : '>='}${from.version}`];
  const high = to === null ? [] : [`${to.after ? '<=' : '<'}${to.version}`];
  return [...low, ...high].join(' ');
}
