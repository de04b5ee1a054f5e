import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Device } from '../../../harness/vocabulary/device.ts';
import type { ReportInput } from '../../contract.ts';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, openPage, SCREENSHOTS } from '../../fixtures/browser.ts';
import { DEVICES } from '../../fixtures/devices.ts';
import { MODES } from '../../fixtures/run.ts';
import { sampleInput } from '../../fixtures/sample-input.ts';
import { lookupSite } from './site.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
const SOURCE = {
  title: `Manual ${HOSTILE}`,
  url: 'https://vendor.example/manual',
  date: '2025-01-10',
  confidence: 'vendor-documented',
};
const SAYS = { de: 'Die Quelle sagt es so.', en: 'The source says so.' };

function claim(verdict: string, when: object | undefined, implies: object = {}): object {
  return {
    says: SAYS,
    source: { ...SOURCE, title: 'Manual' },
    ...(when && { when }),
    implies: { verdict, ...implies },
  };
}

const OLD = { cause: 'version-too-old', encrypted: true };

const MORE: readonly Device[] = [
  { id: 'fenster-7', vendor: 'Fenster', model: 'Fenster 7', kind: 'os', aliases: ['F7'] },
  { id: 'fenster-10', vendor: 'Fenster', model: 'Fenster 10', kind: 'os' },
  {
    id: 'briefkasten',
    vendor: 'Beispiel',
    model: 'Briefkasten 2010',
    kind: 'mail-program',
    errors: [{ text: '0x0BADBEEF', means: SAYS, causes: ['version-too-old'], source: SOURCE }],
    claims: [claim('legacy-only', { os: 'fenster-7' }, OLD), claim('works', { os: 'fenster-10' })],
  },
  {
    id: 'wegbox',
    vendor: 'Beispiel',
    model: 'Wegbox',
    kind: 'router',
    claims: [claim('legacy-only', { firmware: '<6.20' }, OLD), claim('works', { firmware: '>=6.20' })],
  },
  {
    id: 'streit-1',
    vendor: 'Beispiel',
    model: 'Streitfall 1',
    kind: 'camera',
    claims: [claim('works', { firmware: '>=1' }), claim('stops-working', { firmware: '>=1' })],
  },
  {
    id: 'boese-1',
    vendor: 'Boese',
    model: `Cam ${HOSTILE}`,
    kind: 'camera',
    aliases: [HOSTILE],
    words: { implicit: HOSTILE },
    errors: [{ text: HOSTILE, means: { de: HOSTILE, en: HOSTILE }, source: SOURCE }],
    menus: [{ path: { de: HOSTILE, en: HOSTILE }, source: SOURCE }],
    recognition: { ehlo: [HOSTILE], mailer: [HOSTILE], otherwise: [{ de: HOSTILE, en: HOSTILE }] },
    notes: { de: HOSTILE, en: HOSTILE },
    claims: [{ says: { de: HOSTILE, en: HOSTILE }, source: SOURCE, implies: { verdict: 'unknown' } }],
  },
].map((d) => Device.parse(d));

