import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HarnessFault } from '../faults.ts';
import type { Excuse } from '../vocabulary/comparison.ts';
import { acceptRun } from './accept.ts';
import { parseBaseline } from './parse-baseline.ts';
import { renderBaseline } from './render-baseline.ts';
import type { Answer } from './state.ts';
import { answerOf, contextWith, stateOf } from './test-answers.ts';

const AT = new Date('2026-06-01T10:00:00Z');
const whole = { scope: () => true, partial: false, at: AT };
const baselineOf = (answers: readonly Answer[], excuses: readonly (readonly [string, Excuse])[] = []) => ({
  state: stateOf(answers, { at: AT.toISOString() }),
  excuses: new Map(excuses),
  run: 'r',
});
const EXCUSE: Excuse = { reason: 'because, "truly"\n😀', owner: 'Support', expires: '2026-12-31' };

const anyFound = fc.constantFrom<Answer['found']>(
  { outcome: 'works' },
  { outcome: 'fails', cause: 'mail-lost', silent: true },
  { outcome: 'inconclusive' },
  { outcome: 'not-run', cause: 'not-testable' },
);
const answer: fc.Arbitrary<Answer> = fc
  .record({
    device: fc.stringMatching(/^[a-z][a-z0-9]{0,4}$/),
    firmware: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).filter((v) => !/[/\\]/.test(v)),
    installed: fc.boolean(),
    asConfigured: fc.boolean(),
    mode: fc.constantFrom('strict', 'today'),
    engine: fc.constantFrom('embedded', 'containers'),
    found: anyFound,
    flaky: fc.boolean(),
    min: fc.constantFrom('1.0', '1.2'),
    trust: fc.constantFrom('none', 'run-ca'),
  })
  .map(({ engine, min, trust, flaky, ...part }) => {
    const { facts } = answerOf();
    return answerOf({
      ...part,
      engine,
      answers: flaky ? [part.found, { outcome: 'works' }] : [part.found],
      context: contextWith({ tls: { min, max: '1.3' } }, { engine }),
      facts: facts === null ? null : { ...facts, common: { trust } },
    });
  });

describe('the file of a baseline', () => {
  test('tells all that went into it, and is written the same again', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(answer, { selector: (a) => a.key, maxLength: 30 }),
        fc.boolean(),
        (answers, excused) => {
          const [first] = answers;
          const baseline = baselineOf(answers, excused && first !== undefined ? [[first.key, EXCUSE]] : []);
          const text = renderBaseline(baseline);
          const read = parseBaseline(text, 'b.jsonl');
          expect([...read.state.answers.values()].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual(
            answers.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
          );
          expect(read.excuses).toEqual(baseline.excuses);
          expect(renderBaseline(read)).toBe(text);
        },
      ),
    );
  });

  test('one finding more is one line more, whatever the order in which it came', () => {
    const devices = ['a', 'b', 'c'].map((device) => answerOf({ device }));
    const before = renderBaseline(baselineOf(devices)).split('\n');
    const more = answerOf({ device: 'b', mode: 'today' });
    const after = renderBaseline(baselineOf([more, ...devices.toReversed()])).split('\n');
    expect(after.filter((line) => !before.includes(line))).toEqual([expect.stringContaining('"key":"b/')]);
    expect(before.filter((line) => !after.includes(line))).toEqual([]);
  });

  const good = renderBaseline(baselineOf([answerOf()]));
  const problemsOf = (text: string): string => {
    try {
      parseBaseline(text, 'b.jsonl');
    } catch (fault) {
      return fault instanceof HarnessFault ? fault.message : String(fault);
    }
    return 'none';
  };
  const last = good.trim().split('\n').length;
  const line = good.trim().split('\n').at(-1) ?? '';
  test.for([
    ['nothing', '', /^b\.jsonl:1:1: not a baseline of version 1/],
    ['another file', '{"v":1}\n{"v":2}\n', /^b\.jsonl:1:1: not a baseline of version 1[^\n]*$/],
    ['a half-done merge', `${good}<<<<<<< ours\n`, /b\.jsonl:\d+:1: a merge of two versions/],
    ['a torn line', `${good}{"key":"x`, /b\.jsonl:\d+:\d+: no JSON: Unterminated string/],
    ['a list', `${good}[1]\n`, /:1: no JSON object/],
    ['the same question twice', `${good}${line}\n`, new RegExp(`:${last + 1}:2: the question dev/\\S+ stands twice`)],
    ['a key that is none', good.replace('"key":"dev/submit', '"key":"dev'), /:2: a key is device\/scenario/],
    ['a key with another engine than there is', good.replace('/embedded"', '/imap"'), /:2: a key is device/],
    [
      'a cause that does not go with it',
      good.replace('"works"', '"works","cause":"banned"'),
      /works cannot have the cause banned/,
    ],
    [
      'an unknown key',
      good.replace('"outcome":"works"', '"outcome":"works","colour":1'),
      /colour: the key "colour" is unknown/,
    ],
    [
      'a fingerprint of nothing',
      good.replace('"outcome"', '"context":"012345678901","outcome"'),
      /no line says what was around/,
    ],
    [
      'an excuse for nothing',
      `${good}{"excuse":"dev/submit","reason":"r","owner":"o","expires":"2026-01-01"}\n`,
      /:2: this file has no question "dev\/submit"/,
    ],
  ] as const)('says what is wrong with %s, and where', ([, text, message]) => {
    expect(problemsOf(text)).toMatch(message);
  });
  test('takes line ends of Windows, a byte order mark and empty lines', () => {
    expect(problemsOf(`\u{feff}${good.replaceAll('\n', '\r\n\r\n')}`)).toBe('none');
  });
});

