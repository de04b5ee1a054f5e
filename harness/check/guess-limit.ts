import type { CheckLimits } from './limits.ts';

/** Keeps somebody who tries codes from finding one, and everybody else able to sign in. */
export interface GuessLimit {
  mayTry(source: string): boolean;
  /** `guess`: a digest of what was tried; the same again is a device that repeats itself, and counts once. */
  wrong(source: string, guess: string): void;
}

type Limits = Pick<CheckLimits, 'guessesOfSource' | 'guessesInAll' | 'guessesUnderPressure' | 'guessWindowMs'>;

/**
 * Wrong codes are counted by address. Too many in all lock nobody out, or one guesser could end every call: they only
 * make each address's own allowance smaller. A right first try always works.
 */
export function createGuessLimit(limits: Limits, now: () => number): GuessLimit {
  const sources = new Map<string, Tried>();
  let inAll = { count: 0, sinceMs: now() };

  const triedBy = (source: string): Tried => {
    const known = sources.get(source);
    if (known !== undefined && now() - known.sinceMs < limits.guessWindowMs) return known;
    return { sinceMs: now(), guesses: new Set() };
  };
  return {
    mayTry(source) {
      const isPressed = now() - inAll.sinceMs < limits.guessWindowMs && inAll.count >= limits.guessesInAll;
      const allowed = isPressed
        ? Math.min(limits.guessesUnderPressure, limits.guessesOfSource)
        : limits.guessesOfSource;
      return triedBy(source).guesses.size < allowed;
    },
    wrong(source, guess) {
      const tried = triedBy(source);
      if (tried.guesses.has(guess)) return;
      tried.guesses.add(guess);
      // Deleting first keeps the map in the order of use, so that the longest unheard are forgotten.
      sources.delete(source);
      sources.set(source, tried);
      for (const oldest of sources.keys()) {
        if (sources.size <= KEPT_SOURCES) break;
        sources.delete(oldest);
      }
      if (now() - inAll.sinceMs >= limits.guessWindowMs) inAll = { count: 0, sinceMs: now() };
      inAll.count += 1;
    },
  };
}

const KEPT_SOURCES = 5_000;

interface Tried {
  readonly sinceMs: number;
  readonly guesses: Set<string>;
}
