import type { ChangeKind, Comparison, Difference } from '../vocabulary/comparison.ts';
import { explainExcuseFault } from './judge-comparison.ts';
import { renderReasons, renderSides } from './render-reason.ts';

/** More rows would not be read on a terminal; comparison.json has them all. */
const ROWS = 40;

/** What is not the same, as lines for a terminal: what nothing explains first, then by kind. Ends with the counts. */
export function renderComparison(comparison: Comparison): string {
  const { against, differences } = comparison;
  const shown = [...differences].filter((d) => d.kind !== 'same' && d.kind !== 'new').sort(byUrgency);
  const rows = shown.slice(0, ROWS).map((d) => [d.kind, nameOf(d), renderSides(d), explainRow(d)]);
  const more = shown.length - rows.length;
  const faults = differences.flatMap((d) => explainExcuseFault(d) ?? []);
  const fresh = differences.filter((d) => d.kind === 'new');
  return [
    `Against ${against.kind} ${against.name} of ${against.at.slice(0, 10)}: ${renderTally(comparison)}`,
    ...renderRows(rows),
    ...(more > 0 ? [`… and ${more} more`] : []),
    ...renderNew(fresh),
    ...faults.map((f) => `excuse: ${f}`),
  ].join('\n');
}

/** `98 same, 1 regressed, 2 new`. */
export function renderTally({ counts }: Pick<Comparison, 'counts'>): string {
  const order: readonly ChangeKind[] = ['same', ...ORDER, 'new'];
  return order
    .filter((kind) => kind === 'same' || counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${kind}`)
    .join(', ');
}

const ORDER: readonly ChangeKind[] = ['flaky', 'regressed', 'changed', 'fixed', 'missing'];

function byUrgency(a: Difference, b: Difference): number {
  const rank = (d: Difference) =>
    (d.excuse === undefined || d.excuseFault !== undefined ? 0 : 100) +
    (isUnexplained(d) ? 0 : 10) +
    ORDER.indexOf(d.kind);
  return rank(a) - rank(b) || (a.key < b.key ? -1 : 1);
}

/** Whose change it is, nobody knows. */
export function isUnexplained({ because }: Pick<Difference, 'because'>): boolean {
  return because.some(({ what }) => what === 'nothing-known');
}

function nameOf({ key, engine }: Difference): string {
  return key.replace(`/question/${engine}`, engine === 'embedded' ? '' : ` on ${engine}`);
}

function explainRow(d: Difference): string {
  const { excuse, excuseFault } = d;
  const holds = excuse !== undefined && excuseFault === undefined;
  return [renderReasons(d), ...(holds ? [`excused by ${excuse.owner} until ${excuse.expires}`] : [])]
    .filter(Boolean)
    .join('; ');
}

function renderRows(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1, 2].map((i) => Math.max(0, ...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
}

function renderNew(fresh: readonly Difference[]): readonly string[] {
  if (fresh.length === 0) return [];
  const devices = [...new Set(fresh.map((d) => d.device))];
  const named = devices.slice(0, 10).join(', ');
  const more = devices.length > 10 ? ` and ${devices.length - 10} more` : '';
  return [`new, not yet accepted: ${fresh.length} questions of ${named}${more}`];
}
