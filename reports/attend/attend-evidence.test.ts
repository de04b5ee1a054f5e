import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { missingStacks } from '../../devices/emulated/open-test-lab.ts';
import { SAMPLES } from '../../harness/attend/photos/samples.ts';
import { DEVICES_FOLDER } from '../../harness/cli/prepare.ts';
import { writeReports } from '../../harness/cli/write.ts';
import { readDevices } from '../../harness/device-files.ts';
import { readRuns } from '../../harness/records.ts';
import { openTestRun, type TestRun } from './open-test-run.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const notHere = missingStacks() ?? (spawnSync('exiftool', ['-ver']).status === 0 ? null : 'exiftool is not installed');
const ID = 'emu-druckwerk-mfp';
const FROM = '127.0.5.11';

describe.skipIf(notHere !== null)(
  `what people say and photograph is evidence${notHere === null ? '' : ` (skipped: ${notHere})`}`,
  () => {
    let run: TestRun;
    let base = '';
    let cookie = '';
    const folder = mkdtempSync(join(tmpdir(), 'cutover-attend-photo-'));
    const device = readDevices(DEVICES_FOLDER).find((d) => d.id === ID)!;
    beforeAll(async () => {
      run = await openTestRun([device], { html: '<!doctype html>', js: '', css: '' });
      const { url } = await run.attended.page!.invite();
      base = new URL('/', url).href;
      cookie = (await fetch(url)).headers.get('set-cookie')!.split(';')[0]!;
    });
    afterAll(async () => {
      await run?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    });

    const say = async (answer: object): Promise<number> => {
      const headers = { cookie, 'content-type': 'application/json' };
      const body = JSON.stringify({ device: ID, ...answer });
      return (await fetch(new URL('answer', base), { method: 'POST', headers, body })).status;
    };
    const photograph = async (about: number, bytes: Buffer, type = 'image/jpeg') => {
      const headers = { cookie, 'content-type': type };
      const url = new URL(`photo?device=${ID}&about=${about}`, base);
      const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(bytes) });
      return { status: response.status, text: await response.text() };
    };
    const shown = async (name: string) => {
      const response = await fetch(new URL(`photo?device=${ID}&name=${name}`, base), { headers: { cookie } });
      return Buffer.from(await response.arrayBuffer());
    };
    /** As a telephone writes it: where, when, with what. */
    const takePhoto = (artist: string): Buffer => {
      const path = join(folder, 'photo.jpg');
      writeFileSync(path, Buffer.from(SAMPLES.jpeg, 'base64'));
      const place = ['-GPSLatitude=48.137', '-GPSLatitudeRef=N', '-GPSLongitude=11.575', '-GPSLongitudeRef=E'];
      execFileSync('exiftool', ['-q', '-overwrite_original', ...place, `-Artist=${artist}`, '-Make=Phone', path]);
      return readFileSync(path);
    };
    const tagsOf = (bytes: Buffer): string => {
      const path = join(folder, 'stored.jpg');
      writeFileSync(path, bytes);
      return execFileSync('exiftool', ['-a', '-u', '-G1', '-s', path], { encoding: 'utf8' });
    };
    const newest = (trial: string) => run.records().findLast((r) => r.trial === trial)!;

    test('a photo of a press and what was said of it stay with it: at once, later, and after a restart', async () => {
      await say({ kind: 'take', by: 'Anna' });
      await run.deviceThat(ID, (d) => d.prompt !== null);
      await say({ kind: 'pressed' });
      const photo = takePhoto('Anna');
      expect(tagsOf(photo)).toMatch(/GPSLatitude[\s\S]*Anna|Anna[\s\S]*GPSLatitude/);
      expect((await photograph(1, photo)).status).toBe(204);
      await run.play(device, FROM);
      const { results } = await run.deviceThat(ID, (d) => d.results.length === 1 && d.prompt !== null);
      const { trial, cause } = results[0]!;
      const [kept] = newest(trial).attachments.filter((a) => a.type === 'image/jpeg');
      expect(kept?.name).toBe('photo-1.jpg');
      const stored = readFileSync(join(run.out, 'runs', run.run.run, kept!.path));
      expect(stored.equals(await shown('photo-1.jpg'))).toBe(true);
      expect(tagsOf(stored)).not.toMatch(/GPS|Anna|Phone|EXIF|IFD0/);
      expect(tagsOf(stored)).toMatch(/ImageWidth +: 24/);

      // Nothing was pressed since: the press before is meant, whatever is asked next.
      expect(await say({ kind: 'shows', said: 'failed', code: 'E17', about: 1 })).toBe(204);
      expect(newest(trial)).toMatchObject({ attempt: 2, cause, evidence: { device: { said: 'failed', text: 'E17' } } });

      await run.restart();
      const back = await run.deviceThat(ID, (d) => d.prompt !== null);
      expect(back).toMatchObject({ press: 2, photos: ['photo-1.jpg'], results: [{ said: 'failed', reason: 'first' }] });
      expect(await say({ kind: 'shows', said: 'sent', code: 'E18', about: 1 })).toBe(204);
      expect((await photograph(1, takePhoto('Ben'))).status).toBe(204);
      const late = newest(trial);
      expect(late).toMatchObject({
        attempt: 4,
        cause,
        silent: true,
        evidence: { device: { said: 'sent', text: 'E18' } },
      });
      expect(late.attachments.map((a) => a.name)).toEqual(
        expect.arrayContaining(['photo-1.jpg', 'photo-2.jpg', 'wire.pcapng']),
      );
      expect(late.startedAt).toBe(run.records()[0]!.startedAt);
      expect(tagsOf(await shown('photo-2.jpg'))).not.toMatch(/GPS|Ben/);
      expect((await shown('photo-1.jpg')).equals(stored)).toBe(true);
      // What was said of the first press has not touched the second.
      const now = await run.deviceThat(ID, () => true);
      expect(now).toMatchObject({ press: 2, state: 'entering', prompt: { reason: 'legacy' } });
      expect(now.results).toMatchObject([{ number: 1, reason: 'first', said: 'sent' }]);
    });

    test('what is no photo is refused with a sentence, and nothing of it is kept', async () => {
      const files = () =>
        readdirSync(join(run.out, 'runs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
          name.includes('photo'),
        );
      const before = files();
      const svg = Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>',
      );
      for (const type of ['image/svg+xml', 'image/jpeg', 'application/octet-stream']) {
        const { status, text } = await photograph(2, svg, type);
        expect([status, JSON.parse(text)]).toMatchObject([422, { why: { de: expect.stringContaining('JPEG') } }]);
      }
      const half = takePhoto('Eva').subarray(0, 300);
      expect((await photograph(2, half)).status).toBe(422);
      expect(before).toHaveLength(2);
      expect(files()).toEqual(before);
      expect((await run.deviceThat(ID, () => true)).photos).toEqual(['photo-1.jpg', 'photo-2.jpg']);
    });

    test('a photo of the last press, when all is done, reaches the Allure report with the others', async () => {
      await say({ kind: 'pressed' });
      await run.play(device, FROM);
      await run.deviceThat(ID, (d) => d.state === 'done');
      expect((await photograph(2, takePhoto('Chloe'))).status).toBe(204);
      const reports = { out: run.out, asOf: new Date(), language: 'de', pages: 'no-html' } as const;
      expect(await writeReports(readRuns(run.out), reports)).toBe(true);
      const allure = join(run.out, 'allure-results');
      const pictures = readdirSync(allure).filter((name) => name.endsWith('-attachment.jpg'));
      const photos = await Promise.all(['photo-1.jpg', 'photo-2.jpg', 'photo-3.jpg'].map(shown));
      expect(pictures).toHaveLength(3);
      for (const picture of pictures) {
        const bytes = readFileSync(join(allure, picture));
        expect(photos.some((photo) => photo.equals(bytes))).toBe(true);
        expect(tagsOf(bytes)).not.toMatch(/GPS|Anna|Ben|Chloe/);
      }
      const said = readdirSync(allure).map((name) =>
        name.endsWith('.json') ? readFileSync(join(allure, name), 'utf8') : '',
      );
      expect(said.join('\n')).toContain('photo-3.jpg');
    });
  },
);
