import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report, ReportInput } from './contract.ts';
import { allureHtml } from './allure/allure-html.ts';
import { allureResults } from './allure/allure-results.ts';
import { faq } from './faq/faq.ts';
import { junit } from './junit/junit.ts';
import { lookupSite } from './lookup/site/site.ts';
import { matrix } from './matrix/matrix.ts';
import { readiness } from './readiness/readiness.ts';

/** One line a report. Cheap ones first: after Ctrl-C they are there before the big page is built. The last links the others. */
export const REPORTS: readonly Report[] = [matrix, junit, faq, lookupSite, allureResults, allureHtml, readiness];

export interface WriteResult {
  readonly report: string;
  readonly fault: unknown;
}

/**
 * Writes the reports into `input.out`, each replaced as a whole or not at all. A report that throws leaves its old
 * files, does not stop the others, and comes back with its `fault` (null: written).
 */
export async function writeAll(
  input: ReportInput,
  reports: readonly Report[] = REPORTS,
): Promise<readonly WriteResult[]> {
  const results: WriteResult[] = [];
  for (const report of reports) {
    try {
      await replace(input, report);
      results.push({ report: report.id, fault: null });
    } catch (fault) {
      results.push({ report: report.id, fault });
    }
  }
  return results;
}

/** The folder is a sibling of what it replaces, so that renaming stays on one file system. */
async function replace(input: ReportInput, report: Report): Promise<void> {
  await mkdir(input.out, { recursive: true });
  await sweep(input.out, report.id);
  const fresh = await mkdtemp(join(input.out, `.${report.id}.${process.pid}.`));
  try {
    await report.write(input, fresh);
    for (const file of report.files) await swap(join(fresh, file), join(input.out, file), join(fresh, '.replaced'));
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** A file is replaced in one step. A folder cannot be: the old one steps aside for the moment between two renames. */
async function swap(from: string, to: string, aside: string): Promise<void> {
  if (!(await isFolder(from)) || !(await isFolder(to))) return rename(from, to);
  await rm(aside, { recursive: true, force: true });
  await rename(to, aside);
  try {
    await rename(from, to);
  } catch (fault) {
    await rename(aside, to);
    throw fault;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? false;
}

/** What a killed process left half written. Folders of a living one are not ours to touch. */
async function sweep(out: string, report: string): Promise<void> {
  const prefix = `.${report}.`;
  for (const name of await readdir(out)) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('.')[0]);
    if (pid !== process.pid && !isAlive(pid)) await rm(join(out, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return Number.isSafeInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (fault) {
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM';
  }
}
