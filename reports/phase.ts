import type { Mode } from '../harness/vocabulary/mode.ts';

/**
 * Where a day stands: before the strict mode's date, on a day of trial outage, while legacy lasts, or after it.
 * `ended-early`: after legacy, on a day for which it had been announced.
 */
export type Phase = 'before' | 'trial' | 'transition' | 'ended-early' | 'after';

/** Days as YYYY-MM-DD. What the texts need to know about the provider's policies on the day they speak of. */
export interface Schedule {
  readonly phase: Phase;
  readonly asOf: string;
  /** First day on which strict holds. */
  readonly strictFrom?: string;
  readonly strict?: Mode;
  readonly legacy?: Mode;
  /** Last day of the transition hosts. */
  readonly legacyUntil?: string;
  /** The later last day that had been announced, where they end early. */
  readonly legacyAnnounced?: string;
  /** The transition hosts' last day has passed: never recommend them. Without a legacy mode that is not known: false. */
  readonly legacyEnded: boolean;
}

export function phaseOf(modes: readonly Mode[], asOf: Date): Phase {
  return scheduleOf(modes, asOf).phase;
}

/** Modes are known by their ids `strict` and `legacy`, as in the verdicts. */
export function scheduleOf(modes: readonly Mode[], asOf: Date): Schedule {
  const day = calendarDay(asOf);
  const strict = modes.find((m) => m.id === 'strict');
  const legacy = modes.find((m) => m.id === 'legacy');
  const legacyUntil = legacy?.dates.until;
  const legacyAnnounced = legacy?.dates.announcedUntil;
  const legacyEnded = legacyUntil !== undefined && day > legacyUntil;
  return {
    phase: phase(strict, day, legacyEnded, legacyAnnounced),
    asOf: day,
    legacyEnded,
    ...(strict && { strict }),
    ...(legacy && { legacy }),
    ...(strict?.dates.from !== undefined && { strictFrom: strict.dates.from }),
    ...(legacyUntil !== undefined && { legacyUntil }),
    ...(legacyAnnounced !== undefined && { legacyAnnounced }),
  };
}

function phase(strict: Mode | undefined, day: string, legacyEnded: boolean, announced: string | undefined): Phase {
  const from = strict?.dates.from;
  if (from !== undefined && day >= from) {
    if (!legacyEnded) return 'transition';
    return announced !== undefined && day <= announced ? 'ended-early' : 'after';
  }
  return strict?.dates.trials.includes(day) ? 'trial' : 'before';
}

/**
 * The provider's calendar: its days begin at midnight in Germany. A day given as YYYY-MM-DD (midnight UTC) is that
 * same day there, summer and winter. `Intl` would take 26 ms for its first answer, on a telephone many times as much.
 */
function calendarDay(date: Date): string {
  const aheadHours = isSummer(date) ? 2 : 1;
  return new Date(date.getTime() + aheadHours * HOUR_MS).toISOString().slice(0, 10);
}

const HOUR_MS = 3_600_000;

/** Directive 2000/84/EC, articles 2 and 3: from 01:00 UTC on the last Sunday of March to that of October. */
function isSummer(date: Date): boolean {
  const year = date.getUTCFullYear();
  const isBetween = (from: number, until: number) => date.getTime() >= from && date.getTime() < until;
  return isBetween(lastSunday(year, 2), lastSunday(year, 9));
}

/** 01:00 UTC on the last Sunday of a month of 31 days, counted from 0. */
function lastSunday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month, 31, 1));
  return last.setUTCDate(31 - last.getUTCDay());
}
