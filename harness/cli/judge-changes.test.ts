import { expect, test } from 'vitest';
import type { Finding } from '../vocabulary/finding.ts';
import { renderJudged } from './judge-changes.ts';

const OLD: Finding = { outcome: 'fails', cause: 'connection-dropped', because: ['It ended.'] };
const NEW: Finding = { outcome: 'fails', cause: 'version-too-old', because: ['It offers TLS 1.0 at most.'] };
const change = (trial: string, mode: string, was = OLD, now = NEW) => ({ run: 'r', trial, mode, was, now });

test('changes of a kind are one group, the largest first, with both reasons; of many trials some are named', () => {
  const many = [1, 2, 3, 4, 5, 6, 7].map((i) => change(`d${i}`, 'strict'));
  const one = change(
    'e',
    'legacy',
    { ...OLD, silent: true },
    { outcome: 'works', encrypted: false, because: ['Mail.'] },
  );
  const text = renderJudged([
    { run: 'r', count: 20, changes: [one, ...many], reworded: 3 },
    { run: 's', count: 5, changes: [], reworded: 0 },
  ]);
  expect(text.split('\n')).toEqual([
    '7 findings: was fails connection-dropped, now fails version-too-old, in strict',
    '  was, because: It ended.',
    '  now, because: It offers TLS 1.0 at most.',
    ...[1, 2, 3, 4, 5].map((i) => `    d${i}`),
    '    and 2 more',
    '',
    '1 finding: was fails connection-dropped silently, now works in the clear, in legacy',
    '  was, because: It ended.',
    '  now, because: Mail.',
    '    e',
    '',
    '17 of 25 findings are the same when judged again.',
    '3 of them give their reasons in other words.',
  ]);
});
