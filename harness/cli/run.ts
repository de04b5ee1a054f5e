import { runPlans } from '../campaign.ts';
import { checkListenAddress } from '../listen-address.ts';
import { nextTrial, type Plan } from '../next-trial.ts';
import { openRunFolder, type RunFolder, type StoredRun } from '../records.ts';
import type { Baseline } from '../regression/baseline.ts';
import { createRepeats } from '../regression/choose-repeat.ts';
import { contextOf } from '../regression/context-of-run.ts';
import { factsOf } from '../regression/facts-of-device.ts';
import { isAsAccepted } from '../regression/judge-comparison.ts';
import { keyOfRecord } from '../regression/state-of-run.ts';
import { accountOf } from '../servers/hosts/open-servers.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Run } from '../vocabulary/run.ts';
import { comparedRun, compareWithBaseline, readBaseline } from './compare-runs.ts';
import { lookOnce } from './containers-here.ts';
import type { EngineChoice } from './engine-choices.ts';
import { EXIT } from './exit.ts';
import { exitCodeOf, withReports } from './exit-code.ts';
import { finishRun, type Finished } from './finish-run.ts';
import { type Interrupt, onInterrupt } from './interrupt.ts';
import { demandOwnServers } from './own-servers.ts';
import { planRun, type PlannedRun } from './plan-run.ts';
import { renderMissing, type Selection } from './prepare.ts';
import { openProgress } from './progress.ts';
import { openPlans, planResumed, recall, renderHowToResume } from './resume.ts';
import { labOf, openRunLab, type RunLab } from './run-lab.ts';
import { slowestFirst } from './slowest-first.ts';
import { keepHeapSmall } from './small-heap.ts';
import { installStacks } from './stacks.ts';

export interface RunOptions extends Selection {
  readonly engine: EngineChoice;
  /** Asked for before servers that exist are dialled. */
  readonly iOperateTheseServers?: boolean;
  readonly listen: string;
  /** In ms. */
  readonly pause: number;
  readonly asOf?: Date;
  readonly out: string;
  /** A run that was cut off, or the folder that holds it: it is gone on with. */
  readonly resume?: string;
  /** Names of the options that a person gave; the others are defaults. */
  readonly given?: readonly string[];
  /** File of the accepted state, which the run is compared with. */
  readonly baseline?: string;
  readonly parallel?: number;
  readonly json?: boolean;
  readonly allowPrograms?: boolean;
  readonly keepBodies?: boolean;
  readonly html: boolean;
  /** false: records, evidence and verdicts only. */
  readonly reports: boolean;
  readonly language: 'de' | 'en';
}

/** `cutover run`: returns the exit code. */
export async function runCampaign(options: RunOptions): Promise<number> {
  keepHeapSmall();
  const look = lookOnce();
  if (options.engine === 'hosts') demandOwnServers(options);
  const baseline = options.baseline === undefined ? null : readBaseline(options.baseline);
  const planned =
    options.resume === undefined ? await planRun(options, look) : await planResumed(options.resume, options, look);
  const { run, out, prepared } = planned;
  const { devices, modes, leftOut } = prepared;
  checkListenAddress(run.listen, modes);
  if (run.engine === 'hosts') {
    demandOwnServers(options);
    // Before anything is written: a run without an account is a mistake in the files, not a run.
    accountOf({ modes: modes.filter((m) => m.purpose === 'policy'), environment: process.env });
  }
  if (leftOut !== null) console.error(`cutover: ${leftOut}.`);
  for (const line of renderMissing(prepared.missing)) console.error(`cutover: ${line}`);
  if (!modes.some((m) => m.id === 'strict'))
    console.error('cutover: the modes leave out "strict", so there will be findings but no verdict.');
  using interrupt = onInterrupt();
  try {
    await installStacks(devices, interrupt.signal);
  } catch (fault) {
    if (!interrupt.signal.aborted) throw fault;
  }
  if (interrupt.signal.aborted) return EXIT.interrupted;

  // Asked before there is a folder for this run.
  const inOrder = slowestFirst(
    prepared.plans.map((plan) => ({ ...plan, engine: run.engine })),
    out,
  );
  using folder = openRunFolder(out, run.run);
  const ended = await ask(inOrder, planned, folder, options, interrupt, baseline);
  const { records, written, comparison } = await finish(ended, planned, folder, options, baseline);
  if (ended.state === 'interrupted') {
    console.error(renderHowToResume(folder.path, options));
    return EXIT.interrupted;
  }
  const accepted = baseline === null ? undefined : baseline.state.answers;
  const asExpected = exitCodeOf(records, devices, (record) => accepted?.get(keyOfRecord(record))?.found);
  const isDifferent = comparison !== undefined && !isAsAccepted(comparison);
  return withReports(asExpected === EXIT.expected && isDifferent ? EXIT.different : asExpected, written);
}

