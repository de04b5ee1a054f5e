import { join, resolve } from 'node:path';
import { renderTable } from '../../reports/console/table.ts';
import type { ReportInput } from '../../reports/contract.ts';
import { REPORTS, writeAll } from '../../reports/write-all.ts';
import type { StoredRun } from '../records.ts';
import type { Device } from '../vocabulary/device.ts';
import { readPredictions } from './device-predictions.ts';
import { newestComparison } from './newest-comparison.ts';
import { concludeRuns, type Conclusions, policiesOf } from './conclusions.ts';

export interface WriteOptions {
  readonly out: string;
  readonly asOf: Date;
  readonly language: 'de' | 'en';
  /** `quick`: what is done in well under a second, for an interrupted run. */
  readonly pages: 'all' | 'no-html' | 'quick';
  /** What sources say of devices that no run had. */
  readonly catalogue?: readonly Device[];
  /** Emulated devices on the lookup page, too. */
  readonly samples?: boolean;
}

const SLOW = ['allure-results', 'allure-html'];

/** Writes the reports over all runs of a folder. Returns whether each one could be written. */
export async function writeReports(runs: readonly StoredRun[], options: WriteOptions): Promise<boolean> {
  for (const repair of runs.flatMap((r) => r.repairs)) console.error(`cutover: ${repair}`);
  const left = options.pages === 'quick' ? SLOW : options.pages === 'no-html' ? ['allure-html'] : [];
  const input = reportInputOf(runs, options);
  // Reading recordings takes longer than a person waits who has interrupted a run.
  const predictions = options.pages === 'quick' ? {} : readPredictions(options.out, input.policies, input.devices);
  const results = await writeAll(
    { ...input, predictions },
    REPORTS.filter((r) => !left.includes(r.id)),
  );
  for (const { report, fault } of results) {
    if (fault === null) continue;
    console.error(
      `cutover: the report ${report} was not written: ${fault instanceof Error ? fault.message : JSON.stringify(fault)}`,
    );
  }
  const written = REPORTS.filter((r) => results.some((w) => w.report === r.id && w.fault === null)).flatMap(
    (r) => r.files,
  );
  console.error(`cutover: reports in ${options.out}: ${written.join(', ')}`);
  return results.every((r) => r.fault === null);
}

/** All runs of a folder, concluded, as reports get them. */
export function reportInputOf(runs: readonly StoredRun[], options: Omit<WriteOptions, 'pages'>): ReportInput {
  const { out, asOf, language, catalogue = [], samples } = options;
  const { records, verdicts, outranked } = concludeRuns(runs);
  const folders = new Map(runs.map((r) => [r.run.run, resolve(r.path)]));
  return {
    out: resolve(out),
    asOf,
    language,
    runs: runs.map((r) => r.run),
    policies: policiesOf(runs),
    records,
    verdicts,
    outranked,
    devices: knownDevices(runs, catalogue),
    comparison: newestComparison(runs),
    ...(samples === undefined ? {} : { samples }),
    attachmentPath: (record, attachment) => join(folders.get(record.run) ?? '', attachment.path),
  };
}

const PIPED_COLUMNS = 160;

/** The table of one run on stdout, as wide as the terminal, and what the other runs of its folder answered differently. */
export function printTable(
  { verdicts, records }: Conclusions,
  devices: readonly Device[],
  asOf: Date,
  runs: readonly StoredRun[],
): void {
  const engines = new Set(runs.map((r) => r.run.engine));
  const folder = engines.size > 1 ? concludeRuns(runs) : { verdicts, outranked: [] };
  const servers = { ...folder, runs: runs.map((r) => r.run) };
  const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  // Some terminals (serial lines, expect scripts) say that they have 0 columns.
  const columns = process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : PIPED_COLUMNS;
  console.log(renderTable(verdicts, devices, { columns, color, records, asOf, servers }));
}

/** Each device as the newest run had it, and what the catalogue knows of others, whatever a run asked for. */
function knownDevices(runs: readonly StoredRun[], catalogue: readonly Device[]): readonly Device[] {
  return [...new Map([...catalogue, ...runs.flatMap((r) => r.devices)].map((d) => [d.id, d])).values()];
}
