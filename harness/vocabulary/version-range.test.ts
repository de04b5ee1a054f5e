import { assert, property, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, isInRange, parseVersionRange, type VersionRange } from './version-range.ts';

test.for([
  ['7.2', '7.10'],
  ['6.0', '6.0.1'],
  ['06.83', '7.01'],
  ['1.0.2', '1.0.2u'],
  ['1.0.2k', '1.0.2u'],
  ['16S', '17S'],
  ['1.0-beta', '1.0.1'],
  ['10.11', '10.11.6'],
] as const)('%s is older than %s', ([older, newer]) => {
  expect(compareVersions(older, newer)).toBeLessThan(0);
  expect(compareVersions(newer, older)).toBeGreaterThan(0);
});

test('zeros in front, case and marks make no difference', () => {
  expect(compareVersions('06.20', '6.20')).toBe(0);
  expect(compareVersions('V2_4', 'v2.4')).toBe(0);
});

test.for([
  ['>=6.20 <7', '6.83', true],
  ['>=6.20 <7', '6.20', true],
  ['>=6.20 <7', '7.0', false],
  ['>=6.20 <7', '6.2', false],
  ['<5', '4.99', true],
  ['7.10', '7.10', true],
  ['7.10', '7.1', false],
  ['>31.5', '38', true],
  ['<=10.11.6', '10.11.6', true],
] as const)('%s holds %s: %s', ([range, version, expected]) => {
  expect(isInRange(version, rangeOf(range))).toBe(expected);
});

test.for(['', 'newest', '>= 6', '6 - 7', '=>6', '<'])('"%s" is refused, with an example', (text) => {
  const range = parseVersionRange(text);
  expect('kind' in range && range.why).toContain('>=6.20 <7');
});

test('versions have one order, whatever is compared with what', () => {
  const version = stringMatching(/^\d{1,3}([.-](\d{1,3}|[a-c]{1,2}))*$/);
  assert(
    property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
      const [low, middle, high] = [a, b, c].toSorted(compareVersions);
      expect(compareVersions(low!, middle!)).toBeLessThanOrEqual(0);
      expect(compareVersions(low!, high!)).toBeLessThanOrEqual(0);
    }),
  );
});

function rangeOf(text: string): VersionRange {
  const range = parseVersionRange(text);
  if ('kind' in range) throw new Error(range.why);
  return range;
}
