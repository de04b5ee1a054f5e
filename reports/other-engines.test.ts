import { expect, test } from 'vitest';
import type { Verdict } from '../harness/vocabulary/verdict.ts';
import { VERDICTS } from './fixtures/verdicts.ts';
import { otherAnswers, renderWord } from './other-engines.ts';

const CONTAINERS: Verdict = { ...VERDICTS.find((v) => v.device === 'mw-nas-2')!, engine: 'containers' };
const EMBEDDED: Verdict = {
  ...CONTAINERS,
  engine: 'embedded',
  verdict: 'works-after-update',
  causes: ['no-shared-signature'],
  update: '2.0',
};

test('another answer for the same device, direction and firmware is one about the servers', () => {
  expect(otherAnswers(CONTAINERS, [EMBEDDED])).toEqual([EMBEDDED]);
  expect(renderWord(EMBEDDED)).toBe('works-after-update (no-shared-signature)');
  expect(renderWord(CONTAINERS)).toBe('works');
});

test.for<[why: string, other: Partial<Verdict>]>([
  ['of another firmware', { firmware: '0.9' }],
  ['of the other direction', { direction: 'fetch' }],
  ['of another device', { device: 'mw-fax-1' }],
  ['of a lab that could not ask', { verdict: 'unknown', causes: ['not-in-this-lab'] }],
])('an answer %s says nothing about the servers', ([, other]) => {
  expect(otherAnswers(CONTAINERS, [{ ...EMBEDDED, ...other }])).toEqual([]);
});

test('the same answer, measured another day, is no difference; another cause or setting is one', () => {
  const same: Verdict = { ...EMBEDDED, engine: 'containers', measuredAt: '2025-02-02T09:30:00.000Z' };
  expect(otherAnswers(same, [EMBEDDED])).toEqual([]);
  expect(otherAnswers({ ...same, causes: ['no-shared-cipher'] }, [EMBEDDED])).toHaveLength(1);
  expect(otherAnswers({ ...same, update: '3.0' }, [EMBEDDED])).toHaveLength(1);
});
