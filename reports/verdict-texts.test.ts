import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { causeText } from '../harness/cause-texts.ts';
import { CAUSES } from '../harness/vocabulary/finding.ts';
import { DIRECTIONS } from '../harness/vocabulary/trial.ts';
import { REMEDIES, type Verdict, VERDICTS as WORDS } from '../harness/vocabulary/verdict.ts';
import { basisText } from './basis-texts.ts';
import { DEVICES } from './fixtures/devices.ts';
import { MODES } from './fixtures/run.ts';
import { RELAYED, VERDICTS } from './fixtures/verdicts.ts';
import { scheduleOf } from './phase.ts';
import { RELAY_RECIPE, remedyLines, remedyTexts } from './remedy-texts.ts';
import type { Situation } from './situation.ts';
import { settingRows } from './setting-words.ts';
import { verdictName, verdictText } from './verdict-texts.ts';

const DAYS = { before: '2025-02-01', trial: '2025-02-12', transition: '2025-04-01', after: '2025-06-01' } as const;
const LANGUAGES = ['de', 'en'] as const;
/** WORDING.md's "never" column. */
const JARGON =
  /implizit|klartext|cutover|brown-?out|legacy|submission|inkompatibel|defekt|cipher|handshake|undefined|null/i;

function situation(part: Partial<Verdict>, day: string, language: 'de' | 'en'): Situation {
  const verdict = { ...VERDICTS[0]!, ...part };
  const device = DEVICES.find((d) => d.id === verdict.device);
  return { verdict, device, schedule: scheduleOf(MODES, new Date(day)), language };
}

const EVERY = WORDS.flatMap((verdict) =>
  DIRECTIONS.flatMap((direction) =>
    Object.values(DAYS).flatMap((day) => LANGUAGES.map((language) => ({ verdict, direction, day, language }))),
  ),
);

test.for(EVERY)('$verdict, $direction, on $day, in $language: sentences without jargon', (c) => {
  for (const encrypted of [true, false]) {
    const text = verdictText(situation({ verdict: c.verdict, direction: c.direction, encrypted }, c.day, c.language));
    expect(text).toMatch(/^\p{Lu}.*\.$/u);
    expect(text.replaceAll(/smtp-alt|imap-alt|pop3-alt/g, '')).not.toMatch(JARGON);
  }
});

test.for(EVERY)('$verdict, $direction, on $day, in $language: an ended transition host is never named', (c) => {
  const part = { verdict: c.verdict, direction: c.direction, remedies: [...REMEDIES] };
  const s = situation(part, c.day, c.language);
  const all = [verdictText(s), ...remedyLines(s)].join(' ');
  const ended = c.day === DAYS.after;
  expect(all.includes('-alt.mail.example')).toBe(!ended);
});

test('the same verdict reads differently before, during and after', () => {
  const read = (day: string) => verdictText(situation({ verdict: 'stops-working' }, day, 'de'));
  expect(read(DAYS.before)).toContain('Das Gerät kann ab dem 05.03.2025 keine E-Mails mehr über unsere Server senden.');
  expect(read(DAYS.trial)).toContain('Heute ist eine angekündigte Testabschaltung');
  expect(read(DAYS.transition)).toContain('seit dem 05.03.2025');
  expect(read(DAYS.after)).not.toContain('Übergangsserver');
});

test('a transition in the clear asks for a mailbox of its own, in the words of the FAQ', () => {
  const clear = verdictText(situation({ verdict: 'legacy-only', encrypted: false }, DAYS.transition, 'de'));
  expect(clear).toContain('unverschlüsselt: Legen Sie für das Gerät ein eigenes Postfach mit eigenem Passwort an.');
});

test.for(LANGUAGES)('in %s every remedy has a sentence, also without an update or a device file', (language) => {
  const bare = { ...situation({ remedies: [...REMEDIES], causes: [] }, DAYS.before, language), device: undefined };
  expect(remedyTexts(bare).first).toHaveLength(REMEDIES.length);
  expect(remedyLines(situation({ remedies: ['firmware'], update: '2.0' }, DAYS.before, language))[0]).toContain('2.0');
});

