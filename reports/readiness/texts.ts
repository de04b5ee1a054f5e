import type { Language } from '../../harness/cause-texts.ts';
import type { ChangeKind, Difference, Excuse, ExcuseFault, Reason } from '../../harness/vocabulary/comparison.ts';
import type { CriterionResult } from './judge-criteria.ts';
import type { Calendar } from './calendar.ts';
import { ENGLISH } from './texts-english.ts';
import { GERMAN } from './texts-german.ts';

/** Name, what is asked for, what was found. */
export interface CriterionText {
  readonly name: string;
  readonly required: string;
  readonly found: string;
}

/** The sentences of the page. Read by people who decide, not by people who test. */
export interface Texts {
  readonly title: string;
  asOf(day: string): string;
  /** Where the day stands; empty where no day of the change is known. */
  when(schedule: Calendar): readonly string[];
  readonly ready: string;
  readonly notReady: string;
  readonly readySince: string;
  readonly notReadySince: string;
  allMet(count: number): string;
  decides(name: string, found: string, required: string): string;
  alsoUnmet(names: readonly string[]): string;
  readonly columns: {
    readonly criteria: readonly [string, string, string, string];
    readonly counts: readonly [string, string, string, string];
    readonly owners: readonly [string, string, string, string];
    readonly rare: readonly [string, string, string, string];
    readonly changes: readonly [string, string, string, string];
    readonly proofs: readonly [string, string, string, string];
    readonly abort: readonly [string, string];
  };
  readonly met: string;
  readonly notMet: string;
  criterion(c: CriterionResult, modeName: (id: string) => string): CriterionText;
  readonly headings: Readonly<Record<Section, string>>;
  readonly coverage: Readonly<Record<'real' | 'emulated' | 'predicted' | 'claimed', string>>;
  readonly countsNote: string;
  readonly noReal: string;
  readonly unknownWord: string;
  readonly allAnswers: string;
  readonly noUnknown: string;
  readonly nothingBlocks: string;
  readonly withoutCause: string;
  readonly neverTested: string;
  more(count: number): string;
  devices(count: number): string;
  readonly rareIntro: string;
  readonly noRare: string;
  readonly rareUntested: string;
  readonly rareNoneTested: string;
  readonly notTested: string;
  testedOn(day: string, firmware: string): string;
  compared(name: string, kind: 'baseline' | 'run', day: string, run: string): string;
  readonly notCompared: string;
  readonly noChanges: string;
  changeCounts(open: number, accepted: number, added: number, missing: number): string;
  readonly changes: Readonly<Record<ChangeKind, string>>;
  readonly excuseFaults: Readonly<Record<ExcuseFault, string>>;
  excuse(excuse: Excuse, day: string): string;
  readonly open: string;
  rate(worked: number, asked: number): string;
  reason(reason: Reason['what']): string;
  /** In place of a value that there is none of. */
  readonly absent: string;
  /** Before what a list lost, and what it gained. */
  readonly lost: string;
  readonly gained: string;
  readonly otherOrder: string;
  found(difference: Difference['before'], cause: string | null): string;
  readonly noProof: string;
  proofBy(servers: string, day: string, ageDays: number): string;
  readonly asPolicySays: string;
  contradictions(sentences: readonly string[]): string;
  proofFacts(
    ports: number,
    accepted: string,
    refused: string,
    plaintext: readonly ('refused' | 'allowed')[],
    delivers: boolean,
  ): string;
  readonly abortIntro: string;
  readonly emulatedBanner: string;
  readonly emulatedIntro: string;
  readonly test: string;
  emulatedOpen(count: number): string;
  readonly evidence: string;
  readonly runRecords: string;
  readonly comparisonFile: string;
  readonly footer: string;
}

export type Section =
  | 'criteria'
  | 'counts'
  | 'unknown'
  | 'blocks'
  | 'rare'
  | 'changes'
  | 'proofs'
  | 'abort'
  | 'emulated';

export const TEXTS: Readonly<Record<Language, Texts>> = { de: GERMAN, en: ENGLISH };
