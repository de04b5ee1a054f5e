import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { Run } from '../vocabulary/run.ts';
import { runsAt } from './runs-at.ts';

/**
 * The folder of the run that a person means who names it, or the folder it was written to: there, the newest that
 * `cutover run` has begun and not finished, else the newest.
 *
 * @throws HarnessFault `no-runs` (64) where there is none, `run-unstarted` (64) for one that was killed before it began.
 */
export function findRun(given: string): string {
  const path = resolve(given);
  if (existsSync(join(path, 'run.json'))) return demandPlace(path);
  if (basename(dirname(path)) === 'runs' && existsSync(path))
    throw usage(
      'run-unstarted',
      `${given}: was ended before it began: there is no run.json`,
      'Nothing was asked yet, so nothing is lost: start it anew with `cutover run`, or `cutover merge`.',
    );
  const newestFirst = runsAt(path).toReversed();
  const known = newestFirst.flatMap((own) => {
    const run = readQuietly(own);
    return run?.plan === undefined ? [] : [{ path: own, run }];
  });
  const found = known.find(({ run }) => run.state !== 'finished') ?? known[0];
  if (found !== undefined) return found.path;
  throw usage(
    'no-runs',
    `${given}: no run of \`cutover run\` here`,
    'Name a run folder (`out/runs/…`), or the folder that was given to `cutover run --out`.',
  );
}

/** Below `<out>/runs` and under its own name: reports and locks count on it. */
function demandPlace(path: string): string {
  if (basename(dirname(path)) === 'runs') return path;
  throw usage(
    'run-elsewhere',
    `${path}: a run lies in a folder \`runs\``,
    `Move it to runs/${basename(path)} of an output folder.`,
  );
}

/** Whoever takes it says what is wrong with it. */
function readQuietly(path: string): Run | null {
  try {
    return Run.parse(JSON.parse(readFileSync(join(path, 'run.json'), 'utf8')));
  } catch {
    return null;
  }
}

function usage(code: string, message: string, advice: string): HarnessFault {
  return new HarnessFault(code, message, { exitCode: 64, stage: 'configuration', advice });
}