test('measured, predicted and claimed are never mixed, and an expired result says so', () => {
  const basis = (part: Partial<Verdict>, day: string = DAYS.before) => basisText(situation(part, day, 'de'));
  expect(basis({ basis: 'measured', emulated: false })).toBe('von uns getestet mit Firmware 1.0, am 01.02.2025');
  expect(basis({ basis: 'measured', emulated: true })).toContain('nachgebildet');
  expect(basis({ basis: 'predicted' })).toContain('nicht getestet');
  expect(basis({ basis: 'claimed' })).toContain('nicht von uns getestet');
  expect(basis({ expiresAt: '2025-03-05' }, '2025-03-05')).not.toContain('neu geprüft');
  expect(basis({ expiresAt: '2025-03-05' }, '2025-03-06')).toContain('galt bis 05.03.2025');
});

test('while no run and no file names the transition hosts, they are neither promised nor over', () => {
  const schedule = scheduleOf(
    MODES.filter((m) => m.id !== 'legacy'),
    new Date(DAYS.transition),
  );
  const read = (part: Partial<Verdict>) => verdictText({ ...situation(part, DAYS.transition, 'de'), schedule });
  expect(read({ verdict: 'stops-working' })).not.toContain('Übergangsserver');
  expect(read({ verdict: 'legacy-only' })).toContain(
    'nur noch über den Übergangsserver senden, und das nur bis 30.05.',
  );
  expect(read({ verdict: 'legacy-only', until: '2025-03-31' })).toContain('gab es nur bis 31.03.2025');
});

const ALL_WAYS: Partial<Verdict> = { remedies: [...REMEDIES] };

test.for(CAUSES)('%s: no way is advised twice, firmware neither', (cause) => {
  for (const language of LANGUAGES) {
    for (const verdict of ['fails-already', 'stops-working', 'legacy-only'] as const) {
      const lines = remedyLines(situation({ ...ALL_WAYS, verdict, causes: [cause] }, DAYS.before, language));
      expect(lines.filter((line) => /firmware/i.test(line))).toHaveLength(1);
      expect(new Set(lines).size).toBe(lines.length);
    }
  }
});

test.for(['auth-rejected', 'auth-missing', 'certificate-dates', 'certificate-name', 'wrong-tls-mode'] as const)(
  '%s: the setting first, anything else only if that does not help',
  (cause) => {
    for (const verdict of ['fails-already', 'stops-working'] as const) {
      const s = situation({ ...ALL_WAYS, verdict, causes: [cause] }, DAYS.before, 'de');
      expect(remedyTexts(s).first).toEqual([causeText(cause).customer.de.todo]);
      const [first, line, ...rest] = remedyLines(s);
      expect([first?.slice(0, 3), line]).toEqual(['1. ', 'Hilft das nicht:']);
      const replaces = cause !== 'auth-rejected' && cause !== 'certificate-dates';
      expect(rest.some((way) => way.includes('Ersetzen Sie das Gerät'))).toBe(replaces);
    }
  },
);

test('a setting that was proven is not talked about once more', () => {
  const setting = { id: 'a', protocol: 'smtp', port: 465, security: 'implicit' } as const;
  const part = { verdict: 'works-after-change', causes: ['wrong-tls-mode'], remedies: ['setting'] } as const;
  expect(
    remedyLines(situation({ ...part, causes: [...part.causes], remedies: ['setting'], setting }, DAYS.before, 'de')),
  ).toEqual([]);
});

