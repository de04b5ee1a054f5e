import type { Cause } from '../../harness/vocabulary/finding.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';

export interface NextStep {
  /** What support asks the customer. */
  readonly ask: Bilingual;
  /** A run that confirms the cause; `DEVICE` stands for the id of a device file. */
  readonly command: string;
  /** What the run shows if this is the cause. */
  readonly shows: Bilingual;
}

/** What to ask, and how to confirm with one run, for the causes that a text can point to. */
export function nextStep(cause: Cause): NextStep {
  return STEPS[cause] ?? OTHER;
}

const VERSUS_LEGACY = 'npx cutover run --device DEVICE --mode today strict legacy';
const WITH_SETTINGS = 'npx cutover run --device DEVICE --mode strict --scenario submit submit-other-settings';
const STRICT = 'npx cutover run --device DEVICE --mode strict';

const MODEL: Bilingual = {
  de: 'Welches Gerät, welche Firmware? Bei einem Mailprogramm: welches Betriebssystem?',
  en: 'Which device, which firmware? For a mail program: which operating system?',
};
const ENTERED: Bilingual = {
  de: 'Welcher Servername, welcher Port und welche Verschlüsselung sind eingetragen, Wort für Wort?',
  en: 'Which server name, port and encryption are entered, word for word?',
};
const ACCOUNT: Bilingual = {
  de: 'Sind Benutzername (ganze Adresse?) und Passwort richtig und nicht zu lang für das Feld? Geht dasselbe Passwort im Webmail?',
  en: 'Are user name (the whole address?) and password right, and not too long for the field? Does the same password work in webmail?',
};
const CLOCK: Bilingual = {
  de: 'Stimmen Datum und Uhrzeit am Gerät?',
  en: 'Are date and time on the device right?',
};
const GUARD: Bilingual = {
  de: 'Läuft ein Virenscanner mit E-Mail-Schutz, oder steht eine Firewall dazwischen?',
  en: 'Is there a virus scanner that guards mail, or a firewall in between?',
};

const AGAIN: Bilingual = {
  de: 'Versucht ein Gerät es immer wieder? Geht es nach einer Stunde Pause, oder über einen anderen Anschluss, zum Beispiel Mobilfunk?',
  en: 'Does a device try again and again? Does it work after an hour’s rest, or over another line, for example a mobile phone’s?',
};

const OLD: NextStep = {
  ask: MODEL,
  command: VERSUS_LEGACY,
  shows: {
    de: 'strict scheitert mit dieser Ursache, legacy oder today geht: bestätigt.',
    en: 'strict fails with this cause, legacy or today works: confirmed.',
  },
};
const MODE: NextStep = {
  ask: ENTERED,
  command: WITH_SETTINGS,
  shows: {
    de: 'Wie eingestellt scheitert es, mit einer anderen Einstellung geht es: bestätigt.',
    en: 'As configured it fails, with another setting it works: confirmed.',
  },
};
const CERTIFICATE: NextStep = {
  ask: CLOCK,
  command: STRICT,
  shows: {
    de: 'Die Gegenprobe mit genau einer Änderung am Zertifikat geht: Diese Änderung nennt die Ursache.',
    en: 'The counter-test with exactly one change of the certificate works: that change names the cause.',
  },
};
const LOGIN: NextStep = {
  ask: ACCOUNT,
  command: STRICT,
  shows: {
    de: 'Die Verschlüsselung steht, die Anmeldung scheitert: bestätigt.',
    en: 'Encryption is agreed, the login fails: confirmed.',
  },
};
const OTHER: NextStep = {
  ask: MODEL,
  command: VERSUS_LEGACY,
  shows: {
    de: 'Der Bericht nennt die Ursache und was zu sehen war.',
    en: 'The report names the cause and what was seen.',
  },
};

const STEPS: Readonly<Partial<Record<Cause, NextStep>>> = {
  'version-too-old': OLD,
  'no-shared-cipher': OLD,
  'no-shared-group': OLD,
  'no-shared-signature': OLD,
  'certificate-untrusted': { ...CERTIFICATE, ask: MODEL },
  'certificate-dates': CERTIFICATE,
  'certificate-name': { ...CERTIFICATE, ask: ENTERED },
  'plaintext-only': MODE,
  'plaintext-fallback': MODE,
  'wrong-tls-mode': MODE,
  'auth-missing': LOGIN,
  'auth-mechanism': LOGIN,
  'auth-rejected': LOGIN,
  intercepted: { ...OTHER, ask: GUARD },
  'never-connected': { ...OTHER, ask: ENTERED },
  banned: { ...OTHER, ask: AGAIN },
};
