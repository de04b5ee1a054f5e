/** The desk's clock as far as this page knows it. */
export interface Clock {
  /** ISO time that the desk has just sent. */
  set(now: string): void;
  /** Milliseconds since 1970, by the desk's clock. */
  now(): number;
}

/**
 * Counts on from what the desk said last. `steady` (milliseconds, any beginning) is not the tablet's clock, which may be
 * wrong and may be put right while the page is open.
 */
export function createClock(steady: () => number, fallback: number): Clock {
  let [base, at] = [fallback, steady()];
  return {
    set(now) {
      const parsed = Date.parse(now);
      if (!Number.isNaN(parsed)) [base, at] = [parsed, steady()];
    },
    now: () => base + (steady() - at),
  };
}

/** Minutes and seconds to go, "1:05"; null when the time is over. A second counts until it has passed. */
export function renderCountdown(until: string, now: number): string | null {
  const seconds = Math.ceil((Date.parse(until) - now) / 1_000);
  if (!(seconds > 0)) return null;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
