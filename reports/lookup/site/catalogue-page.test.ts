import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readDevices } from '../../../harness/device-files.ts';
import { readModes } from '../../../harness/modes/read-mode.ts';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM } from '../../fixtures/browser.ts';
import { sampleInput } from '../../fixtures/sample-input.ts';
import { lookupSite } from './site.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

/** During the transition of the shipped policies. */
const DAY = '2025-04-01';

describe.skipIf(CHROMIUM === null)(`the shipped catalogue (${CHROMIUM === null ? NO_CHROMIUM : 'Chromium'})`, () => {
  let folder = '';
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cutover-catalogue-'));
    const devices = readDevices(join(import.meta.dirname, '../../../devices'));
    const policies = readModes(['today', 'strict', 'legacy']);
    await lookupSite.write(sampleInput(folder, { devices, policies, verdicts: [], records: [], runs: [] }), folder);
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  interface Asked extends AsyncDisposable {
    readonly page: Page;
    readonly faults: readonly string[];
    /** What stands there once the first result is open. */
    readonly answer: string;
  }

  /** Types it, and opens the first result with the keyboard. */
  async function ask(query: string): Promise<Asked> {
    const { page, faults, ...rest } = await openPage();
    await page.fill('#search', query);
    await page.keyboard.press('Enter');
    await page.locator('#answer-title').waitFor();
    const answer = await page.locator('#answer').innerText();
    return { page, faults, answer, ...rest };
  }

  async function openPage(parameters = ''): Promise<Omit<Asked, 'answer'>> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (e) => faults.push(e.message));
    page.on('request', (r) => r.url().startsWith('file:') || faults.push(`asked for ${r.url()}`));
    await page.clock.setFixedTime(new Date(`${DAY}T12:00:00+02:00`));
    await page.goto(pathToFileURL(join(folder, 'lookup', 'index.html')).href + parameters);
    await page.locator('#search').waitFor();
    return { page, faults, [Symbol.asyncDispose]: () => context.close() };
  }

  test.for([
    [
      'Windows 7 mit Outlook 2010',
      /^Microsoft Outlook 2010[\s\S]*Windows 7 \(ändern\)[\s\S]*Senden und Abrufen: nur noch über den Übergangsserver[\s\S]*smtp-legacy\.variomedia\.de[\s\S]*30\.05\.2025/,
    ],
    ['FRITZ!Box mit FRITZ!OS 6.0', /^AVM FRITZ!Box[\s\S]*6\.0 \(ändern\)[\s\S]*Senden: [\s\S]*laut Quelle/],
    ['Canon MAXIFY Zertifikat', /^Canon MAXIFY[\s\S]*Zertifikat/],
    [
      'WordPress Kontaktformular',
      /^WordPress[\s\S]*Senden: nach Änderung der Einstellungen[\s\S]*smtp\.variomedia\.de/,
    ],
    ['HomeMatic CCU2', /HomeMatic CCU2[\s\S]*Welche Version\?[\s\S]*2\.51\.6/],
    ['Kamera nur SSL an aus', /kamera mit Schalter „SSL“[\s\S]*SSL ein, Port 465/],
  ] as const)('"%s" finds its answer', async ([query, answer]) => {
    await using asked = await ask(query);
    expect(asked.answer).toMatch(answer);
    // An answer without where it comes from is none.
    expect(await asked.page.locator('#answer a[href^="http"]').count()).toBeGreaterThan(0);
    expect(asked.faults).toEqual([]);
  });

  test.for(['Canon MX 999999', 'Windows 12', 'CCU3', 'iOS 4'])(
    '"%s" is in no entry: that is said beside the nearest, and nothing opens by itself',
    async (query) => {
      await using opened = await openPage();
      const { page } = opened;
      await page.fill('#search', query);
      await expect
        .poll(() => page.locator('#list').innerText(), { timeout: 20_000 })
        .toMatch(/Nicht im Katalog: „[^]*Am ähnlichsten sind/);
      expect(await page.locator('a.row').count()).toBeGreaterThan(0);
      await page.keyboard.press('Enter');
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.classList.contains('row')), { timeout: 20_000 })
        .toBe(true);
      expect(await page.locator('#answer-title').count()).toBe(0);
      expect(opened.faults).toEqual([]);
    },
  );

  test('an example and a filter open the only entry that fits', async () => {
    await using opened = await openPage();
    const { page } = opened;
    await page.click('[data-try^="Outlook"]');
    await page.locator('#answer-title', { hasText: 'Outlook 2010' }).waitFor();
    expect(await page.locator('.card').count()).toBe(1);
    await page.fill('#search', 'fritzbox');
    await page.locator('#answer-title').waitFor({ state: 'detached' });
    await page.fill('#search', 'homematic');
    await page.selectOption('#kind', 'smarthome');
    await page.locator('#answer-title', { hasText: 'CCU2' }).waitFor();
  });

  test('in English, entries that are no model are called by English words', async () => {
    await using opened = await openPage('?lang=en');
    await opened.page.fill('#search', 'camera ssl switch');
    expect(await opened.page.locator('.row .name').first().textContent()).toBe('Network camera with an “SSL” switch');
  });

  test('a system that fails with encryption: nothing is claimed of the transition server without it', async () => {
    await using asked = await ask('Windows XP');
    expect(asked.answer).toContain('Mit eingeschalteter Verschlüsselung hilft auch der Übergangsserver nicht.');
    expect(asked.answer).toMatch(/Übergangsserver\s+verschlüsselt geht es nicht/);
  });

  test('"0x800CCC0B" is explained, and leads to who shows it', async () => {
    await using asked = await ask('0x800CCC0B');
    await asked.page.locator('.explained').first().waitFor();
    const text = await asked.page.locator('#explained').innerText();
    expect(text).toMatch(
      /Was diese Meldung bedeutet[\s\S]*0x800CCC0B[\s\S]*Wahrscheinliche Ursachen[\s\S]*Veraltete TLS-Version/,
    );
    expect(asked.answer).toMatch(/^Microsoft Outlook|^Outlook/);
  });

  test('a pasted log is read as a whole', async () => {
    await using asked = await ask('outlook');
    await asked.page.locator('#search').evaluate((search) => {
      const data = new DataTransfer();
      data.setData(
        'text',
        'connect from unknown[192.0.2.7]\nSSL_accept error from unknown[192.0.2.7]: -1\nwarning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:ssl/statem.c:1657:\n',
      );
      search.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    expect(await asked.page.locator('#explained').innerText()).toMatch(
      /unsupported protocol[\s\S]*Veraltete TLS-Version/,
    );
  });

  test('without its data the page says so', async () => {
    const bare = join(folder, 'bare');
    await cp(join(folder, 'lookup'), bare, { recursive: true });
    await rm(join(bare, 'data', 'index.js'));
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(bare, 'index.html')).href);
    expect(await page.locator('[role=alert]').innerText()).toContain('Laden Sie die Seite neu');
    await page.close();
  });

  test('no invented device stands among the real ones', async () => {
    await using asked = await ask('outlook');
    const kinds = await asked.page.evaluate(() => globalThis.cutoverIndex?.rows.filter((r) => r.emulated).length);
    expect(kinds).toBe(0);
    expect(await asked.page.locator('.banner').count()).toBe(0);
    expect(await asked.page.locator('#stand').innerText()).toMatch(
      /0 echte Geräte getestet, 0 nachgebildet, \d{2,} nur laut Quelle/,
    );
  });
});
