import { expect, test } from 'vitest';
import { causeText } from './cause-texts.ts';
import { CAUSES } from './vocabulary/finding.ts';

const SOFTWARE = ['os', 'mail-program', 'mail-server', 'app-or-runtime', 'tls-library'] as const;
const KINDS = [undefined, ...SOFTWARE];

/** WORDING.md's "never" column, as words a customer must not meet. */
const JARGON =
  /implizit|klartext|altes ssl|cutover|brown-?out|legacy|submission|inkompatibel|defekt|root-ca|cipher|handshake|\bMFP\b|harness|\btap\b/i;

test.for(CAUSES)('%s has whole texts for customers in both languages, without our jargon', (cause) => {
  const texts = KINDS.map((kind) => causeText(cause, kind).customer);
  for (const text of texts.flatMap(({ de, en }) => [de, en])) {
    expect(text.name).toMatch(/^[\p{Lu}].*[^.]$/u);
    for (const sentence of [text.what, text.why, text.todo]) expect(sentence).toMatch(/^\p{Lu}.*\.$/u);
    for (const part of Object.values(text)) expect(part).not.toMatch(JARGON);
  }
  for (const { de, en } of texts) expect(de.todo).not.toBe(en.todo);
});

test.for(CAUSES)('%s: software is not spoken of as a device with firmware', (cause) => {
  for (const kind of SOFTWARE) {
    const { de, en } = causeText(cause, kind).customer;
    const all = [...Object.values(de), ...Object.values(en)].join(' ');
    expect(all).not.toMatch(/firmware/i);
    // Any device of the office may be what got the address locked out.
    if (cause !== 'banned') expect(all).not.toMatch(/Gerät|device/i);
  }
});

test('an operating system is set up in the mail program that runs on it', () => {
  expect(causeText('plaintext-only', 'os').customer.de.todo).toBe(
    'Stellen Sie im Mailprogramm „SSL/TLS“ oder „STARTTLS“ ein. Fehlt diese Auswahl, installieren Sie eine neuere Version des Betriebssystems.',
  );
});

test.for(CAUSES)('%s: the German is German and speaks to "Sie"', (cause) => {
  for (const kind of KINDS) {
    const { de } = causeText(cause, kind).customer;
    expect(de.todo).toMatch(/\bSie\b|wird wiederholt|Support/);
    expect(`${de.what} ${de.why} ${de.todo}`).not.toMatch(/\b(the|and|device|Du|Dein|Email|e-mail)\b/);
  }
});

test.for(CAUSES)('%s: no text names a day or a transition server, which expire', (cause) => {
  const texts = KINDS.map((kind) => causeText(cause, kind).customer);
  const all = texts.flatMap(({ de, en }) => [...Object.values(de), ...Object.values(en)]).join(' ');
  expect(all).not.toMatch(/\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{2}-\d{2}|Übergangsserver|transition/i);
});

test('names tell causes apart in lists and categories', () => {
  for (const language of ['de', 'en'] as const) {
    const names = CAUSES.map((c) => causeText(c).customer[language].name);
    expect(new Set(names).size).toBe(CAUSES.length);
  }
});
