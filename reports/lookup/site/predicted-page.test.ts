import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, SCREENSHOTS } from '../../fixtures/browser.ts';
import { sampleInput } from '../../fixtures/sample-input.ts';
import { VERDICTS } from '../../fixtures/verdicts.ts';
import type { PredictionsOf } from '../predictions.ts';
import { AnswerFile } from './answer-file.ts';
import { lookupSite } from './site.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
const AGREEMENT = { agree: 12, of: 12, notPredicted: 3 };
const PREDICTIONS: PredictionsOf = {
  'mw-scan-300': [
    {
      directions: ['send'],
      recordings: [{ kind: 'capture', on: '2025-01-20', firmware: HOSTILE, port: 587, security: 'starttls' }],
      modes: [
        { mode: 'today', outcome: 'works' },
        { mode: 'strict', outcome: 'fails', cause: 'no-shared-signature' },
        { mode: 'legacy', outcome: 'cannot-be-predicted' },
      ],
    },
  ],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-lookup-predicted-'));
  for (const [site, predictions] of [
    ['with', PREDICTIONS],
    ['without', {}],
  ] as const) {
    await mkdir(join(folder, site));
    await lookupSite.write(sampleInput(folder, { samples: true, predictions }), join(folder, site));
  }
  await mkdir(join(folder, 'compared'));
  const verdicts = VERDICTS.map((v) => ({ ...v, predictions: AGREEMENT }));
  await lookupSite.write(sampleInput(folder, { samples: true, verdicts }), join(folder, 'compared'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const dataOf = (site: string, id: string, ext: 'js' | 'json') =>
  readFile(join(folder, site, 'lookup', 'data', 'devices', `${id}.${ext}`), 'utf8');

test('a ticket system gets predictions apart from the answers, which stay as they are', async () => {
  const [predicted, plain] = await Promise.all(
    ['with', 'without'].map(async (site) => AnswerFile.parse(JSON.parse(await dataOf(site, 'mw-scan-300', 'json')))),
  );
  const { predictions, ...rest } = predicted!;
  expect(rest).toEqual(plain);
  expect(predictions).toMatchObject([
    { basis: 'predicted', directions: ['send'], modes: [{ mode: 'today' }, { cause: 'no-shared-signature' }, {}] },
  ]);
});

test('beside a measured answer it gets how far predictions are the same', async () => {
  const file = AnswerFile.parse(JSON.parse(await dataOf('compared', 'mw-scan-300', 'json')));
  expect(file.answers).toMatchObject([{ basis: 'measured', predictions: AGREEMENT }]);
});

test('where nothing is recorded, nothing is kept', async () => {
  expect(await dataOf('with', 'mw-cam-7', 'js')).toBe(await dataOf('without', 'mw-cam-7', 'js'));
});

describe.skipIf(CHROMIUM === null)(`on the page (${CHROMIUM === null ? NO_CHROMIUM : 'Chromium'})`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser?.close());

  async function open(site: string, id: string, language: 'de' | 'en', width = 1280): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 844 } });
    const page = await context.newPage();
    await page.clock.setFixedTime(new Date('2025-04-01T12:00:00+02:00'));
    const address = pathToFileURL(join(folder, site, 'lookup', 'index.html')).href;
    await page.goto(`${address}?lang=${language}#/geraet/${id}`);
    await page.locator('#answer-title').waitFor();
    return page;
  }

  test.for([
    [
      'de',
      'Aus einer Aufzeichnung berechnet, nicht getestet',
      'nach der Umstellung\nVerbindung kommt nicht zustande',
      'Grund: Unser Server muss sich gegenüber dem Gerät ausweisen.',
      'Herkunft der Aufzeichnung: ein Netzwerkmitschnitt vom 20.01.2025.',
    ],
    [
      'en',
      'Predicted from a recorded hello, not tested',
      'after the change\nno connection is made',
      'Reason: Our server has to identify itself to the device.',
      'Origin of the recording: a network capture of 20 January 2025.',
    ],
  ] as const)('in %s a block of its own says what, why and from where', async ([language, title, what, why, from]) => {
    const page = await open('with', 'mw-scan-300', language);
    const block = page.getByRole('region', { name: title });
    const text = await block.innerText();
    for (const part of [what, why, from, HOSTILE]) expect(text).toContain(part);
    expect(await page.locator('img, #app script').count()).toBe(0);
    await page.context().close();
  });

  test('the card of a measured answer says how far predictions are the same', async () => {
    const page = await open('compared', 'mw-scan-300', 'de');
    expect(await page.locator('.card').innerText()).toContain(
      'Aus der Aufzeichnung berechnet, zum Vergleich\n12 von 12 wie getestet, 3 nicht zu berechnen',
    );
    expect(await page.locator('#predicted').count()).toBe(0);
    await page.context().close();
  });

  test('cards, comparison and e-mail text are those of a page without predictions', async () => {
    const [withBlock, plain] = [
      await open('with', 'mw-scan-300', 'de'),
      await open('without', 'mw-scan-300', 'de'),
    ] as const;
    const rest = (page: Page) =>
      page.evaluate(() => {
        document.querySelector('section[aria-labelledby=predicted]')?.remove();
        return [document.querySelector('#answer')?.innerHTML, document.querySelector('#list')?.innerHTML];
      });
    expect(await plain.locator('#predicted').count()).toBe(0);
    expect(await withBlock.inputValue('#mail-text')).toBe(await plain.inputValue('#mail-text'));
    expect(await rest(withBlock)).toEqual(await rest(plain));
    await Promise.all([withBlock.context().close(), plain.context().close()]);
  });

  test.for([1280, 390])('at %i px it has no accessibility fault and does not scroll sideways', async (width) => {
    const page = await open('with', 'mw-scan-300', 'de', width);
    await mkdir(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `lookup.predicted.${width}.png`), fullPage: true });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => [v.id, v.nodes.map((n) => n.html)])).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await page.context().close();
  });
});
