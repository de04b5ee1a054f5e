import type { Language } from '../../harness/cause-texts.ts';
import { causeText } from '../../harness/cause-texts.ts';
import type { Condition, Source } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Security } from '../../harness/vocabulary/trial.ts';
import { renderDay } from '../dates.ts';
import { SHORT_SECURITY } from '../setting-words.ts';

/** What sources tell of a device beyond its verdict: where the settings are, its words, its errors, its traces. */
export function renderFacts(device: Device, language: Language, systemName: (id: string) => string): readonly string[] {
  const words = WORDS[language];
  const { menus, errors, recognition, notes } = device;
  const terms = SECURITIES.flatMap((security) => {
    const word = device.words[security];
    return word === undefined ? [] : [`  - „${word}“: ${securityText(security, language)}`];
  });
  const traces = [
    ...(recognition?.ehlo ?? []).map((name) => `  - EHLO ${name}`),
    ...(recognition?.mailer ?? []).map((name) => `  - X-Mailer: ${name}`),
    ...(recognition?.otherwise ?? []).map((hint) => `  - ${hint[language]}`),
  ];
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [
      words.menus,
      menus.map(
        (m) =>
          `  - ${conditionText(m.when, language, systemName)}${m.path[language]} [${sourceText(m.source, language)}]`,
      ),
    ],
    [words.terms, terms],
    [
      words.errors,
      errors.map((e) => {
        const causes = e.causes.map((c) => causeText(c, device.kind).customer[language].name).join(', ');
        return `  - „${e.text}“: ${e.means[language]}${causes === '' ? '' : ` (${causes})`} [${sourceText(e.source, language)}]`;
      }),
    ],
    [words.traces, traces],
    [words.notes, notes === undefined ? [] : [`  ${notes[language]}`]],
  ];
  return sections.flatMap(([title, lines]) => (lines.length === 0 ? [] : ['', `${title}:`, ...lines]));
}

/** With its day: it ages, and a source that was found stale says so. */
export function sourceText({ title, url, date, confidence }: Source, language: Language): string {
  return `${CONFIDENCE[language][confidence]}: ${title}, ${renderDay(date, language)}, ${url}`;
}

/** "Firmware >=6.20 <7, Windows 7: ", or nothing. */
export function conditionText(
  when: Condition | undefined,
  language: Language,
  systemName: (id: string) => string,
): string {
  const parts = [
    ...(when?.os === undefined ? [] : [systemName(when.os)]),
    ...(when?.firmware === undefined ? [] : [`${WORDS[language].version} ${when.firmware}`]),
  ];
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}

function securityText(security: Security, language: Language): string {
  return security === 'plaintext' ? WORDS[language].plaintext : SHORT_SECURITY[security][language];
}

const SECURITIES: readonly Security[] = ['implicit', 'starttls', 'opportunistic', 'plaintext'];

const CONFIDENCE = {
  de: { 'vendor-documented': 'Hersteller', 'third-party-documented': 'andere Quelle', forum: 'Forum' },
  en: { 'vendor-documented': 'manufacturer', 'third-party-documented': 'another source', forum: 'forum' },
} as const;

const WORDS = {
  de: {
    version: 'Version',
    plaintext: 'unverschlüsselt',
    menus: 'Wo die Einstellungen stehen',
    terms: 'So heißt die Verschlüsselung dort',
    errors: 'Fehlermeldungen',
    traces: 'Woran man es in Protokollen erkennt',
    notes: 'Hinweis',
  },
  en: {
    version: 'version',
    plaintext: 'unencrypted',
    menus: 'Where the settings are',
    terms: 'What encryption is called there',
    errors: 'Error messages',
    traces: 'How to recognise it in logs',
    notes: 'Note',
  },
} as const;
