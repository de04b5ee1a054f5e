import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { demandUnlocked, openRunFolder, readRun, readRuns, type StoredRun } from '../records.ts';
import { joinRuns } from '../records/join-runs.ts';
import { concludeAll } from './conclusions.ts';
import { exitCodeOf } from './exit-code.ts';
import { EXIT } from './exit.ts';
import { planMerge } from './plan-merge.ts';
import { readCatalogue } from './prepare.ts';
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
  const paths = [...new Set(given.flatMap(runsAt))];
  for (const path of paths) demandUnlocked(path);
  const parts = paths.map((path) => readRun(path));
  for (const repair of parts.flatMap((p) => p.repairs)) console.error(`cutover: ${repair}`);
  const { run, devices } = planMerge(parts);
  const { out, language, asOf = new Date() } = options;
  using folder = openRunFolder(out, run.run);
  joinRuns(parts, folder);
  folder.write('devices.json', devices);
  const concluded = concludeAll(
    parts.flatMap((p) => p.records),
    run.modes,
  );
  folder.write('verdicts.json', concluded.verdicts);
  // Last: only now is it a run.
  folder.write('run.json', run);
  console.error(
    `cutover: ${parts.length} runs, ${devices.length} devices, ${concluded.records.length} trials in ${folder.path}`,
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
  if (options.json === true) process.stdout.write(`${JSON.stringify(concluded.verdicts, null, 2)}\n`);
  else printTable(concluded, devices, asOf, runs);
  const code = exitCodeOf(concluded.records, devices);
  if (written || code !== EXIT.expected) return code;
  console.error('cutover: exit code 1, because a report could not be written. `cutover report` writes them again.');
  return EXIT.different;
}

/** A run folder itself; of an output folder all runs that are not merged ones. */
function runsAt(given: string): readonly string[] {
  const path = resolve(given);
  if (existsSync(join(path, 'run.json'))) return [path];
  const folder = join(path, 'runs');
  const found = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
        .filter((run) => existsSync(join(run, 'run.json')) && !isMerged(run))
    : [];
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
