import type { Language } from '../../harness/cause-texts.ts';
import { causeText } from '../../harness/cause-texts.ts';
import type { Condition } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Security } from '../../harness/vocabulary/trial.ts';
import { SHORT_SECURITY } from '../setting-words.ts';
import type { Facts } from './choose-facts.ts';
import type { Footnotes } from './footnotes.ts';
import { rangeWords } from './site/range-words.ts';
import { wordsOf } from './site/words.ts';

/** What sources tell of a device beyond its verdict: where the settings are, its words, its traces. */
export function renderFacts(
  { notes }: Device,
  { menus, recognition, words: own }: Facts,
  footnotes: Footnotes,
  language: Language,
  systemName: (id: string) => string,
): readonly string[] {
  const words = WORDS[language];
  const terms = SECURITIES.flatMap((security) => {
    const word = own[security];
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
        (m) => `  - ${conditionText(m.when, language, systemName)}${m.path[language]} ${footnotes.mark(m.source)}`,
      ),
    ],
    [words.terms, terms],
    [words.notes, notes === undefined ? [] : [`  ${notes[language]}`]],
    [words.traces, traces],
  ];
  return sections.flatMap(([title, lines]) => (lines.length === 0 ? [] : ['', `${title}:`, ...lines]));
}

/** Asked for, they come before what sources say. */
export function renderErrors(
  { kind }: Device,
  { errors }: Facts,
  footnotes: Footnotes,
  language: Language,
): readonly string[] {
  if (errors.length === 0) return [];
  const lines = errors.map(({ text, means, causes, source }) => {
    const names = causes.map((c) => causeText(c, kind).customer[language].name).join(', ');
    return `  - „${text}“: ${means[language]}${names === '' ? '' : ` (${names})`} ${footnotes.mark(source)}`;
  });
  return ['', `${WORDS[language].errors}:`, ...lines];
}

/** "Windows 7, Version ab 6.20, älter als 7: ", or nothing. */
export function conditionText(
  when: Condition | undefined,
  language: Language,
  systemName: (id: string) => string,
): string {
  const parts = [
    ...(when?.os === undefined ? [] : [systemName(when.os)]),
    ...(when?.firmware === undefined
      ? []
      : [`${WORDS[language].version} ${rangeWords(when.firmware, wordsOf(language))}`]),
  ];
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}

function securityText(security: Security, language: Language): string {
  return security === 'plaintext' ? WORDS[language].plaintext : SHORT_SECURITY[security][language];
}

const SECURITIES: readonly Security[] = ['implicit', 'starttls', 'opportunistic', 'plaintext'];

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
