import type { Language } from '../../harness/cause-texts.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';

type Kind = Device['kind'];

/** Kinds in the plural; in the order in which customers ask for them. */
export function kindHeading(kind: Kind, language: Language): string {
  return HEADINGS[kind][language];
}

/** What people have first, what only administrators know last. */
export function compareKinds(a: Kind, b: Kind): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b);
}

const HEADINGS: Readonly<Record<Kind, Bilingual>> = {
  'mail-program': { de: 'Mailprogramme und Apps', en: 'Mail programs and apps' },
  os: { de: 'Betriebssysteme', en: 'Operating systems' },
  mfp: { de: 'Multifunktionsdrucker', en: 'Multifunction printers' },
  printer: { de: 'Drucker', en: 'Printers' },
  fax: { de: 'Faxgeräte', en: 'Fax machines' },
  camera: { de: 'Netzwerkkameras', en: 'Network cameras' },
  router: { de: 'Router', en: 'Routers' },
  nas: { de: 'NAS', en: 'NAS' },
  smarthome: { de: 'Smarthome-Zentralen', en: 'Smart home hubs' },
  pbx: { de: 'Telefonanlagen', en: 'Telephone systems' },
  doorstation: { de: 'Türstationen', en: 'Door stations' },
  'alarm-panel': { de: 'Alarmanlagen', en: 'Alarm panels' },
  ups: { de: 'Notstromversorgungen', en: 'UPS' },
  firewall: { de: 'Firewalls', en: 'Firewalls' },
  storage: { de: 'Speichersysteme', en: 'Storage systems' },
  appliance: { de: 'Andere Netzwerkgeräte', en: 'Other network appliances' },
  bmc: { de: 'Fernwartung von Servern', en: 'Server management' },
  plc: { de: 'Steuerungen (SPS)', en: 'Controllers (PLC)' },
  'io-module': { de: 'Ein-/Ausgabemodule', en: 'I/O modules' },
  'app-or-runtime': { de: 'Programmierumgebungen und Webprogramme', en: 'Runtimes and web programs' },
  'mail-server': { de: 'Eigene Mailserver', en: 'Mail servers of your own' },
  'tls-library': { de: 'Programmbibliotheken', en: 'Program libraries' },
};

// Keys of an object that has every kind: a new kind is asked for by the compiler and gets its place.
const ORDER: readonly string[] = Object.keys(HEADINGS);
