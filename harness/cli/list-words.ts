import type { Language } from '../cause-texts.ts';

/** What the columns and cells of a list that is given back say. */
export interface ListWords {
  readonly device: string;
  readonly send: string;
  readonly fetch: string;
  readonly cause: string;
  readonly enter: string;
  readonly basis: string;
  readonly testedOn: string;
  readonly evidence: string;
  readonly note: string;
  readonly sending: string;
  readonly fetching: string;
  readonly claimed: (verdict: string) => string;
  readonly emulated: (verdict: string) => string;
  readonly asks: Readonly<Record<'os' | 'firmware', string>>;
  readonly conflict: string;
  readonly silent: string;
  readonly update: (to: string) => string;
  readonly source: string;
  readonly notTested: string;
  readonly unknown: string;
  readonly notYet: string;
  readonly ofSeries: (id: string, name: string) => string;
  readonly unclear: (candidates: string) => string;
  readonly noSuchId: (id: string) => string;
  readonly unreadable: string;
  readonly otherFirmware: (tested: string, listed: string) => string;
  readonly nothingKnown: string;
}

export const LIST_WORDS: Readonly<Record<Language, ListWords>> = {
  de: {
    device: 'Gerät',
    send: 'Senden',
    fetch: 'Abrufen',
    cause: 'Ursache',
    enter: 'Einzutragen',
    basis: 'Grundlage',
    testedOn: 'Getestet am',
    evidence: 'Nachweis',
    note: 'Hinweis',
    sending: 'Senden',
    fetching: 'Abrufen',
    claimed: (verdict) => `laut Quelle: ${verdict}`,
    emulated: (verdict) => `${verdict} (nachgebildetes Gerät)`,
    asks: { os: 'laut Quelle: hängt vom System ab', firmware: 'laut Quelle: hängt von der Version ab' },
    conflict: 'laut Quelle: die Quellen widersprechen sich',
    silent: 'laut Quelle: keine Aussage zur Umstellung',
    update: (to) => `Update auf ${to}`,
    source: 'Quelle',
    notTested: 'nicht im Labor: nur Angaben von Quellen',
    unknown: 'nicht im Labor: noch nicht geprüft',
    notYet: 'im Labor, aber noch nicht geprüft',
    ofSeries: (id, name) => `Angaben gelten für die Reihe ${name} (${id}), nicht für dieses Modell allein`,
    unclear: (candidates) => `nicht eindeutig: ${candidates}; bitte die richtige Kennung in eine Spalte „id“ eintragen`,
    noSuchId: (id) => `kein Gerät hat die Kennung „${id}“`,
    unreadable: 'Zeile nicht lesbar',
    otherFirmware: (tested, listed) => `getestet mit Firmware ${tested}, in der Liste steht ${listed}`,
    nothingKnown: 'dieses Modell kennt niemand; `cutover devices import` legt eine Datei dafür an',
  },
  en: {
    device: 'Device',
    send: 'Sending',
    fetch: 'Fetching',
    cause: 'Cause',
    enter: 'What to enter',
    basis: 'Basis',
    testedOn: 'Tested on',
    evidence: 'Evidence',
    note: 'Note',
    sending: 'Sending',
    fetching: 'Fetching',
    claimed: (verdict) => `claimed: ${verdict}`,
    emulated: (verdict) => `${verdict} (emulated device)`,
    asks: { os: 'claimed: depends on the system', firmware: 'claimed: depends on the version' },
    conflict: 'claimed: sources contradict each other',
    silent: 'claimed: nothing about the change',
    update: (to) => `Update to ${to}`,
    source: 'Source',
    notTested: 'not in the lab: claimed only',
    unknown: 'not in the lab: not tested yet',
    notYet: 'in the lab, but not tested yet',
    ofSeries: (id, name) => `what is claimed is about the series ${name} (${id}), not about this model alone`,
    unclear: (candidates) => `unclear: ${candidates}; please write the right id into a column "id"`,
    noSuchId: (id) => `no device has the id "${id}"`,
    unreadable: 'row cannot be read',
    otherFirmware: (tested, listed) => `tested with firmware ${tested}, the list says ${listed}`,
    nothingKnown: 'nobody knows this model; `cutover devices import` makes a file for it',
  },
};
