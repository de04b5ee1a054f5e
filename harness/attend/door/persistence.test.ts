import { expect, test } from 'vitest';
import { createPersistence } from './persistence.ts';

/** Counts so many, one each `everyMs`, and says whether that is persistent at the end. */
function isPersistent(count: number, everyMs: number, from: (n: number) => string = () => '10.0.0.1'): boolean {
  let now = 0;
  const persistence = createPersistence(() => now);
  for (let n = 0; n < count; n += 1) {
    persistence.count(from(n));
    now += everyMs;
  }
  return persistence.has('10.0.0.1');
}

test('eight connections within a minute are persistent, seven are not', () => {
  expect(isPersistent(7, 10)).toBe(false);
  expect(isPersistent(8, 10)).toBe(true);
});

test('a device that tries each ten seconds is not, and a flood that is over is forgiven', () => {
  expect(isPersistent(100, 10_000)).toBe(false);
  let now = 0;
  const persistence = createPersistence(() => now);
  for (let n = 0; n < 100; n += 1) persistence.count('10.0.0.1');
  now = 59_999;
  expect(persistence.has('10.0.0.1')).toBe(true);
  now = 60_000;
  expect(persistence.has('10.0.0.1')).toBe(false);
});

test('others are another matter, and no more addresses are kept than there is room for', () => {
  expect(isPersistent(100, 1, (n) => `10.0.1.${n}`)).toBe(false);
  expect(isPersistent(8 + 4_095, 1, (n) => (n < 8 ? '10.0.0.1' : `x${n}`))).toBe(true);
  expect(isPersistent(8 + 4_096, 1, (n) => (n < 8 ? '10.0.0.1' : `x${n}`))).toBe(false);
});
