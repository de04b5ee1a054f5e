import { renderConfusion } from '../../reports/matrix/confusion.ts';
import { HarnessFault } from '../faults.ts';
import { readRun } from '../records.ts';
import { concludeRuns } from './conclusions.ts';
import { EXIT } from './exit.ts';
import { renderJudged } from './judge-changes.ts';
import { judgeRun } from './judge-run.ts';
import { printable } from './printable.ts';
import { runsAt } from './runs-at.ts';
import { keepHeapSmall } from './small-heap.ts';

export interface JudgeOptions {
  readonly fromBytes?: boolean;
  readonly confusion?: boolean;
  readonly json?: boolean;
}

/**
 * `cutover judge`: today's rules on stored evidence, and which findings they change. Records stay as they are. Exit 1
 * when a finding changes, or the confusion is not diagonal.
 */
export async function judgeAgain(folder: string, options: JudgeOptions): Promise<number> {
  keepHeapSmall();
  const paths = demandRuns(folder);
  const judged = paths.map((path) => judgeRun(path, options.fromBytes === true));
  const changes = judged.flatMap((j) => j.changes);
  if (options.json === true) process.stdout.write(`${JSON.stringify(judged, null, 2)}\n`);
  else console.log(printable(renderJudged(judged)));
  if (options.confusion !== true) return changes.length === 0 ? EXIT.expected : EXIT.different;
  const runs = paths.map((path) => readRun(path));
  const confusion = renderConfusion(
    concludeRuns(runs).records,
    runs.flatMap((r) => r.devices),
  );
  console.log(`\n${confusion.text}`);
  return changes.length === 0 && confusion.diagonal ? EXIT.expected : EXIT.different;
}

function demandRuns(folder: string): readonly string[] {
  const found = runsAt(folder);
  if (found.length > 0) return found;
  throw new HarnessFault('no-runs', `${folder}: no runs here`, {
    exitCode: 64,
    stage: 'configuration',
    advice: 'Name a run folder (`out/runs/…`), or the folder that was given to `cutover run --out`.',
  });
}
