/**
 * Versions as vendors write them, compared number by number: `7.2 < 7.10`, `1.0.2 < 1.0.2u`, `16S < 17S`. A part that is
 * missing is older than any (`6.0 < 6.0.1`); numbers are newer than words (`1.0-beta < 1.0.1`).
 *
 * @returns negative, 0 or positive, as for `Array.prototype.sort`.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const order = compareParts(left[i], right[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A range: comparators joined by blanks that all have to hold, `>=6.20 <7`; a bare version is exactly that one. */
export type VersionRange = readonly { readonly operator: Operator; readonly version: string }[];
type Operator = '<' | '<=' | '>' | '>=' | '=';

/** The range that a text says, or why it says none. */
export function parseVersionRange(text: string): VersionRange | { readonly kind: 'refused'; readonly why: string } {
  const range: { operator: Operator; version: string }[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const match = /^(?<operator><=|>=|<|>|=)?(?<version>\d[\w.+-]*)$/.exec(word);
    if (match?.groups?.['version'] === undefined) {
      return { kind: 'refused', why: `"${word}" is no comparison of versions; write for example ">=6.20 <7"` };
    }
    range.push({
      operator: OPERATORS.find((o) => o === match.groups?.['operator']) ?? '=',
      version: match.groups['version'],
    });
  }
  return range;
}

export function isInRange(version: string, range: VersionRange): boolean {
  return range.every((comparator) => {
    const order = compareVersions(version, comparator.version);
    return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0, '=': order === 0 }[
      comparator.operator
    ];
  });
}

const OPERATORS: readonly Operator[] = ['<', '<=', '>', '>=', '='];

type Part = number | string;

function partsOf(version: string): readonly Part[] {
  return (version.toLowerCase().match(/\d+|[a-z]+/g) ?? []).map((part) => (/^\d/.test(part) ? Number(part) : part));
}

function compareParts(a: Part | undefined, b: Part | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return typeof a === 'number' ? 1 : -1;
}
