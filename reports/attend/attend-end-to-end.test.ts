import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { playPress } from '../../harness/attend/desk/play-person.ts';
import { DEVICES_FOLDER } from '../../harness/cli/prepare.ts';
import { readDevices } from '../../harness/device-files.ts';
import type { AttendView } from '../../harness/vocabulary/attend.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, SCREENSHOTS } from '../fixtures/browser.ts';
import { openTablets, type Tablets } from './tablets.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

const ID = 'emu-druckwerk-mfp';
const CLI = join(import.meta.dirname, '../../harness/cli/cutover.mjs');

describe.skipIf(CHROMIUM === null)(
  `cutover attend, as people use it (${CHROMIUM === null ? NO_CHROMIUM : 'Chromium'})`,
  () => {
    let tablets: Tablets;
    let out = '';
    let cutover: ChildProcess;
    let address = '';
    const closing = new AbortController();
    const device = readDevices(DEVICES_FOLDER).find((d) => d.id === ID)!;
    beforeAll(async () => {
      tablets = await openTablets(CHROMIUM!);
      out = await mkdtemp(join(tmpdir(), 'cutover-attend-'));
      const args = ['attend', '--device', ID, '--ports', 'mapped', '--out', out, '--no-html'];
      cutover = spawn(process.execPath, [CLI, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
      for await (const line of createInterface({ input: cutover.stdout! })) {
        address = /http:\S+/.exec(line)?.[0] ?? '';
        if (address !== '') break;
      }
      cutover.stdout!.resume();
    });
    afterAll(async () => {
      closing.abort();
      cutover.kill();
      await tablets?.[Symbol.asyncDispose]();
      await rm(out, { recursive: true, force: true });
    });

    test('a person does what the page says at an emulated device, until the page says what its owner can do', async () => {
      expect(address).toMatch(/\/join\?key=/);
      await using tablet = await tablets.join(address);
      const { page, text } = tablet;
      await page.click(`#row-${ID}`);
      await page.click(`#take-${ID}`);
      const entered = new Map<string, string>();
      for (let press = 1; press <= 4; press += 1) {
        await page.locator(`#pressed-${ID}, section.verdict`).first().waitFor();
        if ((await page.locator('section.verdict').count()) > 0) break;
        await page.screenshot({ path: join(SCREENSHOTS, `attend.run.${press}.png`), fullPage: true });
        await page.click(`#pressed-${ID}`);
        const said = await pressAsShown(page, device, entered, closing.signal);
        expect(said).toBe('ok');
        await page.locator(`#card-${ID} ol.results li:nth-child(${press})`).waitFor();
      }
      await page.locator('section.verdict').waitFor();
      await page.screenshot({ path: join(SCREENSHOTS, 'attend.run.done.png'), fullPage: true });
      const card = await text(`#card-${ID}`);
      // The transition server's last day may have passed: the page speaks of today.
      expect(card).toMatch(/Senden: (nur noch über den Übergangsserver|keine E-Mails mehr über unsere Server)/);
      expect(card).toMatch(/Server nach der Umstellung: E-Mail nicht angekommen \(Veraltete TLS-Version\)/);
      expect(card).toMatch(/Übergangsserver: E-Mail angekommen/);
      expect(await text('header')).toContain('1 von 1 fertig');

      await page.click('#finish');
      await page.click('#finish-yes');
      await page.locator('#end', { hasText: 'Der Lauf ist beendet.' }).waitFor();
      const [code] = await once(cutover, 'exit');
      expect([code, tablet.faults.filter((f) => !f.includes('ERR_'))]).toEqual([0, []]);
      const [run = ''] = await readdir(join(out, 'runs'));
      const verdicts: unknown = JSON.parse(await readFile(join(out, 'runs', run, 'verdicts.json'), 'utf8'));
      expect(verdicts).toMatchObject([{ device: ID, verdict: 'legacy-only', causes: ['version-too-old'] }]);
    });
  },
);

/** Types into the device what stands on the page, and has it send. The host's name leads to the door, as on a LAN. */
async function pressAsShown(
  page: Page,
  device: Device,
  entered: Map<string, string>,
  signal: AbortSignal,
): Promise<string> {
  const view: AttendView = await page.evaluate(async () => (await fetch('/view')).json());
  const prompt = view.devices.find((d) => d.id === device.id)?.prompt;
  if (prompt === null || prompt === undefined) return 'nothing is asked';
  for (const { name } of prompt.entries) {
    const shown = await page.locator(`#value-${device.id}-${name}`).textContent();
    if (name !== 'security') entered.set(name, shown ?? '');
  }
  const roots = { factory: '', run: '' };
  const asShown = { ...prompt, entries: [] };
  await playPress({
    device,
    prompt: asShown,
    entered,
    from: '127.0.0.41',
    door: '127.0.0.1',
    roots,
    signal,
  });
  return 'ok';
}
