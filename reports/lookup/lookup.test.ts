import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDevices } from '../../harness/device-files.ts';
import { DEVICES } from '../fixtures/devices.ts';
import { MODES, SERVER_RUN } from '../fixtures/run.ts';
import { RELAYED, TWO_ENGINES, VERDICTS } from '../fixtures/verdicts.ts';
import { serverTraits } from '../server-traits.ts';
import { composeAnswer } from './answers.ts';
import { readKnown } from './read-known.ts';
import { renderAnswer } from './render-answer.ts';
import { devicesToFind, searchDevices } from './search-devices.ts';

const find = (...words: readonly string[]) => searchDevices(DEVICES, words).map((h) => h.device.id);
const answerOf = (word: string, verdicts = VERDICTS) =>
  composeAnswer(searchDevices(DEVICES, [word])[0]!.device, verdicts, MODES);

test.for([
  ['scan', 'mw-scan-300'],
  ['SCAN300', 'mw-scan-300'],
  ['mw-300_eu', 'mw-scan-300'],
  ['mw300', 'mw-scan-300'],
  ['türstation', 'mw-door-1'],
  ['turstation', 'mw-door-1'],
  ['türstaton', 'mw-door-1'],
  ['telefon', 'mw-pbx-5'],
  ['altwrk', 'aw-print-12'],
  ['musterwerk fax', 'mw-fax-1'],
  ['ｒｏｕｔｅｒ', 'mw-router-x'],
] as const)('%s finds %s first', ([query, id]) => {
  expect(find(...query.split(' '))[0]).toBe(id);
});

test('what fits nothing is told, and a number fits exactly or as a beginning', () => {
  const missed = (...words: readonly string[]) => searchDevices(DEVICES, words).map((h) => h.missed);
  expect(missed('print', '12')[0]).toEqual([]);
  expect(missed('print', '13')[0]).toEqual(['13']);
  expect(missed('scan', '301')[0]).toEqual(['301']);
  expect(missed('scan', '30')[0]).toEqual(['30']);
  expect(find('qqqq')).toEqual([]);
  expect(find()).toEqual([]);
});

test('a name with a version that nobody knows is that name; a number that is no version is another model', () => {
  const real = devicesToFind(readDevices(join(import.meta.dirname, '..', '..', 'devices')), false);
  const first = (query: string) => searchDevices(real, query.split(' '))[0];
  for (const [query, id] of [
    ['Outlook 2016 auf Windows 10', 'outlook-2016'],
    ['Outlook 2019 auf Windows 10', 'outlook-2019'],
    ['Thunderbird 45', 'thunderbird'],
    ['FRITZ!Box 5530', 'fritzbox'],
  ] as const)
    expect(first(query)?.device.id, query).toBe(id);
  // Only a part of their versions: 2.3 is no 3, and 10.12 is not before 10.6.
  expect(first('Android 3')?.missed).toEqual(['3']);
  expect(first('macOS 10.5')?.device.id).not.toBe('macos-10.12');
  const told = (query: string) => {
    const hit = first(query);
    return hit === undefined ? null : readKnown(query, hit.missed, hit.device, []).firmware;
  };
  expect(told('Thunderbird 45')).toBe('45');
  expect(told('FRITZ!Box 5530')).toBeUndefined();
  expect(told('ApeosPort-IV 5570')).toBeUndefined();
});

test('words said around a device may be missed', () => {
  expect(searchDevices(DEVICES, 'mein Scan 300 sendet keine E-Mails mehr'.split(' '))[0]).toMatchObject({
    device: { id: 'mw-scan-300' },
    missed: [],
  });
});

const answer = (word: string, day: string, language: 'de' | 'en' = 'de') =>
  renderAnswer(answerOf(word), { language, asOf: new Date(day), modes: MODES });

test('the answer holds what support reads out', () => {
  const text = answer('kamera', '2025-02-01');
  for (const part of [
    'Musterwerk Kamera Tür & Hof 7 (Netzwerkkamera)',
    'Beispieldaten: Dieses Gerät ist nachgebildet.',
    'Senden: nach Änderung der Einstellungen',
    'Grund (bestätigt):',
    'Menü am Gerät: Einstellungen > Netzwerk > E-Mail',
    'Postausgangsserver (SMTP): smtp.mail.example',
    'Port: 465',
    'mit Firmware 1.0, am 01.02.2025',
  ]) {
    expect(text).toContain(part);
  }
});

