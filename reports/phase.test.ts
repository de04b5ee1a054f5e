import { expect, test } from 'vitest';
import { MODES } from './fixtures/run.ts';
import { phaseOf, scheduleOf } from './phase.ts';

test.for([
  ['2025-02-11', 'before'],
  ['2025-02-12', 'trial'],
  ['2025-02-13', 'before'],
  ['2025-03-04', 'before'],
  ['2025-03-05', 'transition'],
  ['2025-05-30', 'transition'],
  ['2025-05-31', 'after'],
])('%s is %s', ([day = '', phase]) => {
  expect(phaseOf(MODES, new Date(day))).toBe(phase);
  expect(phaseOf(MODES, new Date(`${day}T20:00:00Z`))).toBe(phase);
});

test('the day begins at midnight in Germany, summer and winter', () => {
  expect(phaseOf(MODES, new Date('2025-03-04T22:59:59Z'))).toBe('before');
  expect(phaseOf(MODES, new Date('2025-03-04T23:00:00Z'))).toBe('transition');
  expect(phaseOf(MODES, new Date('2025-05-30T21:59:59Z'))).toBe('transition');
  expect(phaseOf(MODES, new Date('2025-05-30T22:00:00Z'))).toBe('after');
});

test('every hour of twenty years lies on the day that Intl names', () => {
  const oracle = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' });
  for (let at = Date.UTC(2020); at < Date.UTC(2040); at += 3_600_000)
    if (scheduleOf([], new Date(at)).asOf !== oracle.format(at)) expect.fail(new Date(at).toISOString());
});

test('without dates the change is ahead; without a legacy mode its end is not known', () => {
  const [today, strict] = MODES;
  const undated = MODES.map((m) => ({ ...m, dates: { trials: [] } }));
  expect(phaseOf(undated, new Date('2030-01-01'))).toBe('before');
  expect(phaseOf([], new Date('2030-01-01'))).toBe('before');
  for (const day of ['2025-04-01', '2030-01-01']) {
    expect(scheduleOf([today!, strict!], new Date(day))).toMatchObject({ phase: 'transition', legacyEnded: false });
  }
});

test.for([
  ['2025-04-10', 'transition'],
  ['2025-04-11', 'ended-early'],
  ['2025-05-30', 'ended-early'],
  ['2025-05-31', 'after'],
])('with a transition that ends on 2025-04-10 instead of 2025-05-30, %s is %s', ([day = '', phase]) => {
  const early = MODES.map((m) =>
    m.id === 'legacy' ? { ...m, dates: { ...m.dates, until: '2025-04-10', announcedUntil: '2025-05-30' } } : m,
  );
  expect(scheduleOf(early, new Date(day))).toMatchObject({ phase, legacyAnnounced: '2025-05-30' });
});
