import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isTrouble } from '../causes.ts';
import { HarnessFault } from '../faults.ts';
import { isBeingWritten, readRun, type StoredRun } from '../records.ts';
import { writeRunFile } from '../records/run-folder.ts';
import { acceptRun, type Accepted } from '../regression/accept.ts';
import type { Baseline } from '../regression/baseline.ts';
import { compareStates } from '../regression/compare.ts';
import { createConcludable } from '../regression/concludable.ts';
import { isAsAccepted } from '../regression/judge-comparison.ts';
import { noSuchQuestion } from '../regression/parse-baseline.ts';
import { renderBaseline } from '../regression/render-baseline.ts';
import { renderComparison } from '../regression/render-comparison.ts';
import type { State } from '../regression/state.ts';
import { stateOfRun } from '../regression/state-of-run.ts';
import { Excuse } from '../vocabulary/comparison.ts';
import { compareWithBaseline, readBaseline, readCompared } from './compare-runs.ts';
import { concludeAll } from './conclusions.ts';
import { EXIT } from './exit.ts';
import { isInTrouble } from './exit-code.ts';
import { newestRun } from './newest-run.ts';
import { printable } from './printable.ts';
import { scopeOfRun } from './run-scope.ts';
import { keepHeapSmall } from './small-heap.ts';

export interface AcceptOptions {
  readonly file: string;
  readonly partial?: boolean;
}

/** `cutover baseline accept RUN`: its findings are what later runs are compared with. */
export async function acceptBaseline(given: string, { file, partial = false }: AcceptOptions): Promise<number> {
  keepHeapSmall();
  const run = readRun(newestRun(given), createConcludable());
  const why = whyNotWhole(run);
  if (why !== null && !partial) {
    throw new HarnessFault('run-not-whole', `the run ${run.run.run} cannot be accepted: ${why}`, {
      exitCode: 64,
      stage: 'configuration',
      advice: 'With --partial its answers are accepted, but for trouble, and the rest stays as it was.',
    });
  }
  if (why !== null) console.error(printable(`cutover: accepted in part: ${why}.`));
  const old = existsSync(file) ? readBaseline(file) : null;
  const state = stateOfRun(run);
  const scope = partial ? () => false : scopeOfRun(run);
  const accepted = acceptRun(old, state, { scope, partial, at: new Date() });
  writeBaseline(file, accepted.baseline);
  if (old !== null) {
    const options = { against: 'baseline', scope, excuses: new Map(), asOf: new Date() } as const;
    console.log(printable(renderComparison(compareStates(old.state, state, options))));
  }
  for (const line of renderAccepted(accepted)) console.log(printable(line));
  console.log(`${file}: ${accepted.baseline.state.answers.size} answers accepted, from the run ${run.run.run}.`);
  for (const line of renderTrouble(state, accepted)) console.error(printable(`cutover: ${line}`));
  return EXIT.expected;
}

/** Why a run's findings are not all that it set out to find; null: they are. */
function whyNotWhole({ run, path, records, devices }: StoredRun): string | null {
  if (isBeingWritten(path)) return 'it is still going on';
  if (run.state !== 'finished') return 'it was interrupted; `cutover run --resume` goes on with it';
  const concluded = concludeAll(records, run.modes).records;
  if (concluded.length === 0) return 'it has no records';
  return isInTrouble(concluded, devices) ? 'too much of it is inconclusive, because of trouble in the lab' : null;
}

function renderAccepted({ ended, expired, kept }: Accepted): readonly string[] {
  return [
    ...ended.map(({ key, excuse, fault }) =>
      fault === 'works-again'
        ? `excuse removed: ${key} works (${excuse.owner}: ${excuse.reason})`
        : `excuse removed: ${key} is not what it was for (${excuse.owner}: ${excuse.reason})`,
    ),
    ...expired.map((key) => `excuse expired: ${key} still does not work; give it another day, or remove it`),
    ...(kept === 0 ? [] : [`${kept} answers stay as they were: the run did not ask those questions.`]),
  ];
}

/** A few that were never seen to connect do not keep a run from being accepted, but who accepts them should know. */
function renderTrouble(state: State, { baseline }: Accepted): readonly string[] {
  const troubled = [...baseline.state.answers.values()].filter(
    (a) => state.answers.has(a.key) && isTrouble(a.found.cause),
  );
  return troubled.map(({ key, found }) => `accepted as ${found.cause}, which says nothing about the device: ${key}`);
}

export interface ExcuseOptions extends Omit<Excuse, 'cause'> {
  readonly cause?: string;
  readonly file: string;
}

/** `cutover baseline excuse KEY`: somebody answers for a finding until a day. */
export async function excuseFinding(key: string, options: ExcuseOptions): Promise<number> {
  const { file, reason, owner, expires, cause } = options;
  const baseline = readBaseline(file);
  if (!baseline.state.answers.has(key)) {
    throw new HarnessFault('no-such-question', `${file}: ${noSuchQuestion(key, [...baseline.state.answers.keys()])}`, {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Keys stand in comparison.json and in the baseline itself.',
    });
  }
  const excuse = Excuse.safeParse({ reason, owner, expires, ...(cause === undefined ? {} : { cause }) });
  if (!excuse.success) {
    const [issue] = excuse.error.issues;
    throw new HarnessFault('bad-excuse', `--${issue?.path.join('.')}: ${issue?.message}`, {
      exitCode: 64,
      stage: 'configuration',
    });
  }
  writeBaseline(file, { ...baseline, excuses: new Map([...baseline.excuses, [key, excuse.data]]) });
  console.log(printable(`${file}: ${key} is excused until ${expires} (${owner}: ${reason}).`));
  if (expires < new Date().toISOString().slice(0, 10))
    console.error(`cutover: ${expires} has passed, so the excuse fails the next run: give it another day.`);
  return EXIT.expected;
}

export interface CompareOptions {
  readonly file: string;
  readonly asOf?: Date;
}

/** `cutover baseline compare RUN`: as `run --baseline` does at its end, for a run that is there, e.g. a merged one. */
export async function compareAgain(given: string, { file, asOf = new Date() }: CompareOptions): Promise<number> {
  const path = newestRun(given);
  keepHeapSmall();
  const comparison = compareWithBaseline(readCompared(path), readBaseline(file), asOf);
  if (isBeingWritten(path)) console.error('cutover: the run is still going on, so that questions are missing.');
  else writeRunFile(path, 'comparison.json', comparison);
  console.log(printable(renderComparison(comparison)));
  return isAsAccepted(comparison) ? EXIT.expected : EXIT.different;
}

/** A reader finds the old file or the new one. */
function writeBaseline(file: string, baseline: Baseline): void {
  const half = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(half, renderBaseline(baseline));
    renameSync(half, file);
  } catch (cause) {
    rmSync(half, { force: true });
    throw new HarnessFault('cannot-write', `${file}: cannot be written: ${String(cause)}`, {
      cause,
      advice: 'Choose another place with --file.',
    });
  }
}
