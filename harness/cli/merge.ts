import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import { demandUnlocked, openRunFolder, readRuns, readRunWithoutRecords, type StoredRun } from '../records.ts';
import { type Joining, startJoining } from '../records/join-runs.ts';
import { createConcludable } from '../regression/concludable.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Verdict } from '../vocabulary/verdict.ts';
import { concludeAll, type Conclusions } from './conclusions.ts';
import { exitCodeOf, withReports } from './exit-code.ts';
import { planMerge } from './plan-merge.ts';
import { readCatalogue } from './prepare.ts';
import { runsAt } from './runs-at.ts';
import { keepHeapSmall } from './small-heap.ts';
import { printTable, writeReports } from './write.ts';

export interface MergeOptions {
  readonly out: string;
  readonly asOf?: Date;
  readonly json?: boolean;
  readonly html: boolean;
  /** false: records, evidence and verdicts only. */
  readonly reports: boolean;
  readonly language: 'de' | 'en';
}

/** `cutover merge`: joins shards, or the runs of several sites, to one run as if one process had run it. Returns the exit code. */
export async function mergeRuns(given: readonly string[], options: MergeOptions): Promise<number> {
  keepHeapSmall();
  const paths = [...new Set(given.flatMap(partsAt))];
  for (const path of paths) demandUnlocked(path);
  const parts = paths.map(readRunWithoutRecords);
  const { run, devices } = planMerge(parts);
  const { out, language, asOf = new Date() } = options;
  refuseOwnPlace(join(out, 'runs', run.run), paths);
  using folder = openRunFolder(out, run.run);
  const joining = startJoining(folder);
  // Before there are records in memory: as text, thousands of devices are large.
  folder.write('devices.json', devices);
  const { verdicts, records } = joinParts(parts, run.modes, joining);
  folder.write('verdicts.json', verdicts);
  // Last: only now is it a run.
  folder.write('run.json', run);
  console.error(
    `cutover: ${parts.length} runs, ${devices.length} devices, ${verdicts.length} verdicts in ${folder.path}`,
  );
  const own: StoredRun = { path: folder.path, run, devices, records: [], repairs: [] };
  const runs = options.reports ? readRuns(out) : [own];
  const written =
    !options.reports ||
    (await writeReports(runs, {
      out,
      asOf,
      language,
      catalogue: readCatalogue(run.plan?.selection.devices),
      pages: options.html ? 'all' : 'no-html',
    }));
  if (options.json === true) process.stdout.write(`${JSON.stringify(verdicts, null, 2)}\n`);
  else printTable({ verdicts, records, outranked: [] }, devices, asOf, runs);
  return withReports(exitCodeOf(records, devices), written);
}

/** A merged run is named by its earliest part. Where that part is a merged one itself, in the same folder, it would be emptied. */
function refuseOwnPlace(place: string, paths: readonly string[]): void {
  if (!existsSync(place) || !paths.some((path) => realpathSync(path) === realpathSync(place))) return;
  throw new HarnessFault('not-mergeable', `${place}: would be joined to itself`, {
    exitCode: 64,
    stage: 'configuration',
    advice: 'Nothing was written. Name the runs that it was made from, or another folder with --out.',
  });
}

/**
 * A part at a time: parts share no device, so each is concluded by itself, and then only what the table and the exit
 * code are made from is held.
 */
function joinParts(
  parts: readonly Pick<StoredRun, 'path' | 'run'>[],
  modes: readonly Mode[],
  joining: Joining,
): Omit<Conclusions, 'outranked'> {
  const verdicts: Verdict[] = [];
  const answers: Record[] = [];
  for (const { path, run } of parts) {
    const { records, repairs } = joining.add({ path, run }, createConcludable());
    refuseLost(path, records, repairs);
    const concluded = concludeAll(records, modes);
    for (const verdict of concluded.verdicts) verdicts.push(verdict);
    for (const record of concluded.records) if (isAnswer(record)) answers.push(record);
  }
  return { verdicts, records: answers };
}

/** Trials that a part's verdicts stand on, and whose records are not there: it was copied while it was written, or cut. */
function refuseLost(path: string, records: readonly Record[], repairs: readonly string[]): void {
  const file = join(path, 'verdicts.json');
  const stoodOn = existsSync(file) ? VerdictTrials.parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
  // A device's own id for one that was never seen: its verdict stands on no trial.
  const known = new Set(records.flatMap((r) => [r.trial, r.device.id]));
  const lost = [...new Set(stoodOn.flatMap((v) => [v.device, ...v.trials]))].filter((trial) => !known.has(trial));
  if (lost.length === 0 && repairs.length === 0) return;
  const what = [...lost.slice(0, SHOWN).map((trial) => `no record of ${trial}`), ...repairs].join('\n  ');
  const more = lost.length > SHOWN ? `\n  and ${lost.length - SHOWN} more` : '';
  throw new HarnessFault('records-missing', `${path}: its records are not all there:\n  ${what}${more}`, {
    advice: 'Copy the run folder again, with everything that is in it, then merge again.',
  });
}

/** More would hide the first. */
const SHOWN = 5;

const VerdictTrials = z.array(z.object({ device: z.string(), trials: z.array(z.string()) }));

function isAnswer({ role, asConfigured }: Record): boolean {
  return role === 'control-forgiving' || (role === 'question' && asConfigured);
}

/** A run folder itself; of an output folder all runs that are not merged ones. */
function partsAt(given: string): readonly string[] {
  const named = resolve(given);
  const found = runsAt(named).filter((path) => path === named || !isMerged(path));
  if (found.length > 0) return found;
  throw new HarnessFault('no-runs', `${given}: no runs here`, {
    exitCode: 64,
    stage: 'configuration',
    advice: 'Name run folders (`out/runs/…`), or the folders that were given to `cutover run --out`.',
  });
}

function isMerged(path: string): boolean {
  return path.endsWith('-merged');
}
