import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, openPage, SCREENSHOTS } from '../fixtures/browser.ts';
import { sampleInput } from '../fixtures/sample-input.ts';
import { readEditorial } from './editorial.ts';
import { composeFaq } from './faq.ts';
import { renderFragment } from './render-html.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS });

/** What a WordPress theme brings: the fragment itself has no style. */
const THEME = `body { font: 17px/1.6 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
.wp-block-table { margin: 1rem 0; overflow-x: auto } table { border-collapse: collapse; width: 100% }
td, th { border: 1px solid #999; padding: .5rem; text-align: left; vertical-align: top }`;

test.for(['de', 'en'] as const)(
  'the fragment in %s reads as a page and asks no other host',
  async (language, context) => {
    context.skip(CHROMIUM === null, NO_CHROMIUM);
    const folder = await mkdtemp(join(tmpdir(), 'cutover-faq-page-'));
    const input = sampleInput(folder, { asOf: new Date('2025-04-01') });
    const hostile = input.devices.map((d) => (d.id === 'mw-nas-2' ? { ...d, model: '<img src=//evil.example/1>' } : d));
    const fragment = renderFragment(composeFaq({ ...input, devices: hostile }, readEditorial(), language), language);
    const page = `<!doctype html><meta charset="utf-8"><title>FAQ</title><style>${THEME}</style>${fragment}`;
    await writeFile(join(folder, 'faq.html'), page);
    await using opened = await openPage(CHROMIUM!, folder, 'faq.html');
    await mkdir(SCREENSHOTS, { recursive: true });
    await opened.page.screenshot({ path: join(SCREENSHOTS, `faq.${language}.png`), fullPage: true });
    expect(await opened.page.locator('.cutover-faq img').count()).toBe(0);
    expect(await opened.page.locator('.cutover-faq').innerText()).toContain('<img src=//evil.example/1>');
    expect(await opened.page.locator('figure table').count()).toBe(9);
    expect(opened.outside).toEqual([]);
    await rm(folder, { recursive: true });
  },
);
