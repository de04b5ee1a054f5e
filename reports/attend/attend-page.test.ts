import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BEAT_MS, MAX_PRESSES } from '../../harness/vocabulary/attend.ts';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, SCREENSHOTS } from '../fixtures/browser.ts';
import { bundleAttendPage } from './bundle-attend-page.ts';
import { SILENCE_MS } from './link.ts';
import { MOST_PRESSES } from './render-ask.ts';
import { arrivedWith, deviceWith, promptWith, resultWith, verdictWith, viewWith } from './sample-views.ts';
import { INVITATION, openTablets, PHONE, TABLET, type Tablets } from './tablets.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

describe.skipIf(CHROMIUM === null)(
  `the page of an attended run (${CHROMIUM === null ? NO_CHROMIUM : 'Chromium'})`,
  () => {
    let tablets: Tablets;
    beforeAll(async () => {
      tablets = await openTablets(CHROMIUM!);
    });
    afterAll(() => tablets?.[Symbol.asyncDispose]());

    test('one device, from the list to its verdict', async () => {
      await using desk = await tablets.startDesk();
      desk.show(viewWith([deviceWith('scan-300'), deviceWith('cam-7', { kind: 'camera', note: 'Hof' })]));
      await using tablet = await tablets.open(desk);
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
        expect(desk.answers.at(-1)).toEqual({
          kind: 'shows',
          device: 'scan-300',
          said: 'failed',
          code: 'Fehler 12-9',
          about: 1,
        }),
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
        results: [...results, arrivedWith({ number: 2, reason: 'legacy' })],
      });
      await page.locator('section.verdict').waitFor();
      const done = await text('#card-scan-300');
      expect(done).toContain('Senden: nur noch über den Übergangsserver');
      expect(done).toContain('smtp-alt.mail.example');
      expect(await text('header')).toContain('1 von 2 fertig');
      expect(tablet.faults).toEqual([]);
    });

    test('what the page knows of the contract without loading it', async () => {
      expect([MOST_PRESSES, SILENCE_MS]).toEqual([MAX_PRESSES, 3 * BEAT_MS]);
      expect((await bundleAttendPage()).js).not.toMatch(/zod|invalid_type|strictObject|\beval\(|new Function/);
    });

    test('the name is asked for once, the language is remembered', async () => {
      await using desk = await tablets.startDesk();
      desk.show(viewWith([deviceWith('scan-300')]));
      await using tablet = await tablets.open(desk, { name: '' });
      const { page, text } = tablet;
      expect(await text('main')).toContain('Wie heißen Sie?');
      await page.click('#language');
      expect([await text('main label'), await page.getAttribute('html', 'lang')]).toEqual(['What is your name?', 'en']);
      await page.fill('#name', '  Anna  ');
      await page.click('button[type=submit]');
      await page.locator('#row-scan-300').waitFor();
      await page.goto(`${desk.origin}/`);
      await page.locator('#row-scan-300').waitFor();
      expect(await text('header')).toMatch(/Test devices[\s\S]*Anna/);
      expect(tablet.faults).toEqual([]);
    });

    test('two people: each sees whose hands a device is in, and both see its result', async () => {
      await using desk = await tablets.startDesk();
      desk.show(viewWith([deviceWith('scan-300'), deviceWith('cam-7')]));
      await using anna = await tablets.open(desk, { viewport: PHONE });
      await using ben = await tablets.open(desk, { name: 'Ben', lang: 'en', viewport: TABLET });
      await anna.page.click('#row-scan-300');
      await ben.page.click('#row-scan-300');
      await anna.page.click('#take-scan-300');
      await vi.waitFor(() => expect(desk.answers).toEqual([{ kind: 'take', device: 'scan-300', by: 'Anna' }]));
      const taken = { by: 'Anna', prompt: promptWith(), state: 'entering' } as const;
      desk.show(viewWith([deviceWith('scan-300', taken), deviceWith('cam-7')], { people: ['Anna', 'Ben'] }));
      await anna.page.locator('#pressed-scan-300').waitFor();
      await ben.page.locator('#card-scan-300', { hasText: 'Anna has this device in hand at the moment.' }).waitFor();
      expect(await ben.page.locator('#pressed-scan-300').count()).toBe(0);
      expect(await ben.text('#row-scan-300')).toContain('being set up · with Anna');

      await ben.page.click('#take-scan-300');
      await vi.waitFor(() => expect(desk.answers.at(-1)).toEqual({ kind: 'take', device: 'scan-300', by: 'Ben' }));
      const given = deviceWith('scan-300', { ...taken, by: 'Ben' });
      desk.show(viewWith([given, deviceWith('cam-7')], { people: ['Anna', 'Ben'] }));
      await ben.page.locator('#pressed-scan-300').waitFor();
      await anna.page.locator('#card-scan-300', { hasText: 'Ben hat dieses Gerät gerade in der Hand.' }).waitFor();

      const verdicts = [verdictWith('scan-300', { verdict: 'works', causes: [], remedies: [], until: undefined })];
      const done = deviceWith('scan-300', {
        state: 'done',
        by: 'Ben',
        verdicts,
        results: [arrivedWith({ said: 'sent', offered: '1.3' })],
      });
      desk.show(viewWith([done, deviceWith('cam-7')], { people: ['Anna', 'Ben'] }));
      await anna.page.locator('section.verdict').waitFor();
      await ben.page.locator('section.verdict').waitFor();
      expect([await anna.text('section.verdict h3'), await ben.text('section.verdict h3')]).toEqual([
        '✓ Senden: funktioniert weiter',
        '✓ Sending: keeps working',
      ]);
      expect([...anna.faults, ...ben.faults]).toEqual([]);
    });

    test('several devices are open at once, and stay open when the lid was closed', async () => {
      await using desk = await tablets.startDesk();
      const mine = { by: 'Anna', prompt: promptWith(), state: 'entering' } as const;
      const ids = ['scan-1', 'scan-2', 'scan-3'];
      desk.show(viewWith([...ids.map((id) => deviceWith(id, mine)), deviceWith('cam-7')]));
      await using tablet = await tablets.open(desk, { viewport: TABLET });
      const { page } = tablet;
      expect(await page.locator('article').count()).toBe(3);
      await page.click('#close-scan-2');
      await page.click('#row-cam-7');
      await page.reload();
      await page.locator('#card-cam-7').waitFor();
      // What is in hand comes back by itself.
      expect(await page.locator('article').evaluateAll((all) => all.map((a) => a.id).toSorted())).toEqual([
        'card-cam-7',
        'card-scan-1',
        'card-scan-2',
        'card-scan-3',
      ]);
      expect(await page.locator('#jumps button').count()).toBe(4);
      expect(tablet.faults).toEqual([]);
    });

    test('filters and search find a device', async () => {
      await using desk = await tablets.startDesk();
      const devices = [
        deviceWith('scan-1', { note: 'Raum 12' }),
        deviceWith('scan-2', { note: 'Raum 14', state: 'stuck', problem: 'nothing-came', by: 'Ben' }),
        deviceWith('cam-7', { state: 'done', note: 'Hof' }),
      ];
      desk.show(viewWith(devices));
      await using tablet = await tablets.open(desk);
      const { page } = tablet;
      const rows = () => page.locator('.row .name').allInnerTexts();
      await page.click('#filter-stuck');
      expect(await rows()).toEqual(['Musterwerk scan-2']);
      await page.click('#filter-all');
      await page.fill('#search', 'raum 12');
      expect(await rows()).toEqual(['Musterwerk scan-1']);
      await page.fill('#search', 'ben');
      expect(await rows()).toEqual(['Musterwerk scan-2']);
      await page.fill('#search', 'zzz');
      expect(await page.locator('#list').innerText()).toBe('Kein Gerät passt dazu.');
    });

    test('a new device is assigned, a further person gets a code, and the run is ended after asking', async () => {
      await using desk = await tablets.startDesk();
      const strangers = [
        {
          id: 's1',
          address: '192.168.0.77',
          ehlo: 'KMBT-223',
          offered: null,
          port: 587,
          at: '2025-02-03T09:58:00.000Z',
          mayBe: [],
        },
      ];
      const devices = [deviceWith('scan-300'), deviceWith('cam-7', { state: 'done' })];
      desk.show(viewWith(devices, { strangers, certificate: 'lab' }));
      await using tablet = await tablets.open(desk);
      const { page, text } = tablet;
      expect(await text('#strangers')).toContain('Adresse 192.168.0.77, Port 587');
      expect(await text('#strangers')).toContain('KMBT-223');
      expect(await text('#lab')).toContain('Labor-Zertifikat');
      await page.click('#claim-s1');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('is-s1');
      await page.selectOption('#is-s1', 'scan-300');
      await page.click('#claim-s1');
      await page.locator('#card-scan-300').waitFor();
      expect(desk.answers).toEqual([{ kind: 'claim', device: 'scan-300', stranger: 's1' }]);

      await page.click('#invite');
      await page.locator('dialog img').waitFor();
      expect(await text('dialog')).toContain(INVITATION.url);
      await page.screenshot({ path: join(SCREENSHOTS, 'attend.invite.390.png') });
      await page.keyboard.press('Escape');

      await page.click('#finish');
      expect(await text('#end')).toContain('Ein Gerät ist noch nicht fertig.');
      await page.click('#finish-no');
      await page.click('#finish');
      await page.click('#finish-yes');
      await vi.waitFor(() => expect(desk.answers.at(-1)).toEqual({ kind: 'finish' }));
      desk.show(viewWith(devices, { finished: true }));
      await page.locator('#end', { hasText: 'Der Lauf ist beendet.' }).waitFor();
      desk.cut(true);
      expect(await text('#link')).toBe('');
      expect(tablet.faults.filter((f) => !f.includes('ERR_'))).toEqual([]);
    });

    test('who types is not disturbed by what happens at other devices, and by the same one', async () => {
      await using desk = await tablets.startDesk();
      const mine = { by: 'Anna', prompt: promptWith() };
      const show = (state: 'armed' | 'connected', other: 'waiting' | 'done') =>
        desk.show(viewWith([deviceWith('scan-300', { ...mine, state }), deviceWith('cam-7', { state: other })]));
      show('armed', 'waiting');
      await using tablet = await tablets.open(desk);
      const { page } = tablet;
      await page.focus('#code-scan-300');
      await page.keyboard.type('12-');
      show('armed', 'done');
      await page.locator('#row-cam-7 .badge.done').waitFor();
      show('connected', 'done');
      await page.locator('.wait.on').waitFor();
      await page.keyboard.type('9');
      expect(await page.inputValue('#code-scan-300')).toBe('12-9');
    });

    test('who is in the list with the keys stays there when another device leaves it', async () => {
      await using desk = await tablets.startDesk();
      const show = (other: 'waiting' | 'done') =>
        desk.show(viewWith([deviceWith('cam-7', { state: other }), deviceWith('scan-300')]));
      show('waiting');
      await using tablet = await tablets.open(desk);
      const { page } = tablet;
      await page.click('#filter-free');
      await page.focus('#row-scan-300');
      show('done');
      await page.locator('#row-cam-7').waitFor({ state: 'detached' });
      await page.locator('#row-scan-300').waitFor();
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('row-scan-300');
    });

    test('values are copied, and all is done with the keyboard alone', async () => {
      await using desk = await tablets.startDesk();
      desk.show(viewWith([deviceWith('scan-300')]));
      await using tablet = await tablets.open(desk, { permissions: ['clipboard-read', 'clipboard-write'] });
      const { page } = tablet;
      const reach = async (id: string) => {
        for (let i = 0; i < 30 && (await page.evaluate(() => document.activeElement?.id)) !== id; i += 1)
          await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
      };
      await reach('row-scan-300');
      await page.locator('#title-scan-300:focus').waitFor();
      await reach('take-scan-300');
      await vi.waitFor(() => expect(desk.answers.length).toBe(1));
      desk.show(viewWith([deviceWith('scan-300', { by: 'Anna', state: 'entering', prompt: promptWith() })]));
      await page.locator('#title-scan-300:focus').waitFor();
      await reach('copy-value-scan-300-host');
      await page.locator('.copied').waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('smtp.mail.example');
      await reach('pressed-scan-300');
      await vi.waitFor(() => expect(desk.answers.at(-1)).toEqual({ kind: 'pressed', device: 'scan-300' }));
      expect(tablet.faults).toEqual([]);
    });
  },
);
