import { describe, expect, test } from 'vitest';
import type { Record } from '../vocabulary/record.ts';
import { isFlaky, settleAnswers, standingOf } from './repeats.ts';
import type { ConcludedFinding } from './settle.ts';

const works: ConcludedFinding = { outcome: 'works', because: [], confidence: 'confirmed' };
const drops: ConcludedFinding = { outcome: 'fails', cause: 'connection-dropped', because: [], confidence: 'confirmed' };
const lost: ConcludedFinding = { outcome: 'fails', cause: 'mail-lost', because: [], confidence: 'confirmed' };
const lab: ConcludedFinding = {
  outcome: 'inconclusive',
  cause: 'server-trouble',
  because: [],
  confidence: 'suspected',
};

describe('an unchanged question that was asked several times', () => {
  test.for([
    ['works last', [drops, works, works, works]],
    ['works first', [works, drops, works, works]],
  ] as const)('is never the lucky answer: %s', ([, answers]) => {
    expect(settleAnswers(answers)).toMatchObject({ outcome: 'inconclusive', confidence: 'suspected' });
    expect(settleAnswers(answers).because[0]).toContain('3 of 4: works');
  });
  test('fails where every answer is a failure, with the causes left open', () => {
    expect(settleAnswers([drops, lost])).toMatchObject({
      outcome: 'fails',
      candidates: ['connection-dropped', 'mail-lost'],
      confidence: 'suspected',
    });
  });
  test('is what it always was where it was always the same', () => {
    expect(settleAnswers([drops, drops, drops])).toEqual(drops);
  });
  test('is not called flaky for trouble of the lab', () => {
    expect(settleAnswers([works, lab, works])).toEqual(works);
    expect([isFlaky([works, lab]), isFlaky([lab]), isFlaky([works, drops])]).toEqual([false, false, true]);
  });
});

describe('what stands of a trial', () => {
  const record = (trial: string, run: string, startedAt: string, repeat?: number): Record =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no more of a record is looked at
    ({ trial, run, startedAt, ...(repeat === undefined ? {} : { repeat }) }) as Record;
  test('the newest attempt, and every repetition of its run', () => {
    const first = record('t', 'r1', '01');
    const again = record('t', 'r2', '02');
    const late = record('t', 'r2', '09');
    const repeats = [record('t', 'r2', '03', 1), record('t', 'r2', '04', 2)];
    const other = record('u', 'r1', '01');
    expect(standingOf([first, other, again, ...repeats, late])).toEqual([late, ...repeats, other]);
  });
  test('a newer run in which it was asked once takes the repetitions away', () => {
    const now = record('t', 'r2', '05');
    expect(standingOf([record('t', 'r1', '01'), record('t', 'r1', '02', 1), now])).toEqual([now]);
  });
});
