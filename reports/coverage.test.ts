import { expect, test } from 'vitest';
import { coverageOf, isSampleData, renderCoverage } from './coverage.ts';
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

test('it is sample data until the first real device', () => {
  expect(isSampleData(coverageOf(VERDICTS, DEVICES))).toBe(true);
  expect(isSampleData(coverageOf([{ ...VERDICTS[0]!, emulated: false }], DEVICES))).toBe(false);
  expect(isSampleData(coverageOf([], DEVICES))).toBe(false);
});
