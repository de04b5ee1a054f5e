import { SERVER_WORDS, settingRows } from '../../reports/setting-words.ts';
import { causeText, type Language } from '../cause-texts.ts';
import { offeredBy } from '../check/attempts.ts';
import type { Described } from '../check/notebook.ts';
import type { AttemptView, AttemptWords } from '../check/view.ts';
import type { DialogueLine } from '../vocabulary/evidence.ts';
import type { Cause } from '../vocabulary/finding.ts';
import type { Protocol, Setting } from '../vocabulary/trial.ts';

/** What an agent reads of an attempt, and reads aloud. */
export function describeAttempt(described: Described): AttemptView['words'] {
  return { de: inLanguage(described, 'de'), en: inLanguage(described, 'en') };
}

function inLanguage(described: Described, language: Language): AttemptWords {
  const { finding } = described;
  const words = WORDS[language];
  const seen = factsOf(described, language);
  // Some stay connected for a minute when they were refused.
  if (described.live && !signsInClear(described)) return { headline: words.live, facts: seen, enter: [], aloud: [] };
  const facts = [...seen, ...finding.because.map((because) => words.technical(because))];
  if (finding.outcome === 'works') {
    return {
      headline: words.works,
      facts,
      enter: enterLines(usedSetting(described), described, language),
      aloud:
        described.attempt.endpoint.protocol === 'smtp'
          ? [words.encrypts, words.thrownAway, words.backToOurs]
          : [words.encrypts, words.backToOurs],
    };
  }
  const { cause } = finding;
  if (cause === undefined) return { headline: words.undecided, facts, enter: [], aloud: [words.again] };
  if (cause === 'auth-rejected') return { headline: words.noCode, facts, enter: [], aloud: words.noCodeAloud };
  if (finding.outcome === 'inconclusive') {
    const isLab =
      'minted' in described.mode.certificate && (finding.candidates ?? [cause]).includes('certificate-untrusted');
    const aloud = isLab ? [words.labCertificate] : [words.again];
    return { headline: `${causeText(cause).customer[language].name} (${words.undecided})`, facts, enter: [], aloud };
  }
  const { name, what, todo } = sayCause(cause, described, language);
  const next = settingToTry(described);
  const signIn = cause === 'auth-missing' ? [words.signIn] : [];
  const enter = next === null ? [] : [...enterLines(next, described, language), ...signIn];
  return { headline: name, facts, enter, aloud: next === null ? [what, todo] : [what, words.enterThis] };
}

/** A device that signs in without encryption: what that means for its owner is told first. */
function sayCause(cause: Cause, described: Described, language: Language): CauseWords {
  const words = causeText(cause).customer[language];
  if (!signsInClear(described)) return words;
  const { clearName: name, clearWhat: what } = WORDS[language];
  return { ...words, name, what };
}

type CauseWords = Readonly<Record<'name' | 'what' | 'todo', string>>;

/** It was refused a login that it began without encryption. */
function signsInClear({ finding, attempt }: Described): boolean {
  return finding.cause === 'plaintext-only' && attempt.seen.some(({ connection }) => connection.dialogue.some(isLogin));
}

/** As `readVisit` leaves it. */
function isLogin({ from, text }: DialogueLine): boolean {
  return from === 'client' && /^(?:AUTH|USER|(?:a )?(?:LOGIN|AUTHENTICATE))$/.test(text);
}

function factsOf({ attempt }: Described, language: Language): readonly string[] {
  const words = WORDS[language];
  const offered = offeredBy(attempt);
  const server = SERVER_WORDS[attempt.endpoint.protocol][language];
  return [
    `${server}, Port ${attempt.endpoint.port}`,
    offered === null ? words.noTls : words.offered(offered),
    ...(attempt.connections > 1 ? [words.connections(attempt.connections)] : []),
  ];
}

/** Causes that another setting may cure. */
const SETTING_CAUSES: readonly Cause[] = ['plaintext-only', 'plaintext-fallback', 'wrong-tls-mode'];

