import type { DoorLimits } from './contract.ts';

/** Who may come in: bounded for each address, so that one device cannot take the others' place. */
export interface Gate {
  /** `false`: turn it away. Otherwise `leave` must follow once. */
  enter(address: string): boolean;
  leave(address: string): void;
}

const WINDOW_MS = 10_000;
/** Addresses that are remembered; an IPv6 device may have any number. */
const MAX_ADDRESSES = 4_096;

/** @param now ms, of a clock that only goes forward. */
export function createGate(
  limits: Pick<DoorLimits, 'openPerAddress' | 'newPerAddress'>,
  now: () => number = () => performance.now(),
): Gate {
  const visitors = new Map<string, { open: number; windowStartMs: number; inWindow: number }>();
  return {
    enter(address) {
      const at = now();
      const visitor = visitors.get(address) ?? { open: 0, windowStartMs: at, inWindow: 0 };
      if (at - visitor.windowStartMs >= WINDOW_MS) {
        visitor.windowStartMs = at;
        visitor.inWindow = 0;
      }
      visitor.inWindow += 1;
      visitors.delete(address);
      visitors.set(address, visitor);
      for (const [known, { open }] of visitors) {
        if (visitors.size <= MAX_ADDRESSES) break;
        if (open === 0) visitors.delete(known);
      }
      if (visitor.inWindow > limits.newPerAddress || visitor.open >= limits.openPerAddress) return false;
      visitor.open += 1;
      return true;
    },
    leave(address) {
      const visitor = visitors.get(address);
      if (visitor !== undefined) visitor.open -= 1;
    },
  };
}
