import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { HarnessFault } from '../../harness/faults.ts';
import type { Report, ReportInput } from '../contract.ts';
import { coverageOf, isSampleData, renderCoverage, SAMPLE_BANNER } from '../coverage.ts';
import { html } from '../html.ts';
import { newestRun } from '../newest-run.ts';
import {
  HISTORY_FILE,
  type HistoryPoint,
  joinPoints,
  newestPoints,
  readAppended,
  readHistory,
  writeHistory,
} from './history.ts';
import { renderPageConfig } from './page-config.ts';
import { type Limits, LIMITS, type PagePlan, planPages } from './plan-pages.ts';
import { stripOutside } from './strip-outside.ts';
import { writeResults } from './write-results.ts';

/** The Allure page. Slow (seconds), so the command line can leave it out. */
export const allureHtml: Report = {
  id: 'allure-html',
  files: ['allure-report', HISTORY_FILE],
  write: (input, folder) => writeAllureHtml(input, folder),
};

export async function writeAllureHtml(input: ReportInput, folder: string, limits: Limits = LIMITS): Promise<void> {
  const report = join(folder, 'allure-report');
  await mkdir(report);
  const pages = planPages(input.records, limits);
  const run = newestRun(input.runs);
  const before = readHistory(join(input.out, HISTORY_FILE), run);
  const parts: HistoryPoint[] = [];
  for (const page of pages) parts.push(...(await writePage(input, page, folder, report, before)));
  const now = run === undefined ? null : joinPoints(parts, run);
  await writeHistory(join(folder, HISTORY_FILE), newestPoints(now === null ? before : [...before, now]));
  if (pages.every((p) => p.part !== null)) await writeFile(join(report, 'index.html'), renderIndex(input, pages));
  await stripOutside(report);
}

/** Gives back what Allure would keep of this page for the next run. */
async function writePage(
  input: ReportInput,
  page: PagePlan,
  folder: string,
  report: string,
  before: readonly HistoryPoint[],
): Promise<readonly HistoryPoint[]> {
  const work = join(folder, `work-${page.part ?? 'all'}`);
  const results = join(work, 'results');
  await mkdir(results, { recursive: true });
  await writeResults(page.records, input, results);
  const history = join(work, HISTORY_FILE);
  await writeHistory(history, before);
  const config = join(work, 'allurerc.mjs');
  const options = {
    output: page.part === null ? report : join(report, page.part),
    part: page.part,
    singleFile: sizeOf(results) + statSync(history).size <= SINGLE_FILE_BYTES,
    modes: [...new Set(page.records.map((r) => r.mode))],
    history,
    records: page.records,
  };
  await writeFile(config, renderPageConfig(input, options));
  await generate(results, config, work);
  const appended = readAppended(history, before);
  return appended === null ? [] : [appended];
}

/** Up to here the page opens by double click within a few seconds; browsers refuse to read other files from disk. */
const SINGLE_FILE_BYTES = 20 * 1024 * 1024;

function sizeOf(folder: string): number {
  return globSync('*', { cwd: folder }).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Runs Allure's own command line under this Node. It needs no network and gets no shell. */
async function generate(results: string, config: string, cwd: string): Promise<void> {
  const cli = fileURLToPath(new URL('../cli.js', import.meta.resolve('allure')));
  const child = spawn(process.execPath, [cli, 'generate', results, '-c', config], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(0, 4000);
    });
  }
  const [code, signal]: unknown[] = await once(child, 'close');
  if (code === 0) return;
  throw new HarnessFault('allure-failed', `allure generate ended with ${String(code ?? signal)}: ${firstLine(said)}`, {
    advice: 'The results are there: `allure generate` on the folder allure-results shows the same.',
    stage: 'report',
  });
}

/** What went wrong, of what Allure says: it adds colours, a piece of its source and a stack. */
export function firstLine(said: string): string {
  const lines = stripVTControlCharacters(said)
    .split('\n')
    .map((line) => line.trim());
  return lines.find((line) => /^\w*error\b/i.test(line)) ?? lines.find((line) => line !== '') ?? 'it said nothing';
}

function renderIndex(input: ReportInput, pages: readonly PagePlan[]): string {
  const { language } = input;
  const coverage = coverageOf(input.verdicts, input.devices);
  const banner = isSampleData(coverage) ? html`<p><strong>${SAMPLE_BANNER[language]}</strong></p>` : html``;
  const links = pages.map(
    ({ part, records }) => html`<li><a href="${part ?? '.'}/index.html">${part ?? ''}</a> (${records.length})</li>\n`,
  );
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Cutover</title>
</head>
<body>
${banner}
<p>${renderCoverage(coverage, language)}.</p>
<ul>
${links}</ul>
</body>
</html>
`.text;
}
