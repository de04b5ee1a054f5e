import type { Language } from '../harness/cause-texts.ts';
import type { Device, KINDS } from '../harness/vocabulary/device.ts';
import { isEmulated } from '../harness/vocabulary/emulated.ts';
import type { Bilingual, Direction } from '../harness/vocabulary/trial.ts';

/** Maker and model, the maker once, or left out where the file only says that there are many. */
export function deviceName(device: Named, language: Language = 'de'): string {
  const model = (language === 'en' ? device.modelEn : undefined) ?? device.model;
  const isSaid = model.toLowerCase().startsWith(device.vendor.toLowerCase());
  return isSaid || NO_MAKERS.has(device.vendor) ? model : `${device.vendor} ${model}`;
}

/** As much of a device file, a record or an index as a name needs. */
export interface Named extends Pick<Device, 'vendor' | 'model'> {
  readonly modelEn?: string | undefined;
}

const NO_MAKERS: ReadonlySet<string> = new Set(['Verschiedene Hersteller', 'Open Source']);

/** Emulated devices may stand before customers only while nothing else does, and then under the banner. */
export function shownToCustomers(devices: readonly Device[], sample: boolean): readonly Device[] {
  return sample ? devices : devices.filter((d) => !isEmulated(d));
}

export const DIRECTION_WORDS: Readonly<Record<Direction, Bilingual>> = {
  send: { de: 'Senden', en: 'Sending' },
  fetch: { de: 'Abrufen', en: 'Fetching' },
};

/** "Senden und Abrufen" */
export function directionsTitle(directions: readonly Direction[], language: Language): string {
  const [first = '', ...others] = directions.map((direction) => DIRECTION_WORDS[direction][language]);
  const and = language === 'de' ? ' und ' : ' and ';
  return [first, ...others.map((word) => (language === 'de' ? word : word.toLowerCase()))].join(and);
}

export function kindWord(kind: Device['kind'], language: Language): string {
  return KIND_WORDS[kind][language];
}

const KIND_WORDS: Readonly<Record<(typeof KINDS)[number], Bilingual>> = {
  mfp: { de: 'Multifunktionsdrucker', en: 'multifunction printer' },
  printer: { de: 'Drucker', en: 'printer' },
  fax: { de: 'Faxgerät', en: 'fax' },
  router: { de: 'Router', en: 'router' },
  firewall: { de: 'Firewall', en: 'firewall' },
  camera: { de: 'Netzwerkkamera', en: 'network camera' },
  nas: { de: 'NAS', en: 'NAS' },
  storage: { de: 'Speichersystem', en: 'storage system' },
  ups: { de: 'Notstromversorgung', en: 'UPS' },
  bmc: { de: 'Serverfernwartung', en: 'server management' },
  appliance: { de: 'Netzwerkgerät', en: 'appliance' },
  pbx: { de: 'Telefonanlage', en: 'telephone system' },
  doorstation: { de: 'Türstation', en: 'door station' },
  smarthome: { de: 'Smarthome-Zentrale', en: 'smart home hub' },
  'alarm-panel': { de: 'Alarmanlage', en: 'alarm panel' },
  plc: { de: 'Steuerung (SPS)', en: 'controller (PLC)' },
  'io-module': { de: 'Ein-/Ausgabemodul', en: 'I/O module' },
  os: { de: 'Betriebssystem', en: 'operating system' },
  'mail-program': { de: 'Mailprogramm', en: 'mail program' },
  'mail-server': { de: 'Mailserver', en: 'mail server' },
  'app-or-runtime': { de: 'App oder Programmierumgebung', en: 'app or runtime' },
  'tls-library': { de: 'Programmbibliothek', en: 'program library' },
};
