import { createAllowance as createPurses } from '../allowance.ts';

/** How many queries a source, and all sources together, may send. */
export interface Allowance {
  /** Whether one more query of this source is answered. */
  take(source: string): boolean;
}

/**
 * A device asks a few times for each mail; 20 a second is a loop. A source may save up for two seconds. A home network
 * has at most 254; forged ones push each other out and meet the total.
 */
const PER_SOURCE = { perSecond: 20, purse: 40, maxKnown: 1_024 } as const;
/** Ten sources that flood at a time do not take the machine's time from the rig. */
const IN_TOTAL = { perSecond: 200, purse: 400 } as const;

/** `now` in ms, monotonic. */
export function createAllowance(now: () => number = () => performance.now()): Allowance {
  const sources = createPurses({ ...PER_SOURCE, now });
  const total = createPurses({ ...IN_TOTAL, now });
  // A source that has used up its own share must not use up that of all.
  return { take: (source) => sources.spend(source) && total.spend('all') };
}
