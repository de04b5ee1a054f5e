import type { Record as TrialRecord } from '../../harness/vocabulary/record.ts';
import type { ReportInput } from '../contract.ts';
import { differencesOf } from '../differences.ts';
import { testCaseNameOf } from './identity.ts';
import { renderExcuse } from './change-parts.ts';

/**
 * What somebody answers for, as Allure's own "accepted". An excuse that has expired, or is not needed any more, is
 * none. Allure asks for a test case and a comment.
 */
export function knownIssues(records: readonly TrialRecord[], input: ReportInput) {
  const find = differencesOf(input);
  const rules = records.flatMap((record) => {
    const { excuse, excuseFault } = find(record) ?? {};
    if (excuse === undefined || excuseFault !== undefined) return [];
    return [
      { resolution: 'accepted', testCaseId: [testCaseNameOf(record)], comment: renderExcuse(excuse, input.language) },
    ];
  });
  return { rules };
}