test('both directions, with the transition host and its end only while it lasts', () => {
  const during = answer('post', '2025-04-01', 'en');
  expect(during).toMatch(/Sending: keeps working[\s\S]*Fetching: only through the transition server/);
  expect(during).toContain('imap-alt.mail.example');
  expect(during).toContain('30 May 2025');
  const after = answer('post', '2025-06-01', 'en');
  expect(after).not.toContain('imap-alt');
  expect(after).toContain('Fetching: no more mail through our servers');
});

test('a device that nobody tested is told apart from one that was', () => {
  const text = answer('altwerk', '2025-04-01');
  expect(text).toContain('nicht von uns getestet:\n  - Das Handbuch nennt TLS 1.0');
});

test('a device file cannot steer the terminal', () => {
  const answered = answerOf('kamera');
  const device = { ...answered.device, model: '\u001b]0;x\u0007\u001b[2Jcam\r\nfake: works' };
  const text = renderAnswer({ ...answered, device }, { language: 'de', asOf: new Date('2025-02-01'), modes: MODES });
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  expect(text.split('\n')[0]).toContain('fake: works');
});

test('an attempt without a result is neither confirmed nor a test', () => {
  const verdicts = VERDICTS.map((v) => ({
    ...v,
    causes: ['never-connected' as const],
    confidence: 'confirmed' as const,
  }));
  const text = renderAnswer(answerOf('türstation', verdicts), {
    language: 'de',
    asOf: new Date('2025-02-01'),
    modes: MODES,
  });
  expect(text).toContain('Senden: noch ohne klares Ergebnis');
  expect(text).toContain('Woher wir das wissen: wir haben es versucht, ohne klares Ergebnis (01.02.2025');
  expect(text).not.toMatch(/\(bestätigt\)|getestet/);
});

test('support sees that other servers answered differently, and what these are known for', () => {
  const read = (language: 'de' | 'en', outranked = TWO_ENGINES.outranked) =>
    renderAnswer(answerOf('router', TWO_ENGINES.verdicts), {
      language,
      asOf: new Date('2025-04-01'),
      modes: MODES,
      outranked,
      traits: serverTraits([SERVER_RUN]),
    });
  expect(read('de')).toMatch(
    /Andere Testserver, andere Antwort; es gilt die obere \(Postfix und Dovecot[^)]*\):\n {4}eingebauter Testserver: nach Firmware-Update \(/,
  );
  expect(read('en')).toContain('built-in test server: after a firmware update (');
  expect(read('en')).toContain('Postfix takes clients that sign with SHA-1.');
  // It sends: what Dovecot does explains nothing.
  expect(read('en')).not.toContain('Dovecot closes');
  expect(read('de', [])).not.toMatch(/andere Antwort|Postfix/);
});

test('a measured relay says so, and support knows where the recipe is', () => {
  const text = renderAnswer(answerOf('scan', [RELAYED]), {
    language: 'de',
    asOf: new Date('2025-06-01'),
    modes: MODES,
  });
  expect(text).toContain('mit einem nachgebildeten Gerät geprüft: Seine E-Mails kamen so verschlüsselt');
  expect(text).toContain('für den Support: devices/containers/relay/README.md');
});

test('a source that was read too long ago says so, and a fresh one does not', () => {
  const read = (day: string) =>
    renderAnswer(answerOf('altwerk'), { language: 'de', asOf: new Date(day), modes: MODES });
  const [claim] = answerOf('altwerk').device.claims;
  const [soon, late] = [0, 366].map((days) =>
    new Date(Date.parse(claim!.source.date) + days * 86_400_000).toISOString(),
  );
  expect(read(soon!)).not.toContain('bitte neu prüfen');
  expect(read(late!)).toContain('Quelle älter als ein Jahr, bitte neu prüfen');
});
