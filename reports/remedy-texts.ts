import { causeText, type Language } from '../harness/cause-texts.ts';
import { softwareOf } from '../harness/cause-texts/software.ts';
import type { Cause } from '../harness/vocabulary/finding.ts';
import type { Device } from '../harness/vocabulary/device.ts';
import type { Remedy, Verdict } from '../harness/vocabulary/verdict.ts';
import { renderDay } from './dates.ts';
import { SHORT_SECURITY } from './setting-words.ts';
import { softwareRemedy } from './software-remedies.ts';
import { type Situation, transitionHost, transitionHosts } from './situation.ts';

/** What the owner can do, most useful first. A transition host that has ended is never among it. */
export interface Remedies {
  readonly first: readonly string[];
  /** For a cause that the right setting cures: only when that did not help. */
  readonly otherwise: readonly string[];
}

export function remedyTexts(situation: Situation): Remedies {
  const { verdict } = situation;
  const { curable, replacing } = cureOf(verdict);
  const advice = adviceOf(situation);
  const others = [
    ...new Set(
      verdict.remedies
        .filter((r): r is Exclude<Remedy, 'setting'> => r !== 'setting' && (replacing || r !== 'replace'))
        .flatMap((remedy) => remedyText(situation, remedy) ?? []),
    ),
  ];
  return curable && advice.length > 0
    ? { first: advice, otherwise: others }
    : { first: [...advice, ...others], otherwise: [] };
}

/** The same as lines, numbered where there is more than one way. */
export function remedyLines(situation: Situation): readonly string[] {
  const { first, otherwise } = remedyTexts(situation);
  if (first.length + otherwise.length < 2) return [...first, ...otherwise];
  const number = (text: string, i: number) => `${i + 1}. ${text}`;
  const rest = otherwise.map((text, i) => number(text, i + first.length));
  return [...first.map(number), ...(rest.length === 0 ? [] : [OTHERWISE[situation.language], ...rest])];
}

const OTHERWISE = { de: 'Hilft das nicht:', en: 'If that does not help:' } as const;

/** Causes that the right setting cures, and whether a new device could help when it does not. */
const CURABLE: ReadonlyMap<Cause, { readonly replacing: boolean }> = new Map([
  ['auth-rejected', { replacing: false }],
  ['certificate-dates', { replacing: false }],
  ['intercepted', { replacing: false }],
  ['auth-missing', { replacing: true }],
  ['certificate-name', { replacing: true }],
  ['wrong-tls-mode', { replacing: true }],
]);

/** What stands in the way first decides. */
function cureOf({ causes: [cause] }: Verdict): { readonly curable: boolean; readonly replacing: boolean } {
  const cure = cause === undefined ? undefined : CURABLE.get(cause);
  return { curable: cure !== undefined, replacing: cure?.replacing ?? true };
}

/** What the cause itself asks for. A proven setting is shown itself; firmware is advised once, by its own remedy. */
function adviceOf({ verdict, device, language }: Situation): readonly string[] {
  const proven = verdict.verdict === 'works-after-change' && verdict.setting !== undefined;
  if (proven || verdict.verdict === 'works' || verdict.verdict === 'unknown') return [];
  const asks = verdict.remedies.includes('setting');
  if (!asks && !cureOf(verdict).curable && verdict.verdict !== 'fails-already') return [];
  const cause = verdict.causes.find((c) => CURABLE.has(c)) ?? verdict.causes[0];
  if (cause === undefined) return asks ? [anySetting(device?.kind, language)] : [];
  const { todo } = causeText(cause, device?.kind).customer[language];
  if (!verdict.remedies.includes('firmware')) return [todo];
  const rest = todo.split(/(?<=\.)\s+/).filter((sentence) => !UPDATE.test(sentence));
  return rest.length === 0 ? [] : [rest.join(' ')];
}

/** How the texts of causes advise an update, of a device and of software. */
const UPDATE = /firmware|neuere Version|newer version/i;

function anySetting(kind: Device['kind'] | undefined, language: Language): string {
  const software = softwareOf(kind);
  if (language === 'de') {
    const where = { device: 'am Gerät', system: 'im Mailprogramm', program: 'im Programm' }[software ?? 'device'];
    return `Ändern Sie die Einstellungen ${where}.`;
  }
  const where = { device: 'on the device', system: 'in the mail program', program: 'in the program' };
  return `Change the settings ${where[software ?? 'device']}.`;
}

/** Null where the way is closed, or makes no sense for the kind of thing. */
function remedyText(situation: Situation, remedy: Exclude<Remedy, 'setting'>): string | null {
  const { device, language } = situation;
  const software = device === undefined ? null : softwareOf(device.kind);
  // What was measured is told of whatever it was measured with; a transition server is entered in the same words.
  const asDevice = software === null || remedy === 'legacy-host' || (remedy === 'relay' && situation.verdict.relay);
  if (device === undefined || asDevice) return TEXTS[language][remedy](situation);
  return softwareRemedy(remedy, { device, verdict: situation.verdict, both: situation.both === true, language });
}

type Texts = Readonly<Record<Exclude<Remedy, 'setting'>, (s: Situation) => string | null>>;

