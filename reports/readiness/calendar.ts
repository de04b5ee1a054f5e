import type { Language } from '../../harness/cause-texts.ts';
import { renderDay } from '../dates.ts';
import type { Phase, Schedule } from '../phase.ts';

/** The days that the page speaks of, as people read them. */
export interface Calendar {
  readonly phase: Phase;
  readonly change: string | null;
  /** Days until the change; negative: since. null: no day is known. */
  readonly daysLeft: number | null;
  readonly transitionUntil: string | null;
  readonly transitionEnded: boolean;
  /** What holds from then on. */
  readonly policy: string | null;
}

export function calendarOf(schedule: Schedule, language: Language): Calendar {
  const { phase, asOf, strict, strictFrom, legacyUntil, legacyEnded } = schedule;
  const day = (iso: string | undefined) => (iso === undefined ? null : renderDay(iso, language));
  return {
    phase,
    change: day(strictFrom),
    daysLeft: strictFrom === undefined ? null : Math.round((Date.parse(strictFrom) - Date.parse(asOf)) / DAY_MS),
    transitionUntil: day(legacyUntil),
    transitionEnded: legacyEnded,
    policy: strict === undefined ? null : strict.summary[language],
  };
}

const DAY_MS = 86_400_000;
