import { availableParallelism } from 'node:os';
import type { Run, RunPlan } from '../vocabulary/run.ts';
import { chooseEngine } from './choose-engine.ts';
import type { ContainersHere } from './containers-here.ts';
import { describeRun } from './describe-run.ts';
import { DEFAULT_MODES, prepare, type Prepared } from './prepare.ts';
import type { RunOptions } from './run.ts';
import { renderShard } from './shard.ts';

/** What a run is about to do. */
export interface PlannedRun {
  /** Folder of its reports; the run's own is below. */
  readonly out: string;
  /** As its run.json says, or is to say. */
  readonly run: Run;
  readonly prepared: Prepared;
  /** It has been begun by an earlier process. */
  readonly isResumed: boolean;
  /** Devices at a time. */
  readonly parallel: number;
  /** Between two connections of the proof, engine `hosts`. */
  readonly pauseMs: number;
  readonly keepBodies: boolean;
}

/** With two per core processors stood idle while devices waited: a fleet took a fifth longer, for the same work. */
const DEVICES_PER_CORE = 3;

/** A new run, from the files that there are now. Nothing is written. */
export async function planRun(options: RunOptions, look: () => Promise<ContainersHere>): Promise<PlannedRun> {
  const prepared = await prepare(options, look);
  const { listen, shard, pause: pauseMs, keepBodies = false } = options;
  const parallel = options.parallel ?? DEVICES_PER_CORE * availableParallelism();
  const engine = await chooseEngine(options.engine, options.mode ?? DEFAULT_MODES, look);
  const plan: RunPlan = {
    selection: selectionOf(options),
    ...(shard === undefined ? {} : { shard }),
    devices: [...prepared.planned],
    missing: Object.fromEntries(prepared.missing),
    ...(prepared.leftOutIds?.length ? { leftOut: [...prepared.leftOutIds] } : {}),
    scenarios: prepared.scenarios.map((s) => s.id),
    parallel,
    pauseMs,
    keepBodies,
  };
  const described = describeRun(new Date(), { engine, listen }, prepared.modes);
  // Shards are started at once, into one folder perhaps.
  const run = shard === undefined ? described.run : `${described.run}-shard-${renderShard(shard).replace('/', '-of-')}`;
  return {
    out: options.out,
    run: { ...described, run, plan },
    prepared,
    isResumed: false,
    parallel,
    pauseMs,
    keepBodies,
  };
}

function selectionOf({ device, kind, site, mode, scenario, devices }: RunOptions): RunPlan['selection'] {
  return {
    ...(device === undefined ? {} : { device: [...device] }),
    ...(kind === undefined ? {} : { kind: [...kind] }),
    ...(site === undefined ? {} : { site }),
    ...(mode === undefined ? {} : { mode: [...mode] }),
    ...(scenario === undefined ? {} : { scenario: [...scenario] }),
    ...(devices === undefined ? {} : { devices }),
  };
}
