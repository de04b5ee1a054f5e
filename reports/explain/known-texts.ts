import { DIALOGUE_TEXTS } from './dialogue-texts.ts';
import { ENCRYPTION_TEXTS } from './encryption-texts.ts';
import type { Cause } from '../../harness/vocabulary/finding.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';

/** An error text, and what it means for mail. Servers, libraries and protocols; what one device shows is in its file. */
export interface KnownText {
  readonly id: string;
  /** Lower case; the line holds all parts of one of these. Plain parts, no expressions: the text is a stranger's. */
  readonly holds: readonly (readonly string[])[];
  readonly means: Bilingual;
  /** Likeliest first. */
  readonly causes: readonly Cause[];
  /** `hints`: so common that it is only told where nothing else decides. */
  readonly weight: 'decides' | 'hints';
  /** `measured`: it stands in the logs and dialogues that our own trials left. Otherwise who says so. */
  readonly source: 'measured' | { readonly title: string; readonly url: string };
}

export const KNOWN_TEXTS: readonly KnownText[] = [...ENCRYPTION_TEXTS, ...DIALOGUE_TEXTS];