describe.skipIf(CHROMIUM === null)(`the lookup page (${CHROMIUM === null ? NO_CHROMIUM : 'Chromium'})`, () => {
  let folder = '';
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cutover-lookup-'));
    await write('site', {});
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function write(name: string, part: Partial<ReportInput>): Promise<void> {
    await mkdir(join(folder, name), { recursive: true });
    const devices = [...DEVICES, ...MORE];
    await lookupSite.write(sampleInput(folder, { devices, samples: true, ...part }), join(folder, name));
  }

  interface Opened extends AsyncDisposable {
    readonly page: Page;
    readonly context: BrowserContext;
    readonly faults: readonly string[];
  }

  /** From the disk, as a double click does; at noon of a day of the transition. */
  async function open(
    place = '',
    {
      day = '2025-04-01',
      site = 'site',
      query = '',
      ...options
    }: BrowserContextOptions & { day?: string; site?: string; query?: string } = {},
  ): Promise<Opened> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(BROWSER_TEST_MS / 8);
    const faults: string[] = [];
    page.on('pageerror', (e) => faults.push(e.message));
    page.on('console', (m) => m.type() === 'error' && faults.push(m.text()));
    page.on('request', (r) => /^(file|data|blob|about):/.test(r.url()) || faults.push(`asked for ${r.url()}`));
    await page.clock.setFixedTime(new Date(`${day}T12:00:00+01:00`));
    await page.goto(`${pathToFileURL(join(folder, site, 'lookup', 'index.html')).href}${query}${place}`);
    await page.locator(place.includes('geraet') ? '#answer-title, #answer [role=alert]' : '#search').waitFor();
    return { page, context, faults, [Symbol.asyncDispose]: () => context.close() };
  }

  const names = (page: Page) => page.locator('.row .name').allInnerTexts();
  const answer = (page: Page) => page.locator('#answer').innerText();

  test.for([
    ['kamra', 'Musterwerk Kamera Tür & Hof 7'],
    ['mw300', 'Musterwerk Scan 300'],
    ['türstation', 'Musterwerk Türstation 1'],
    ['0x0badbeef', 'Beispiel Briefkasten 2010'],
    ['Notstromversorgung', 'Musterwerk USV 9'],
  ] as const)('somebody who types %s finds %s first', async ([query, name]) => {
    await using opened = await open();
    await opened.page.fill('#search', query);
    expect((await names(opened.page))[0]).toBe(name);
    expect(opened.faults).toEqual([]);
  });

  test('the only entry that fits opens by itself, and goes again with other words', async () => {
    await using opened = await open();
    const { page } = opened;
    await page.fill('#search', 'Notstromversorgung');
    await page.locator('#answer-title', { hasText: 'USV 9' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('search');
    await page.fill('#search', 'Musterwerk');
    await page.locator('#answer-title').waitFor({ state: 'detached' });
    expect(opened.faults).toEqual([]);
  });

  test('what fits nothing is said, and what to do then', async () => {
    await using opened = await open();
    await opened.page.fill('#search', 'zzqqxx');
    expect(await opened.page.locator('#list').innerText()).toMatch(
      /Nichts gefunden zu „zzqqxx“[\s\S]*noch nicht geprüft/,
    );
  });

  test('filters by kind, result and basis, and takes them back', async () => {
    await using opened = await open();
    const { page } = opened;
    const all = await names(page);
    await page.selectOption('#kind', 'router');
    expect(await names(page)).toEqual(['Beispiel Wegbox', 'Musterwerk Router X']);
    await page.selectOption('#basis', 'claimed');
    expect(await names(page)).toEqual(['Beispiel Wegbox']);
    await page.selectOption('#verdict', 'stops-working');
    expect(await names(page)).toEqual([]);
    await page.click('#reset');
    expect(await names(page)).toEqual(all);
  });

  test('the answer holds what support reads out, and where the evidence lies', async () => {
    await using opened = await open('#/geraet/mw-cam-7', { day: '2025-02-01' });
    const text = await answer(opened.page);
    for (const part of [
      'Musterwerk Kamera Tür & Hof 7',
      'Beispieldaten: Dieses Gerät ist nachgebildet.',
      'Senden: nach Änderung der Einstellungen',
      'Grund (bestätigt)',
      'Einstellungen > Netzwerk > E-Mail',
      'smtp.mail.example',
      '465',
      'SSL/TLS (am Gerät oft nur „SSL“)',
      'mit Firmware 1.0, am 01.02.2025',
      'mw-cam-7@1.0/submit/smtps-465/strict/question',
    ])
      expect(text).toContain(part);
    const cells = await opened.page.locator('#answer table tbody tr').allInnerTexts();
    expect(cells.map((c) => c.split('\t').map((t) => t.trim()))).toEqual([
      ['bisher', 'geht, unverschlüsselt'],
      ['nach der Umstellung', 'geht nicht'],
      ['Übergangsserver', 'geht, unverschlüsselt'],
    ]);
  });

  test('it asks the one question that decides, and the answer is a link that can be sent on', async () => {
    await using opened = await open('#/geraet/briefkasten');
    const { page } = opened;
    expect(await page.locator('.question h3').innerText()).toBe('Welche Fenster-Version?');
    expect(await page.locator('.card').count()).toBe(0);
    await page.click('.options >> text=Fenster 7');
    await page.locator('.card').first().waitFor();
    expect(await answer(page)).toMatch(
      /Senden und Abrufen: nur noch über den Übergangsserver[\s\S]*laut Hersteller bzw\. laut Quelle/,
    );
    await using again = await open(new URL(page.url()).hash);
    expect(await answer(again.page)).toContain('Senden und Abrufen: nur noch über den Übergangsserver');
    await again.page.click('[data-forget=os]');
    await again.page.click('.options >> text=Fenster 10');
    await again.page.locator('.card').first().waitFor();
    expect(await answer(again.page)).toContain('Senden und Abrufen: funktioniert weiter');
    expect([...opened.faults, ...again.faults]).toEqual([]);
  });

  test('versions are asked for as ranges', async () => {
    await using opened = await open('#/geraet/wegbox');
    expect(await opened.page.locator('.options button').allInnerTexts()).toEqual(['älter als 6.20', 'ab 6.20']);
    await opened.page.click('text=ab 6.20');
    await opened.page.locator('.card').first().waitFor();
    expect(await answer(opened.page)).toContain('Senden und Abrufen: funktioniert weiter');
  });

  test('sources that contradict each other are both shown, and no result is made of them', async () => {
    await using opened = await open('#/geraet/streit-1?firmware=1');
    const text = await answer(opened.page);
    expect(text).toMatch(/Senden und Abrufen: noch nicht geprüft[\s\S]*widersprechen sich/);
    expect(text).toMatch(/funktioniert weiter[\s\S]*keine E-Mails mehr über unsere Server/);
  });

  describe('dates are evaluated in the browser', () => {
    test.for([
      ['2025-02-01', 'Die Umstellung ist am 05.03.2025.', true],
      ['2025-02-12', 'Heute ist eine angekündigte Testabschaltung', true],
      ['2025-05-30', 'Umgestellt am 05.03.2025. Übergangsserver bis 30.05.2025.', true],
      ['2025-05-31', 'Den Übergangsserver gab es nur bis 30.05.2025.', false],
    ] as const)('%s: %s', async ([day, stand, recommended]) => {
      await using opened = await open('#/geraet/mw-scan-300', { day });
      expect(await opened.page.locator('#stand').innerText()).toContain(stand);
      const text = `${await answer(opened.page)}\n${await opened.page.inputValue('#mail-text')}`;
      expect(text.includes('smtp-alt.mail.example')).toBe(recommended);
      expect(text.includes('Senden: keine E-Mails mehr über unsere Server')).toBe(!recommended);
      const badge = await opened.page.locator('[aria-current] .badge').innerText();
      expect(badge.includes('nur noch über den Übergangsserver')).toBe(recommended);
    });

    test('a transition that ended early is over, whatever day the verdict was made for', async () => {
      const policies = MODES.map((m) =>
        m.id === 'legacy' ? { ...m, dates: { ...m.dates, until: '2025-04-10', announcedUntil: '2025-05-30' } } : m,
      );
      await write('early', { policies });
      await using before = await open('#/geraet/mw-scan-300', { site: 'early', day: '2025-04-10' });
      expect(await answer(before.page)).toContain('smtp-alt.mail.example (bis 10.04.2025)');
      await using after = await open('#/geraet/mw-scan-300', { site: 'early', day: '2025-04-11' });
      expect(await answer(after.page)).not.toContain('smtp-alt');
      expect(await after.page.inputValue('#mail-text')).not.toContain('smtp-alt');
    });

    test('a page that stays open over the last day does not keep recommending the host', async () => {
      await using opened = await open('#/geraet/mw-scan-300', { day: '2025-05-30' });
      expect(await answer(opened.page)).toContain('smtp-alt');
      await opened.page.clock.setFixedTime(new Date('2025-05-31T12:00:00+02:00'));
      await opened.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await opened.page.locator('.card.stops-working').waitFor();
      expect(await answer(opened.page)).not.toContain('smtp-alt');
    });
  });

  test('"copy answer" gives an e-mail that can be sent as it is, in both languages', async () => {
    await using opened = await open('#/geraet/mw-scan-300', { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = opened;
    await page.click('[data-copy]');
    await page.locator('#copied:not(:empty)').waitFor();
    const german = await page.evaluate(() => navigator.clipboard.readText());
    expect(german).toMatch(/^Guten Tag,\n\nzu Ihrer Frage nach „Musterwerk Scan 300“:/);
    expect(german).toMatch(/Server \(SMTP\)|Postausgangsserver \(SMTP\): smtp-alt\.mail\.example/);
    expect(german).toContain('Stand dieser Auskunft: 01.04.2025.');
    expect(german).not.toMatch(/undefined|null|\[object|<\w/);
    await page.click('#language');
    await page.click('[data-copy]');
    await page.locator('#copied:not(:empty)').waitFor();
    const english = await page.evaluate(() => navigator.clipboard.readText());
    expect(english).toMatch(/^Hello,[\s\S]*transition server smtp-alt\.mail\.example[\s\S]*Kind regards$/);
  });

  test('German first; English is remembered, and ?lang wins', async () => {
    await using opened = await open();
    const { page } = opened;
    const title = () => page.locator('h1').innerText();
    expect(await title()).toBe('Geräte-Auskunft: E-Mail nach der Umstellung');
    await page.click('#language');
    expect([await title(), await page.getAttribute('html', 'lang')]).toEqual([
      'Device lookup: mail after the change',
      'en',
    ]);
    await page.goto(pathToFileURL(join(folder, 'site', 'lookup', 'index.html')).href);
    expect(await title()).toBe('Device lookup: mail after the change');
    await page.goto(`${pathToFileURL(join(folder, 'site', 'lookup', 'index.html')).href}?lang=de`);
    expect(await title()).toBe('Geräte-Auskunft: E-Mail nach der Umstellung');
  });

  test('everything can be done with the keyboard alone', async () => {
    await using opened = await open('', { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = opened;
    await page.keyboard.press('/');
    await page.keyboard.type('briefkasten');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('#answer-title:focus').waitFor();
    const option = page.locator('.options button').first();
    for (let i = 0; i < 12 && !(await option.evaluate((b) => b === document.activeElement)); i += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.card').first().waitFor();
    const copy = page.locator('[data-copy]');
    for (let i = 0; i < 20 && !(await copy.evaluate((b) => b === document.activeElement)); i += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#copied:not(:empty)').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('Beispiel Briefkasten 2010');
    await page.keyboard.press('/');
    await page.keyboard.press('Escape');
    expect(await page.inputValue('#search')).toBe('');
  });

  test('a hostile device file is shown as text', async () => {
    await using opened = await open('#/geraet/boese-1');
    const { page } = opened;
    expect(await answer(page)).toContain(HOSTILE);
    await page.fill('#search', HOSTILE);
    expect(await page.locator('img, #app script').count()).toBe(0);
    expect(await page.title()).toBe('Geräte-Auskunft: E-Mail nach der Umstellung');
    expect(opened.faults).toEqual([]);
  });

  test('inline scripts, eval and other hosts are refused by the policy', async () => {
    await using opened = await open();
    const { page } = opened;
    const ran = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.inlineRan = true';
      document.body.append(script);
      const other = await fetch('https://other.example/').then(
        () => 'asked',
        () => 'refused',
      );
      return ['inlineRan' in globalThis, other];
    });
    expect(ran).toEqual([false, 'refused']);
  });

  test('over http as well, without asking any other host', async () => {
    await using opened = await openPage(CHROMIUM!, join(folder, 'site', 'lookup'), 'index.html');
    await opened.page.fill('#search', 'scan 300');
    await opened.page.click('a.row');
    await opened.page.locator('.card').waitFor();
    expect(await answer(opened.page)).toContain('Musterwerk Scan 300');
    expect([...opened.outside, ...opened.faults]).toEqual([]);
  });

  test('an address of a device that is gone says so', async () => {
    await using opened = await open('#/geraet/gone-1');
    expect(await answer(opened.page)).toContain('gibt es nicht');
  });

  test.for([
    ['light', 1280, ['', '#/geraet/mw-scan-300', '#/geraet/briefkasten']],
    ['dark', 1280, ['#/geraet/mw-scan-300', '#/geraet/boese-1']],
    ['light', 390, ['', '#/geraet/boese-1']],
    ['dark', 390, ['', '#/geraet/briefkasten']],
  ] as const)(
    '%s at %i px has no accessibility fault and does not scroll sideways',
    async ([colorScheme, width, places]) => {
      await mkdir(SCREENSHOTS, { recursive: true });
      for (const place of places) {
        await using opened = await open(place, { colorScheme, viewport: { width, height: 844 } });
        const { page } = opened;
        const name = place.split('/').at(-1) || 'list';
        await page.screenshot({
          path: join(SCREENSHOTS, `lookup.${name}.${colorScheme}.${width}.png`),
          fullPage: true,
        });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map((v) => [place, v.id, v.nodes.map((n) => n.html)])).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      }
    },
  );

  test('on a telephone, results give way to the answer, and come back when something else is typed', async () => {
    await using opened = await open('', { viewport: { width: 390, height: 844 } });
    const { page } = opened;
    await page.fill('#search', 'musterwerk');
    await page.click('a.row');
    await page.locator('.card').first().waitFor();
    expect(await page.locator('#list').isVisible()).toBe(false);
    await page.fill('#search', 'muster');
    expect([await page.locator('#list').isVisible(), await page.locator('#answer').isVisible()]).toEqual([true, false]);
    // The only one that fits is opened without a tap.
    await page.fill('#search', 'scan 300');
    await page.locator('.card').first().waitFor();
    expect(await page.locator('#list').isVisible()).toBe(false);
    await page.click('.back a');
    await page.locator('#list').waitFor();
    expect(opened.faults).toEqual([]);
  });

  test('printed, it is the answer without what only a screen needs', async () => {
    await using opened = await open('#/geraet/mw-scan-300');
    await opened.page.emulateMedia({ media: 'print' });
    const seen = (selector: string) => opened.page.locator(selector).first().isVisible();
    expect([await seen('.card'), await seen('#search'), await seen('#hits'), await seen('[data-copy]')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('no schema library is in the program', async () => {
    const script = await readFile(join(folder, 'site', 'lookup', 'lookup.js'), 'utf8');
    expect(script).not.toMatch(/zod|_zod|invalid_type|strictObject/i);
    expect(script).not.toMatch(/\beval\(|new Function/);
  });
});
