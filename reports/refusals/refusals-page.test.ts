import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, openPage, SCREENSHOTS } from '../fixtures/browser.ts';
import type { Block } from './compose.ts';
import { renderPage } from './render-page.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS });

const HOSTILE = '"><img src=//evil.example/1 onerror=alert(1)>';
const BLOCKS: readonly Block[] = [
  { kind: 'banner', text: HOSTILE },
  {
    kind: 'table',
    head: ['device', 'mail', HOSTILE],
    rows: [
      [{ lines: [HOSTILE, 'id'] }, { lines: ['lost'], tone: 'worst' }, { lines: ['W'.repeat(400)] }],
      [{ lines: ['printer'] }, { lines: ['on time'], tone: 'good' }, { lines: ['–'] }],
    ],
  },
  { kind: 'list', items: [HOSTILE] },
];

test('what a device said is text in the page, which asks no other host and colours what is bad', async (context) => {
  context.skip(CHROMIUM === null, NO_CHROMIUM);
  const folder = await mkdtemp(join(tmpdir(), 'cutover-refusals-page-'));
  await writeFile(join(folder, 'refusals.html'), renderPage(HOSTILE, BLOCKS, 'en'));
  await using opened = await openPage(CHROMIUM!, folder, 'refusals.html');
  const { page } = opened;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, 'refusals.png'), fullPage: true });
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.locator('h1').innerText()).toBe(HOSTILE);
  expect(await page.locator('tbody th').first().innerText()).toBe(`${HOSTILE}\nid`);
  const colourOf = (cell: string) =>
    page.locator(cell).evaluate((e) => e.ownerDocument.defaultView!.getComputedStyle(e).backgroundColor);
  expect(await colourOf('td.worst')).not.toBe(await colourOf('td.good'));
  // A wide table scrolls by itself: the page does not.
  expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
  expect([opened.outside, opened.faults]).toEqual([[], []]);
  await rm(folder, { recursive: true });
});
