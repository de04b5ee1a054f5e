import type { Carried } from './carried.ts';
import { PRESSED_BEFORE_MS } from './identify.ts';
import type { Ledger } from './ledger.ts';
import { isSure } from './lessons.ts';
import type { OpenPress } from './press.ts';

/**
 * Somebody at another address speaks while a press is open that has nothing but a guess: either may be the device that
 * was pressed. Judging the first would blame the device for what a stranger did, so the press gives back what it has,
 * and the person says which it was, or presses again. Whoever came before it was pressed, or does so in a loop, is no
 * rival.
 */
export function disputeGuesses(ledger: Ledger, carried: Carried): void {
  const { facts, hasSpoken } = carried;
  if (!hasSpoken || facts.isPersistent === true || facts.ownPortOf !== null) return;
  for (const press of ledger.presses) {
    if (!isRival(ledger, press, carried)) continue;
    ledger.dispute(carried);
    // Copied: they go while it is read.
    const guesses = [...press.own];
    for (const guess of guesses) {
      ledger.dispute(guess);
      ledger.release(guess, press);
    }
  }
}

function isRival(
  ledger: Ledger,
  { press, own, pressedMs, endedMs, hasOwnPort }: OpenPress,
  { facts }: Carried,
): boolean {
  if (hasOwnPort || endedMs !== null || pressedMs === null || press.endpoint.port !== facts.port) return false;
  if (facts.atMs < pressedMs || !own.some((c) => ledger.isGuess(c))) return false;
  const isGuessed = own.every((c) => !isSure(ledger, c) && c.facts.address !== facts.address);
  const wasThere = [...ledger.unclaimed].some(
    (c) => c.facts.address === facts.address && c.facts.atMs < pressedMs - PRESSED_BEFORE_MS,
  );
  return isGuessed && !wasThere;
}
