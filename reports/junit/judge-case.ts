import { isTrouble } from '../../harness/causes.ts';
import type { Difference } from '../../harness/vocabulary/comparison.ts';
import type { Expectation } from '../../harness/vocabulary/device.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import { explainExcuseFault, isFailing } from '../../harness/regression/judge-comparison.ts';
import { renderFound, renderReasons, renderSides } from '../../harness/regression/render-reason.ts';
import { hasChanged } from '../differences.ts';
import { isExpected } from '../matrix/expectation.ts';

export type CaseResult =
  | { readonly kind: 'passed' }
  /** `type`: a word that machines can group by. */
  | { readonly kind: 'failure' | 'error' | 'skipped'; readonly type: string; readonly message: string };

/**
 * Regression, not compatibility: is this what was accepted, or what the device file expects? Trouble of the lab comes
 * before any difference: it says nothing about the device. `record` null: the question was not asked in this run.
 */
export function judgeCase(
  record: Pick<Record, 'outcome' | 'cause' | 'silent' | 'because'> | null,
  expected: Expectation | undefined,
  difference: Difference | undefined,
): CaseResult {
  if (difference?.excuseFault !== undefined) return excuseFault(difference);
  if (record === null) return unasked(difference);
  const isAsExpected = expected !== undefined && isExpected(expected, record);
  if (isTrouble(record.cause) && !isAsExpected) {
    return {
      kind: 'error',
      type: record.cause ?? 'trouble',
      message: [...because(record), ...changed(difference)].join('; '),
    };
  }
  if (difference !== undefined && hasChanged(difference)) {
    if (!isFailing(difference)) return { kind: 'passed' };
    return { kind: 'failure', type: difference.kind, message: changed(difference).join('; ') };
  }
  if (expected !== undefined && !isAsExpected) {
    const message = `expected by the device file: ${renderFound(expected)}; found: ${renderFound(record)}`;
    return { kind: 'failure', type: 'not-as-expected', message: [message, ...because(record)].join('; ') };
  }
  if (record.outcome === 'not-run') {
    return { kind: 'skipped', type: record.cause ?? 'not-run', message: because(record).join('; ') };
  }
  return { kind: 'passed' };
}

/** What was accepted, what was found, and why. */
function changed(difference: Difference | undefined): readonly string[] {
  if (difference === undefined || !hasChanged(difference)) return [];
  return [
    `${difference.kind}: accepted and found: ${renderSides(difference)}`,
    ...(difference.because.length === 0 ? [] : [`because: ${renderReasons(difference)}`]),
  ];
}

function because(record: Pick<Record, 'outcome' | 'cause' | 'silent' | 'because'>): readonly string[] {
  return record.because.length === 0 ? [renderFound(record)] : record.because;
}

function unasked(difference: Difference | undefined): CaseResult {
  const before = difference?.before === undefined ? 'nothing' : renderFound(difference.before);
  const message = `not asked in this run; accepted: ${before}`;
  const isOpen = difference !== undefined && isFailing(difference);
  return { kind: isOpen ? 'failure' : 'skipped', type: 'missing', message };
}

function excuseFault(difference: Difference): CaseResult {
  const message = explainExcuseFault(difference) ?? 'the excuse is an error';
  return { kind: 'failure', type: `excuse-${difference.excuseFault}`, message };
}
