import { availableParallelism } from 'node:os';
import { runPlans } from '../campaign.ts';
import { checkListenAddress } from '../listen-address.ts';
import { openRunFolder, readRuns, type RunFolder } from '../records.ts';
import type { Device, Expectation } from '../vocabulary/device.ts';
import { isTrouble } from '../causes.ts';
import type { Plan } from '../next-trial.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Run } from '../vocabulary/run.ts';
import { concludeAll } from './conclusions.ts';
import { slowestFirst } from './slowest-first.ts';
import { installStacks } from './stacks.ts';
import { onInterrupt } from './interrupt.ts';
import { EXIT } from './exit.ts';
import { accountOf } from '../servers/hosts/open-servers.ts';
import { demandOwnServers } from './own-servers.ts';
import { chooseEngine } from './choose-engine.ts';
import type { EngineChoice } from './engine-choices.ts';
import { DEFAULT_MODES, prepare, type Prepared, type Selection } from './prepare.ts';
import { labOf, openRunLab, type RunLab } from './run-lab.ts';
import { openProgress } from './progress.ts';
import { keepHeapSmall } from './small-heap.ts';
import { printTable, writeReports } from './write.ts';
import { expectationOf, isExpected } from '../../reports/matrix/expectation.ts';
import { lookOnce } from './containers-here.ts';
import { describeRun } from './describe-run.ts';

export interface RunOptions extends Selection {
  readonly engine: EngineChoice;
  /** Asked for before servers that exist are dialled. */
  readonly iOperateTheseServers?: boolean;
  readonly listen: string;
  /** In ms. */
  readonly pause: number;
  readonly asOf?: Date;
  readonly out: string;
  readonly parallel?: number;
  readonly json?: boolean;
  readonly allowPrograms?: boolean;
  readonly keepBodies?: boolean;
  readonly html: boolean;
  readonly language: 'de' | 'en';
}

/** Of the answers that there should have been; more than this and the lab, not the devices, is the news. */
const TOO_MUCH_TROUBLE = 0.2;

/** `cutover run`: returns the exit code. */
export async function runCampaign(options: RunOptions): Promise<number> {
  keepHeapSmall();
  if (options.engine === 'hosts') demandOwnServers(options);
  const look = lookOnce();
  const prepared = await prepare(options, look);
  const { plans, devices, modes, missing, leftOut } = prepared;
  checkListenAddress(options.listen, modes);
  // Before anything is written: a run without an account is a mistake in the files, not a run.
  if (options.engine === 'hosts')
    accountOf({ modes: modes.filter((m) => m.purpose === 'policy'), environment: process.env });
  if (leftOut !== null) console.error(`cutover: ${leftOut}.`);
  const engine = await chooseEngine(options.engine, options.mode ?? DEFAULT_MODES, look);
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
  const inOrder = slowestFirst(plans, options.out);
  const run = describeRun(new Date(), { engine, listen: options.listen }, modes);
  using folder = openRunFolder(options.out, run.run);
  folder.write('devices.json', devices);
  folder.write('run.json', run);

  let proofs: Run['proofs'] = [];
  try {
    const { listen, pause: pauseMs } = options;
    await using lab = await openRunLab({ modes, devices, missing, engine, listen, pauseMs, signal: interrupt.signal });
    proofs = [...lab.rig.proofs];
    folder.write('run.json', { ...run, proofs });
    const asked = inOrder.map((plan) => ({ ...plan, engine }));
    await drive(asked, lab, folder, options, interrupt.signal);
  } catch (fault) {
    if (!interrupt.signal.aborted) {
      // Nothing recorded is lost: what is there is concluded before the fault is told.
      await finish(folder, { ...run, proofs, state: 'interrupted' }, options, prepared, false);
      throw fault;
    }
  }
  const state = interrupt.signal.aborted ? 'interrupted' : 'finished';
  const { records, written } = await finish(
    folder,
    { ...run, proofs, state },
    options,
    prepared,
    state === 'finished' && options.html,
  );
  if (state === 'interrupted') return EXIT.interrupted;
  const code = exitCodeOf(records, devices);
  if (written || code !== EXIT.expected) return code;
  console.error('cutover: exit code 1, because a report could not be written. `cutover report` writes them again.');
  return EXIT.different;
}

