import type { Language } from '../../harness/cause-texts.ts';
import { softwareOf } from '../../harness/cause-texts/software.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Remedy } from '../../harness/vocabulary/verdict.ts';
import { renderDay } from '../dates.ts';
import type { Schedule } from '../phase.ts';
import { SHORT_SECURITY } from '../setting-words.ts';
import { type Situation, transitionHost } from '../situation.ts';
import type { Standing } from './standings.ts';

/** What the owner has to do, in a few words for a table; what customers read is in the FAQ. */
export function ownerAction(standing: Standing, schedule: Schedule, language: Language): string {
  const { word, verdict, device, expired } = standing;
  const words = WORDS[language];
  if (word === 'unknown') return expired ? words.testAgain : words.test;
  if (word === 'works') return words.nothing;
  if (word === 'fails-already') return words.repair;
  if (word === 'works-after-change' && verdict.setting !== undefined) {
    const { security, port } = verdict.setting;
    return words.set(SHORT_SECURITY[security][language], port);
  }
  if (word === 'works-after-update') return words.install(verdict.update ?? null, softwareOf(device?.kind) !== null);
  const remedies = verdict.remedies.filter((r) => r !== 'legacy-host');
  const first = verdict.relay !== undefined ? 'relay' : remedies[0];
  const later = first === undefined ? words.ask : remedyWords(first, standing, words);
  const situation: Situation = { verdict, device, schedule, language };
  const host = word === 'legacy-only' ? transitionHost(situation) : null;
  if (host === null) return later;
  const until = schedule.legacyUntil ?? verdict.until;
  return words.transition(host, until === undefined ? null : renderDay(until, language), later);
}

/** A program scans into no folder, and what is fetched can be read elsewhere. */
function remedyWords(remedy: Remedy, { verdict, device }: Standing, words: Words): string {
  const isSoftware = softwareOf(device?.kind) !== null;
  if (remedy === 'other-function') {
    if (isSoftware || verdict.direction === 'fetch') return words.webmail;
    return device === undefined || SCANNERS.has(device.kind) ? words.remedies[remedy] : words.app;
  }
  return (isSoftware ? words.software[remedy] : undefined) ?? words.remedies[remedy];
}

const SCANNERS: ReadonlySet<Device['kind']> = new Set(['mfp', 'printer', 'fax']);

interface Words {
  readonly nothing: string;
  readonly test: string;
  readonly testAgain: string;
  readonly repair: string;
  readonly ask: string;
  set(security: string, port: number): string;
  install(version: string | null, isSoftware: boolean): string;
  transition(host: string, until: string | null, later: string): string;
  readonly remedies: Readonly<Record<Remedy, string>>;
  readonly webmail: string;
  readonly app: string;
  readonly software: Readonly<Partial<Record<Remedy, string>>>;
}

const WORDS: Readonly<Record<Language, Words>> = {
  de: {
    nothing: 'nichts',
    test: 'im Labor prüfen',
    testAgain: 'erneut prüfen: Das Ergebnis ist abgelaufen',
    repair: 'Störung beheben, unabhängig von der Umstellung',
    ask: 'beim Hersteller nachfragen',
    set: (security, port) => `${security} auf Port ${port} einstellen`,
    install: (version, isSoftware) =>
      isSoftware
        ? `Update${version === null ? '' : ` auf ${version}`} installieren`
        : `Firmware${version === null ? ' aktualisieren' : ` ${version} installieren`}`,
    transition: (host, until, later) =>
      `${host} eintragen${until === null ? '' : ` (nur bis ${until})`}; danach ${later}`,
    remedies: {
      setting: 'Einstellungen ändern',
      firmware: 'beim Hersteller nach einem Update suchen',
      'legacy-host': 'Übergangsserver eintragen',
      relay: 'E-Mails über ein NAS oder einen kleinen Computer weiterleiten',
      'other-function': 'eine andere Funktion nutzen, etwa in einen Ordner scannen',
      replace: 'Gerät ersetzen',
    },
    webmail: 'Webmail oder ein anderes Gerät nutzen',
    app: 'die App des Herstellers nutzen oder auf einem NAS speichern',
    software: { firmware: 'nach einem Update suchen', replace: 'durch ein neueres Programm ersetzen' },
  },
  en: {
    nothing: 'nothing',
    test: 'test in the lab',
    testAgain: 'test again: the result has expired',
    repair: 'repair; has nothing to do with the change',
    ask: 'ask the manufacturer',
    set: (security, port) => `set ${security} on port ${port}`,
    install: (version, isSoftware) =>
      isSoftware
        ? `install the update${version === null ? '' : ` to ${version}`}`
        : version === null
          ? 'update the firmware'
          : `install firmware ${version}`,
    transition: (host, until, later) => `enter ${host}${until === null ? '' : ` (only until ${until})`}; then ${later}`,
    remedies: {
      setting: 'change the settings',
      firmware: 'look for an update on the manufacturer’s site',
      'legacy-host': 'enter the transition server',
      relay: 'pass the mail on through a NAS or a small computer',
      'other-function': 'use another function, such as scanning to a folder',
      replace: 'replace the device',
    },
    webmail: 'use webmail or another device',
    app: 'use the manufacturer’s app or save to a NAS',
    software: { firmware: 'look for an update', replace: 'replace it with a newer program' },
  },
};
