import type { Difference } from '../harness/vocabulary/comparison.ts';
import type { Record } from '../harness/vocabulary/record.ts';
import type { ReportInput } from './contract.ts';

/** Finds what is not as accepted about a record, of the run that was compared. */
export type FindDifference = (record: Record) => Difference | undefined;

export function differencesOf({ comparison }: Pick<ReportInput, 'comparison'>): FindDifference {
  if (comparison === undefined) return () => undefined;
  const byTrial = new Map(comparison.differences.map((d) => [`${d.trial} ${d.engine}`, d]));
  return (record) => (record.run === comparison.run ? byTrial.get(`${record.trial} ${record.engine}`) : undefined);
}

/** Not as accepted, and nobody answers for it. */
export function isOpen(difference: Difference): boolean {
  if (difference.excuseFault !== undefined) return true;
  return DIFFERS.has(difference.kind) && difference.excuse === undefined;
}

/** The kinds that are a difference of what was found; `new` and `missing` are one of what was asked. */
export function differs({ kind }: Difference): boolean {
  return DIFFERS.has(kind);
}

const DIFFERS: ReadonlySet<Difference['kind']> = new Set(['regressed', 'changed', 'fixed', 'flaky']);
