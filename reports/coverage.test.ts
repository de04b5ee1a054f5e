import { expect, test } from 'vitest';
import { Device } from '../harness/vocabulary/device.ts';
import { coverageOf, isSampleData, renderCoverage } from './coverage.ts';
import { shownToCustomers } from './device-words.ts';
import { DEVICES } from './fixtures/devices.ts';
import { VERDICTS } from './fixtures/verdicts.ts';

test('a device counts once, and most for what was really done with it', () => {
  const real = { ...VERDICTS[0]!, device: 'aw-print-12', emulated: false };
  const predicted = { ...real, device: 'only-recorded', basis: 'predicted' as const };
  const claimed = { ...real, device: 'only-said', basis: 'claimed' as const };
  const all = [...VERDICTS, real, { ...real, direction: 'fetch' as const }, predicted, claimed];
  expect(coverageOf(all, DEVICES)).toEqual({ real: 1, emulated: 9, predicted: 1, claimed: 1 });
  expect(renderCoverage(coverageOf(all, DEVICES), 'en')).toBe(
    '1 real device tested, 9 emulated, 1 predicted, 1 claimed only',
  );
});

test('a device in a container is no real one: its claims count for nobody, and it stands under the banner', () => {
  const inContainer = Device.parse({
    ...DEVICES.find((d) => d.id === 'aw-print-12'),
    reach: { driver: 'container', image: 'busybox' },
    client: 'busybox',
    truth: { built: 'of busybox', verdict: { send: 'works' } },
  });
  const coverage = coverageOf([{ ...VERDICTS[0]!, device: inContainer.id }], [inContainer]);
  expect(coverage).toEqual({ real: 0, emulated: 1, predicted: 0, claimed: 0 });
  expect(isSampleData(coverage)).toBe(true);
  expect(coverageOf([], [inContainer]).claimed).toBe(0);
  expect(shownToCustomers([inContainer], false)).toEqual([]);
});

test('what the lab could not run was not tested; what it ran without a clear answer was', () => {
  const real = { ...VERDICTS[0]!, emulated: false, verdict: 'unknown' as const };
  const missing = { ...real, device: 'not-here', causes: ['not-in-this-lab' as const] };
  const unclear = { ...real, device: 'unclear', causes: ['not-in-this-lab' as const, 'device-trouble' as const] };
  expect(coverageOf([missing], []).real).toBe(0);
  expect(coverageOf([missing, unclear], []).real).toBe(1);
});

test('it is sample data until the first real device', () => {
  expect(isSampleData(coverageOf(VERDICTS, DEVICES))).toBe(true);
  expect(isSampleData(coverageOf([{ ...VERDICTS[0]!, emulated: false }], DEVICES))).toBe(false);
  expect(isSampleData(coverageOf([], DEVICES))).toBe(false);
});
