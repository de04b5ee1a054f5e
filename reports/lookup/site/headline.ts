import type { VerdictWord } from '../../../harness/vocabulary/verdict.ts';
import { wasTried } from '../../basis-texts.ts';
import { type Situation, transitionEnded } from '../../situation.ts';
import { VERDICT_NAMES } from '../../verdict-texts.ts';
import { wordsOf } from './words.ts';

/** The verdict in a few words, as it is on the day. */
export function headline(situation: Situation): string {
  const { verdict, language } = situation;
  if (verdict.verdict === 'unknown' && wasTried(verdict)) return wordsOf(language).unclear;
  return VERDICT_NAMES[verdictOnDay(situation)][language];
}

/** Once the transition host has ended, "only through it" would send people to a host that is gone. */
export function verdictOnDay(situation: Situation): VerdictWord {
  const { verdict } = situation.verdict;
  return verdict === 'legacy-only' && transitionEnded(situation) ? 'stops-working' : verdict;
}
