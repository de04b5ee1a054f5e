import { concludeClaims } from '../../harness/claims.ts';
import type { Claim } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Mode } from '../../harness/vocabulary/mode.ts';
import type { Direction } from '../../harness/vocabulary/trial.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import { isInRange, parseVersionRange } from '../../harness/vocabulary/version-range.ts';
import { cutVersions } from './version-segments.ts';

/** What a device's owner has to know, composed from measurements and claims. Needs no file, so it runs in a browser. */
export interface Answer {
  readonly device: Device;
  /** Those that anything is known of; none for a device without a word about it. */
  readonly directions: readonly DirectionAnswer[];
  /** What may hold for the owner, after what is known; the others are for other versions and systems. */
  readonly claims: readonly Claim[];
}

export interface DirectionAnswer {
  readonly direction: Direction;
  /** What stands; null while the question is open, or nobody says anything. */
  readonly verdict: Verdict | null;
  readonly standing: Verdict['basis'] | null;
  /** A measured one without a result, which does not stand before a claim. */
  readonly unclear: Verdict | null;
  /** Claims that hold for what is known of the owner's device, and of them the ones with the narrowest condition. */
  readonly claimed: readonly Claimed[];
  /** Decides between claims of different conditions; null when none has to be asked. */
  readonly question: Question | null;
  /** Claims contradict each other under the same condition, or the measurement. Both have to be shown. */
  readonly conflict: boolean;
}

export interface Claimed {
  readonly verdict: Verdict;
  readonly claim: Claim;
}

export interface Question {
  readonly kind: 'os' | 'firmware';
  readonly options: readonly QuestionOption[];
}

interface QuestionOption {
  /** Id of an operating system, or a range of versions (`>=6.20 <7`); null: any other system. */
  readonly value: string | null;
  /** One when the claims agree, several when they contradict each other or more has to be asked, none when nobody says. */
  readonly verdicts: readonly Verdict[];
}

/** What the owner has told. `os` null: none of those that were asked for. A version, or a range that was chosen. */
export interface Known {
  readonly os?: string | null;
  readonly firmware?: string;
}

/** @param verdicts Measured (and predicted) ones, of any device; claims are concluded here. */
export function composeAnswer(
  device: Device,
  verdicts: readonly Verdict[],
  modes: readonly Mode[],
  known: Known = {},
): Answer {
  const claims = concludeClaims(device, modes);
  const told: Known = device.os === undefined ? known : { os: device.os, ...known };
  const own = verdicts.filter((v) => v.device === device.id && v.basis !== 'claimed');
  const directions = BOTH.flatMap((direction) => {
    const said = claims.filter((c) => c.verdict.direction === direction);
    const tried = own.filter((v) => v.direction === direction);
    if (said.length === 0 && tried.length === 0) return [];
    const clear = tried.filter((v) => v.verdict !== 'unknown');
    const measured = clear.find((v) => v.basis === 'measured') ?? clear[0];
    if (measured !== undefined) return [besideMeasured(measured, said, told)];
    return [fromClaims(direction, said, told, tried[0] ?? null)];
  });
  return { device, directions, claims: device.claims.filter((claim) => mayHold({ claim }, told)) };
}

const BOTH: readonly Direction[] = ['send', 'fetch'];

/** A measurement stands; claims for the version that was tried stand beside it. */
function besideMeasured(verdict: Verdict, said: readonly Claimed[], told: Known): DirectionAnswer {
  const claimed = narrowest(said, { ...told, firmware: verdict.firmware });
  const conflict = claimed.some((c) => c.verdict.verdict !== 'unknown' && c.verdict.verdict !== verdict.verdict);
  return {
    direction: verdict.direction,
    verdict,
    standing: verdict.basis,
    unclear: null,
    claimed,
    question: null,
    conflict,
  };
}

function fromClaims(
  direction: Direction,
  said: readonly Claimed[],
  told: Known,
  unclear: Verdict | null,
): DirectionAnswer {
  const question = questionOf(said, told);
  // While something has to be asked, all that may still hold stands beside the question.
  const claimed = question === null ? narrowest(said, told) : said.filter((c) => mayHold(c, told));
  const standing = question === null ? agreedOf(claimed) : null;
  const verdict = standing ?? (question === null ? unclear : null);
  return {
    direction,
    verdict,
    standing: verdict?.basis ?? null,
    unclear,
    claimed,
    question,
    conflict: question === null && contradicts(claimed),
  };
}

/** The first of the most trusted source where all agree; unknown where they contradict each other; null without any. */
function agreedOf(claimed: readonly Claimed[]): Verdict | null {
  const [best] = claimed.toSorted((a, b) => trustIn(b) - trustIn(a));
  if (best === undefined) return null;
  if (!contradicts(claimed)) return best.verdict;
  const { setting: _s, until: _u, encrypted: _e, update: _d, ...rest } = best.verdict;
  return { ...rest, verdict: 'unknown', causes: [], remedies: [] };
}

const TRUST = ['forum', 'third-party-documented', 'vendor-documented'];

