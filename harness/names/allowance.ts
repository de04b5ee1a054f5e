/** How many queries a source, and all sources together, may send. */
export interface Allowance {
  /** Whether one more query of this source is answered. */
  take(source: string): boolean;
}

/** A device asks a few times for each mail; 20 a second is a loop. A source may save up for two seconds. */
const PER_SOURCE = { perSecond: 20, atMost: 40 } as const;
/** Ten sources that flood at a time do not take the machine's time from the rig. */
const IN_TOTAL = { perSecond: 200, atMost: 400 } as const;
/** Sources remembered: a home network has at most 254; forged ones push each other out and meet the total. */
const SOURCES = 1_024;

/** `now` in ms, monotonic. */
export function createAllowance(now: () => number = () => performance.now()): Allowance {
  const total = createBucket(IN_TOTAL, now);
  const sources = new Map<string, Bucket>();
  return {
    take(source) {
      const own = sources.get(source) ?? createBucket(PER_SOURCE, now);
      // Taken out and put in again: a Map keeps the order, so the one that was silent longest comes first.
      sources.delete(source);
      sources.set(source, own);
      const [oldest] = sources.keys();
      if (sources.size > SOURCES && oldest !== undefined) sources.delete(oldest);
      // A source that has used up its own share must not use up that of all.
      return own.take() && total.take();
    },
  };
}

interface Bucket {
  take(): boolean;
}

function createBucket(
  { perSecond, atMost }: { readonly perSecond: number; readonly atMost: number },
  now: () => number,
): Bucket {
  let left: number = atMost;
  let filledMs = now();
  return {
    take() {
      const atMs = now();
      left = Math.min(atMost, left + ((atMs - filledMs) / 1000) * perSecond);
      filledMs = atMs;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