const GERMAN: Texts = {
  firmware: ({ verdict }) =>
    verdict.update === undefined
      ? 'Suchen Sie beim Hersteller nach einem Firmware-Update und installieren Sie es.'
      : `Installieren Sie die Firmware ${verdict.update} oder eine neuere.`,
  'legacy-host': (s) => {
    const host = transitionHost(s);
    if (host === null) return null;
    const hosts = s.both === true ? transitionHosts(s) : null;
    return hosts === null
      ? `Tragen Sie für die Übergangszeit${until(s, ' (bis ', ')')} den Übergangsserver ${host} ein.`
      : `Tragen Sie für die Übergangszeit${until(s, ' (bis ', ')')} den Übergangsserver ein: zum Senden ${hosts.send}, zum Abrufen ${hosts.fetch}.`;
  },
  relay: (s) =>
    [
      `Lassen Sie ein anderes Gerät die E-Mails ${bySituation(s, 'weiterleiten', 'abrufen', 'weiterleiten und abrufen')}, zum Beispiel ein NAS oder einen kleinen Computer im Büro.`,
      ...measuredRelay(s),
    ].join(' '),
  'other-function': (s) =>
    bySituation(s, otherFunction(s), READ_ELSEWHERE.de, `${otherFunction(s)} ${READ_ELSEWHERE.de}`),
  replace: () => 'Ersetzen Sie das Gerät durch ein neueres, wenn Sie diese Funktion weiter brauchen.',
};

const ENGLISH: Texts = {
  firmware: ({ verdict }) =>
    verdict.update === undefined
      ? 'Look for a firmware update on the manufacturer’s site and install it.'
      : `Install firmware ${verdict.update} or newer.`,
  'legacy-host': (s) => {
    const host = transitionHost(s);
    if (host === null) return null;
    const hosts = s.both === true ? transitionHosts(s) : null;
    return hosts === null
      ? `For the transition period${until(s, ' (until ', ')')}, enter the transition server ${host}.`
      : `For the transition period${until(s, ' (until ', ')')}, enter the transition server: ${hosts.send} for sending, ${hosts.fetch} for fetching.`;
  },
  relay: (s) =>
    [
      `Let another device ${bySituation(s, 'pass the mail on', 'fetch the mail', 'pass the mail on and fetch it')}, for example a NAS or a small computer in the office.`,
      ...measuredRelay(s),
    ].join(' '),
  'other-function': (s) =>
    bySituation(s, otherFunction(s), READ_ELSEWHERE.en, `${otherFunction(s)} ${READ_ELSEWHERE.en}`),
  replace: () => 'Replace the device with a newer one if you still need this function.',
};

const TEXTS: Readonly<Record<Language, Texts>> = { de: GERMAN, en: ENGLISH };

/** The recipe that the lab's relay follows: for QA and support. Customers get it from support. */
export const RELAY_RECIPE = 'devices/containers/relay/README.md';

/** That it was tried and not only thought of, and what the device was told. */
function measuredRelay(s: Situation): readonly string[] {
  const { relay, emulated } = s.verdict;
  if (relay === undefined) return [];
  const { port, security } = relay;
  const entry = security === 'plaintext' ? null : SHORT_SECURITY[security][s.language];
  if (s.language === 'de') {
    const device = emulated ? 'einem nachgebildeten Gerät' : 'diesem Gerät';
    return [
      `Das haben wir mit ${device} geprüft: ${sends(s) ? 'Seine E-Mails kamen so verschlüsselt bei unserem Server an' : 'Es bekam seine E-Mails so verschlüsselt von unserem Server'}.`,
      `Tragen Sie am Gerät dann diesen kleinen Computer als Server ein, mit Port ${port} und ${entry ?? 'ohne Verschlüsselung im eigenen Netz'}. Benutzername und Passwort bleiben.`,
      'Die Anleitung bekommen Sie von unserem Support.',
    ];
  }
  const device = emulated ? 'an emulated device' : 'this device';
  return [
    `We tested this with ${device}: ${sends(s) ? 'its mail reached our server encrypted this way' : 'it got its mail from our server encrypted this way'}.`,
    `Then enter that small computer as the server in the device, with port ${port} and ${entry ?? 'no encryption inside your own network'}. User name and password stay.`,
    'Our support has the instructions.',
  ];
}

const READ_ELSEWHERE = {
  de: 'Lesen Sie die E-Mails auf einem anderen Gerät oder im Webmail.',
  en: 'Read the mail on another device or in webmail.',
} as const;

function bySituation(s: Situation, sending: string, fetching: string, both: string): string {
  return s.both === true ? both : sends(s) ? sending : fetching;
}

function sends(s: Situation): boolean {
  return s.verdict.direction === 'send';
}

function until(s: Situation, before: string, after: string): string {
  const last = s.schedule.legacyUntil;
  return last === undefined ? '' : `${before}${renderDay(last, s.language)}${after}`;
}

function otherFunction({ device, language }: Situation): string {
  const scans = device === undefined || ['mfp', 'printer', 'fax'].includes(device.kind);
  if (language === 'de') {
    return scans
      ? 'Nutzen Sie eine andere Funktion, zum Beispiel Scannen in einen Ordner statt „Scannen an E-Mail“.'
      : 'Nutzen Sie eine andere Funktion, zum Beispiel die App des Herstellers oder das Speichern auf einem NAS.';
  }
  return scans
    ? 'Use another function, for example scanning to a folder instead of scan to mail.'
    : 'Use another function, for example the manufacturer’s app or saving to a NAS.';
}
