import { expect, test } from 'vitest';
import { PACKAGED_CORPUS, readCorpus } from '../corpus/corpus.ts';
import type { Met } from '../corpus/entry.ts';
import { readModes } from '../modes/read-mode.ts';
import { comparePredictions } from './predicted-agreement.ts';

const MODES = readModes(['today', 'strict', 'legacy', 'forgiving']);
const ENTRIES = readCorpus([PACKAGED_CORPUS]);

test('the fleets are as predicted, and whatever is in a hello is predicted', () => {
  const { of, agree, missed, notPredicted, against } = comparePredictions(ENTRIES, MODES);
  expect(against).toEqual([]);
  expect(of).toBeGreaterThan(200);
  expect({ agree, missed }).toEqual({ agree: of, missed: 0 });
  expect(notPredicted).toBeLessThan(of / 4);
});

test('a result that is turned round is found, with both sides', () => {
  const turned = ({ cause, ...met }: Met): Met =>
    met.mode === 'strict' && met.outcome === 'fails'
      ? { ...met, outcome: 'works' }
      : { ...met, ...(cause === undefined ? {} : { cause }) };
  const entries = ENTRIES.map((entry) => ({
    ...entry,
    seen: entry.seen.map((origin) => ({ ...origin, met: origin.met.map(turned) })),
  }));
  const { of, agree, against } = comparePredictions(entries, MODES);
  expect(agree).toBeLessThan(of);
  expect(against[0]).toMatch(/in strict on \w+: measured works; predicted fails /);
});