/** TLS from the first byte on comes first: nothing can be left out there, and most devices know it. */
const WAYS: Readonly<Record<Protocol, readonly Setting[]>> = {
  smtp: [
    { id: 'implicit-465', protocol: 'smtp', port: 465, security: 'implicit' },
    { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' },
  ],
  imap: [
    { id: 'implicit-993', protocol: 'imap', port: 993, security: 'implicit' },
    { id: 'starttls-143', protocol: 'imap', port: 143, security: 'starttls' },
  ],
  pop3: [
    { id: 'implicit-995', protocol: 'pop3', port: 995, security: 'implicit' },
    { id: 'starttls-110', protocol: 'pop3', port: 110, security: 'starttls' },
  ],
};

/** What to enter for the next try; null: no setting cures the cause, or all have been tried on this call. */
function settingToTry(described: Described): Setting | null {
  const { attempt, finding, earlier } = described;
  if (finding.cause === 'auth-missing') return usedSetting(described);
  if (finding.cause === undefined || !SETTING_CAUSES.includes(finding.cause)) return null;
  const { protocol } = attempt.endpoint;
  const failed = [...earlier, { attempt, finding }]
    .filter((e) => e.attempt.endpoint.protocol === protocol)
    .filter((e) => e.finding.cause !== undefined && SETTING_CAUSES.includes(e.finding.cause));
  // The first was as the device had been; those after it had been told what to enter.
  const tried = failed.slice(1).map((e) => e.attempt.endpoint.port);
  return WAYS[protocol].find((way) => !tried.includes(way.port)) ?? null;
}

function usedSetting({ attempt }: Described): Setting {
  const { protocol, port, tls } = attempt.endpoint;
  return { id: `${tls}-${port}`, protocol, port, security: tls };
}

/** With the provider's own server: the test host is only for the test. */
function enterLines(setting: Setting, { finding, mode }: Described, language: Language): readonly string[] {
  const host = finding.outcome === 'works' ? mode.hosts[setting.protocol] : null;
  return settingRows(setting, host, language).map((row) => `${row.label}: ${row.value}`);
}

interface Words {
  readonly live: string;
  readonly works: string;
  readonly encrypts: string;
  readonly thrownAway: string;
  readonly backToOurs: string;
  readonly undecided: string;
  /** A finding's reasons are in English. */
  readonly technical: (because: string) => string;
  readonly again: string;
  readonly noCode: string;
  readonly noCodeAloud: readonly string[];
  readonly labCertificate: string;
  readonly clearName: string;
  readonly clearWhat: string;
  readonly enterThis: string;
  readonly signIn: string;
  readonly noTls: string;
  readonly offered: (version: string) => string;
  readonly connections: (count: number) => string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  de: {
    live: 'Das Gerät ist gerade verbunden …',
    works: 'Funktioniert: verschlüsselt und angemeldet',
    encrypts: 'Ihr Gerät verschlüsselt so, wie unsere Server es nach der Umstellung verlangen.',
    thrownAway: 'Die Testmail kommt nirgends an, das ist richtig so.',
    backToOurs:
      'Tragen Sie jetzt wieder unseren Server, Ihren Benutzernamen und Ihr Passwort ein. Port und Verschlüsselung bleiben, wie sie sind.',
    undecided: 'nicht sicher',
    technical: (because) => `Technisch (englisch): ${because}`,
    again: 'Das war noch nicht eindeutig. Bitte senden Sie die Testmail noch einmal.',
    noCode: 'Code nicht erkannt',
    noCodeAloud: [
      'Die Verschlüsselung hat funktioniert, aber der Code wurde nicht erkannt.',
      'Bitte tragen Sie den Code noch einmal als Benutzernamen ein. Groß- und Kleinschreibung ist egal.',
    ],
    labCertificate:
      'Ihr Gerät prüft das Zertifikat des Testservers und erkennt es nicht an. Über unsere eigentlichen Server sagt das noch nichts.',
    clearName: 'Sendet das Passwort unverschlüsselt',
    clearWhat:
      'Ihr Gerät meldet sich unverschlüsselt an. Ihr Passwort ist unterwegs lesbar, und unsere Server nehmen das nach der Umstellung nicht mehr an.',
    enterThis: 'Bitte stellen Sie Folgendes ein und senden Sie die Testmail noch einmal.',
    signIn: 'Anmeldung am Postausgangsserver: ein',
    noTls: 'Das Gerät hat keine Verschlüsselung begonnen',
    offered: (version) => `Bietet höchstens ${version.startsWith('SSL') ? version : `TLS ${version}`} an`,
    connections: (count) => `${count} Verbindungen kurz nacheinander`,
  },
  en: {
    live: 'The device is connected right now …',
    works: 'Works: encrypted and signed in',
    encrypts: 'Your device encrypts the way our servers will ask for after the change.',
    thrownAway: 'The test mail arrives nowhere; that is how it should be.',
    backToOurs: 'Now enter our server, your user name and your password again. Port and encryption stay as they are.',
    undecided: 'not certain',
    technical: (because) => because,
    again: 'That was not clear yet. Please send the test mail once more.',
    noCode: 'Code not recognised',
    noCodeAloud: [
      'The encryption worked, but the code was not recognised.',
      'Please enter the code as the user name once more. Capital or small letters do not matter.',
    ],
    labCertificate:
      'Your device checks the certificate of the test server and does not accept it. That says nothing about our real servers yet.',
    clearName: 'Sends its password unencrypted',
    clearWhat:
      'Your device signs in without encryption. Your password can be read on its way, and our servers will not accept that any more after the change.',
    enterThis: 'Please set the following and send the test mail once more.',
    signIn: 'Sign in to the outgoing mail server: on',
    noTls: 'The device did not start encryption',
    offered: (version) => `Offers ${version.startsWith('SSL') ? version : `TLS ${version}`} at most`,
    connections: (count) => `${count} connections shortly after one another`,
  },
};
