import type { Language } from '../../harness/cause-texts.ts';
import type { Cause } from '../../harness/vocabulary/finding.ts';
import type { VerdictWord } from '../../harness/vocabulary/verdict.ts';
import type { Schedule } from '../phase.ts';
import { ownerAction } from './owner-action.ts';
import type { Standing } from './standings.ts';

/** Devices that need the same done for the same cause. */
export interface OwnerGroup {
  readonly word: VerdictWord;
  /** The first that stands in the way; undefined: none was named. */
  readonly cause: Cause | undefined;
  readonly action: string;
  readonly standings: readonly Standing[];
}

/** What needs somebody's hand, by what it means for the day: first what has no way left, the most devices first. */
export function ownerGroups(
  standings: readonly Standing[],
  words: readonly VerdictWord[],
  schedule: Schedule,
  language: Language,
): readonly OwnerGroup[] {
  return words.flatMap((word) => {
    const own = standings.filter((s) => s.word === word);
    const groups = Map.groupBy(own, (s) => JSON.stringify([s.verdict.causes[0], ownerAction(s, schedule, language)]));
    return [...groups.values()]
      .flatMap((same): readonly OwnerGroup[] => {
        const [first] = same;
        if (first === undefined) return [];
        const action = ownerAction(first, schedule, language);
        return [{ word, cause: first.verdict.causes[0], action, standings: same }];
      })
      .sort((a, b) => b.standings.length - a.standings.length);
  });
}
