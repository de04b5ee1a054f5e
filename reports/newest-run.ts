import type { Run } from '../harness/vocabulary/run.ts';

/** The newest run that asks whether devices work. A comparison of refusal styles asks something else. */
export function newestRun(runs: readonly Run[]): Run | undefined {
  return runs.findLast((run) => run.watch === undefined);
}
