import { expect, test } from 'vitest';
import { renderPredicted } from './render-predicted.ts';

const NONE = { of: 0, agree: 0, notPredicted: 0, against: [] };
const FLEETS = { of: 9, agree: 8, notPredicted: 3, against: ['x in strict: measured works; predicted fails'] };

test('sums have their denominator, differences both sides', () => {
  expect(renderPredicted({ fleets: FLEETS, own: NONE, replays: [] }, 'en')).toBe(
    `Predictions and tests of the packaged recordings: 8 of 9; 3 cannot be predicted
  x in strict: measured works; predicted fails`,
  );
});

test('replays are added up, and listed by mode and port', () => {
  const one = { what: 'testssl', engine: 'embedded', mode: 'strict', port: 465, against: [], silent: 0 } as const;
  const replays = [
    { ...one, of: 5, agree: 5 },
    { ...one, port: 993, of: 5, agree: 4, silent: 1, against: ['ab suite: predicted A; observed B'] },
  ];
  const lines = renderPredicted({ fleets: FLEETS, own: FLEETS, replays }, 'en').split('\n');
  expect(lines).toContain('Predictions and tests of the runs in this folder: 8 of 9; 3 cannot be predicted');
  expect(lines.slice(-4)).toEqual([
    'Predictions and servers, recordings of testssl.sh: 9 of 10',
    '  embedded, strict, 465: 5 of 5',
    '  embedded, strict, 993: 4 of 5; 1 without an answer',
    '    ab suite: predicted A; observed B',
  ]);
});
