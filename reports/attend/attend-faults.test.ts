import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM } from '../fixtures/browser.ts';
import { deviceWith, promptWith, resultWith, verdictWith, viewWith } from './sample-views.ts';
import { openTablets, type Tablets } from './tablets.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script><b>&amp;"\'';

describe.skipIf(CHROMIUM === null)(
  `what goes wrong in an attended run (${CHROMIUM === null ? NO_CHROMIUM : 'Chromium'})`,
  () => {
    let tablets: Tablets;
    beforeAll(async () => {
      tablets = await openTablets(CHROMIUM!);
    });
    afterAll(() => tablets?.[Symbol.asyncDispose]());

    test('markup in every field that comes from devices and people is shown as text', async () => {
      await using desk = await tablets.startDesk();
      const bad = HOSTILE;
      const hostile = deviceWith('boese-1', {
        name: bad,
        note: bad,
        by: 'Anna',
        state: 'stuck',
        problem: 'ambiguous',
        rivals: [bad],
        waitsUntil: bad,
        prompt: promptWith({
          menu: { de: bad, en: bad },
          entries: [
            { name: 'host', value: bad },
            { name: 'security', value: 'starttls', words: { de: bad, en: bad } },
            { name: 'port', value: bad },
          ],
        }),
        results: [resultWith({ trial: bad, offered: bad })],
        photos: [bad],
        verdicts: [verdictWith('boese-1', { firmware: bad, update: bad, verdict: 'works-after-update' })],
      });
      desk.show(
        viewWith(
          [
            hostile,
            { ...hostile, id: 'boese-2', state: 'armed' },
            { ...hostile, id: 'boese-3', state: 'entering', by: bad },
          ],
          {
            run: bad,
            people: [bad, 'Anna'],
            strangers: [{ id: 's1', address: bad, ehlo: bad, offered: bad, port: 25, at: bad, mayBe: [] }],
          },
        ),
      );
      await using tablet = await tablets.open(desk);
      const { page, text } = tablet;
      await page.click('#row-boese-3');
      await page.click('#invite');
      await page.locator('dialog img').waitFor();
      await page.click('#invite-close');
      const shown = await text('body');
      expect(shown.split(bad).length - 1).toBeGreaterThan(12);
      expect(await page.locator('main img:not([src^="/photo?device=boese-"]), #app script, #app b').count()).toBe(0);
      expect(await page.title()).toBe('Geräte prüfen');
      expect(tablet.faults).toEqual([]);
    });

    test('without the network it says so, keeps what the device showed, and catches up', async () => {
      await using desk = await tablets.startDesk();
      const mine = { by: 'Anna', prompt: promptWith(), state: 'connected' } as const;
      const first = viewWith([deviceWith('scan-300', mine)]);
      desk.show(first);
      await using tablet = await tablets.open(desk);
      const { page, text } = tablet;
      desk.cut(true);
      await page.locator('#link:not(:empty)').waitFor();
      expect(await text('#link')).toContain('Keine Verbindung zum Testrechner.');
      await page.fill('#code-scan-300', 'E-04');
      await page.click('#failed-scan-300');
      await page.locator('#card-scan-300', { hasText: 'sobald die Verbindung wieder da ist' }).waitFor();
      // "Pressed" would arm the desk when the device has long given up.
      const results = [resultWith()];
      desk.show(viewWith([deviceWith('scan-300', { ...mine, state: 'entering', press: 2, results })]));
      expect(desk.answers).toEqual([]);
      desk.cut(false);
      await page.locator('ol.results').waitFor();
      await vi.waitFor(() =>
        expect(desk.answers).toEqual([{ kind: 'shows', device: 'scan-300', said: 'failed', code: 'E-04', about: 1 }]),
      );
      await page.locator('#link:empty').waitFor({ state: 'attached' });
      // A view that was overtaken on its way changes nothing any more.
      desk.repeat(first);
      desk.beat({ now: '2025-02-03T11:00:00.000Z', version: 2 });
      desk.show(viewWith([deviceWith('scan-300', { ...mine, state: 'entering', press: 2, results, note: 'danach' })]));
      await page.locator('#card-scan-300', { hasText: 'danach' }).waitFor();
      expect(await page.locator('ol.results').count()).toBe(1);
    });

    test('"pressed" without the network asks to tap again, and what the desk does not take is said', async () => {
      await using desk = await tablets.startDesk();
      const entering = deviceWith('scan-300', { by: 'Anna', prompt: promptWith(), state: 'entering' });
      desk.show(viewWith([entering]));
      await using tablet = await tablets.open(desk);
      const { page } = tablet;
      const card = page.locator('#card-scan-300');
      desk.cut(true);
      await page.click('#pressed-scan-300');
      await card.filter({ hasText: 'Das ist nicht angekommen. Bitte tippen Sie noch einmal.' }).waitFor();
      desk.cut(false);
      await page.locator('#link:empty').waitFor({ state: 'attached' });
      expect(desk.answers).toEqual([]);
      desk.answerWith(409);
      await page.click('#pressed-scan-300');
      await card.filter({ hasText: 'Das geht gerade nicht.' }).waitFor();
    });

    test('without a session it says how to get in', async () => {
      await using desk = await tablets.startDesk();
      desk.show(viewWith([deviceWith('scan-300')]));
      await using tablet = await tablets.open(desk);
      desk.admit(false);
      await tablet.page.locator('#link', { hasText: 'neuen QR-Code' }).waitFor();
      desk.admit(true);
      await tablet.page.locator('#link:empty').waitFor({ state: 'attached' });
    });

    test.for(['1999-01-01T00:00:00Z', '2031-07-01T12:00:00Z'])(
      'a tablet whose clock says %s counts down right',
      async (day) => {
        await using desk = await tablets.startDesk();
        desk.show(
          viewWith([
            deviceWith('scan-300', {
              by: 'Anna',
              state: 'armed',
              waitsUntil: '2025-02-03T10:10:00.000Z',
              prompt: promptWith(),
            }),
          ]),
        );
        await using tablet = await tablets.open(desk, { clock: day });
        expect(await tablet.text('#card-scan-300 [data-until]')).toMatch(/^(9:\d\d|10:00)$/);
        // The desk's clock goes on while the tablet sleeps.
        desk.beat({ now: '2025-02-03T10:07:00.000Z', version: 1 });
        await tablet.page.locator('#card-scan-300 [data-until]', { hasText: /^(2:\d\d|3:00)$/ }).waitFor();
        expect(tablet.faults).toEqual([]);
      },
    );

    test('a lid that was closed for an hour, while the tablet’s clock was put right: what is shown is of now', async () => {
      await using desk = await tablets.startDesk();
      const armed = { by: 'Anna', state: 'armed', prompt: promptWith() } as const;
      desk.show(
        viewWith([
          deviceWith('scan-300', { ...armed, waitsUntil: '2025-02-03T10:08:00.000Z' }),
          deviceWith('cam-7', { by: 'Anna', state: 'entering', prompt: promptWith() }),
        ]),
      );
      await using tablet = await tablets.open(desk, { hasLid: true });
      const { page } = tablet;
      const countdown = (id: string, text: RegExp) =>
        page.locator(`#card-${id} [data-until]`, { hasText: text }).waitFor();
      await countdown('scan-300', /^[78]:\d\d$/);
      desk.cut(true);
      // Nobody sees it meanwhile.
      desk.show(
        viewWith(
          [
            deviceWith('scan-300', { by: 'Anna', state: 'stuck', problem: 'nothing-came', prompt: promptWith() }),
            deviceWith('cam-7', { ...armed, waitsUntil: '2025-02-03T11:09:00.000Z' }),
          ],
          { now: '2025-02-03T11:00:00.000Z' },
        ),
      );
      await page.clock.setSystemTime(new Date('2031-07-01T12:00:00Z'));
      await page.clock.fastForward('01:00:00');
      // It says so before anybody believes the old countdown.
      await page.locator('#link', { hasText: 'Keine Verbindung zum Testrechner.' }).waitFor();
      await countdown('scan-300', /^gleich$/);
      desk.cut(false);
      await page.locator('#card-scan-300', { hasText: 'Vom Gerät kam nichts an.' }).waitFor();
      await countdown('cam-7', /^[89]:\d\d$/);
      await page.locator('#link:empty').waitFor({ state: 'attached' });
      expect(desk.answers).toEqual([]);
    });

    test('a photo leaves the tablet without what the camera wrote into it', async () => {
      await using desk = await tablets.startDesk();
      const show = (photos: readonly string[]) =>
        desk.show(viewWith([deviceWith('scan-300', { by: 'Anna', state: 'connected', prompt: promptWith(), photos })]));
      show([]);
      await using tablet = await tablets.open(desk);
      const { page, text } = tablet;
      const plain = await page.evaluate(() => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [3_200, 2_000];
        canvas.getContext('2d')?.fillText('E-04', 100, 100);
        return canvas.toDataURL('image/jpeg').split(',')[1] ?? '';
      });
      const picture = withExif(Buffer.from(plain, 'base64'));
      await page.setInputFiles('#photo-scan-300', { name: 'IMG_1.jpg', mimeType: 'image/jpeg', buffer: picture });
      await page.locator('#card-scan-300', { hasText: 'Das Foto ist angekommen.' }).waitFor();
      const [sent] = desk.photos;
      expect([sent?.device, sent?.type, sent?.bytes.subarray(0, 3).toString('hex')]).toEqual([
        'scan-300',
        'image/jpeg',
        'ffd8ff',
      ]);
      expect(sent?.bytes.includes('Exif')).toBe(false);
      expect(sent?.bytes.includes('GPS 52.5')).toBe(false);
      const [width, height] = await page.evaluate(async (base64) => {
        const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
        return [bitmap.width, bitmap.height];
      }, sent!.bytes.toString('base64'));
      expect([width, height]).toEqual([1_600, 1_000]);
      show(['photo-1.jpg']);
      await page.locator('#card-scan-300', { hasText: '1 Foto' }).waitFor();

      await page.locator('#card-scan-300 .photos img').waitFor();
      desk.answerWith(409, { why: { de: 'Von diesem Gerät gibt es schon genug Fotos.', en: '' } });
      await page.setInputFiles('#photo-scan-300', { name: 'IMG_2.jpg', mimeType: 'image/jpeg', buffer: picture });
      await page.locator('#card-scan-300', { hasText: 'Von diesem Gerät gibt es schon genug Fotos.' }).waitFor();
      desk.answerWith(204);

      await page.setInputFiles('#photo-scan-300', {
        name: 'x.heic',
        mimeType: 'image/heic',
        buffer: Buffer.from('no picture'),
      });
      await page.locator('#card-scan-300', { hasText: 'Dieses Bild lässt sich nicht lesen.' }).waitFor();
      expect(desk.photos.length).toBe(2);
      expect(await text('#card-scan-300')).not.toContain('undefined');
      // Browsers tell of each refusal.
      expect(tablet.faults.filter((f) => !f.includes('409'))).toEqual([]);
    });
  },
);

/** The picture with an APP1 segment behind its start, as cameras write it (Exif 2.3, section 4.7.2). */
function withExif(jpeg: Buffer): Buffer {
  const data = Buffer.from('Exif\0\0GPS 52.5, serial 4711');
  const head = Buffer.from([0xff, 0xe1, 0, data.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)]);
}
