import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BEAT_MS, MAX_PRESSES } from '../../harness/vocabulary/attend.ts';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, SCREENSHOTS } from '../fixtures/browser.ts';
import { type AttendPage, bundleAttendPage } from './bundle-attend-page.ts';
import { SILENCE_MS } from './link.ts';
import { MOST_PRESSES } from './render-ask.ts';
import { deviceWith, promptWith, resultWith, verdictWith, viewWith } from './sample-views.ts';
import { type StandInDesk, startStandInDesk } from './stand-in-desk.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

const INVITATION = {
  url: 'http://192.168.0.10:8080/?key=abc',
  svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><path d="M0 0h1v1H0z"/></svg>',
};
const PHONE = { width: 390, height: 844 };
const TABLET = { width: 820, height: 1180 };

describe.skipIf(CHROMIUM === null)(
  `the page of an attended run (${CHROMIUM === null ? NO_CHROMIUM : 'Chromium'})`,
  () => {
    let bundle: AttendPage;
    let browser: Browser;
    beforeAll(async () => {
      bundle = await bundleAttendPage();
      browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
      await mkdir(SCREENSHOTS, { recursive: true });
    });
    afterAll(() => browser?.close());

    interface Tablet extends AsyncDisposable {
      readonly page: Page;
      readonly faults: readonly string[];
      readonly text: (selector?: string) => Promise<string>;
    }

    /** One person's tablet, already with their name. */
    async function openTablet(
      desk: StandInDesk,
      { name = 'Anna', lang = 'de', ...options }: BrowserContextOptions & { name?: string; lang?: string } = {},
    ): Promise<Tablet> {
      const context = await browser.newContext({ viewport: PHONE, ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(BROWSER_TEST_MS / 8);
      const faults: string[] = [];
      page.on('pageerror', (e) => faults.push(e.message));
      page.on('console', (m) => m.type() === 'error' && faults.push(m.text()));
      page.on('request', (r) => r.url().startsWith(desk.origin) || r.url().startsWith('blob:') || faults.push(r.url()));
      await page.goto(`${desk.origin}/?lang=${lang}`);
      if (name !== '') {
        await page.fill('#name', name);
        await page.keyboard.press('Enter');
        await page.locator('#list .row, #list p').first().waitFor();
      }
      return {
        page,
        faults,
        text: (selector = 'main') => page.locator(selector).innerText(),
        [Symbol.asyncDispose]: () => context.close(),
      };
    }

    const startDesk = () => startStandInDesk(bundle, INVITATION);

    test('one device, from the list to its verdict', async () => {
      await using desk = await startDesk();
      desk.show(viewWith([deviceWith('scan-300'), deviceWith('cam-7', { kind: 'camera', note: 'Hof' })]));
      await using tablet = await openTablet(desk);
      const { page, text } = tablet;
      expect(await text('header')).toContain('0 von 2 fertig');
      await page.click('#row-scan-300');
      await page.click('#take-scan-300');
      await vi.waitFor(() => expect(desk.answers).toEqual([{ kind: 'take', device: 'scan-300', by: 'Anna' }]));

      const mine = { by: 'Anna', prompt: promptWith() };
      const show = (part: object) =>
        desk.show(viewWith([deviceWith('scan-300', { ...mine, ...part }), deviceWith('cam-7')]));
      show({ state: 'entering' });
      await page.locator('#pressed-scan-300').waitFor();
      const entries = await text('#card-scan-300');
      for (const part of [
        'Einstellungen > Netzwerk > E-Mail',
        'smtp.mail.example',
        '587',
        'STARTTLS (am Gerät oft nur „TLS“)',
        'test1234',
      ])
        expect(entries).toContain(part);
      await page.click('#pressed-scan-300');
      await vi.waitFor(() => expect(desk.answers.at(-1)).toEqual({ kind: 'pressed', device: 'scan-300' }));

      show({ state: 'armed', waitsUntil: '2025-02-03T10:10:00.000Z' });
      await page.locator('[data-until]').waitFor();
      expect(await text('[data-until]')).toMatch(/^(9:\d\d|10:00)$/);
      show({ state: 'connected' });
      await page.locator('.wait.on').waitFor();
      await page.fill('#code-scan-300', 'Fehler 12-9');
      await page.click('#failed-scan-300');
      await vi.waitFor(() =>
        expect(desk.answers.at(-1)).toEqual({ kind: 'shows', device: 'scan-300', said: 'failed', code: 'Fehler 12-9' }),
      );

      const results = [resultWith()];
      show({ state: 'entering', press: 2, prompt: promptWith({ reason: 'legacy', entries: [] }), results });
      await page.locator('ol.results').waitFor();
      const second = await text('#card-scan-300');
      expect(second).toContain('E-Mail nicht angekommen (Veraltete TLS-Version)');
      expect(second).toContain('2. Versuch von höchstens 4');
      expect(second).toContain('Am Gerät bleibt alles, wie es ist.');
      expect(await text('#news')).toContain('Musterwerk scan-300: E-Mail nicht angekommen');

      show({
        state: 'done',
        prompt: null,
        verdicts: [verdictWith('scan-300')],
        results: [...results, resultWith({ number: 2, reason: 'legacy', outcome: 'works', encrypted: true })],
      });
      await page.locator('section.verdict').waitFor();
      const done = await text('#card-scan-300');
      expect(done).toContain('Senden: nur noch über den Übergangsserver');
      expect(done).toContain('smtp-alt.mail.example');
      expect(await text('header')).toContain('1 von 2 fertig');
      expect(tablet.faults).toEqual([]);
    });

    test('what the page knows of the contract without loading it', () => {
      expect([MOST_PRESSES, SILENCE_MS]).toEqual([MAX_PRESSES, 3 * BEAT_MS]);
      expect(bundle.js).not.toMatch(/zod|invalid_type|strictObject|\beval\(|new Function/);
    });

    test.for([
      ['light', 'de', PHONE],
      ['dark', 'en', PHONE],
      ['light', 'en', TABLET],
      ['dark', 'de', TABLET],
    ] as const)(
      '%s, %s, %o: no accessibility fault, no scrolling sideways, targets of 48 px',
      async ([colorScheme, lang, viewport]) => {
        await using desk = await startDesk();
        const mine = { by: 'Anna', prompt: promptWith() };
        desk.show(
          viewWith(
            [
              deviceWith('scan-300', { ...mine, state: 'entering' }),
              deviceWith('cam-7', { ...mine, kind: 'camera', state: 'armed', waitsUntil: '2025-02-03T10:01:20.000Z' }),
              deviceWith('nas-2', { ...mine, kind: 'nas', state: 'connected', results: [resultWith()] }),
              deviceWith('fax-1', { ...mine, kind: 'fax', state: 'stuck', problem: 'ambiguous', rivals: ['cam-7'] }),
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
                results: [resultWith(), resultWith({ number: 2, reason: 'legacy', outcome: 'works', encrypted: true })],
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
                },
              ],
            },
          ),
        );
        await using tablet = await openTablet(desk, { colorScheme, lang, viewport });
        const { page } = tablet;
        for (const id of ['pbx-5', 'door-1', 'scan-1', 'frei-1']) await page.click(`#row-${id}`);
        await page.locator('#card-frei-1').waitFor();
        await page.evaluate(() => scrollTo(0, 0));
        await page.screenshot({
          path: join(SCREENSHOTS, `attend.${lang}.${colorScheme}.${viewport.width}.png`),
          fullPage: true,
        });
        const { violations } = await new AxeBuilder({ page }).analyze();
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
