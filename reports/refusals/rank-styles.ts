import type { Mode } from '../../harness/vocabulary/mode.ts';
import type { Fate, Watched } from './watched.ts';

/** What one way of refusing did to the devices that it touches. Numbers are devices. */
export interface StyleResult {
  readonly mode: Mode;
  /** 1 is the kindest; equal results share a rank. */
  readonly rank: number;
  readonly watched: number;
  /** Beyond those that let it be read today already. */
  readonly passwordsInClear: number;
  readonly fallbacks: number;
  readonly lostSilently: number;
  readonly lockedOut: number;
  readonly doubled: number;
  readonly lostTold: number;
  readonly waiting: number;
  readonly late: number;
  readonly onTime: number;
  /** The owner can read the server's own words. */
  readonly clearMessages: number;
}

export interface Comparison {
  readonly styles: readonly StyleResult[];
  /** Devices whose mail came on time today, and not in every style. */
  readonly affected: readonly string[];
  /** Nothing changes for these. */
  readonly untouched: readonly string[];
  /** Today's mail did not come (on time) either, or no connection was seen: they say nothing about a style. */
  readonly setAside: readonly string[];
}

/** Compares the ways of refusing by what they did to the devices that they touch. `baseline`: the mode of today. */
export function rankStyles(watched: readonly Watched[], modes: readonly Mode[], baseline: string): Comparison {
  const devices = [...new Set(watched.map((w) => w.device))];
  const of = (device: string) => watched.filter((w) => w.device === device);
  const works = devices.filter((d) => of(d).find((w) => w.mode === baseline)?.fate === 'on-time');
  const affected = works.filter((d) => of(d).some((w) => w.mode !== baseline && SPEAKING.includes(w.fate)));
  const readableToday = works.filter((d) => of(d).some((w) => w.mode === baseline && isReadable(w)));
  const styles = modes
    .filter((mode) => mode.id !== baseline)
    .map((mode) =>
      count(
        mode,
        watched.filter((w) => w.mode === mode.id && affected.includes(w.device)),
        readableToday,
      ),
    )
    .filter((style) => style.watched > 0)
    .toSorted(compare);
  return {
    styles: styles.map((style) => ({ ...style, rank: 1 + styles.filter((other) => compare(other, style) < 0).length })),
    affected,
    untouched: works.filter((d) => !affected.includes(d)),
    setAside: devices.filter((d) => !works.includes(d)),
  };
}

const SPEAKING: readonly Fate[] = ['late', 'doubled', 'waiting', 'lost-told', 'lost-silently'];

/** It is set to encrypt, and lets its password be read. */
function isReadable(watched: Watched): boolean {
  return watched.fallsBack && watched.isPasswordInClear;
}

function count(mode: Mode, all: readonly Watched[], readableToday: readonly string[]): Omit<StyleResult, 'rank'> {
  const own = all.filter((w) => w.fate === 'on-time' || SPEAKING.includes(w.fate));
  const having = (fate: Fate) => own.filter((w) => w.fate === fate).length;
  return {
    mode,
    watched: own.length,
    passwordsInClear: own.filter((w) => isReadable(w) && !readableToday.includes(w.device)).length,
    fallbacks: own.filter((w) => w.fallsBack).length,
    lostSilently: having('lost-silently'),
    lockedOut: own.filter((w) => w.isLockedOut).length,
    doubled: having('doubled'),
    lostTold: having('lost-told'),
    waiting: having('waiting'),
    late: having('late'),
    onTime: having('on-time'),
    clearMessages: own.filter((w) => w.message === 'servers-words').length,
  };
}

type Counted = Omit<StyleResult, 'rank'>;
/**
 * Worst first, each a share of the devices: a password that strangers read, mail that nobody misses yet, an office that
 * is locked out, mail that comes twice, mail that does not come, and an owner who cannot read why.
 */
const WORSE: readonly ((style: Counted) => number)[] = [
  (s) => s.passwordsInClear,
  (s) => s.lostSilently,
  (s) => s.lockedOut,
  (s) => s.doubled,
  (s) => s.lostTold + s.waiting,
  (s) => s.watched - s.clearMessages,
];

function compare(a: Counted, b: Counted): number {
  for (const worse of WORSE) {
    const difference = worse(a) / a.watched - worse(b) / b.watched;
    if (Math.abs(difference) > 1e-9) return difference;
  }
  return 0;
}
