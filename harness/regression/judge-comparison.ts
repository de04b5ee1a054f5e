import type { ChangeKind, Comparison, Difference } from '../vocabulary/comparison.ts';

/** Kinds that fail a run unless somebody answers for them. What is new is only listed. */
const FAILING: ReadonlySet<ChangeKind> = new Set(['regressed', 'changed', 'fixed', 'flaky', 'missing']);

/** Whether a difference fails a run: it is not excused, or its excuse is an error itself. */
export function isFailing({ kind, excuse, excuseFault }: Difference): boolean {
  if (excuseFault !== undefined) return true;
  return FAILING.has(kind) && excuse === undefined;
}

/** An excuse that is an error, as a sentence with what to do. */
export function explainExcuseFault({ key, excuse, excuseFault, after }: Difference): string | null {
  if (excuse === undefined || excuseFault === undefined) return null;
  const who = `the excuse for ${key} (${excuse.owner}: ${excuse.reason})`;
  switch (excuseFault) {
    case 'expired':
      return `${who} expired on ${excuse.expires}: mend it, or give it another day.`;
    case 'works-again':
      return `${who} is for something that works again: remove it.`;
    default:
      return after === undefined
        ? `${who} matches nothing: the question is not asked any more; remove it.`
        : `${who} matches nothing: it is for ${excuse.cause}, found was ${after.cause ?? after.outcome}.`;
  }
}

/** Whether nothing fails. */
export function isAsAccepted({ differences }: Comparison): boolean {
  return !differences.some(isFailing);
}
