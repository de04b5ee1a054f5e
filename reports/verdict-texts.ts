import { type Language } from '../harness/cause-texts.ts';
import { softwareOf } from '../harness/cause-texts/software.ts';
import type { Device } from '../harness/vocabulary/device.ts';
import type { Bilingual } from '../harness/vocabulary/trial.ts';
import type { Verdict, VerdictWord } from '../harness/vocabulary/verdict.ts';
import { wasTried } from './basis-texts.ts';
import { type Situation, transitionEnded } from './situation.ts';
import { early, type Facts, factsOf } from './verdict-facts.ts';

/** What the verdict means to the owner on the day the schedule speaks of. Whole sentences. */
export function verdictText(situation: Situation): string {
  const { language, verdict } = situation;
  const say = language === 'de' ? GERMAN : ENGLISH;
  return say[verdict.verdict](factsOf(situation)).join(' ');
}

/**
 * The verdict in a few words, as it is on the day and for the kind of thing: nothing names a transition server that has
 * ended, a program has no firmware, and what was tried without an answer is not called untested.
 */
export function verdictName(situation: Situation): string {
  const { verdict, device, language } = situation;
  if (verdict.verdict === 'unknown' && wasTried(verdict)) return UNCLEAR[language];
  return wordName(verdictOnDay(situation), device?.kind, language);
}

/** For lists that hold a word only, as it is on the day: see `verdictOnDay`. */
export function wordName(word: VerdictWord, kind: Device['kind'] | undefined, language: Language): string {
  const software = softwareOf(kind) !== null;
  return (word === 'works-after-update' && software ? SOFTWARE_UPDATE : VERDICT_NAMES[word])[language];
}

/** Once the transition server has ended, what needed it has stopped. */
export function verdictOnDay(situation: Situation): VerdictWord {
  const { verdict } = situation.verdict;
  return verdict === 'legacy-only' && transitionEnded(situation) ? 'stops-working' : verdict;
}

/** A few words for lists of all verdicts; of one verdict on a day, `verdictName` knows more. */
export const VERDICT_NAMES: Readonly<Record<VerdictWord, Bilingual>> = {
  works: { de: 'funktioniert weiter', en: 'keeps working' },
  'works-after-change': { de: 'nach Änderung der Einstellungen', en: 'after a change of settings' },
  'works-after-update': { de: 'nach Firmware-Update', en: 'after a firmware update' },
  'legacy-only': { de: 'nur noch über den Übergangsserver', en: 'only through the transition server' },
  'stops-working': { de: 'keine E-Mails mehr über unsere Server', en: 'no more mail through our servers' },
  'fails-already': { de: 'Störung unabhängig von der Umstellung', en: 'trouble not caused by the change' },
  unknown: { de: 'noch nicht geprüft', en: 'not tested yet' },
};

const SOFTWARE_UPDATE: Bilingual = { de: 'nach einem Update', en: 'after an update' };
const UNCLEAR: Bilingual = { de: 'noch ohne klares Ergebnis', en: 'no clear result yet' };

export const CONFIDENCE_TEXTS: Readonly<Record<Verdict['confidence'], Bilingual>> = {
  confirmed: { de: 'bestätigt', en: 'confirmed' },
  suspected: { de: 'wahrscheinlich', en: 'likely' },
};

type Sentences = (f: Facts) => readonly string[];

const GERMAN: Readonly<Record<VerdictWord, Sentences>> = {
  works: (f) => [
    early(f)
      ? `Funktioniert weiter: Das ${f.noun} kann auch nach der Umstellung E-Mails ${f.act}.`
      : 'Funktioniert weiter.',
    f.claimed
      ? 'Voraussetzung: Für den Server ist SSL/TLS oder STARTTLS eingestellt. Dann müssen Sie nichts tun.'
      : 'Sie müssen nichts tun.',
  ],
  'works-after-change': (f) => [
    `Funktioniert nach Änderung der Einstellungen ${early(f) ? 'weiter' : 'wieder'}.`,
    ...deadlineDe(f, 'Ändern Sie die Einstellungen'),
  ],
  'works-after-update': (f) => [
    `Funktioniert nach einem ${f.software === null ? 'Firmware-Update' : 'Update'}${versionOf(f, ' auf', 'Version')} ${early(f) ? 'weiter' : 'wieder'}.`,
    ...deadlineDe(f, 'Installieren Sie das Update'),
  ],
  'legacy-only': (f) => {
    if (f.ended) return [stopsDe(f), endedDe(f), restDe(f)];
    const until = f.until === null ? 'für eine Übergangszeit' : `nur bis ${f.until}`;
    const secured =
      f.encrypted === false
        ? `Die Verbindung ist dort unverschlüsselt: ${ownPasswordDe(f)}`
        : `Die Verbindung bleibt dort verschlüsselt, aber ${f.oldVersion ? 'mit einer veralteten TLS-Version' : 'nach einem veralteten Verfahren'}.`;
    return [
      ...trialDe(f),
      `Das ${f.noun} kann ${sinceDe(f)} E-Mails nur noch über den Übergangsserver${f.byTransition}, und das ${until}.`,
      secured,
    ];
  },
  'stops-working': (f) => [
    ...trialDe(f),
    stopsDe(f),
    ...(!f.transition
      ? []
      : [
          f.openTransition
            ? 'Mit eingeschalteter Verschlüsselung hilft auch der Übergangsserver nicht.'
            : 'Auch der Übergangsserver hilft hier nicht.',
        ]),
    restDe(f),
  ],
  'fails-already': (f) => [
    `Die Störung besteht unabhängig von der Umstellung: Das ${f.noun} kann auch ohne sie keine E-Mails ${f.actThere}.`,
  ],
  unknown: (f) => [f.tested ? 'Noch nicht abschließend geprüft.' : 'Noch nicht geprüft.'],
};

