import { ENGLISH } from './cause-texts/english.ts';
import { EVIDENCE, type EvidenceText } from './cause-texts/evidence.ts';
import { GERMAN } from './cause-texts/german.ts';
import { softwareOf } from './cause-texts/software.ts';
import { SOFTWARE_ENGLISH } from './cause-texts/software-english.ts';
import { SOFTWARE_GERMAN } from './cause-texts/software-german.ts';
import type { Device } from './vocabulary/device.ts';
import type { Cause } from './vocabulary/finding.ts';
import type { Bilingual } from './vocabulary/trial.ts';

export type Language = keyof Bilingual;

/** What a customer reads about a cause. Whole sentences, except `name`. No date: reports add what depends on the day. */
export interface CustomerText {
  /** A few words, for tables and lists. */
  readonly name: string;
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

export interface CauseText {
  readonly customer: Readonly<Record<Language, CustomerText>>;
  readonly qa: EvidenceText;
}

/**
 * The texts of a cause. Each catalogue is a total map: a cause without its texts does not compile. Of an operating
 * system or a program they speak as of software; without a kind, as of a device.
 */
export function causeText(cause: Cause, kind?: Device['kind']): CauseText {
  const software = softwareOf(kind);
  const [de, en] = [GERMAN[cause], ENGLISH[cause]];
  const customer =
    software === null
      ? { de, en }
      : {
          de: { ...de, ...SOFTWARE_GERMAN[software][cause] },
          en: { ...en, ...SOFTWARE_ENGLISH[software][cause] },
        };
  return { customer, qa: EVIDENCE[cause] };
}