/** Asks what no record answers yet. Returns what became of the run: finished, or interrupted by Ctrl-C. */
async function ask(
  plans: readonly Plan[],
  planned: PlannedRun,
  folder: RunFolder,
  options: RunOptions,
  { signal }: Interrupt,
  baseline: Baseline | null,
): Promise<Run> {
  const { run, prepared, isResumed } = planned;
  const known = isResumed ? recall(folder) : NOTHING_KNOWN;
  const open = openPlans(plans, known, chooserOf(baseline, run, prepared.devices));
  let state = run;
  const keep = (more: Partial<Run>) => {
    state = { ...state, ...more };
    folder.write('run.json', state);
  };
  if (isResumed)
    console.error(`cutover: ${folder.path}: ${plans.length - open.length} of ${plans.length} devices are done.`);
  else folder.write('devices.json', prepared.devices);
  if (open.length === 0) return { ...state, state: 'finished' };
  keep({ state: 'running', endedAt: null, ...(isResumed ? { resumedAt: [...(run.resumedAt ?? []), now()] } : {}) });
  try {
    const { devices, missing, modes } = prepared;
    const { engine, listen } = run;
    const { pauseMs } = planned;
    await using lab = await openRunLab({ modes, devices, missing, engine, listen, pauseMs, signal });
    keep({ proofs: [...lab.rig.proofs] });
    const choose = chooserOf(baseline, state, devices);
    await drive(open, known, { ...lab, choose }, planned, folder, options, signal);
  } catch (fault) {
    if (!signal.aborted) {
      await keepWhatIsThere({ ...state, state: 'interrupted' }, planned, folder, options);
      throw fault;
    }
  }
  return { ...state, state: signal.aborted ? 'interrupted' : 'finished' };
}

/** What is asked next; with a baseline, again what is not as accepted and what nothing known explains. */
function chooserOf(baseline: Baseline | null, run: Run, devices: readonly Device[]): typeof nextTrial {
  if (baseline === null) return nextTrial;
  const facts = new Map(devices.map((d) => [d.id, factsOf(d)]));
  const { run: name, startedAt: at, modes } = run;
  const again = createRepeats(baseline, { name, at, context: contextOf(run), modes, facts });
  return (plan, records) => nextTrial(plan, records) ?? again(records);
}

const NOTHING_KNOWN: ReadonlyMap<string, readonly Record[]> = new Map();

function now(): string {
  return new Date().toISOString();
}

async function drive(
  plans: readonly Plan[],
  known: ReadonlyMap<string, readonly Record[]>,
  runLab: Omit<RunLab, typeof Symbol.asyncDispose> & { readonly choose: typeof nextTrial },
  { parallel, keepBodies }: PlannedRun,
  folder: RunFolder,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  using progress = openProgress(plans.map((p) => p.device.id));
  const lab = {
    ...labOf(runLab, folder, {
      signal,
      keepBodies,
      allowPrograms: options.allowPrograms === true,
      onRecord: (record) => progress.record(record),
    }),
    choose: runLab.choose,
  };
  // Trials on servers that exist share one mailbox, and ask them for one connection at a time.
  const isOneByOne = plans.some((plan) => plan.engine === 'hosts');
  await runPlans(plans, lab, isOneByOne ? 1 : parallel, known);
}

function finish(
  run: Run,
  planned: PlannedRun,
  folder: RunFolder,
  options: RunOptions,
  baseline: Baseline | null = null,
): Promise<Finished> {
  const { devices, catalogue } = planned.prepared;
  const { reports, html } = options;
  const pages = !reports ? 'none' : run.state === 'interrupted' ? 'quick' : html ? 'all' : 'no-html';
  // Of a run that was cut off the rest would be missing.
  const compare =
    baseline === null || run.state === 'interrupted'
      ? {}
      : { compare: (own: StoredRun) => compareWithBaseline(comparedRun(own), baseline, options.asOf ?? new Date()) };
  const { out } = planned;
  return finishRun(folder, { ...run, endedAt: now() }, { ...options, out, devices, catalogue, pages, ...compare });
}

/** Before a fault is told, what is recorded is concluded. If that fails as well (the disk is full), the first fault stands. */
async function keepWhatIsThere(run: Run, planned: PlannedRun, folder: RunFolder, options: RunOptions): Promise<void> {
  try {
    await finish(run, planned, folder, options);
  } catch (fault) {
    console.error(`cutover: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
  console.error(renderHowToResume(folder.path, options));
}
