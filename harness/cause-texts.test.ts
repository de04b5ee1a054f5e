import { expect, test } from 'vitest';
import { causeText } from './cause-texts.ts';
import { CAUSES } from './vocabulary/finding.ts';

/** WORDING.md's "never" column, as words a customer must not meet. */
const JARGON =
  /implizit|klartext|altes ssl|cutover|brown-?out|legacy|submission|inkompatibel|defekt|root-ca|cipher|handshake|\bMFP\b|harness|\btap\b/i;

test.for(CAUSES)('%s has whole texts for customers in both languages, without our jargon', (cause) => {
  const { de, en } = causeText(cause).customer;
  for (const text of [de, en]) {
    expect(text.name).toMatch(/^[\p{Lu}].*[^.]$/u);
    for (const sentence of [text.what, text.why, text.todo]) expect(sentence).toMatch(/^\p{Lu}.*\.$/u);
    for (const part of Object.values(text)) expect(part).not.toMatch(JARGON);
  }
  expect(de.todo).not.toBe(en.todo);
});

test.for(CAUSES)('%s: the German is German and speaks to "Sie"', (cause) => {
  const { de } = causeText(cause).customer;
  expect(de.todo).toMatch(/\bSie\b|wird wiederholt|Support/);
  expect(`${de.what} ${de.why} ${de.todo}`).not.toMatch(/\b(the|and|device|Du|Dein|Email|e-mail)\b/);
});

test.for(CAUSES)('%s: no text names a day or a transition server, which expire', (cause) => {
  const { de, en } = causeText(cause).customer;
  const all = [...Object.values(de), ...Object.values(en)].join(' ');
  expect(all).not.toMatch(/\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{2}-\d{2}|Übergangsserver|transition/i);
});

test('names tell causes apart in lists and categories', () => {
  for (const language of ['de', 'en'] as const) {
    const names = CAUSES.map((c) => causeText(c).customer[language].name);
    expect(new Set(names).size).toBe(CAUSES.length);
  }
});
