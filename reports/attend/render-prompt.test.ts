import { expect, test } from 'vitest';
import { renderEntries } from './render-prompt.ts';
import { deviceWith, promptWith, viewWith } from './sample-views.ts';
import type { PageView } from './page-view.ts';
import { wordsOf } from './words.ts';

const device = deviceWith('printer');
const pageIn = (language: 'de' | 'en'): PageView => ({
  attend: viewWith([device]),
  language,
  words: wordsOf(language),
  schedule: { phase: 'before', asOf: '2025-02-03', legacyEnded: false },
  me: 'Anna',
  opened: [],
  query: '',
  filter: 'all',
});

test.for(['de', 'en'] as const)('what a device needs first stands before what is entered (%s)', (language) => {
  const shown = renderEntries(pageIn(language), device, promptWith({ prepare: ['names', 'run-ca'] })).text;
  const at = ['href="/names"', 'href="/run-ca.crt"', 'href="/run-ca.pem"', 'class="entries"'].map((part) =>
    shown.indexOf(part),
  );
  expect(at).not.toContain(-1);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  // A root that is forgotten in a device outlives the run.
  expect(shown).toMatch(language === 'de' ? /löschen Sie es dort nach dem Test/ : /delete it there after the test/);
});

test('a device that needs nothing is told of nothing', () => {
  expect(renderEntries(pageIn('de'), device, promptWith()).text).not.toContain('href=');
});
