/** Who connects time and again and is nobody that is asked. */
export interface Persistence {
  /** A connection from there is nobody's. */
  count(address: string): void;
  /** That somebody was pressed says nothing about a connection from there. */
  has(address: string): boolean;
}

/** A person who presses before the page knows of it does so once or twice, and the device tries again once or twice. */
const MANY = 8;
/** Of that many connections, in ms. */
const WITHIN_MS = 60_000;
/** Addresses that are remembered; an IPv6 device may have any number. */
const MAX_ADDRESSES = 4_096;

/** @param now ms, of a clock that only goes forward. */
export function createPersistence(now: () => number = () => performance.now()): Persistence {
  /** The newest of each address, in ms. */
  const arrivals = new Map<string, readonly number[]>();
  return {
    count(address) {
      const before = arrivals.get(address) ?? [];
      arrivals.delete(address);
      arrivals.set(address, [...before, now()].slice(-MANY));
      for (const oldest of arrivals.keys()) {
        if (arrivals.size <= MAX_ADDRESSES) break;
        arrivals.delete(oldest);
      }
    },
    has(address) {
      const known = arrivals.get(address) ?? [];
      return known.length === MANY && now() - (known[0] ?? 0) < WITHIN_MS;
    },
  };
}
