import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, SCREENSHOTS } from '../fixtures/browser.ts';
import { arrivedWith, deviceWith, promptWith, resultWith, verdictWith, viewWith } from './sample-views.ts';
import { openTablets, PHONE, TABLET, type Tablets } from './tablets.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

describe.skipIf(CHROMIUM === null)(
  `how the page of an attended run looks (${CHROMIUM === null ? NO_CHROMIUM : 'Chromium'})`,
  () => {
    let tablets: Tablets;
    beforeAll(async () => {
      tablets = await openTablets(CHROMIUM!);
    });
    afterAll(() => tablets?.[Symbol.asyncDispose]());

    test.for([
      ['light', 'de', PHONE],
      ['dark', 'en', PHONE],
      ['light', 'en', TABLET],
      ['dark', 'de', TABLET],
    ] as const)(
      '%s, %s, %o: no accessibility fault, no scrolling sideways, targets of 48 px',
      async ([colorScheme, lang, viewport]) => {
        await using desk = await tablets.startDesk();
        const mine = { by: 'Anna', prompt: promptWith() };
        desk.show(
          viewWith(
            [
              deviceWith('scan-300', { ...mine, state: 'entering' }),
              deviceWith('cam-7', { ...mine, kind: 'camera', state: 'armed', waitsUntil: '2025-02-03T10:01:20.000Z' }),
              deviceWith('nas-2', { ...mine, kind: 'nas', state: 'connected', results: [resultWith()] }),
              deviceWith('fax-1', { ...mine, kind: 'fax', state: 'stuck', problem: 'ambiguous', rivals: ['cam-7'] }),
              deviceWith('fax-2', { ...mine, kind: 'fax', state: 'stuck', problem: 'ambiguous', rivals: ['pbx-5'] }),
              deviceWith('cam-8', { ...mine, kind: 'camera', state: 'stuck', problem: 'too-early' }),
              deviceWith('scan-9', {
                ...mine,
                state: 'entering',
                press: 2,
                prompt: promptWith({
                  reason: 'setting',
                  entries: [
                    { name: 'port', value: '465' },
                    { name: 'security', value: 'implicit' },
                  ],
                }),
                results: [resultWith()],
              }),
              deviceWith('pbx-5', { by: 'Ben', kind: 'pbx', state: 'armed', waitsUntil: '2025-02-03T10:00:40.000Z' }),
              deviceWith('door-1', { kind: 'doorstation', state: 'skipped' }),
              deviceWith('scan-1', {
                state: 'done',
                by: 'Anna',
                verdicts: [verdictWith('scan-1')],
                results: [resultWith(), arrivedWith({ number: 2, reason: 'legacy' })],
                photos: ['a.jpg'],
              }),
              deviceWith('frei-1'),
            ],
            {
              certificate: 'lab',
              people: ['Anna', 'Ben'],
              strangers: [
                {
                  id: 's1',
                  address: '192.168.0.77',
                  ehlo: 'KMBT-223',
                  offered: '1.2',
                  port: 587,
                  at: '2025-02-03T09:58:00.000Z',
                  mayBe: [],
                },
                {
                  id: 's2',
                  address: '192.168.0.78',
                  ehlo: 'KMBT-223',
                  offered: '1.2',
                  port: 587,
                  at: '2025-02-03T09:58:00.000Z',
                  mayBe: ['fax-2', 'pbx-5'],
                },
                {
                  id: 's3',
                  address: '192.168.0.79',
                  ehlo: 'NPI7A2',
                  offered: '1.2',
                  port: 587,
                  at: '2025-02-03T09:58:00.000Z',
                  mayBe: ['fax-2', 'pbx-5'],
                },
                {
                  id: 's4',
                  address: '192.168.0.80',
                  ehlo: 'KMBT-223',
                  offered: '1.2',
                  port: 587,
                  at: '2025-02-03T09:58:00.000Z',
                  mayBe: ['frei-1', 'pbx-5'],
                },
              ],
            },
          ),
        );
        await using tablet = await tablets.open(desk, { colorScheme, lang, viewport });
        const { page } = tablet;
        for (const id of ['pbx-5', 'door-1', 'scan-1', 'frei-1']) await page.click(`#row-${id}`);
        await page.locator('#card-frei-1').waitFor();
        await page.evaluate(() => scrollTo(0, 0));
        await page.screenshot({
          path: join(SCREENSHOTS, `attend.${lang}.${colorScheme}.${viewport.width}.png`),
          fullPage: true,
        });
        if (lang === 'de' && viewport === PHONE)
          for (const card of await page.locator('article').all())
            await card.screenshot({ path: join(SCREENSHOTS, `attend.${await card.getAttribute('id')}.png`) });
        // Frames and their waits are what takes axe long; there are none.
        const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
        expect(violations.map((v) => [v.id, v.nodes.map((n) => n.html)])).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        const small = await page.evaluate(() =>
          [...document.querySelectorAll<HTMLElement>('button, select, input:not([type=file]), .file label, summary')]
            .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 48)
            .map((e) => e.outerHTML.slice(0, 90)),
        );
        expect(small).toEqual([]);
        expect(tablet.faults).toEqual([]);
      },
    );
  },
);
