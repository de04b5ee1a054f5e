import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { missingStacks } from '../../devices/emulated/open-test-lab.ts';
import { DEVICES_FOLDER } from '../../harness/cli/prepare.ts';
import { readDevices } from '../../harness/device-files.ts';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM, SCREENSHOTS } from '../fixtures/browser.ts';
import { bundleAttendPage } from './bundle-attend-page.ts';
import { openTestRun, type TestRun } from './open-test-run.ts';
import { openTablets, PHONE, TABLET, type Tablets } from './tablets.ts';

vi.setConfig({ testTimeout: BROWSER_TEST_MS, hookTimeout: BROWSER_TEST_MS });

const notHere = CHROMIUM === null ? NO_CHROMIUM : missingStacks();
const [ONE, TWO] = ['127.0.5.1', '127.0.5.2'];

describe.skipIf(notHere !== null)(`which of these is the device in front of you? (${notHere ?? 'Chromium'})`, () => {
  let tablets: Tablets;
  let run: TestRun;
  const original = readDevices(DEVICES_FOLDER).find((d) => d.id === 'emu-druckwerk-mfp')!;
  // Two of the same model: nothing but their addresses tells them apart.
  const devices = [original, { ...original, id: 'emu-druckwerk-zwei', model: `${original.model} (2)` }];
  const [first, second] = [devices[0]!, devices[1]!];
  beforeAll(async () => {
    tablets = await openTablets(CHROMIUM!);
    run = await openTestRun(devices, await bundleAttendPage());
  });
  afterAll(async () => {
    await run?.[Symbol.asyncDispose]();
    await tablets?.[Symbol.asyncDispose]();
  });

  test('two people press two of the same model at once: each says with one tap which it was, and is not asked again', async () => {
    const invite = async () => (await run.attended.page!.invite()).url;
    await using anna = await tablets.join(await invite(), { viewport: PHONE, locale: 'de' });
    await using ben = await tablets.join(await invite(), { name: 'Ben', viewport: TABLET, locale: 'en' });
    await ben.page.click('#language');
    for (const [tablet, { id }] of [
      [anna, first],
      [ben, second],
    ] as const) {
      await tablet.page.click(`#row-${id}`);
      await tablet.page.click(`#take-${id}`);
      await tablet.page.click(`#pressed-${id}`);
      await run.deviceThat(id, (d) => d.state === 'armed');
    }
    await run.play(first, ONE);
    await run.play(second, TWO);
    const card = anna.page.locator(`#card-${first.id}`);
    await card.locator('.candidate', { hasText: ONE }).waitFor();
    await card.locator('.candidate', { hasText: TWO }).waitFor();
    await ben.page.locator(`#card-${second.id} .candidate`, { hasText: TWO }).waitFor();
    expect(await card.innerText()).toContain('Welches ist das Gerät vor Ihnen?');
    expect(await ben.text(`#card-${second.id}`)).toContain('Which one is the device in front of you?');
    await card.screenshot({ path: join(SCREENSHOTS, 'attend.claim.de.390.png') });
    await ben.page.locator(`#card-${second.id}`).screenshot({ path: join(SCREENSHOTS, 'attend.claim.en.820.png') });
    // What a card asks is not asked above it once more.
    expect(await anna.page.locator('#strangers .stranger').count()).toBe(0);
    expect(run.records()).toEqual([]);

    await card.locator('.candidate', { hasText: ONE }).click();
    await card.locator('ol.results li').waitFor();
    // What is left can be the other one only.
    await ben.page.locator(`#card-${second.id} ol.results li`).waitFor();
    const seen = run.records().map((r) => ({
      device: r.device.id,
      cause: r.cause,
      connections: r.evidence.wire.connections.length,
    }));
    // One connection each: what the other sent is in nobody's evidence.
    expect(seen).toHaveLength(2);
    expect(seen).toContainEqual({ device: first.id, cause: 'version-too-old', connections: 1 });
    expect(seen).toContainEqual({ device: second.id, cause: 'version-too-old', connections: 1 });

    // The addresses are known by now: both press at once again, and nobody is asked.
    for (const [tablet, { id }] of [
      [anna, first],
      [ben, second],
    ] as const)
      await tablet.page.click(`#pressed-${id}`);
    await Promise.all([run.play(second, TWO), run.play(first, ONE)]);
    await anna.page.locator('section.verdict').waitFor();
    await ben.page.locator('section.verdict').waitFor();
    for (const { id } of devices) {
      const { results, verdicts } = await run.deviceThat(id, (d) => d.state === 'done');
      expect(results.map((r) => [r.reason, r.outcome])).toEqual([
        ['first', 'fails'],
        ['legacy', 'works'],
      ]);
      expect(verdicts).toMatchObject([{ verdict: 'legacy-only', causes: ['version-too-old'] }]);
    }
    expect([...anna.faults, ...ben.faults]).toEqual([]);
  });
});
