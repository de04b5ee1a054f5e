import { type RunFolder, readRuns, type StoredRun } from '../records.ts';
import { renderComparison } from '../regression/render-comparison.ts';
import type { Comparison } from '../vocabulary/comparison.ts';
import type { Device } from '../vocabulary/device.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Run } from '../vocabulary/run.ts';
import { concludeAll } from './conclusions.ts';
import { printable } from './printable.ts';
import { printTable, type WriteOptions, writeReports } from './write.ts';

export interface FinishOptions extends Pick<WriteOptions, 'out' | 'language'> {
  /** `none`: a shard's, which are of use only when it is merged. */
  readonly pages: WriteOptions['pages'] | 'none';
  readonly devices: readonly Device[];
  /** What sources say of devices that no run had. */
  readonly catalogue: readonly Device[];
  /** Default: now. */
  readonly asOf?: Date;
  /** With the accepted state. */
  readonly compare?: (run: StoredRun) => Comparison;
  /** The verdicts as JSON on stdout, in place of the table. */
  readonly json?: boolean;
}

export interface Finished {
  /** Of this run, concluded. */
  readonly records: readonly Record[];
  /** Whether all reports are there. */
  readonly written: boolean;
  readonly comparison?: Comparison;
}

/** Concludes a run, then writes the reports over all runs of its folder. What it is comes first: it outlives a fault of the rest. */
export async function finishRun(folder: RunFolder, run: Run, options: FinishOptions): Promise<Finished> {
  const { out, devices, catalogue, language, pages, asOf = new Date() } = options;
  folder.write('run.json', run);
  const runs = readRuns(out);
  const own = runs.find((r) => r.run.run === folder.run);
  const concluded = concludeAll(own?.records ?? [], run.modes);
  folder.write('verdicts.json', concluded.verdicts);
  const comparison = own === undefined ? undefined : options.compare?.(own);
  if (comparison !== undefined) folder.write('comparison.json', comparison);
  // Files first: a terminal may be gone.
  const written = pages === 'none' || (await writeReports(runs, { out, asOf, language, catalogue, pages }));
  if (options.json === true) process.stdout.write(`${JSON.stringify(concluded.verdicts, null, 2)}\n`);
  else printTable(concluded, devices, asOf, runs);
  if (comparison === undefined) return { records: concluded.records, written };
  const compared = printable(renderComparison(comparison));
  if (options.json === true) console.error(compared);
  else console.log(`\n${compared}`);
  return { records: concluded.records, written, comparison };
}
