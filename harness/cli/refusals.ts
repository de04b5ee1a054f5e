import { join, resolve } from 'node:path';
import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import { renderRefusals } from '../../reports/refusals/terminal.ts';
import { refusals } from '../../reports/refusals/refusals.ts';
import type { ReportInput } from '../../reports/contract.ts';
import { writeAll } from '../../reports/write-all.ts';
import { describeRun } from './describe-run.ts';
import { runPlans } from '../campaign.ts';
import { HarnessFault } from '../faults.ts';
import { checkListenAddress } from '../listen-address.ts';
import { readModes } from '../modes/read-mode.ts';
import { readStyles, renderStyledMode } from '../modes/read-style.ts';
import type { Plan } from '../next-trial.ts';
import { newestRecords, openRunFolder, readRuns, type StoredRun } from '../records.ts';
import { EMULATED_SPEED, speedOf } from '../vocabulary/device.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Run } from '../vocabulary/run.ts';
import { EXIT } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { prepare, type Prepared, type Selection } from './prepare.ts';
import { openProgress } from './progress.ts';
import { labOf, openRunLab } from './run-lab.ts';
import { installStacks } from './stacks.ts';

export interface RefusalsOptions extends Pick<Selection, 'device' | 'kind' | 'devices'> {
  readonly style?: readonly string[];
  /** The policy that refuses: a mode, or a YAML file. */
  readonly policy: string;
  /** How long each device is watched, in its own seconds. */
  readonly window: number;
  readonly listen: string;
  readonly out: string;
  readonly parallel?: number;
  readonly allowPrograms?: boolean;
  /** Writes the report again from the records, without a device. */
  readonly fromRecords?: boolean;
  readonly language: 'de' | 'en';
}

const BASELINE = 'today';
const SCENARIO = 'refusal';
/** Most of a trial is waiting for what a device does by itself; 16 made servers greet after seconds (measured). */
const DEVICES_PER_CORE = 6;

/** `cutover refusals`: returns the exit code. */
export async function compareRefusals(options: RefusalsOptions): Promise<number> {
  if (options.fromRecords === true) return finish(options);
  const prepared = await planRefusals(options);
  checkListenAddress(options.listen, prepared.modes);
  if (prepared.leftOut !== null) console.error(`cutover: ${prepared.leftOut}.`);
  announceRealTime(prepared, options.window);
  refuseOtherRuns(options.out);
  using interrupt = onInterrupt();
  try {
    await installStacks(prepared.devices, interrupt.signal);
    await drive(options, prepared, interrupt.signal);
  } catch (fault) {
    if (!interrupt.signal.aborted) throw fault;
  }
  const code = await finish(options);
  return interrupt.signal.aborted ? EXIT.interrupted : code;
}

/** Every device that sends, against today's policy and then each way of refusing. */
async function planRefusals(options: RefusalsOptions): Promise<Prepared> {
  const [policy] = readModes([options.policy]);
  if (policy === undefined) throw new HarnessFault('mode-unknown', `there is no mode ${options.policy}`);
  const styled = readStyles(options.style ?? []).map((style) =>
    shortenBrownOut(renderStyledMode(policy, style), options.window),
  );
  const answering = styled.flatMap((mode) => mode.refusal.until?.mode ?? []);
  const modes = [...readModes([...new Set([BASELINE, ...answering])]), ...styled];
  const prepared = await prepare({ ...options, mode: [BASELINE], scenario: [SCENARIO] });
  const plans = prepared.plans.map((plan): Plan => ({ ...plan, modes, watchSeconds: options.window }));
  return { ...prepared, plans, modes };
}

/** Most of the window is left to see what comes afterwards. */
function shortenBrownOut(mode: Mode, window: number): Mode {
  const { until } = mode.refusal;
  if (until === undefined || until.seconds <= window / 3) return mode;
  return { ...mode, refusal: { ...mode.refusal, until: { ...until, seconds: window / 3 } } };
}

