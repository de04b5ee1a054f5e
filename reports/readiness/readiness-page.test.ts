import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { allureHtml } from '../allure/allure-html.ts';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, openPage, SCREENSHOTS } from '../fixtures/browser.ts';
import { COMPARISON } from '../fixtures/comparison.ts';
import { realInput } from '../fixtures/real-input.ts';
import { matrix } from '../matrix/matrix.ts';
import { writeAll } from '../write-all.ts';
import { readiness } from './readiness.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

describe.skipIf(CHROMIUM === null)(
  `the page for those who decide (${CHROMIUM === null ? NO_CHROMIUM : 'Chromium'})`,
  () => {
    const out = mkdtempSync(join(tmpdir(), 'cutover-readiness-page-'));
    beforeAll(async () => {
      const run = join(out, 'runs', 'run-1');
      mkdirSync(run, { recursive: true });
      mkdirSync(SCREENSHOTS, { recursive: true });
      for (const file of ['run.json', 'records.jsonl', 'comparison.json']) writeFileSync(join(run, file), '');
      const written = await writeAll(realInput(out, { comparison: COMPARISON }), [matrix, allureHtml, readiness]);
      expect(written.flatMap((w) => (w.fault === null ? [] : [w]))).toEqual([]);
    });
    afterAll(() => rmSync(out, { recursive: true, force: true }));

    test.for([
      ['de', 'light', [1280, 820, 390]],
      ['en', 'dark', [1280]],
    ] as const)(
      '%s, %s: no accessibility fault, no scrolling sideways, no other host',
      async ([language, colorScheme, widths]) => {
        await using opened = await openPage(CHROMIUM!, out, `readiness.${language}.html`);
        const { page } = opened;
        await page.emulateMedia({ colorScheme });
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 });
          const excess = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          expect([width, excess]).toEqual([width, 0]);
          await page.screenshot({ path: join(SCREENSHOTS, `readiness.${language}.${width}.png`), fullPage: true });
        }
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map((v) => [v.id, v.nodes[0]?.html])).toEqual([]);
        expect(opened.outside).toEqual([]);
        expect(opened.faults).toEqual([]);
      },
    );

    test('a device leads to its trial on the Allure page', async () => {
      await using opened = await openPage(CHROMIUM!, out, 'readiness.de.html');
      const { page } = opened;
      await page.getByRole('link', { name: 'Musterwerk Router X' }).first().click();
      await page.getByText('Senden STARTTLS 587 · Nach der Umstellung · Musterwerk Router X').first().waitFor();
      // Not only in the list of all trials: opened, with what decided.
      await page.getByText('alert 40 from the server').first().waitFor();
      expect(page.url()).toContain('/allure-report/index.html#');
    });

    test('it prints, with its tables as tables', async () => {
      await using opened = await openPage(CHROMIUM!, out, 'readiness.de.html');
      const { page } = opened;
      // A4 less its margins, at 96 pixels an inch: as narrow as a small tablet.
      await page.setViewportSize({ width: 680, height: 1000 });
      await page.emulateMedia({ media: 'print' });
      await expect.poll(() => page.locator('thead').first().isVisible()).toBe(true);
      expect(
        await page
          .locator('tr')
          .first()
          .evaluate((row) => getComputedStyle(row).display),
      ).toBe('table-row');
      const pdf = await page.pdf({ path: join(SCREENSHOTS, 'readiness.de.pdf'), format: 'A4' });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    });
  },
);
