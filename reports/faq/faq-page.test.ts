import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, vi } from 'vitest';
import { Device } from '../../harness/vocabulary/device.ts';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, openPage, SCREENSHOTS } from '../fixtures/browser.ts';
import { sampleInput } from '../fixtures/sample-input.ts';
import { readEditorial } from './editorial.ts';
import { composeFaq } from './faq.ts';
import { renderFragment } from './render-html.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS });

/** What a WordPress theme brings: the fragment itself has no style. */
const THEME = `body { font: 17px/1.6 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
.wp-block-table { margin: 1rem 0; overflow-x: auto } table { border-collapse: collapse; width: 100% }
td, th { border: 1px solid #999; padding: .5rem; text-align: left; vertical-align: top }`;

const EVIL = '<img src=//evil.example/2 onerror=alert(1)>';
const SOURCE = { title: EVIL, url: 'https://source.example/a?b="><script>', date: '2025-01-15', confidence: 'forum' };

const CLAIMED = Device.parse({
  id: 'aw-post',
  vendor: 'Altwerk',
  model: `Post ${EVIL}`,
  kind: 'mail-program',
  claims: [
    { says: { de: EVIL, en: EVIL }, source: SOURCE, implies: { verdict: 'legacy-only' }, when: { firmware: '<5' } },
  ],
  menus: [{ path: { de: `Konto > ${EVIL}`, en: `Account > ${EVIL}` }, source: SOURCE }],
  words: { implicit: EVIL },
});

test.for(['de', 'en'] as const)(
  'the fragment in %s reads as a page on desktop and telephone, shows all as text and asks no other host',
  async (language, context) => {
    context.skip(CHROMIUM === null, NO_CHROMIUM);
    const folder = await mkdtemp(join(tmpdir(), 'cutover-faq-page-'));
    const input = sampleInput(folder, { asOf: new Date('2025-04-01'), samples: true });
    const hostile = input.devices.map((d) => (d.id === 'mw-nas-2' ? { ...d, model: '<img src=//evil.example/1>' } : d));
    const blocks = composeFaq({ ...input, devices: [...hostile, CLAIMED] }, readEditorial(), language);
    const page = `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>FAQ</title><style>${THEME}</style><main><h1>FAQ</h1>${renderFragment(blocks, language)}</main></html>`;
    await writeFile(join(folder, 'faq.html'), page);
    await using opened = await openPage(CHROMIUM!, folder, 'faq.html');
    const shown = opened.page.locator('.cutover-faq');
    await mkdir(SCREENSHOTS, { recursive: true });

    expect(await shown.locator('img, script').count()).toBe(0);
    expect(await shown.innerText()).not.toContain('evil.example/2');
    await opened.page.evaluate(() => document.querySelectorAll('details').forEach((d) => d.setAttribute('open', '')));
    expect(await shown.innerText()).toContain('<img src=//evil.example/1>');
    expect((await shown.innerText()).split(EVIL).length).toBeGreaterThan(6);
    expect(await shown.locator('figure table').count()).toBe(8);

    const targets = await shown.locator('nav a').evaluateAll((links) => links.map((a) => a.getAttribute('href') ?? ''));
    expect(targets.length).toBeGreaterThan(10);
    for (const target of targets) expect(await shown.locator(target).count()).toBe(1);

    for (const [name, width] of [
      ['desktop', 1280],
      ['phone', 375],
    ] as const) {
      await opened.page.setViewportSize({ width, height: 900 });
      await opened.page.screenshot({ path: join(SCREENSHOTS, `faq.${language}.${name}.png`), fullPage: true });
      const { violations } = await new AxeBuilder({ page: opened.page }).setLegacyMode().analyze();
      expect(violations.map((v) => [name, v.id, v.nodes.map((n) => n.html)])).toEqual([]);
      expect(await opened.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
        0,
      );
    }
    expect(opened.outside).toEqual([]);
    expect(opened.faults).toEqual([]);
    await rm(folder, { recursive: true });
  },
);
