import type { Language } from '../harness/cause-texts.ts';
import { softwareOf } from '../harness/cause-texts/software.ts';
import type { Device } from '../harness/vocabulary/device.ts';
import type { Bilingual, Protocol, Security, Setting } from '../harness/vocabulary/trial.ts';

/** Encryption as devices word it: many say just "SSL" or just "TLS". */
export const SECURITY_WORDS: Readonly<Record<Security, Bilingual>> = {
  implicit: { de: 'SSL/TLS (am Gerät oft nur „SSL“)', en: 'SSL/TLS (on the device often just “SSL”)' },
  starttls: { de: 'STARTTLS (am Gerät oft nur „TLS“)', en: 'STARTTLS (on the device often just “TLS”)' },
  plaintext: { de: 'keine (unverschlüsselt)', en: 'none (unencrypted)' },
  opportunistic: { de: '„TLS, falls verfügbar“', en: '“TLS if available”' },
};

/** The same of a program or of what runs on an operating system. */
const SOFTWARE_SECURITY_WORDS: Readonly<Record<Security, Bilingual>> = {
  ...SECURITY_WORDS,
  implicit: { de: 'SSL/TLS (im Programm oft nur „SSL“)', en: 'SSL/TLS (in the program often just “SSL”)' },
  starttls: { de: 'STARTTLS (im Programm oft nur „TLS“)', en: 'STARTTLS (in the program often just “TLS”)' },
};

/** For titles and cells of QA's reports. */
export const SHORT_SECURITY: Readonly<Record<Security, Bilingual>> = {
  implicit: { de: 'SSL/TLS', en: 'SSL/TLS' },
  starttls: { de: 'STARTTLS', en: 'STARTTLS' },
  plaintext: { de: 'unverschlüsselt', en: 'unencrypted' },
  opportunistic: { de: 'TLS, falls verfügbar', en: 'TLS if available' },
};

export const SERVER_WORDS: Readonly<Record<Protocol, Bilingual>> = {
  smtp: { de: 'Postausgangsserver (SMTP)', en: 'Outgoing mail server (SMTP)' },
  imap: { de: 'Posteingangsserver (IMAP)', en: 'Incoming mail server (IMAP)' },
  pop3: { de: 'Posteingangsserver (POP3)', en: 'Incoming mail server (POP3)' },
};

export interface SettingRow {
  readonly kind: 'menu' | 'host' | 'port' | 'encryption';
  readonly label: string;
  readonly value: string;
}

/** What the owner types in, in the order in which devices ask for it. Without a kind it is a device. */
export function settingRows(
  setting: Setting,
  host: string | null,
  language: Language,
  kind?: Device['kind'],
): readonly SettingRow[] {
  const software = softwareOf(kind) !== null;
  const words = { ...LABELS[language], ...(software ? SOFTWARE_LABELS[language] : {}) };
  const encryption = software ? SOFTWARE_SECURITY_WORDS : SECURITY_WORDS;
  const menu = setting.menu?.[language];
  const way: readonly SettingRow[] = menu === undefined ? [] : [{ kind: 'menu', label: words.menu, value: menu }];
  const server: readonly SettingRow[] =
    host === null ? [] : [{ kind: 'host', label: SERVER_WORDS[setting.protocol][language], value: host }];
  const rest: readonly SettingRow[] = [
    { kind: 'port', label: words.port, value: String(setting.port) },
    { kind: 'encryption', label: words.encryption, value: encryption[setting.security][language] },
  ];
  return [...way, ...server, ...rest];
}

const LABELS = {
  de: { menu: 'Menü am Gerät', port: 'Port', encryption: 'Verschlüsselung' },
  en: { menu: 'Menu on the device', port: 'Port', encryption: 'Encryption' },
} as const;

const SOFTWARE_LABELS = { de: { menu: 'Menü im Programm' }, en: { menu: 'Menu in the program' } } as const;
