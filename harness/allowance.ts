/** Lets each of many do only so much: a full purse at first, refilled steadily. */
export interface Allowance {
  /** Takes from the purse; false: there is not enough in it. */
  spend(who: string, cost?: number): boolean;
}

export interface AllowanceOptions {
  readonly purse: number;
  readonly perSecond: number;
  /** More at a time are not told apart: the one that was silent longest is forgotten. */
  readonly maxKnown?: number;
  /** In ms, monotonic. */
  readonly now?: () => number;
}

const MAX_KNOWN = 2_000;

/** A token bucket each. */
export function createAllowance(options: AllowanceOptions): Allowance {
  const { purse, perSecond, maxKnown = MAX_KNOWN, now = () => performance.now() } = options;
  const known = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    spend(who, cost = 1) {
      const at = now();
      const before = known.get(who);
      const left = before === undefined ? purse : Math.min(purse, before.left + ((at - before.at) / 1000) * perSecond);
      // Taken out and put in again: a Map keeps the order.
      known.delete(who);
      const isEnough = left >= cost;
      known.set(who, { left: isEnough ? left - cost : left, at });
      const [oldest] = known.keys();
      if (known.size > maxKnown && oldest !== undefined) known.delete(oldest);
      return isEnough;
    },
  };
}