async function drive(options: RefusalsOptions, prepared: Prepared, signal: AbortSignal): Promise<void> {
  const { plans, devices, modes } = prepared;
  const { listen, window: seconds } = options;
  const watch = { seconds, emulatedSpeed: EMULATED_SPEED };
  let state: Run = { ...describeRun(new Date(), { engine: 'embedded', listen }, modes), watch };
  using folder = openRunFolder(options.out, state.run);
  folder.write('devices.json', devices);
  folder.write('run.json', state);
  try {
    await using opened = await openRunLab({ ...prepared, engine: 'embedded', listen, signal });
    state = { ...state, proofs: [...opened.rig.proofs] };
    using progress = openProgress(plans.map((p) => p.device.id));
    const lab = labOf(opened, folder, {
      signal,
      keepBodies: false,
      allowPrograms: options.allowPrograms === true,
      onRecord: (record) => progress.record(record),
    });
    await runPlans(plans, lab, options.parallel ?? DEVICES_PER_CORE * availableParallelism());
    state = { ...state, state: 'finished' };
  } catch (fault) {
    state = { ...state, state: 'interrupted' };
    throw fault;
  } finally {
    folder.write('run.json', { ...state, endedAt: new Date().toISOString() });
  }
}

/** Nobody learns anything of refusals from it. */
function isTroubled({ outcome }: Record): boolean {
  return outcome === 'not-run' || outcome === 'inconclusive';
}

/** Reports speak of all runs of a folder, and these ask another question than those of `cutover run`. */
function refuseOtherRuns(out: string): void {
  if (!existsSync(join(out, 'runs')) || readRuns(out).every(isComparison)) return;
  throw new HarnessFault('other-runs', `${join(out, 'runs')} holds runs of \`cutover run\``, {
    exitCode: EXIT.usage,
    stage: 'configuration',
    advice: 'Choose a folder of its own with --out.',
  });
}

function isComparison({ run }: StoredRun): boolean {
  return run.watch !== undefined;
}

/** Devices with a clock of their own cannot be hurried: say so before somebody waits. */
function announceRealTime({ plans, modes, missing }: Prepared, windowSeconds: number): void {
  const slow = plans.filter((p) => speedOf(p.device) === 1 && !missing.has(p.device.id)).length;
  if (slow === 0) return;
  const minutes = Math.ceil((modes.length * windowSeconds) / 60);
  const what = slow === 1 ? '1 device is watched in real time, ' : `${slow} devices are watched in real time, each `;
  const long = minutes === 1 ? 'a minute' : `${minutes} minutes`;
  console.error(`cutover: ${what}${long} in all; --window shortens it.`);
}

/** Writes the report over all comparisons of the folder, from files alone. */
async function finish(options: RefusalsOptions): Promise<number> {
  const runs = readRuns(options.out).filter(isComparison);
  const input: ReportInput = {
    out: resolve(options.out),
    asOf: new Date(),
    language: options.language,
    runs: runs.map((r) => r.run),
    policies: [...new Map(runs.flatMap((r) => r.run.modes.map((m) => [m.id, m]))).values()],
    records: newestRecords(runs),
    verdicts: [],
    outranked: [],
    devices: [...new Map(runs.flatMap((r) => r.devices.map((d) => [d.id, d]))).values()],
    attachmentPath: (record, attachment) => join(options.out, 'runs', record.run, attachment.path),
  };
  const [result] = await writeAll(input, [refusals]);
  const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  const columns = process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : 160;
  console.log(renderRefusals(input, { color, columns }));
  if (result?.fault === null) {
    console.error(`cutover: reports in ${options.out}: ${refusals.files.join(', ')}`);
    return input.records.every(isTroubled) ? EXIT.inconclusive : EXIT.expected;
  }
  console.error(
    `cutover: the report refusals was not written: ${result?.fault instanceof Error ? result.fault.message : ''}`,
  );
  return EXIT.different;
}
