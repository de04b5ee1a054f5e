import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runPlans } from '../campaign.ts';
import { readDevices } from '../device-files.ts';
import { readRecipe } from '../drivers/read-recipe.ts';
import { HarnessFault } from '../faults.ts';
import { checkListenAddress } from '../listen-address.ts';
import { readModes } from '../modes/read-mode.ts';
import { openRunFolder, readRecords, readRuns, type RunFolder } from '../records.ts';
import { openRig, type Rig } from '../rig.ts';
import { readScenarios, selectScenarios } from '../scenario-files.ts';
import type { Device } from '../vocabulary/device.ts';
import { isTrouble } from '../causes.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Run } from '../vocabulary/run.ts';
import { concludeAll } from './conclusions.ts';
import { installStacks } from './stacks.ts';
import { onInterrupt } from './interrupt.ts';
import { EXIT } from './exit.ts';
import { openProgress } from './progress.ts';
import { printTable, writeReports } from './write.ts';
import { expectationOf } from '../../reports/matrix/expectation.ts';
import packageFile from '../../package.json' with { type: 'json' };

export interface RunOptions {
  readonly device?: readonly string[];
  readonly kind?: readonly string[];
  readonly mode?: readonly string[];
  readonly scenario?: readonly string[];
  readonly engine: 'embedded';
  readonly listen: string;
  readonly asOf?: Date;
  readonly out: string;
  readonly parallel?: number;
  readonly json?: boolean;
  readonly devices?: string;
  readonly allowPrograms?: boolean;
  readonly keepBodies?: boolean;
  readonly html: boolean;
  readonly language: 'de' | 'en';
}

/** Devices that ship with the harness. */
export const DEVICES_FOLDER = join(import.meta.dirname, '..', '..', 'devices');
const DEFAULT_MODES = ['today', 'strict', 'legacy'];
/** Of the questions that should have been answered; more than this and the lab, not the devices, is the news. */
const TOO_MUCH_TROUBLE = 0.2;

/** `cutover run`: returns the exit code. */
export async function runCampaign(options: RunOptions): Promise<number> {
  const modes = readModes(options.mode ?? DEFAULT_MODES);
  const [forgiving] = readModes(['forgiving']);
  if (forgiving === undefined) throw new HarnessFault('mode-unknown', 'the control mode "forgiving" is missing');
  checkListenAddress(options.listen, [...modes, forgiving]);
  const scenarios = selectScenarios(await readScenarios(), options.scenario ?? []);
  const devices = selectDevices(readDevices(options.devices ?? DEVICES_FOLDER), options);
  await installStacks(devices);

  const startedAt = new Date();
  const runId = startedAt.toISOString().replaceAll(':', '').replace('.', '-');
  using folder = openRunFolder(options.out, runId);
  using interrupt = onInterrupt();
  folder.write('devices.json', devices);
  const run = describeRun(runId, startedAt, options, [...modes, forgiving]);
  folder.write('run.json', run);

  let proofs: Run['proofs'] = [];
  try {
    await using rig = await openRig({ modes: [...modes, forgiving], listen: options.listen });
    proofs = [...rig.proofs];
    folder.write('run.json', { ...run, proofs });
    const plans = devices.map((device) => ({ device, modes, forgiving, scenarios }));
    await drive(plans, rig, folder, options, interrupt.signal);
  } catch (fault) {
    if (!interrupt.signal.aborted) {
      // Nothing recorded is lost: what is there is concluded before the fault is told.
      await finish(folder, { ...run, proofs, state: 'interrupted' }, options, devices, false);
      throw fault;
    }
  }
  const state = interrupt.signal.aborted ? 'interrupted' : 'finished';
  const records = await finish(
    folder,
    { ...run, proofs, state },
    options,
    devices,
    state === 'finished' && options.html,
  );
  return state === 'interrupted' ? EXIT.interrupted : exitCodeOf(records, devices);
}

