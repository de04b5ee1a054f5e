import type { Excuse, ExcuseFault } from '../vocabulary/comparison.ts';
import type { Answer } from './state.ts';

/**
 * Why an excuse is an error itself, or null: it holds. `after`: the answer of today, undefined where the question is
 * not asked any more. What works now and then does not work again.
 */
export function judgeExcuse(excuse: Excuse, after: Answer | undefined, asOf: Date): ExcuseFault | null {
  if (after === undefined) return 'matches-nothing';
  if (after.answers.every(({ outcome }) => outcome === 'works')) return 'works-again';
  if (excuse.cause !== undefined && after.found.cause !== excuse.cause) return 'matches-nothing';
  return asOf.toISOString().slice(0, 10) > excuse.expires ? 'expired' : null;
}
