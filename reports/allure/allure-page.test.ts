import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { causeText } from '../../harness/cause-texts.ts';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, openPage, SCREENSHOTS } from '../fixtures/browser.ts';
import { RECORDS } from '../fixtures/records.ts';
import { sampleInput } from '../fixtures/sample-input.ts';
import { writeAll } from '../write-all.ts';
import { allureHtml, writeAllureHtml } from './allure-html.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS });

let out = '';
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'cutover-allure-page-'));
  await mkdir(SCREENSHOTS, { recursive: true });
});
afterAll(() => rm(out, { recursive: true, force: true }));

describe.for(['de', 'en'] as const)('the page in %s', (language) => {
  test('shows the tree of causes by device, and asks no other host', async (context) => {
    const folder = join(out, language);
    expect(await writeAll(sampleInput(folder, { language }), [allureHtml])).toEqual([
      { report: 'allure-html', fault: null },
    ]);
    context.skip(CHROMIUM === null, NO_CHROMIUM);
    await using opened = await openPage(CHROMIUM!, join(folder, 'allure-report'), 'index.html');
    const { page } = opened;
    const title = await page.getByTestId('report-title').innerText();
    expect(title).toContain(
      language === 'de' ? 'BEISPIELDATEN · 0 echte Geräte getestet' : 'SAMPLE DATA · 0 real devices tested',
    );
    await page.getByTestId('nav-tab-categories').click();
    for (const cause of new Set(RECORDS.filter((r) => r.role === 'question').flatMap((r) => r.cause ?? []))) {
      await page.getByText(causeText(cause).customer[language].name, { exact: true }).first().waitFor();
    }
    await page.getByText(causeText('plaintext-only').customer[language].name).first().click();
    await page.getByText('Musterwerk Kamera Tür & Hof 7', { exact: true }).first().waitFor();
    await page.screenshot({ path: join(SCREENSHOTS, `allure-causes.${language}.png`) });
    await page
      .getByText(/25 · .*Kamera/)
      .first()
      .click();
    await page.getByText('no hello on any connection').first().waitFor();
    await page.screenshot({ path: join(SCREENSHOTS, `allure-trial.${language}.png`), fullPage: true });
    expect(opened.outside).toEqual([]);
    expect(opened.faults).toEqual([]);
  });
});

test('beyond the limits there is a page a kind, and one that leads to them', async (context) => {
  const folder = join(out, 'split');
  await mkdir(folder);
  const records = RECORDS.filter((r) => ['nas', 'fax'].includes(r.device.kind));
  await writeAllureHtml(sampleInput(folder, { records }), folder, { results: 3, notPassed: 600 });
  expect((await readdir(join(folder, 'allure-report'))).sort()).toEqual(['fax', 'index.html', 'nas']);
  context.skip(CHROMIUM === null, NO_CHROMIUM);
  await using opened = await openPage(CHROMIUM!, join(folder, 'allure-report'), 'index.html');
  expect(await opened.page.locator('body').innerText()).toContain('Beispieldaten');
  await opened.page.getByRole('link', { name: 'nas' }).click();
  expect(await opened.page.getByTestId('report-title').innerText()).toContain('nas');
  expect(opened.outside).toEqual([]);
});
