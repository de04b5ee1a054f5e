import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { nextTrial, type Plan } from '../next-trial.ts';
import { demandUnlocked, readRecords, readRun, type RunFolder } from '../records.ts';
import { removeStrayEvidence } from '../records/repair-run.ts';
import { readScenarios, selectScenarios } from '../scenario-files.ts';
import type { Record } from '../vocabulary/record.ts';
import { chooseEngine } from './choose-engine.ts';
import type { ContainersHere } from './containers-here.ts';
import { findRun } from './find-run.ts';
import type { PlannedRun } from './plan-run.ts';
import { findMissing, readCatalogue } from './prepare.ts';
import { refuseContradictions, refuseOtherVersion } from './refuse-contradictions.ts';
import type { RunOptions } from './run.ts';

/**
 * A run that was cut off, as its own files say: devices, modes and engine are those of its snapshot, whatever today's
 * files hold. Nothing is written.
 *
 * @throws HarnessFault `run-locked` while a live process writes it; `resume-contradicted` (64) for an option that says
 * something else; `other-version` (64) when this is not the program that began it; `lab-changed` when a device that is
 * not done cannot be started any more.
 */
export async function planResumed(
  given: string,
  options: RunOptions,
  look: () => Promise<ContainersHere>,
): Promise<PlannedRun> {
  const path = findRun(given);
  demandUnlocked(path);
  const { run, devices, records } = readRun(path);
  const { plan } = run;
  const [forgiving] = run.modes.slice(-1);
  if (plan === undefined || forgiving === undefined || run.run !== basename(path))
    throw new HarnessFault('not-resumable', `${path}: was not begun by \`cutover run\`, or by an older version of it`, {
      exitCode: 64,
      stage: 'configuration',
      advice: 'Start it anew. For attended runs there is `cutover attend --resume`.',
    });
  const out = dirname(dirname(path));
  refuseContradictions(run, plan, out, options);
  const scenarios = selectScenarios(await readScenarios(), plan.scenarios);
  const missing = new Map(Object.entries(plan.missing));
  const modes = run.modes.slice(0, -1);
  const plans = devices.map((device) => ({ device, modes, forgiving, scenarios, engine: run.engine }));
  const open = openPlans(plans, byDevice(records)).map((p) => p.device);
  if (open.length > 0) {
    refuseOtherVersion(run);
    await chooseEngine(run.engine, [], look);
    const lost = await findMissing(
      open.filter((d) => !missing.has(d.id)),
      look,
    );
    for (const [id, why] of lost)
      throw new HarnessFault('lab-changed', `${id} is not done and cannot be started any more: ${why}`, {
        stage: 'start',
        advice: 'Mend that, then resume again. What is recorded stays.',
      });
  }
  const prepared = {
    plans,
    devices,
    planned: plan.devices,
    scenarios,
    catalogue: readCatalogue(plan.selection.devices),
    modes: run.modes,
    missing,
    leftOut: null,
  };
  const { pauseMs, keepBodies } = plan;
  return { out, run, prepared, isResumed: true, parallel: options.parallel ?? plan.parallel, pauseMs, keepBodies };
}

/** What an earlier process recorded, by device. Says what had to be mended, and removes evidence of trials that it did not end. */
export function recall(folder: RunFolder): ReadonlyMap<string, readonly Record[]> {
  for (const repair of folder.repairs) console.error(`cutover: ${repair}`);
  const { records } = readRecords(join(folder.path, 'records.jsonl'));
  const strays = removeStrayEvidence(
    folder.path,
    new Set(records.flatMap((r) => r.attachments.map((attachment) => attachment.path))),
  );
  if (strays > 0)
    console.error(
      `cutover: ${strays === 1 ? '1 file' : `${strays} files`} of trials that were cut off removed; they are run again.`,
    );
  return byDevice(records);
}

/** Those that have something left to ask. */
export function openPlans(
  plans: readonly Plan[],
  known: ReadonlyMap<string, readonly Record[]>,
  choose: typeof nextTrial = nextTrial,
): readonly Plan[] {
  return plans.filter((plan) => choose(plan, known.get(plan.device.id) ?? []) !== null);
}

/** How to go on, as a line for people; empty when nothing was recorded that could be lost. */
export function renderHowToResume(
  path: string,
  {
    allowPrograms,
    iOperateTheseServers,
    baseline,
  }: Pick<RunOptions, 'allowPrograms' | 'iOperateTheseServers' | 'baseline'>,
): string {
  // Leave to do something is given anew each time: a run folder may come from elsewhere.
  const leave = [
    ...(allowPrograms === true ? [' --allow-programs'] : []),
    ...(iOperateTheseServers === true ? [' --i-operate-these-servers'] : []),
    ...(baseline === undefined ? [] : [` --baseline ${baseline}`]),
  ];
  if (!existsSync(join(path, 'run.json'))) return '';
  return `cutover: go on with \`npx cutover run --resume ${path}${leave.join('')}\``;
}

function byDevice(records: readonly Record[]): ReadonlyMap<string, readonly Record[]> {
  return Map.groupBy(records, (r) => r.device.id);
}
