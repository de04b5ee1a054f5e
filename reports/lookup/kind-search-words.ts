import type { Device } from '../../harness/vocabulary/device.ts';
import { kindWord } from '../device-words.ts';

/** What people call devices of a kind, beyond its name: a device is found by these words, and never shown with them. */
export function kindSearchWords(kind: Device['kind']): readonly string[] {
  return [kindWord(kind, 'de'), kindWord(kind, 'en'), ...(ALSO[kind]?.split(',') ?? [])];
}

const PRINTING = 'Drucker,Kopierer,Scanner,Scannen an E-Mail,Scan to Mail,printer,copier,scan2mail';

const ALSO: Readonly<Partial<Record<Device['kind'], string>>> = {
  mfp: `${PRINTING},Multifunktionsgerät,MFP,All-in-One,MFC`,
  printer: PRINTING,
  fax: 'Fax,Faxgerät,Internet-Fax',
  router: 'Router,Modem,WLAN-Router,DSL-Router,Internetbox',
  firewall: 'Firewall,UTM,Gateway',
  camera:
    'Kamera,IP-Kamera,IP-Cam,Webcam,Überwachungskamera,Netzwerkkamera,NVR,DVR,Rekorder,Recorder,camera,surveillance',
  nas: 'NAS,Netzwerkspeicher,Netzwerkfestplatte',
  storage: 'Storage,SAN,Speicher,RAID',
  ups: 'USV,UPS',
  bmc: 'BMC,IPMI,Fernwartung',
  pbx: 'Telefonanlage,TK-Anlage,PBX,Anrufbeantworter,Voicemail',
  doorstation: 'Türstation,Türsprechanlage,Klingel',
  smarthome: 'Smarthome,Smart Home,Hausautomation,Zentrale,CCU',
  'alarm-panel': 'Alarmanlage,Einbruchmeldeanlage',
  plc: 'SPS,PLC,Steuerung',
  os: 'Betriebssystem,operating system',
  'mail-program': 'Mailprogramm,E-Mail-Programm,Mail-App,mail client',
  'mail-server': 'Mailserver,Mail-Server,MTA,Smarthost',
  'app-or-runtime': 'App,Software,Programm,Kontaktformular,Webformular',
  'tls-library': 'Bibliothek,library',
};
