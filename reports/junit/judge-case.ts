import { isTrouble } from '../../harness/causes.ts';
import type { Difference } from '../../harness/vocabulary/comparison.ts';
import type { Expectation } from '../../harness/vocabulary/device.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import { flakyRate, renderFound, renderReason } from '../found-words.ts';
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
  if (difference !== undefined && DIFFERS.has(difference.kind)) {
    if (difference.excuse !== undefined) return { kind: 'passed' };
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

const DIFFERS: ReadonlySet<Difference['kind']> = new Set(['regressed', 'changed', 'fixed', 'flaky']);

function changed(difference: Difference | undefined): readonly string[] {
  if (difference === undefined || !DIFFERS.has(difference.kind)) return [];
  const { kind, before, after, because: reasons, answers } = difference;
  const { worked, asked } = flakyRate(answers ?? []);
  return [
    `${kind}: accepted: ${renderFound(before)}; found: ${renderFound(after)}`,
    ...(asked === 0 ? [] : [`asked ${asked} times unchanged, it worked ${worked} times`]),
    ...(reasons.length === 0 ? [] : [`because: ${reasons.map(renderReason).join(', ')}`]),
  ];
}

function because(record: Pick<Record, 'outcome' | 'cause' | 'silent' | 'because'>): readonly string[] {
  return record.because.length === 0 ? [renderFound(record)] : record.because;
}

function unasked(difference: Difference | undefined): CaseResult {
  const before = renderFound(difference?.before);
  return { kind: 'skipped', type: 'missing', message: `not asked in this run; accepted: ${before}` };
}

function excuseFault({ excuse, excuseFault: fault, after }: Difference): CaseResult {
  const what = excuse === undefined ? 'The excuse' : `The excuse "${excuse.reason}" of ${excuse.owner}`;
  const why =
    fault === 'expired'
      ? `expired on ${excuse?.expires ?? 'an unknown day'}; found: ${renderFound(after)}`
      : fault === 'works-again'
        ? 'is not needed any more: it works again. Remove it.'
        : 'matches no question of this run. Remove it, or correct its key.';
  return { kind: 'failure', type: `excuse-${fault}`, message: `${what} ${why}` };
}