describe('accepting anew', () => {
  const failing = answerOf({ found: { outcome: 'fails', cause: 'mail-lost' } });
  const other = answerOf({ device: 'other' });
  const keysOf = (accepted: ReturnType<typeof acceptRun>) => [...accepted.baseline.state.answers.keys()];

  test('drops what the run would have asked and did not, and keeps what it left out', () => {
    const old = baselineOf([answerOf(), other]);
    expect(keysOf(acceptRun(old, stateOf([answerOf()]), whole))).toEqual([answerOf().key]);
    const narrow = acceptRun(old, stateOf([answerOf()]), { ...whole, scope: ({ device }) => device !== 'other' });
    expect([keysOf(narrow), narrow.kept]).toEqual([[other.key, answerOf().key], 1]);
  });
  test('keeps excuses of what still fails, expired ones too, and ends the others', () => {
    const excused = (found: Answer['found'], excuse = EXCUSE) =>
      acceptRun(baselineOf([failing], [[failing.key, excuse]]), stateOf([answerOf({ found })]), whole);
    expect(excused(failing.found).baseline.excuses.size).toBe(1);
    expect(excused({ outcome: 'works' })).toMatchObject({ ended: [{ key: failing.key, fault: 'works-again' }] });
    const expired = excused(failing.found, { ...EXCUSE, expires: '2026-01-01' });
    expect([expired.baseline.excuses.size, expired.expired]).toEqual([1, [failing.key]]);
  });
  test('what a run did not ask keeps its excuse', () => {
    const old = baselineOf([failing, other], [[failing.key, EXCUSE]]);
    const accepted = acceptRun(old, stateOf([other]), { ...whole, scope: ({ device }) => device === 'other' });
    expect(accepted.baseline.excuses.size).toBe(1);
  });
  test('in part: trouble is not accepted, and nothing is gone', () => {
    const trouble = answerOf({ found: { outcome: 'inconclusive', cause: 'server-trouble' } });
    const accepted = acceptRun(baselineOf([answerOf(), other]), stateOf([trouble]), { ...whole, partial: true });
    expect([...accepted.baseline.state.answers.values()].map((a) => a.found)).toEqual([
      { outcome: 'works' },
      { outcome: 'works' },
    ]);
  });
  test('a device whose control ended in trouble keeps what was accepted of it', () => {
    const spared = new Map([['dev/send', { found: { outcome: 'inconclusive' as const }, context: contextWith() }]]);
    expect(keysOf(acceptRun(baselineOf([answerOf()]), stateOf([], { spared }), whole))).toEqual([answerOf().key]);
  });
});