test('without a clear result it says so, and that nothing was tested', () => {
  const basis = (part: Partial<Verdict>, language: 'de' | 'en' = 'de') =>
    basisText(
      situation({ verdict: 'unknown', emulated: false, trials: ['t'], causes: [], ...part }, DAYS.before, language),
    );
  expect(basis({})).toBe('wir haben es versucht, ohne klares Ergebnis (01.02.2025)');
  expect(basis({}, 'en')).toBe('we tried, without a clear result (1 February 2025)');
  expect(basis({ emulated: true })).toContain('nachgebildet');
  expect(basis({ trials: [] })).toContain('wir haben es versucht');
  expect(basis({ causes: ['not-in-this-lab'] })).toBe('noch nicht geprüft (Stand 01.02.2025)');
});

test('the reasons speak of what the device knows, not of what two sides have in common', () => {
  for (const cause of CAUSES) {
    const { de, en } = causeText(cause).customer;
    expect(`${de.name} ${de.what}`).not.toMatch(/gemeinsam|Digitale Unterschrift/i);
    expect(`${en.name} ${en.what}`).not.toMatch(/in common|digital signature/i);
  }
});

test.for(LANGUAGES)('in %s a relay says whether it was measured, on what, and what to enter', (language) => {
  const tested = { de: /geprüft/, en: /We tested/ }[language];
  const wayOf = (part: Partial<Verdict>) =>
    remedyLines(situation({ ...RELAYED, ...part }, DAYS.after, language)).find((line) => line.includes('NAS'))!;
  const { relay: _, ...thought } = RELAYED;
  expect(remedyLines(situation(thought, DAYS.after, language)).join(' ')).not.toMatch(tested);
  const emulated = wayOf({});
  expect(emulated).toMatch(tested);
  expect(emulated).toMatch(/nachgebildet|emulated/);
  expect(emulated).toMatch(/Port 465|port 465/);
  expect(emulated).toContain('SSL/TLS');
  expect(wayOf({ emulated: false })).not.toMatch(/nachgebildet|emulated/);
  const clear = wayOf({ relay: { ...RELAYED.relay!, port: 25, security: 'plaintext' } });
  expect(clear).toMatch(/ohne Verschlüsselung im eigenen Netz|no encryption inside your own network/);
  for (const text of [emulated, clear]) {
    expect(text).not.toMatch(JARGON);
    expect(text).not.toMatch(/README|devices\/|stunnel/);
  }
});

test('the recipe of the relay is where support is sent to', () => {
  expect(existsSync(new URL(`../${RELAY_RECIPE}`, import.meta.url))).toBe(true);
});

test('a connection that is changed on its way is cured there, not by a new device', () => {
  const part = { ...ALL_WAYS, verdict: 'stops-working', causes: ['intercepted'] } as const;
  const { first, otherwise } = remedyTexts(situation({ ...part, causes: ['intercepted'] }, DAYS.after, 'de'));
  expect(first).toEqual([expect.stringMatching(/„SSL\/TLS“.*Port 465.*Firewall/)]);
  expect(otherwise.join(' ')).not.toContain('Ersetzen');
});

const SOFTWARE_KINDS = ['os', 'mail-program', 'mail-server', 'app-or-runtime', 'tls-library'] as const;

/** The sample mail program, as any other kind of software. */
function software(part: Partial<Verdict>, kind: (typeof SOFTWARE_KINDS)[number], more: { id?: string } = {}) {
  const device = { ...DEVICES.find(({ id }) => id === 'mw-post-3')!, kind, ...more };
  return (day: string, language: 'de' | 'en'): Situation => ({ ...situation(part, day, language), device });
}

test.for(SOFTWARE_KINDS)('%s: no sentence speaks of firmware, of scanning or of a device that fails', (kind) => {
  for (const { verdict, direction, day, language } of EVERY) {
    // What a cause asks for does not depend on the day.
    for (const cause of day === DAYS.after ? CAUSES : CAUSES.slice(0, 1)) {
      const part = { ...ALL_WAYS, verdict, direction, causes: [cause], encrypted: false, emulated: false };
      const s = software(part, kind)(day, language);
      const lines = remedyLines(s);
      const all = [verdictName(s), verdictText(s), basisText(s), ...lines].join(' ');
      expect(all).not.toMatch(/firmware|Scannen|scanning|\bNAS\b|das Gerät|am Gerät|on the device/i);
      expect(all).not.toMatch(/undefined|null/);
      expect(new Set(lines).size).toBe(lines.length);
    }
  }
});

