import type { Difference, Found } from '../harness/vocabulary/comparison.ts';
import type { Record } from '../harness/vocabulary/record.ts';
import type { ReportInput } from './contract.ts';

/** Finds what is not as accepted about a record, of the run that was compared. */
export type FindDifference = (record: Record) => Difference | undefined;

export function differencesOf({ comparison }: Pick<ReportInput, 'comparison'>): FindDifference {
  if (comparison === undefined) return () => undefined;
  const byTrial = new Map(comparison.differences.map((d) => [`${d.trial} ${d.engine}`, d]));
  return (record) => (record.run === comparison.run ? byTrial.get(`${record.trial} ${record.engine}`) : undefined);
}

/** Of a question that was asked on both sides: the answers differ. */
export function hasChanged({ kind }: Difference): boolean {
  return CHANGED.has(kind);
}

const CHANGED: ReadonlySet<Difference['kind']> = new Set(['regressed', 'changed', 'fixed', 'flaky']);

/** How often an unchanged question got through, of all its answers. */
export function flakyRate(answers: readonly Found[]): { readonly worked: number; readonly asked: number } {
  return { worked: answers.filter((a) => a.outcome === 'works').length, asked: answers.length };
}
