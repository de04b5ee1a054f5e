import { ENGLISH } from './cause-texts/english.ts';
import { EVIDENCE, type EvidenceText } from './cause-texts/evidence.ts';
import { GERMAN } from './cause-texts/german.ts';
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

/** The texts of a cause. Each catalogue is a total map: a cause without its texts does not compile. */
export function causeText(cause: Cause): CauseText {
  return { customer: { de: GERMAN[cause], en: ENGLISH[cause] }, qa: EVIDENCE[cause] };
}