test('the noun and the update fit the kind', () => {
  const stops = { verdict: 'stops-working', causes: ['version-too-old'], remedies: ['firmware', 'replace'] } as const;
  const part = { ...stops, causes: [...stops.causes], remedies: [...stops.remedies] };
  const read = (s: Situation) => [verdictText(s), ...remedyLines(s)].join(' ');
  expect(read(software(part, 'os', { id: 'windows-7' })(DAYS.after, 'de'))).toBe(
    'Das System kann seit dem 05.03.2025 keine E-Mails mehr über unsere Server senden. Die übrigen Funktionen des Systems bleiben. ' +
      '1. Installieren Sie eine neuere Version des Betriebssystems, oder verwenden Sie ein Mailprogramm mit eigener Verschlüsselung, zum Beispiel Thunderbird. ' +
      '2. Verwenden Sie für E-Mails ein Gerät mit einem neueren Betriebssystem.',
  );
  for (const id of ['android-4.0', 'windows-phone-8'])
    expect(read(software(part, 'os', { id })(DAYS.after, 'de'))).not.toContain('Thunderbird');
  expect(read(software(part, 'mail-program', { id: 'outlook-2010' })(DAYS.after, 'en'))).toBe(
    'Since 5 March 2025 the program can no longer send mail through our servers. Everything else in the program keeps working. ' +
      '1. Install a newer version of the program. ' +
      '2. Change to another mail program with encryption of its own, for example Thunderbird.',
  );
  const update = { verdict: 'works-after-update', update: 'PHPMailer 5.2.15', remedies: ['firmware'] } as const;
  const mailer = software({ ...update, causes: [], remedies: ['firmware'] }, 'app-or-runtime')(DAYS.after, 'de');
  expect([verdictName(mailer), read(mailer)]).toEqual([
    'nach einem Update',
    'Funktioniert nach einem Update auf PHPMailer 5.2.15 wieder. Installieren Sie das Update jetzt. Installieren Sie PHPMailer 5.2.15 oder eine neuere Version.',
  ]);
});

test('the few words of a verdict follow the day', () => {
  const name = (day: string, part: Partial<Verdict> = {}) =>
    verdictName(situation({ verdict: 'legacy-only', ...part }, day, 'de'));
  expect(name(DAYS.transition)).toBe('nur noch über den Übergangsserver');
  expect(name(DAYS.after)).toBe('keine E-Mails mehr über unsere Server');
  expect(name(DAYS.after, { verdict: 'unknown', basis: 'measured', causes: [] })).toBe('noch ohne klares Ergebnis');
  expect(name(DAYS.after, { verdict: 'unknown', basis: 'claimed', causes: [] })).toBe('noch nicht geprüft');
});

test('only what was tested works without a look at the settings', () => {
  const text = (basis: Verdict['basis'], language: 'de' | 'en') =>
    verdictText(situation({ verdict: 'works', causes: [], basis }, DAYS.after, language));
  expect(text('claimed', 'de')).toContain('Für den Server ist SSL/TLS oder STARTTLS eingestellt');
  expect(text('claimed', 'en')).toContain('requires SSL/TLS or STARTTLS');
  expect(text('measured', 'de')).toBe('Funktioniert weiter. Sie müssen nichts tun.');
});

test('what to enter in a program is not found on a device', () => {
  const setting = {
    id: 'a',
    protocol: 'smtp',
    port: 587,
    security: 'starttls',
    menu: { de: 'Datei', en: 'File' },
  } as const;
  const text = (kind?: (typeof SOFTWARE_KINDS)[number]) => JSON.stringify(settingRows(setting, null, 'de', kind));
  expect(text()).toContain('am Gerät');
  expect(text('mail-program')).not.toContain('Gerät');
});