async function drive(
  plans: Parameters<typeof runPlans>[0],
  rig: Rig,
  folder: RunFolder,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  using progress = openProgress(plans.map((p) => p.device.id));
  await runPlans(
    plans,
    {
      rig,
      engine: 'embedded',
      folder,
      recipeOf: (device) => readRecipe(device.client ?? ''),
      keepBodies: options.keepBodies === true,
      signal,
      onRecord: (record) => progress.record(record),
      openContext: {
        roots: { factory: rig.pki.factoryRootPem, run: rig.pki.runCaPem },
        allowPrograms: options.allowPrograms === true,
      },
    },
    options.parallel ?? 2 * availableParallelism(),
  );
}

/** Concludes this run, then writes the reports over all runs of the folder. Returns this run's concluded records. */
async function finish(
  folder: RunFolder,
  run: Run,
  options: RunOptions,
  devices: readonly Device[],
  withPages: boolean,
): Promise<readonly Record[]> {
  folder.write('run.json', { ...run, endedAt: new Date().toISOString() });
  const { records } = readRecords(join(folder.path, 'records.jsonl'));
  const concluded = concludeAll(records, run.modes);
  folder.write('verdicts.json', concluded.verdicts);
  if (options.json === true) process.stdout.write(`${JSON.stringify(concluded.verdicts, null, 2)}\n`);
  else printTable(concluded, devices);
  await writeReports(readRuns(options.out), {
    out: options.out,
    asOf: options.asOf ?? new Date(),
    language: options.language,
    pages: withPages ? 'all' : run.state === 'interrupted' ? 'quick' : 'no-html',
  });
  return concluded.records;
}

function describeRun(id: string, startedAt: Date, options: RunOptions, modes: readonly Mode[]): Run {
  return {
    v: 1,
    run: id,
    cutover: packageFile.version,
    node: process.version,
    openssl: process.versions.openssl ?? '',
    engine: options.engine,
    startedAt: startedAt.toISOString(),
    endedAt: null,
    state: 'running',
    modes: [...modes],
    proofs: [],
    listen: options.listen,
  };
}

/** Devices that the lab can reach, narrowed by --device and --kind. */
function selectDevices(all: readonly Device[], options: RunOptions): readonly Device[] {
  const unknown = (options.device ?? []).filter((id) => !all.some((d) => d.id === id));
  if (unknown.length > 0)
    throw usage(
      `no device file has the id ${unknown.join(', ')}`,
      '`npx cutover lookup WORDS` finds ids by model and vendor.',
    );
  const named = all
    .filter((d) => options.device?.includes(d.id) ?? true)
    .filter((d) => options.kind?.includes(d.kind) ?? true);
  const reachable = named.filter((d) => d.reach !== undefined);
  if (reachable.length > 0) return reachable;
  const why =
    named.length === 0
      ? 'no device fits --device and --kind'
      : `none of the ${named.length} devices has \`reach\` in its file, so the lab cannot drive it`;
  throw usage(why, 'See devices/README.md for how a device is reached.');
}

function usage(message: string, advice: string): HarnessFault {
  return new HarnessFault('no-devices', message, { exitCode: 64, stage: 'configuration', advice });
}

function exitCodeOf(records: readonly Record[], devices: readonly Device[]): number {
  const questions = records.filter((r) => r.role === 'question' && r.asConfigured);
  const judged = questions.map((record) => {
    const device = devices.find((d) => d.id === record.device.id);
    const expected = device === undefined ? undefined : expectationOf(device, record);
    return { record, expected };
  });
  const differs = judged.filter(
    ({ record, expected }) =>
      expected !== undefined && (expected.outcome !== record.outcome || expected.cause !== record.cause),
  );
  for (const { record, expected } of differs) {
    console.error(
      `differs: ${record.trial}: expected ${expected?.outcome} ${expected?.cause ?? ''}, found ${record.outcome} ${record.cause ?? ''}`,
    );
  }
  const troubled = judged.filter(({ record, expected }) => isTrouble(record.cause) && expected?.cause !== record.cause);
  if (troubled.length > TOO_MUCH_TROUBLE * questions.length) return EXIT.inconclusive;
  return differs.length > 0 ? EXIT.different : EXIT.expected;
}
