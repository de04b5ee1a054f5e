import type { Language } from '../../harness/cause-texts.ts';
import type { Fate, Message } from './watched.ts';

/** Every word of the report. Each catalogue is total: a text without its translation does not compile. */
export interface Texts {
  readonly title: string;
  readonly measured: (real: number, emulated: number) => string;
  readonly answerHeading: string;
  readonly kindest: (names: string, count: number) => string;
  readonly rehearsal: (name: string) => string;
  readonly nobodyTouched: string;
  /** No device answered the question at all. */
  readonly nothingSeen: string;
  /** Of a brown-out, in the device's own time. */
  readonly lasts: (seconds: number) => string;
  readonly results: (r: {
    readonly watched: number;
    readonly lostSilently: number;
    readonly lockedOut: number;
    readonly passwordsInClear: number;
    readonly clearMessages: number;
  }) => string;
  readonly stylesHeading: string;
  readonly stylesNote: string;
  readonly styleColumns: readonly string[];
  readonly waysHeading: string;
  readonly devicesHeading: string;
  readonly device: string;
  readonly detailsHeading: string;
  readonly detailColumns: readonly string[];
  readonly fates: Readonly<Record<Fate, string>>;
  readonly after: (seconds: number, connection: number) => string;
  readonly messages: Readonly<Record<Message, string>>;
  readonly rate: (perTenMinutes: number, isExtrapolated: boolean, windowSeconds: number) => string;
  readonly lockedOut: string;
  readonly counted: (perTenMinutes: number) => string;
  readonly fallsBack: string;
  readonly clearAnyway: string;
  readonly passwordReadable: string;
  readonly untouched: (names: string) => string;
  readonly setAside: (names: string) => string;
  readonly howHeading: string;
  readonly how: (windowSeconds: number, emulatedSpeed: number) => readonly string[];
}

const DE: Texts = {
  title: 'Welche Ablehnung schont unsere Kunden?',
  measured: (real, emulated) =>
    `${emulated} ${emulated === 1 ? 'nachgebildetes Gerät' : 'nachgebildete Geräte'} gemessen, ${real} ${real === 1 ? 'echtes' : 'echte'}.`,
  answerHeading: 'Antwort',
  kindest: (names, count) =>
    count === 1 ? `Am schonendsten auf Dauer: ${names}.` : `Auf Dauer gleich schonend: ${names}.`,
  rehearsal: (name) =>
    `${name}: Die Ablehnung endet von selbst. Das zeigt vorher, wen es trifft, und ersetzt den Stichtag nicht.`,
  nothingSeen: 'Noch keine: Es wurde kein Gerät beobachtet, dessen E-Mail heute pünktlich ankommt.',
  lasts: (seconds) => `Hier dauerte sie ${renderSpan(seconds)}.`,
  nobodyTouched: 'Kein Gerät, dessen E-Mail heute ankommt, war von einer der Arten betroffen.',
  results: (r) =>
    `Betroffene Geräte: ${r.watched}. E-Mail verloren, ohne dass das Gerät es meldet: ${r.lostSilently}; ausgesperrt: ${r.lockedOut}; Passwort neuerdings unverschlüsselt: ${r.passwordsInClear}; Text des Servers am Gerät: ${r.clearMessages}.`,
  stylesHeading: 'Die Arten im Vergleich',
  stylesNote:
    'Gezählt sind Geräte, deren E-Mail heute pünktlich ankommt und bei mindestens einer Art nicht. Verglichen wird von links nach rechts; „Server-Text“ entscheidet zuletzt.',
  styleColumns: [
    'Rang',
    'Art',
    'Geräte',
    'Passwort unverschlüsselt',
    'still verloren',
    'ausgesperrt',
    'doppelt',
    'verloren und gemeldet',
    'versucht es noch',
    'verspätet',
    'pünktlich',
    'Server-Text am Gerät',
  ],
  waysHeading: 'Was die Arten tun',
  devicesHeading: 'Gerät für Gerät',
  device: 'Gerät',
  detailsHeading: 'Was die Geräte taten und sagten',
  detailColumns: ['Art', 'E-Mail', 'Abgelehnt je 10 min', 'Unverschlüsselt', 'Wie es sich meldet', 'Wortlaut am Gerät'],
  fates: {
    'on-time': 'pünktlich',
    late: 'verspätet',
    doubled: 'doppelt',
    waiting: 'noch nicht da, versucht es weiter',
    'lost-told': 'verloren, gemeldet',
    'lost-silently': 'verloren, nicht gemeldet',
    'not-seen': 'nicht gesehen',
    trouble: 'Störung im Labor',
    'not-run': 'nicht ausgeführt',
  },
  after: (seconds, connection) => `nach ${renderSpan(seconds)}, ${connection}. Verbindung`,
  messages: {
    'servers-words': 'nennt den Text des Servers',
    'names-encryption': 'nennt die Verschlüsselung',
    failed: 'meldet nur einen Fehler',
    sent: 'meldet „gesendet“',
    nothing: 'meldet nichts',
  },
  rate: (rate, isExtrapolated, window) =>
    `${round(rate)}${isExtrapolated ? ` (hochgerechnet aus ${renderSpan(window)})` : ''}`,
  lockedOut: 'bei 5 ausgesperrt',
  counted: (rate) => `davon zählt fail2ban ab Werk ${round(rate)}`,
  fallsBack: 'sendet dann unverschlüsselt',
  clearAnyway: 'so eingestellt',
  passwordReadable: 'Passwort lesbar',
  untouched: (names) => `Unberührt, bei jeder Art pünktlich: ${names}.`,
  setAside: (names) =>
    `Ohne Aussage, weil die E-Mail heute schon nicht pünktlich ankommt oder keine Verbindung zu sehen war: ${names}.`,
  howHeading: 'Wie gemessen wurde',
  how: (window, speed) => [
    `Jedes Gerät bekam je Art einen Auftrag und wurde ab der ersten Verbindung ${renderSpan(window)} seiner eigenen Zeit beobachtet. Was danach geschähe, ist nicht gemessen.`,
    `Die Uhren nachgebildeter Geräte laufen zwischen zwei Versuchen ${speed}-mal so schnell; ihre Abstände stehen in ihren Dateien. Alle anderen Geräte laufen in Echtzeit.`,
    'War die Beobachtung kürzer als 10 Minuten, ist nur hochgerechnet, wer an ihrem Ende noch versuchte zu senden.',
    'Ausgesperrt: mindestens 5 Verbindungen ohne E-Mail in 10 Minuten (fail2ban: maxretry 5, findtime 10m), wenn jede davon zählt, wie es der Modus „aggressive“ tut. Ab Werk zählt der Postfix-Filter nur Ablehnungen mit 554 5.7.1 und je nach Modus falsche Anmeldungen; auch diese Zahl steht dabei.',
    'Verspätet: später als eine halbe Minute nach der ersten Verbindung. Ein unverschlüsseltes Passwort zählt in der Tabelle nur bei Geräten, die verschlüsseln sollen und es heute auch tun.',
    'Nur Senden ist verglichen: Wer abruft, verliert keine E-Mail, denn sie bleibt im Postfach.',
  ],
};

