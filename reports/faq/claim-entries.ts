import { expiryOf, isSameCondition } from '../../harness/claims.ts';
import type { Claim, Condition } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { type Direction, DIRECTIONS } from '../../harness/vocabulary/trial.ts';
import type { VerdictWord } from '../../harness/vocabulary/verdict.ts';
import { cutVersions } from '../lookup/version-segments.ts';

/** What the sources say of one device for one group of the page: one line. */
export interface ClaimEntry {
  readonly device: Device;
  readonly group: VerdictWord;
  readonly parts: readonly ClaimPart[];
}

/** What is said under one condition. */
export interface ClaimPart {
  readonly directions: readonly Direction[];
  readonly claims: readonly Claim[];
  /** They say different things, though their conditions can hold at once: then nobody knows. */
  readonly contradictory: boolean;
  /** It has no condition, but others of the device have one: it holds for the rest. */
  readonly otherwise: boolean;
}

/**
 * The claims of a device, one entry for each group, in the order of its file. A direction that was measured is left out:
 * `besideMeasured` has what is said of it. A device of which nothing follows from any claim is of the group `unknown`.
 */
export function claimEntries(device: Device, measured: ReadonlySet<Direction>, asOf: string): readonly ClaimEntry[] {
  const { claims } = device;
  const telling = claims.filter((c) => c.implies !== undefined);
  if (telling.length === 0) {
    if (claims.length === 0 || measured.size > 0) return [];
    return [{ device, group: 'unknown', parts: untelling(claims) }];
  }
  const answers = DIRECTIONS.filter((d) => !measured.has(d)).flatMap((d) => answersOf(telling, d));
  return [...Map.groupBy(answers, (a) => a.group)].map(([group, own]) => ({
    device,
    group,
    parts: widest(mergeDirections(own, telling), asOf),
  }));
}

/** Nothing follows from any of them: one part a condition. */
function untelling(claims: readonly Claim[]): readonly ClaimPart[] {
  const firsts = claims.filter((c, i) => claims.findIndex((other) => isSameCondition(other.when, c.when)) === i);
  return firsts.map(({ when }) => ({
    directions: [...DIRECTIONS],
    claims: claims.filter((c) => isSameCondition(c.when, when)),
    contradictory: false,
    otherwise: when === undefined && firsts.length > 1,
  }));
}

interface Answer extends ClaimPart {
  readonly group: VerdictWord;
}

function answersOf(telling: readonly Claim[], direction: Direction): readonly Answer[] {
  const own = telling.filter((c) => (c.implies?.directions ?? DIRECTIONS).includes(direction));
  const answers = own.map((claim): Answer => {
    const rivals = own.filter((other) => contradicts(claim, other));
    const same = own.filter((c) => isSameCondition(c.when, claim.when));
    const decided = same.filter((c) => wordOf(c) !== 'unknown');
    const claims = rivals.length > 0 ? own.filter((c) => c === claim || rivals.includes(c)) : decided;
    return {
      group: rivals.length > 0 ? 'unknown' : wordOf(decided[0] ?? claim),
      directions: [direction],
      claims: claims.length > 0 ? claims : same,
      contradictory: rivals.length > 0,
      otherwise: claim.when === undefined && own.some((c) => c.when !== undefined),
    };
  });
  return [...new Map(answers.map((a) => [keyOf(a, telling), a])).values()];
}

function wordOf({ implies }: Claim): VerdictWord {
  return implies?.verdict ?? 'unknown';
}

/** Of claims with different conditions the narrower one was written for its case; as far as they overlap, both hold. */
function contradicts(a: Claim, b: Claim): boolean {
  if (wordOf(a) === wordOf(b) || wordOf(a) === 'unknown' || wordOf(b) === 'unknown') return false;
  if (a.when?.os !== b.when?.os) return false;
  const [left, right] = [a.when?.firmware, b.when?.firmware];
  if (left === undefined || right === undefined) return left === right;
  return cutVersions([left, right]).some(({ within }) => within.includes(left) && within.includes(right));
}

/** Mostly both directions get the same answer from the same claims: said once. */
function mergeDirections(answers: readonly Answer[], telling: readonly Claim[]): readonly ClaimPart[] {
  return [...Map.groupBy(answers, (a) => keyOf(a, telling)).values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [{ ...first, directions: [first, ...rest].flatMap((a) => a.directions) }],
  );
}

function keyOf({ group, claims, contradictory }: Answer, telling: readonly Claim[]): string {
  return JSON.stringify([group, contradictory, claims.map((c) => telling.indexOf(c))]);
}

/** "ab 60" adds nothing to "ab 31.5", unless what has to be entered differs or the wider statement is stale. */
function widest(parts: readonly ClaimPart[], asOf: string): readonly ClaimPart[] {
  return parts.filter((part) => !parts.some((other) => other !== part && includes(other, part, asOf)));
}

function includes(wide: ClaimPart, narrow: ClaimPart, asOf: string): boolean {
  const [first] = wide.claims;
  const [second] = narrow.claims;
  if (first === undefined || second === undefined || wide.contradictory || narrow.contradictory) return false;
  return (
    narrow.directions.every((d) => wide.directions.includes(d)) &&
    covers(first.when, second.when) &&
    sameToDo(first, second) &&
    !wide.claims.some((c) => asOf > expiryOf(c))
  );
}

function covers(wide: Condition | undefined, narrow: Condition | undefined): boolean {
  if (wide?.os !== narrow?.os || wide?.firmware === undefined || narrow?.firmware === undefined) return false;
  const [left, right] = [wide.firmware, narrow.firmware];
  return (
    left !== right && cutVersions([left, right]).every(({ within }) => within.includes(left) || !within.includes(right))
  );
}

function sameToDo({ implies: a }: Claim, { implies: b }: Claim): boolean {
  return (
    a?.update === b?.update && a?.setting?.port === b?.setting?.port && a?.setting?.security === b?.setting?.security
  );
}
