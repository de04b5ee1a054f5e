/** Lets each of many do only so much: a full purse at first, refilled steadily. Forgets those that have a full one. */
export interface Allowance {
  /** Takes from the purse; false: there is not enough in it. */
  spend(who: string, cost?: number): boolean;
}

export interface AllowanceOptions {
  readonly purse: number;
  readonly perSecond: number;
  readonly now?: () => number;
}

/** More at a time are not told apart: the oldest is forgotten. */
const MAX_KNOWN = 2_000;

/** A token bucket each. */
export function createAllowance({ purse, perSecond, now = () => performance.now() }: AllowanceOptions): Allowance {
  const known = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    spend(who, cost = 1) {
      const at = now();
      const before = known.get(who);
      const left = before === undefined ? purse : Math.min(purse, before.left + ((at - before.at) / 1000) * perSecond);
      known.delete(who);
      const isEnough = left >= cost;
      known.set(who, { left: isEnough ? left - cost : left, at });
      const [oldest] = known.keys();
      if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
      return isEnough;
    },
  };
}
