import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as z from 'zod';
import type { Record } from '../../harness/vocabulary/record.ts';
import type { Run } from '../../harness/vocabulary/run.ts';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, openPage } from '../fixtures/browser.ts';
import { COMPARISON } from '../fixtures/comparison.ts';
import { RECORDS } from '../fixtures/records.ts';
import { RUN } from '../fixtures/run.ts';
import { sampleInput } from '../fixtures/sample-input.ts';
import { writeAll } from '../write-all.ts';
import { allureHtml } from './allure-html.ts';
import { HISTORY_FILE, joinPoints, newestPoints, readHistory } from './history.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

const SHOWN = RECORDS.filter((r) => ['mw-fax-1', 'mw-cam-7', 'mw-door-1', 'mw-nas-2'].includes(r.device.id));
/** Of a run before, in which the fax still worked and the NAS did not. */
const EARLIER: readonly Record[] = SHOWN.map((r) => {
  const before = { ...r, run: 'run-0' };
  if (r.mode !== 'strict') return before;
  if (r.device.id === 'mw-fax-1') return { ...before, outcome: 'works', cause: undefined };
  return r.device.id === 'mw-nas-2' ? { ...before, outcome: 'fails', cause: 'no-shared-cipher' } : before;
});
const EARLIER_RUN: Run = { ...RUN, run: 'run-0', startedAt: '2025-01-18T09:00:00.000Z' };

let out = '';
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'cutover-allure-history-'));
  const earlier = sampleInput(out, { language: 'en', runs: [EARLIER_RUN], records: EARLIER });
  expect(await writeAll(earlier, [allureHtml])).toEqual([{ report: 'allure-html', fault: null }]);
  // Twice, as `cutover report` does: a run must not become its own past.
  for (let i = 0; i < 2; i += 1) await writeLater();
});
afterAll(() => rm(out, { recursive: true, force: true }));

function writeLater() {
  const runs = [EARLIER_RUN, RUN];
  const later = sampleInput(out, { language: 'en', runs, records: SHOWN, comparison: COMPARISON });
  return writeAll(later, [allureHtml]);
}

const Point = z.object({
  uuid: z.string(),
  name: z.string(),
  timestamp: z.number(),
  testResults: z.record(z.string(), z.unknown()),
});

test('the history in the out folder has one line a run, however often its page was written', async () => {
  const lines = (await readFile(join(out, HISTORY_FILE), 'utf8')).trim().split('\n');
  const points = lines.map((line) => Point.parse(JSON.parse(line)));
  expect(points.map((p) => [p.name, new Date(p.timestamp).toISOString()])).toEqual([
    ['run-0', EARLIER_RUN.startedAt],
    ['run-1', RUN.startedAt],
  ]);
  const questions = SHOWN.filter((r) => r.role === 'question').length;
  expect(points.map((p) => Object.keys(p.testResults).length)).toEqual([questions, questions]);
});

test('the page marks what regressed, what is fixed, what is flaky and what is accepted', async (context) => {
  context.skip(CHROMIUM === null, NO_CHROMIUM);
  await using opened = await openPage(CHROMIUM!, join(out, 'allure-report'), 'index.html');
  const { page } = opened;
  const marked = (mark: string) =>
    page
      .getByTestId('tree-leaf')
      .filter({ has: page.getByTestId(`tree-leaf-${mark}`) })
      .getByTestId('tree-leaf-title');
  await page.getByTestId('report-title').waitFor();
  // Devices of which everything passed are folded.
  await page.getByText('Musterwerk NAS 2', { exact: true }).nth(1).click();
  await expect.poll(() => marked('transition-fixed').allInnerTexts()).toEqual([expect.stringContaining('NAS 2')]);
  expect(await marked('transition-regressed').allInnerTexts()).toEqual([expect.stringContaining('Fax 1')]);
  expect(await marked('flaky').allInnerTexts()).toEqual([expect.stringContaining('Türstation 1')]);
  expect(await marked('resolution-accepted').allInnerTexts()).toEqual([expect.stringContaining('Kamera Tür & Hof 7')]);
  await page.getByTestId('nav-tab-resolutionCategories').click();
  await page.getByText('The camera is replaced in March. (QA, until 31 March 2025)').first().waitFor();
  await page.goto(`${page.url().replace(/#.*/, '')}#charts`);
  await page.getByText('Results over the runs').waitFor();
  expect(opened.outside).toEqual([]);
  expect(opened.faults).toEqual([]);
});

test('a history from a cache may be torn, and holds 10 runs at most', async () => {
  const file = join(out, 'cached.jsonl');
  const point = { uuid: 'a', name: 'run-0', timestamp: 1, knownTestCaseIds: [], testResults: {}, metrics: {}, url: '' };
  await writeFile(
    file,
    `${JSON.stringify(point)}\nnull\n{"uuid":"b"}\n${JSON.stringify({ ...point, timestamp: 2 })}\n{"uuid":"c","na`,
  );
  expect(readHistory(file, RUN).map((p) => p.timestamp)).toEqual([1, 2]);
  expect(
    newestPoints(Array.from({ length: 15 }, (_, i) => ({ ...point, timestamp: i }))).map((p) => p.timestamp)[0],
  ).toBe(5);
});

test('pages of one run make one point', () => {
  const part = (id: string) => ({
    uuid: id,
    name: '',
    timestamp: 9,
    knownTestCaseIds: [id],
    testResults: { [id]: { id, status: 'passed' } },
  });
  expect(joinPoints([part('a'), part('b')], RUN)).toMatchObject({
    name: 'run-1',
    knownTestCaseIds: ['a', 'b'],
    testResults: { a: { id: 'a' }, b: { id: 'b' } },
  });
  expect(joinPoints([], RUN)).toBeNull();
});