const ENGLISH: Readonly<Record<VerdictWord, Sentences>> = {
  works: (f) => [
    early(f) ? `Keeps working: the ${f.noun} can ${f.act} mail after the change too.` : 'Keeps working.',
    f.claimed
      ? 'This requires SSL/TLS or STARTTLS to be set for the server. Then you need not do anything.'
      : 'You need not do anything.',
  ],
  'works-after-change': (f) => [
    `Works ${early(f) ? '' : 'again '}after a change of settings.`,
    ...deadlineEn(f, 'Change the settings'),
  ],
  'works-after-update': (f) => [
    `Works ${early(f) ? '' : 'again '}after ${f.software === null ? 'a firmware update' : 'an update'}${versionOf(f, ' to', 'version')}.`,
    ...deadlineEn(f, 'Install the update'),
  ],
  'legacy-only': (f) => {
    if (f.ended) return [stopsEn(f), endedEn(f), restEn(f)];
    const until = f.until === null ? 'for a transition period' : `only until ${f.until}`;
    const secured =
      f.encrypted === false
        ? `The connection is unencrypted there: ${ownPasswordEn(f)}`
        : `The connection stays encrypted there, but with an outdated ${f.oldVersion ? 'TLS version' : 'method'}.`;
    return [
      ...trialEn(f),
      `${sinceEn(f)} the ${f.noun} can ${f.act} mail only through the transition server${f.byTransition}, and ${until}.`,
      secured,
    ];
  },
  'stops-working': (f) => [
    ...trialEn(f),
    stopsEn(f),
    ...(!f.transition
      ? []
      : [
          f.openTransition
            ? 'With encryption switched on, the transition server does not help either.'
            : 'The transition server does not help here either.',
        ]),
    restEn(f),
  ],
  'fails-already': (f) => [
    `The trouble is not caused by the change: even without it the ${f.noun} cannot ${f.actThere}.`,
  ],
  unknown: (f) => [f.tested ? 'Not fully tested yet.' : 'Not tested yet.'],
};

function restDe(f: Facts): string {
  return `Die übrigen Funktionen des ${f.noun}s bleiben.`;
}

function restEn(f: Facts): string {
  return `Everything else ${f.software === null ? 'on' : 'in'} the ${f.noun} keeps working.`;
}

/** A device sends from a mailbox of its own as well as from any; in a program people read the mailbox that they have. */
function ownPasswordDe({ software }: Facts): string {
  return software === null
    ? 'Legen Sie für das Gerät ein eigenes Postfach mit eigenem Passwort an.'
    : 'Geben Sie dem Postfach ein Passwort, das Sie sonst nirgends verwenden.';
}

function ownPasswordEn({ software }: Facts): string {
  return software === null
    ? 'create a separate mailbox for the device with its own password.'
    : 'give the mailbox a password that you use nowhere else.';
}

/** Devices have versions; of software the source names the product, too: "PHPMailer 5.2.15". */
function versionOf({ software, update }: Facts, before: string, version: string): string {
  if (update === null) return '';
  return software === null || /^\d/.test(update) ? `${before} ${version} ${update}` : `${before} ${update}`;
}

function sinceDe(f: Facts): string {
  if (f.from === null) return 'nach der Umstellung';
  return `${early(f) ? 'ab dem' : 'seit dem'} ${f.from}`;
}

function sinceEn(f: Facts): string {
  if (f.from === null) return 'After the change';
  return `${early(f) ? 'From' : 'Since'} ${f.from}`;
}

function stopsDe(f: Facts): string {
  return `Das ${f.noun} kann ${sinceDe(f)} keine E-Mails mehr ${f.actThere}.`;
}

function stopsEn(f: Facts): string {
  return `${sinceEn(f)} the ${f.noun} can no longer ${f.actThere}.`;
}

function endedDe(f: Facts): string {
  return f.until === null
    ? 'Den Übergangsserver gibt es nicht mehr.'
    : `Den Übergangsserver gab es nur bis ${f.until}.`;
}

function endedEn(f: Facts): string {
  return f.until === null ? 'The transition server is gone.' : `The transition server ended on ${f.until}.`;
}

function trialDe(f: Facts): readonly string[] {
  return f.phase === 'trial'
    ? [`Heute ist eine angekündigte Testabschaltung: Das ${f.noun} ist schon heute betroffen.`]
    : [];
}

function trialEn(f: Facts): readonly string[] {
  return f.phase === 'trial'
    ? [`Today is an announced trial of the change: the ${f.noun} is affected today already.`]
    : [];
}

function deadlineDe(f: Facts, order: string): readonly string[] {
  return early(f) && f.from !== null ? [`${order} vor dem ${f.from}.`] : [`${order} jetzt.`];
}

function deadlineEn(f: Facts, order: string): readonly string[] {
  return early(f) && f.from !== null ? [`${order} before ${f.from}.`] : [`${order} now.`];
}
