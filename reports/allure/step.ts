import type { Outcome } from '../../harness/vocabulary/finding.ts';

/** What Allure calls passed, failed, broken and skipped: compatibility, not regression. */
export type Status = 'passed' | 'failed' | 'broken' | 'skipped';

export const STATUS_OF: Readonly<Record<Outcome, Status>> = {
  works: 'passed',
  fails: 'failed',
  inconclusive: 'broken',
  'not-run': 'skipped',
};

/** A step as a value; written to Allure in results.ts alone. */
export interface Step {
  readonly name: string;
  readonly status: Status;
  readonly parameters?: readonly { readonly name: string; readonly value: string }[];
  readonly steps?: readonly Step[];
  readonly files?: readonly File[];
}

/** `text` is written as it is; `path` is copied. */
export type File = { readonly name: string; readonly type: string; readonly extension: string } & (
  | { readonly text: string }
  | { readonly path: string }
);
