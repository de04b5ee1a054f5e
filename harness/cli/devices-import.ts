import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { readDevices } from '../device-files.ts';
import { HarnessFault } from '../faults.ts';
import { planImport, type RowPlan } from '../lists/plan-import.ts';
import { type ImportFolder, readImported } from '../lists/read-imported.ts';
import { type DeviceList, readList, whyUnread } from '../lists/read-list.ts';
import { type ListedFacts, renderDeviceFile, wasWritten } from '../lists/render-device-file.ts';
import { EXIT } from './exit.ts';
import { DEVICES_FOLDER } from './prepare.ts';
import { printable } from './printable.ts';

interface ImportOptions {
  readonly into?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What became of a row. `file`: of the device, where the import has one. */
interface RowReport {
  readonly row: number;
  readonly status: 'matched' | 'created' | 'updated' | 'kept' | 'unclear';
  readonly device: string | null;
  /** In percent. */
  readonly confidence: number | null;
  readonly file: string | null;
  readonly why: string;
}

/**
 * `cutover devices import`: device files for the models of a list that nobody knew, and a line for each row. Exit 1 when
 * a person has to look at some rows.
 */
export function importDevices(path: string, options: ImportOptions): number {
  const into = resolve(options.into ?? DEVICES_FOLDER);
  const list = readList(path);
  const folder = readImported(into);
  const shipped = into === resolve(DEVICES_FOLDER) ? [] : readDevices(DEVICES_FOLDER);
  const known = new Map([...shipped, ...folder.devices].map((d) => [d.id, d]));
  const imported = new Map([...folder.imported].map(([id, file]) => [id, file.state]));
  const plan = planImport(list.rows, { known: [...known.values()], imported });

  const files = plan.files.map(({ facts }) => settle(facts, folder, into));
  if (options.dryRun !== true) for (const file of files) write(file);
  const reports = reportRows(list, plan.rows, files);
  for (const { text } of list.doubts) console.error(printable(`cutover: ${text}`));
  if (options.json === true) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  else for (const report of reports) console.log(printable(lineOf(report)));
  console.error(`cutover: ${summary(reports, files, options.dryRun === true)}`);
  return reports.some((r) => r.status === 'unclear' || r.status === 'kept') ? EXIT.different : EXIT.expected;
}

interface Settled {
  readonly id: string;
  readonly path: string;
  readonly text: string;
  readonly action: 'created' | 'updated' | 'unchanged' | 'kept';
}

/** A file that a person has changed is never written over. */
function settle(facts: ListedFacts, { imported }: ImportFolder, into: string): Settled {
  const before = imported.get(facts.id);
  const text = renderDeviceFile(facts);
  const path = before?.path ?? join(into, facts.kind, `${facts.id}.yaml`);
  const settled = (action: Settled['action']) => ({ id: facts.id, path, text, action });
  if (before === undefined) return settled('created');
  if (wasWritten(before.text, text)) return settled('unchanged');
  return settled(before.state === 'edited' ? 'kept' : 'updated');
}

function write({ path, text, action }: Settled): void {
  if (action !== 'created' && action !== 'updated') return;
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    // A file that came here since the folder was read is somebody's work.
    writeFileSync(path, text, { flag: action === 'created' ? 'wx' : 'w' });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessFault('file-unwritable', `${path}: cannot be written: ${why}`, {
      stage: 'configuration',
      advice: 'Choose another folder with --into. What was written before is sound, and importing again goes on.',
      cause,
    });
  }
}

function reportRows(list: DeviceList, plans: readonly RowPlan[], files: readonly Settled[]): readonly RowReport[] {
  const byId = new Map(files.map((file) => [file.id, file]));
  const planned = plans.map((plan) => reportRow(plan, plan.kind === 'unclear' ? undefined : byId.get(plan.device)));
  const unread = [...whyUnread(list)].map(
    ([row, why]): RowReport => ({ row, status: 'unclear', device: null, confidence: null, file: null, why }),
  );
  return [...planned, ...unread].toSorted((a, b) => a.row - b.row);
}

function reportRow(plan: RowPlan, file: Settled | undefined): RowReport {
  const { number: row } = plan.row;
  if (plan.kind === 'unclear')
    return { row, status: 'unclear', device: null, confidence: null, file: null, why: plan.why };
  const about = { row, device: plan.device, file: file === undefined ? null : shown(file.path) };
  if (plan.kind === 'new') return { ...about, status: 'created', confidence: null, why: plan.why };
  const confidence = Math.floor(plan.confidence * 100);
  if (file?.action === 'kept') {
    const why = `${plan.why}; a person has changed its file, and it was left as it is, though the list says something new`;
    return { ...about, status: 'kept', confidence, why };
  }
  return { ...about, status: file?.action === 'updated' ? 'updated' : 'matched', confidence, why: plan.why };
}

function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

function lineOf({ row, status, device, confidence, file, why }: RowReport): string {
  const sure = confidence === null || confidence === 100 ? '' : ` (${confidence} %)`;
  const named = device === null ? '' : ` ${status === 'created' && file !== null ? file : device}${sure}`;
  return `row ${row}: ${status}${named}${why === '' ? '' : `: ${why}`}`;
}

function summary(reports: readonly RowReport[], files: readonly Settled[], isDryRun: boolean): string {
  const counts = [...Map.groupBy(reports, (r) => r.status)].map(([status, own]) => `${own.length} ${status}`);
  const written = files.filter((f) => f.action === 'created' || f.action === 'updated').length;
  const effect = isDryRun ? `nothing was written (${written} files would be)` : `${written} files written`;
  return `${reports.length} rows: ${counts.join(', ')}; ${effect}.`;
}
