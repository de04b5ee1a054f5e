import { statSync } from 'node:fs';
import { renderComparison } from '../regression/render-comparison.ts';
import { renderMarkdown } from '../regression/render-markdown.ts';
import type { Comparison } from '../vocabulary/comparison.ts';
import { compareWithBaseline, compareWithRun, readBaseline, readCompared } from './compare-runs.ts';
import { EXIT } from './exit.ts';
import { newestRun } from './newest-run.ts';
import { printable } from './printable.ts';
import { keepHeapSmall } from './small-heap.ts';

export interface DiffOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

/** `cutover diff A B`: what is not the same in B, and why. Exit 1 when something is not, or an excuse of the baseline is an error. */
export async function diffRuns(a: string, b: string, options: DiffOptions): Promise<number> {
  keepHeapSmall();
  const run = readCompared(newestRun(b));
  const isFile = statSync(a, { throwIfNoEntry: false })?.isFile() === true;
  const comparison = isFile
    ? compareWithBaseline(run, readBaseline(a), new Date())
    : compareWithRun(run, readCompared(newestRun(a)));
  if (options.json === true) process.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
  else if (options.markdown === true) process.stdout.write(renderMarkdown(comparison));
  else console.log(printable(renderComparison(comparison)));
  return isSame(comparison) ? EXIT.expected : EXIT.different;
}

function isSame({ counts, differences }: Comparison): boolean {
  if (differences.some((d) => d.excuseFault !== undefined)) return false;
  return Object.entries(counts).every(([kind, count]) => kind === 'same' || count === 0);
}
