import type { Language } from '../harness/cause-texts.ts';
import type { Device } from '../harness/vocabulary/device.ts';
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

export function kindWord(kind: Kind, language: Language): string {
  return KIND_WORDS[kind].one[language];
}

/** In the plural, for headings. */
export function kindHeading(kind: Kind, language: Language): string {
  return KIND_WORDS[kind].many[language];
}

export function compareKinds(a: Kind, b: Kind): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b);
}

type Kind = Device['kind'];

interface KindWords {
  readonly one: Bilingual;
  readonly many: Bilingual;
}

/** In the order in which customers ask for them: what people have first, what only administrators know last. */
const KIND_WORDS: Readonly<Record<Kind, KindWords>> = {
  'mail-program': {
    one: { de: 'Mailprogramm', en: 'mail program' },
    many: { de: 'Mailprogramme und Apps', en: 'Mail programs and apps' },
  },
  os: {
    one: { de: 'Betriebssystem', en: 'operating system' },
    many: { de: 'Betriebssysteme', en: 'Operating systems' },
  },
  mfp: {
    one: { de: 'Multifunktionsdrucker', en: 'multifunction printer' },
    many: { de: 'Multifunktionsdrucker', en: 'Multifunction printers' },
  },
  printer: {
    one: { de: 'Drucker', en: 'printer' },
    many: { de: 'Drucker', en: 'Printers' },
  },
  fax: {
    one: { de: 'Faxgerät', en: 'fax' },
    many: { de: 'Faxgeräte', en: 'Fax machines' },
  },
  camera: {
    one: { de: 'Netzwerkkamera', en: 'network camera' },
    many: { de: 'Netzwerkkameras', en: 'Network cameras' },
  },
  router: {
    one: { de: 'Router', en: 'router' },
    many: { de: 'Router', en: 'Routers' },
  },
  nas: {
    one: { de: 'NAS', en: 'NAS' },
    many: { de: 'NAS', en: 'NAS' },
  },
  smarthome: {
    one: { de: 'Smarthome-Zentrale', en: 'smart home hub' },
    many: { de: 'Smarthome-Zentralen', en: 'Smart home hubs' },
  },
  pbx: {
    one: { de: 'Telefonanlage', en: 'telephone system' },
    many: { de: 'Telefonanlagen', en: 'Telephone systems' },
  },
  doorstation: {
    one: { de: 'Türstation', en: 'door station' },
    many: { de: 'Türstationen', en: 'Door stations' },
  },
  'alarm-panel': {
    one: { de: 'Alarmanlage', en: 'alarm panel' },
    many: { de: 'Alarmanlagen', en: 'Alarm panels' },
  },
  ups: {
    one: { de: 'Notstromversorgung', en: 'UPS' },
    many: { de: 'Notstromversorgungen', en: 'UPS' },
  },
  firewall: {
    one: { de: 'Firewall', en: 'firewall' },
    many: { de: 'Firewalls', en: 'Firewalls' },
  },
  storage: {
    one: { de: 'Speichersystem', en: 'storage system' },
    many: { de: 'Speichersysteme', en: 'Storage systems' },
  },
  appliance: {
    one: { de: 'Netzwerkgerät', en: 'appliance' },
    many: { de: 'Andere Netzwerkgeräte', en: 'Other network appliances' },
  },
  bmc: {
    one: { de: 'Serverfernwartung', en: 'server management' },
    many: { de: 'Fernwartung von Servern', en: 'Server management' },
  },
  plc: {
    one: { de: 'Steuerung (SPS)', en: 'controller (PLC)' },
    many: { de: 'Steuerungen (SPS)', en: 'Controllers (PLC)' },
  },
  'io-module': {
    one: { de: 'Ein-/Ausgabemodul', en: 'I/O module' },
    many: { de: 'Ein-/Ausgabemodule', en: 'I/O modules' },
  },
  'app-or-runtime': {
    one: { de: 'App oder Programmierumgebung', en: 'app or runtime' },
    many: { de: 'Programmierumgebungen und Webprogramme', en: 'Runtimes and web programs' },
  },
  'mail-server': {
    one: { de: 'Mailserver', en: 'mail server' },
    many: { de: 'Eigene Mailserver', en: 'Mail servers of your own' },
  },
  'tls-library': {
    one: { de: 'Programmbibliothek', en: 'program library' },
    many: { de: 'Programmbibliotheken', en: 'Program libraries' },
  },
};

// Keys of an object that has every kind: a new kind is asked for by the compiler and gets its place.
const ORDER: readonly string[] = Object.keys(KIND_WORDS);