const EN: Texts = {
  title: 'Which refusal is kindest to our customers?',
  measured: (real, emulated) => `${emulated} emulated ${emulated === 1 ? 'device' : 'devices'} measured, ${real} real.`,
  answerHeading: 'Answer',
  kindest: (names, count) => (count === 1 ? `Kindest for good: ${names}.` : `Equally kind for good: ${names}.`),
  rehearsal: (name) =>
    `${name}: the refusal ends by itself. It shows beforehand whom the day will hit, and does not replace it.`,
  nothingSeen: 'None yet: no device was watched whose mail arrives on time today.',
  lasts: (seconds) => `Here it lasted ${renderSpan(seconds)}.`,
  nobodyTouched: 'No device whose mail arrives today was touched by any of the ways.',
  results: (r) =>
    `Devices touched: ${r.watched}. Mail lost without a word: ${r.lostSilently}; locked out: ${r.lockedOut}; password in the clear instead of encrypted: ${r.passwordsInClear}; the server's own words on the panel: ${r.clearMessages}.`,
  stylesHeading: 'The ways compared',
  stylesNote:
    "Counted are devices whose mail arrives on time today and in at least one way does not. Compared from left to right; the server's words decide last.",
  styleColumns: [
    'rank',
    'way',
    'devices',
    'password in the clear',
    'lost silently',
    'locked out',
    'doubled',
    'lost, and says so',
    'still trying',
    'late',
    'on time',
    "server's words on panel",
  ],
  waysHeading: 'What the ways do',
  devicesHeading: 'Device by device',
  device: 'device',
  detailsHeading: 'What the devices did and said',
  detailColumns: ['way', 'mail', 'refused per 10 min', 'unencrypted', 'how it reports', 'its words'],
  fates: {
    'on-time': 'on time',
    late: 'late',
    doubled: 'doubled',
    waiting: 'not yet, still trying',
    'lost-told': 'lost, and says so',
    'lost-silently': 'lost without a word',
    'not-seen': 'not seen',
    trouble: 'trouble of the lab',
    'not-run': 'not run',
  },
  after: (seconds, connection) => `after ${renderSpan(seconds)}, connection ${connection}`,
  messages: {
    'servers-words': "quotes the server's words",
    'names-encryption': 'names encryption',
    failed: 'says only that it failed',
    sent: 'reports that it was sent',
    nothing: 'reports nothing',
  },
  rate: (rate, isExtrapolated, window) =>
    `${round(rate)}${isExtrapolated ? ` (extrapolated from ${renderSpan(window)})` : ''}`,
  lockedOut: 'would be locked out at 5',
  counted: (rate) => `of which fail2ban's stock filter counts ${round(rate)}`,
  fallsBack: 'falls back to the clear',
  clearAnyway: 'set to do so',
  passwordReadable: 'password readable',
  untouched: (names) => `Untouched, on time in every way: ${names}.`,
  setAside: (names) =>
    `They say nothing, because their mail does not arrive on time today either, or no connection was seen: ${names}.`,
  howHeading: 'How it was measured',
  how: (window, speed) => [
    `Each device got one order for each way and was watched for ${renderSpan(window)} of its own time after its first connection. What would come later is not measured.`,
    `Between two tries the clocks of emulated devices run ${speed} times faster; their intervals are in their files. All other devices run in real time.`,
    'Where the watch was shorter than 10 minutes, only devices that still tried at its end are extrapolated.',
    'Locked out: at least 5 connections without a mail in 10 minutes (fail2ban: maxretry 5, findtime 10m), if each counts, as in its mode "aggressive". As delivered, the Postfix filter counts only rejections with 554 5.7.1 and, depending on its mode, failed logins; that number is given too.',
    'Late: more than half a minute after the first connection. In the table, a password in the clear counts only for devices that are set to encrypt, and do so today.',
    'Only sending is compared: who fetches loses no mail, it stays in the mailbox.',
  ],
};

export const TEXTS: Readonly<Record<Language, Texts>> = { de: DE, en: EN };

/** Seconds of the device: "45 s", "3 min". */
function renderSpan(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

function round(rate: number): string {
  return String(Math.round(rate));
}
