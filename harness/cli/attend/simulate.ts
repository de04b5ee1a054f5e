import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { nameAllHosts } from '../../attend/desk/name-all-hosts.ts';
import { runPlans } from '../../campaign.ts';
import { checkListenAddress } from '../../listen-address.ts';
import { type Plan, settingsOf } from '../../next-trial.ts';
import { openRunFolder } from '../../records.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Record } from '../../vocabulary/record.ts';
import { DIRECTIONS, type Direction } from '../../vocabulary/trial.ts';
import { installedOf, pressAdaptively, pressInFixedOrder, type Protocol, replay } from './simulate-protocols.ts';
import { playCauses } from './simulate-causes.ts';
import { compare, type Compared, renderSimulation, summarize } from './simulate-table.ts';
import { describeRun } from '../describe-run.ts';
import { EXIT } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { prepare, type Selection } from '../prepare.ts';
import { openProgress } from '../progress.ts';
import { labOf, openRunLab } from '../run-lab.ts';
import { installStacks } from '../stacks.ts';

export interface SimulateOptions extends Pick<Selection, 'device' | 'kind' | 'devices'> {
  readonly listen: string;
  readonly parallel?: number;
  /** Print a JSON object on stdout, and nothing else there. */
  readonly json?: boolean;
}

/** As many as in `cutover run`: a played person waits for nobody. */
const DEVICES_PER_CORE = 3;

/**
 * `cutover attend --simulate`: every emulated device (and those in containers, where they can run) is pressed by a
 * person who is played. The trials are real ones on embedded servers; each is run once, and both protocols are played
 * over their answers. Causes that no fleet shows are made up. Returns the exit code: 1 when a promise of attended runs is not kept.
 */
export async function simulateAttended(options: SimulateOptions): Promise<number> {
  const { compared, notHere } = await playPeople(options);
  const summary = summarize(compared);
  if (options.json === true)
    process.stdout.write(`${JSON.stringify({ ...summary, devices: compared, notHere }, null, 2)}\n`);
  else console.log(renderSimulation(compared, summary, notHere));
  return summary.broken.length === 0 ? EXIT.expected : EXIT.different;
}

interface Played {
  readonly compared: readonly Compared[];
  /** Devices that this machine cannot run. */
  readonly notHere: readonly string[];
}

async function playPeople(options: SimulateOptions): Promise<Played> {
  const prepared = await prepare(options);
  if (prepared.leftOut !== null) console.error(`cutover: ${prepared.leftOut}.`);
  const modes = asEnteredOnce(prepared.modes);
  checkListenAddress(options.listen, modes);
  const plans = prepared.plans.filter((p) => p.device.truth !== undefined).map((p) => ({ ...p, modes }));
  const devices = plans.map((p) => p.device);
  using interrupt = onInterrupt();
  const { signal } = interrupt;
  await installStacks(devices, signal);
  using out = temporaryFolder();
  const { listen } = options;
  const pool: Record[] = [];
  {
    using folder = openRunFolder(out.path, describeRun(new Date(), { engine: 'embedded', listen }, modes).run);
    await using opened = await openRunLab({ ...prepared, devices, modes, engine: 'embedded', listen, signal });
    using progress = openProgress(devices.map((d) => d.id));
    const onRecord = (record: Record) => {
      pool.push(record);
      progress.record(record);
    };
    const lab = labOf(opened, folder, { signal, onRecord, keepBodies: false, allowPrograms: false });
    const parallel = options.parallel ?? DEVICES_PER_CORE * availableParallelism();
    await runPlans(plans, { ...lab, choose: firstMissing }, parallel);
  }
  const [anyPlan] = plans;
  const madeUp = anyPlan === undefined || options.device !== undefined ? [] : playCauses(anyPlan);
  const byDevice = Map.groupBy(pool, (r) => r.device.id);
  const isHere = (plan: Plan) => !(byDevice.get(plan.device.id) ?? []).some((r) => r.cause === 'not-in-this-lab');
  const compared = plans.filter(isHere).flatMap((plan) => {
    const own = byDevice.get(plan.device.id) ?? [];
    return directionsOf(plan).map((direction) => {
      const [adaptive, fixed] = protocolsOf(plan, direction).map((p) => replay(p, plan.device, own).answers);
      return compare({ device: plan.device, direction, modes, adaptive: adaptive ?? [], fixed: fixed ?? [] });
    });
  });
  return { compared: [...compared, ...madeUp], notHere: plans.filter((p) => !isHere(p)).map((p) => p.device.id) };
}

/**
 * The policies as an attended run serves them: the host that was entered for strict leads to every mode, and stands in
 * every certificate. Nobody is asked to press for a control.
 */
function asEnteredOnce(modes: readonly Mode[]): readonly Mode[] {
  const policies = nameAllHosts(modes.filter((m) => m.purpose === 'policy'));
  const hosts = policies.find((m) => m.id === 'strict')?.hosts;
  return policies.map((mode) => (hosts === undefined ? mode : { ...mode, hosts }));
}

/** What either protocol would press and nobody has answered yet. */
function firstMissing(plan: Plan, records: readonly Record[]) {
  for (const direction of directionsOf(plan)) {
    for (const protocol of protocolsOf(plan, direction)) {
      const { missing } = replay(protocol, plan.device, records);
      if (missing !== null) return missing;
    }
  }
  return null;
}

function protocolsOf(plan: Plan, direction: Direction): readonly Protocol[] {
  return [pressAdaptively(plan, direction), pressInFixedOrder(plan, direction)];
}

function directionsOf({ device }: Plan): readonly Direction[] {
  return DIRECTIONS.filter((direction) => settingsOf(device, installedOf(device), direction).length > 0);
}

function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'cutover-attend-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
