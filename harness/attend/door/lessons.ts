import type { Carried } from './carried.ts';
import type { Candidate, TieName, Traits } from './identify.ts';
import type { Ledger } from './ledger.ts';
import type { OpenPress } from './press.ts';
import { join, learn, NO_TRAITS } from './traits.ts';

/** More than the address or the time says so: what such a connection shows is the device's. */
export const SURE: ReadonlySet<TieName> = new Set(['ownPort', 'account', 'addressAndTraits']);

/** Tied to its press by such a tie, or by a person. */
export function isSure(ledger: Ledger, carried: Carried): boolean {
  return ledger.isSettled(carried) || SURE.has(ledger.tieOf(carried) ?? 'pressed');
}

/** What is known of a device by now. */
export function traitsOf(ledger: Ledger, device: string): Traits {
  const own = ledger.presses.flatMap((open) => (open.press.device === device ? inTime(open) : []));
  return own.reduce(learn, ledger.remembered.get(device) ?? NO_TRAITS);
}

/** Whom a connection may come from, `except` without what itself has taught: it would confirm itself. */
export function candidatesFor(ledger: Ledger, except: Carried | null): readonly Candidate[] {
  const devices = new Set([...ledger.remembered.keys(), ...ledger.presses.map(({ press }) => press.device)]);
  return [...devices].map((device): Candidate => {
    const open = ledger.waiting(device);
    const waits =
      open === undefined
        ? null
        : {
            port: open.press.endpoint.port,
            sinceMs: open.sinceMs,
            pressedMs: open.pressedMs,
            hasOwnPort: open.hasOwnPort,
          };
    return { device, traits: comparedWith(ledger, device, except), waits };
  });
}

/** The device is known by this, too. */
export function remember({ remembered }: Ledger, device: string, connections: readonly Carried[]): void {
  remembered.set(device, connections.reduce(learn, remembered.get(device) ?? NO_TRAITS));
}

/**
 * What a press teaches of its device: nothing that comes later, as that may be another's, and while it waits, nothing
 * from whoever has not said a word.
 */
export function inTime({ own, endedMs }: OpenPress): readonly Carried[] {
  return own.filter((carried) => (endedMs === null ? carried.hasSpoken : carried.facts.atMs <= endedMs));
}

/** Of a guess that is not judged yet nothing but the address, or one guess would confirm the next. */
function comparedWith(ledger: Ledger, device: string, except: Carried | null): Traits {
  let traits = ledger.remembered.get(device) ?? NO_TRAITS;
  for (const open of ledger.presses) {
    if (open.press.device !== device) continue;
    for (const carried of inTime(open)) {
      if (carried === except) continue;
      const isBelieved = open.endedMs !== null || isSure(ledger, carried);
      traits = isBelieved ? learn(traits, carried) : join(traits, { ...NO_TRAITS, addresses: [carried.facts.address] });
    }
  }
  return traits;
}
