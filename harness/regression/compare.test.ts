import { describe, expect, test } from 'vitest';
import type { Excuse, Found } from '../vocabulary/comparison.ts';
import { compareStates } from './compare.ts';
import { isAsAccepted } from './judge-comparison.ts';
import type { Answer, State } from './state.ts';
import { answerOf, contextWith, stateOf } from './test-answers.ts';

const WORKS: Found = { outcome: 'works' };
const FAILS: Found = { outcome: 'fails', cause: 'mail-lost' };
const OPEN: Found = { outcome: 'inconclusive', cause: 'never-connected' };

function compare(
  before: readonly Answer[] | State,
  after: readonly Answer[] | State,
  excuses: readonly (readonly [string, Excuse])[] = [],
) {
  const state = (s: readonly Answer[] | State): State => ('answers' in s ? s : stateOf(s));
  const options = {
    against: 'baseline',
    scope: () => true,
    excuses: new Map(excuses),
    asOf: new Date('2026-06-01'),
  } as const;
  return compareStates(state(before), state(after), options);
}
const kinds = (before: readonly Answer[] | State, after: readonly Answer[] | State) =>
  compare(before, after).differences.map((d) => `${d.kind} ${d.key.split('/')[0]}/${d.key.split('/')[2]}`);

describe('what became of a question', () => {
  test.for([
    [WORKS, WORKS, []],
    [WORKS, FAILS, ['regressed dev/starttls-587']],
    [FAILS, WORKS, ['fixed dev/starttls-587']],
    [FAILS, { ...FAILS, cause: 'mail-refused' }, ['changed dev/starttls-587']],
    [FAILS, { ...FAILS, silent: true }, ['changed dev/starttls-587']],
    // What was not seen is neither better nor worse.
    [WORKS, OPEN, ['changed dev/starttls-587']],
    [OPEN, WORKS, ['changed dev/starttls-587']],
  ] as const)('%j, then %j', ([before, after, expected]) => {
    expect(kinds([answerOf({ found: before })], [answerOf({ found: after })])).toEqual(expected);
  });
  test('flaky, unless it was accepted as flaky', () => {
    const flaky = answerOf({ found: { outcome: 'inconclusive' }, answers: [FAILS, WORKS, FAILS, WORKS] });
    expect(kinds([answerOf()], [flaky])).toEqual(['flaky dev/starttls-587']);
    expect(kinds([flaky], [flaky])).toEqual([]);
    expect(kinds([flaky], [answerOf()])).toEqual(['changed dev/starttls-587']);
  });
});

describe('which questions are the same', () => {
  const other = (part: Partial<Answer>) => answerOf({ setting: 'implicit-465', asConfigured: false, ...part });
  test('whatever firmware is installed', () => {
    expect(kinds([answerOf({ firmware: '1' })], [answerOf({ firmware: '2' })])).toEqual([]);
  });
  test('the other firmware of yesterday is the installed one of today', () => {
    const before = [answerOf({ firmware: '1', found: FAILS }), answerOf({ firmware: '2', installed: false })];
    expect(kinds(before, [answerOf({ firmware: '2' })])).toEqual(['fixed dev/starttls-587']);
    const swapped = [answerOf({ firmware: '2' }), answerOf({ firmware: '1', installed: false, found: FAILS })];
    expect(kinds(before, swapped)).toEqual(['fixed dev/starttls-587']);
  });
  test('what is configured, when that is another setting', () => {
    const after = answerOf({ setting: 'implicit-465', found: FAILS });
    const { differences } = compare([answerOf()], [after]);
    expect(differences).toMatchObject([
      {
        kind: 'regressed',
        because: [{ what: 'device-facts', path: 'settings', from: 'starttls-587', to: 'implicit-465' }],
      },
    ]);
  });
  test('other settings are asked where the first fails: they are neither missing nor new when it stops or begins to', () => {
    const failing = [answerOf({ found: FAILS }), other({})];
    expect(kinds(failing, [answerOf()])).toEqual(['fixed dev/starttls-587']);
    expect(kinds([answerOf()], failing)).toEqual(['regressed dev/starttls-587']);
    // Where it still fails, one that is not asked any more is gone from the device's file.
    expect(kinds(failing, [answerOf({ found: FAILS })])).toEqual(['missing dev/implicit-465']);
    expect(kinds([answerOf({ found: FAILS })], failing)).toEqual(['new dev/implicit-465']);
  });
  test('a question that its control spared is inconclusive, not missing', () => {
    const spared = new Map([['dev/send', { found: OPEN, context: contextWith() }]]);
    expect(compare([answerOf()], stateOf([], { spared })).differences).toMatchObject([
      { kind: 'changed', after: OPEN },
    ]);
  });
  test('engines are compared apart', () => {
    expect(kinds([answerOf({ engine: 'containers', found: FAILS })], [answerOf()])).toEqual([
      'missing dev/starttls-587',
      'new dev/starttls-587',
    ]);
  });
});

describe('excuses', () => {
  const excuse: Excuse = { reason: 'r', owner: 'o', expires: '2026-06-01' };
  const { key } = answerOf();
  const judged = (after: Partial<Answer> | null, own = excuse) => {
    const comparison = compare([answerOf()], after === null ? [] : [answerOf(after)], [[key, own]]);
    return [comparison.differences[0]?.excuseFault ?? 'holds', isAsAccepted(comparison)];
  };
  test.for([
    ['holds to the end of its last day', { found: FAILS }, excuse, ['holds', true]],
    ['expires the day after', { found: FAILS }, { ...excuse, expires: '2026-05-31' }, ['expired', false]],
    ['ends when it works', { found: WORKS }, excuse, ['works-again', false]],
    ['does not end by luck', { found: { outcome: 'inconclusive' }, answers: [WORKS, FAILS] }, excuse, ['holds', true]],
    ['is for one cause', { found: FAILS }, { ...excuse, cause: 'banned' }, ['matches-nothing', false]],
    ['needs its question', null, excuse, ['matches-nothing', false]],
  ] as const)('an excuse %s', ([, after, own, expected]) => {
    expect(judged(after as Partial<Answer> | null, own)).toEqual(expected);
  });
  test('new questions alone are as accepted; a missing one is not', () => {
    expect(isAsAccepted(compare([], [answerOf()]))).toBe(true);
    expect(isAsAccepted(compare([answerOf()], []))).toBe(false);
  });
});