function trustIn({ claim, verdict }: Claimed): number {
  return verdict.verdict === 'unknown' ? -1 : TRUST.indexOf(claim.source.confidence);
}

function contradicts(claimed: readonly Claimed[]): boolean {
  return new Set(claimed.map((c) => c.verdict.verdict).filter((word) => word !== 'unknown')).size > 1;
}

/** Systems first: more owners can tell theirs than the version of a program. */
function questionOf(said: readonly Claimed[], told: Known): Question | null {
  const open = said.filter((c) => mayHold(c, told));
  const systems = told.os === undefined ? [...new Set(open.flatMap(({ claim }) => claim.when?.os ?? []))] : [];
  const ranges = told.firmware === undefined ? open.flatMap(({ claim }) => claim.when?.firmware ?? []) : [];
  const bySystem = [...systems, null].map((os): Option => ({ value: os, known: { ...told, os } }));
  const byVersion = cutVersions(ranges).map((s): Option => ({ value: s.range, known: { ...told, firmware: s.range } }));
  if (systems.length > 0 && decides(open, bySystem)) return { kind: 'os', options: optionsOf(open, bySystem) };
  if (ranges.length > 0 && decides(open, byVersion)) return { kind: 'firmware', options: optionsOf(open, byVersion) };
  return null;
}

interface Option {
  readonly value: string | null;
  readonly known: Known;
}

function decides(said: readonly Claimed[], options: readonly Option[]): boolean {
  return new Set(options.map(({ known }) => answersKey(said, known))).size > 1;
}

/** Neighbouring versions with the same answer are one option; of a system each is one, for its owner looks for it. */
function optionsOf(said: readonly Claimed[], options: readonly Option[]): readonly QuestionOption[] {
  const merged: Option[] = [];
  for (const option of options) {
    const before = merged.at(-1);
    const isVersion = option.value !== null && option.value === option.known.firmware;
    if (isVersion && before?.value && answersKey(said, before.known) === answersKey(said, option.known)) {
      const value = joinRanges(before.value, option.value ?? '');
      merged.splice(-1, 1, { value, known: { ...option.known, firmware: value } });
    } else merged.push(option);
  }
  return merged.map(({ value, known }) => ({ value, verdicts: answerFor(said, known) }));
}

function answerFor(said: readonly Claimed[], known: Known): readonly Verdict[] {
  const may = said.filter((c) => mayHold(c, known));
  const left = questionOf(may, known) === null ? narrowest(may, known) : may;
  const stands = contradicts(left) ? null : agreedOf(left);
  return stands === null ? left.map((c) => c.verdict) : [stands];
}

/** `<6` and `>=6 <7` are `<7`. */
function joinRanges(older: string, newer: string): string {
  const low = older.split(' ').filter((word) => word.startsWith('>'));
  const high = newer.split(' ').filter((word) => word.startsWith('<'));
  const bare = (text: string, sign: string) => (/^\d/.test(text) ? [`${sign}${text}`] : []);
  return [...low, ...bare(older, '>='), ...high, ...bare(newer, '<=')].join(' ');
}

function answersKey(said: readonly Claimed[], known: Known): string {
  const may = said.filter((c) => mayHold(c, known));
  // An answer that needs another answer first is told apart by what may follow.
  const pending = known.firmware === undefined && may.some((c) => c.claim.when?.firmware !== undefined);
  const words = (pending ? may : narrowest(may, known)).map(({ verdict: v }) =>
    v.verdict === 'unknown' ? '' : [v.verdict, v.update, v.setting?.id, pending ? v.firmware : ''].join(' '),
  );
  // "Nobody knows" and "nobody says" are the same answer: nothing is asked to get either.
  return [...new Set(words.filter((word) => word !== ''))].sort().join('|');
}

/** Nothing that is known speaks against its condition. */
function mayHold({ claim: { when } }: Pick<Claimed, 'claim'>, told: Known): boolean {
  if (when?.os !== undefined && told.os !== undefined && told.os !== when.os) return false;
  return when?.firmware === undefined || told.firmware === undefined || covers(when.firmware, told.firmware);
}

/** What is known fulfils the whole condition; of those that do, the ones that ask for most: they were written for it. */
function narrowest(said: readonly Claimed[], told: Known): readonly Claimed[] {
  const holding = said.filter((c) => {
    const { when } = c.claim;
    const answered =
      (when?.os === undefined || told.os !== undefined) &&
      (when?.firmware === undefined || told.firmware !== undefined);
    return answered && mayHold(c, told);
  });
  const most = Math.max(...holding.map(conditions));
  return holding.filter((c) => conditions(c) === most);
}

function conditions({ claim: { when } }: Claimed): number {
  return Number(when?.os !== undefined) + Number(when?.firmware !== undefined);
}

/** @param told A version, or a range that one of the question's options named. */
function covers(range: string, told: string): boolean {
  const parsed = parseVersionRange(range);
  if ('kind' in parsed) return false;
  if (/[<>=]/.test(told)) {
    const cut = cutVersions([range, told]);
    return cut.filter((s) => s.within.includes(told)).every((s) => s.within.includes(range));
  }
  return isInRange(told, parsed);
}