/** With two per core processors stood idle while devices waited: a fleet took a fifth longer, for the same work. */
const DEVICES_PER_CORE = 3;

async function drive(
  plans: readonly Plan[],
  runLab: RunLab,
  folder: RunFolder,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  using progress = openProgress(plans.map((p) => p.device.id));
  const lab = labOf(runLab, folder, {
    signal,
    keepBodies: options.keepBodies === true,
    allowPrograms: options.allowPrograms === true,
    onRecord: (record) => progress.record(record),
  });
  // Trials on servers that exist share one mailbox, and ask them for one connection at a time.
  const isOneByOne = plans.some((plan) => plan.engine === 'hosts');
  await runPlans(plans, lab, isOneByOne ? 1 : (options.parallel ?? DEVICES_PER_CORE * availableParallelism()));
}

/** Concludes this run, then writes the reports over all runs of the folder. Returns this run's concluded records, and whether all reports are there. */
async function finish(
  folder: RunFolder,
  run: Run,
  options: RunOptions,
  { devices, catalogue }: Prepared,
  withPages: boolean,
): Promise<{ readonly records: readonly Record[]; readonly written: boolean }> {
  folder.write('run.json', { ...run, endedAt: new Date().toISOString() });
  const runs = readRuns(options.out);
  const concluded = concludeAll(runs.find((r) => r.run.run === folder.run)?.records ?? [], run.modes);
  folder.write('verdicts.json', concluded.verdicts);
  const asOf = options.asOf ?? new Date();
  // Files first: a terminal may be gone.
  const written = await writeReports(runs, {
    out: options.out,
    asOf,
    language: options.language,
    catalogue,
    pages: withPages ? 'all' : run.state === 'interrupted' ? 'quick' : 'no-html',
  });
  if (options.json === true) process.stdout.write(`${JSON.stringify(concluded.verdicts, null, 2)}\n`);
  else printTable(concluded, devices, asOf, runs);
  return { records: concluded.records, written };
}

/** What the device files expect of this run's answers; a control that ended in trouble stands for the questions that it spared. */
function exitCodeOf(records: readonly Record[], devices: readonly Device[]): number {
  const answers = records
    .filter((r) => (r.role === 'question' && r.asConfigured) || (r.role === 'control-forgiving' && isTrouble(r.cause)))
    .map((record) => ({ record, expected: expectedOf(record, devices) }));
  const differs = answers.filter(({ record, expected }) => expected !== undefined && !isExpected(expected, record));
  for (const { record, expected } of differs) {
    const words = ({ outcome, cause, silent }: Answer) =>
      [outcome, cause, silent === true ? '(silent)' : undefined].filter(Boolean).join(' ');
    console.error(`differs: ${record.trial}: expected ${words(expected ?? record)}, found ${words(record)}`);
  }
  const troubled = answers.filter(
    ({ record, expected }) => isTrouble(record.cause) && expected?.cause !== record.cause,
  );
  if (troubled.length > TOO_MUCH_TROUBLE * answers.length) return EXIT.inconclusive;
  return differs.length > 0 ? EXIT.different : EXIT.expected;
}

type Answer = Pick<Record, 'outcome' | 'cause' | 'silent'>;

function expectedOf(record: Record, devices: readonly Device[]): Expectation | undefined {
  const device = devices.find((d) => d.id === record.device.id);
  if (device === undefined) return undefined;
  if (record.role === 'question') return expectationOf(device, record);
  const modes = device.firmware.flatMap((f) => Object.keys(f.expect ?? {}));
  const all = modes.flatMap((mode) => expectationOf(device, { ...record, mode }) ?? []);
  return all.find((e) => e.cause === record.cause) ?? all[0];
}
