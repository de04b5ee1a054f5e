import { causeText, type Language } from '../harness/cause-texts.ts';
import type { Remedy } from '../harness/vocabulary/verdict.ts';
import { renderDay } from './dates.ts';
import { type Situation, transitionHost } from './situation.ts';

/** What the owner can do, most useful first. A transition host that has ended is never among them. */
export function remedyTexts(situation: Situation): readonly string[] {
  const texts = situation.verdict.remedies.flatMap((remedy) => TEXTS[situation.language][remedy](situation) ?? []);
  return [...new Set(texts)];
}

type Texts = Readonly<Record<Remedy, (s: Situation) => string | null>>;

const GERMAN: Texts = {
  setting: (s) => (provenSetting(s) ? null : (settingAdvice(s) ?? 'Ändern Sie die Einstellungen am Gerät.')),
  firmware: ({ verdict }) =>
    verdict.update === undefined
      ? 'Suchen Sie beim Hersteller nach einem Firmware-Update und installieren Sie es.'
      : `Installieren Sie die Firmware ${verdict.update} oder eine neuere.`,
  'legacy-host': (s) => {
    const host = transitionHost(s);
    if (host === null) return null;
    return `Tragen Sie für die Übergangszeit${until(s, ' (bis ', ')')} den Übergangsserver ${host} ein.`;
  },
  relay: (s) =>
    sends(s)
      ? 'Lassen Sie ein anderes Gerät die E-Mails weiterleiten, zum Beispiel ein NAS oder einen kleinen Computer im Büro.'
      : 'Lassen Sie ein anderes Gerät die E-Mails abrufen, zum Beispiel ein NAS oder einen kleinen Computer im Büro.',
  'other-function': (s) =>
    sends(s) ? otherFunction(s) : 'Lesen Sie die E-Mails auf einem anderen Gerät oder im Webmail.',
  replace: () => 'Ersetzen Sie das Gerät durch ein neueres, wenn Sie diese Funktion weiter brauchen.',
};

const ENGLISH: Texts = {
  setting: (s) => (provenSetting(s) ? null : (settingAdvice(s) ?? 'Change the settings on the device.')),
  firmware: ({ verdict }) =>
    verdict.update === undefined
      ? 'Look for a firmware update on the manufacturer’s site and install it.'
      : `Install firmware ${verdict.update} or newer.`,
  'legacy-host': (s) => {
    const host = transitionHost(s);
    if (host === null) return null;
    return `For the transition period${until(s, ' (until ', ')')}, enter the transition server ${host}.`;
  },
  relay: (s) =>
    sends(s)
      ? 'Let another device pass the mail on, for example a NAS or a small computer in the office.'
      : 'Let another device fetch the mail, for example a NAS or a small computer in the office.',
  'other-function': (s) => (sends(s) ? otherFunction(s) : 'Read the mail on another device or in webmail.'),
  replace: () => 'Replace the device with a newer one if you still need this function.',
};

const TEXTS: Readonly<Record<Language, Texts>> = { de: GERMAN, en: ENGLISH };

/** Then the settings themselves are shown. */
function provenSetting({ verdict }: Situation): boolean {
  return verdict.verdict === 'works-after-change' && verdict.setting !== undefined;
}

/** Without a proven setting: what the cause itself asks for. */
function settingAdvice({ verdict, language }: Situation): string | null {
  const [cause] = verdict.causes;
  return cause === undefined ? null : causeText(cause).customer[language].todo;
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
