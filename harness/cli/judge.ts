import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { renderConfusion } from '../../reports/matrix/confusion.ts';
import { HarnessFault } from '../faults.ts';
import { readRun } from '../records.ts';
import { concludeRuns } from './conclusions.ts';
import { EXIT } from './exit.ts';
import { renderJudged } from './judge-changes.ts';
import { judgeRun } from './judge-run.ts';
import { printable } from './printable.ts';
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
  const paths = runsAt(folder);
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

/** A run's own folder, or all runs below an output folder, oldest first. */
function runsAt(folder: string): readonly string[] {
  if (existsSync(join(folder, 'run.json'))) return [folder];
  const runs = join(folder, 'runs');
  const names = existsSync(runs) ? readdirSync(runs).sort() : [];
  const found = names.map((name) => join(runs, name)).filter((path) => existsSync(join(path, 'run.json')));
  if (found.length > 0) return found;
  throw new HarnessFault('no-runs', `${folder}: no runs here`, {
    exitCode: 64,
    stage: 'configuration',
    advice: 'Name a run folder (`out/runs/…`), or the folder that was given to `cutover run --out`.',
  });
}
