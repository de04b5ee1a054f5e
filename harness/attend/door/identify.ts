import type { Port } from '../../vocabulary/trial.ts';

/** What is known of one connection, more while it goes on. */
export interface ConnectionFacts {
  readonly address: string;
  /** Canonical. */
  readonly port: Port;
  /** The device whose own port was dialled; null: one for all. */
  readonly ownPortOf: string | null;
  /** The device whose account on the page was named at login; null: another name, or no login yet. */
  readonly accountOf: string | null;
  readonly atMs: number;
  /** JA4 of the hello, or what stands for it; null: no hello yet. */
  readonly fingerprint: string | null;
  /** What the device calls itself in EHLO or HELO; null: nothing that tells it from others. */
  readonly ehlo: string | null;
  /** Its address connects time and again and belongs to nobody: that a device was pressed says nothing about it. */
  readonly isPersistent?: boolean;
}

/** What a device was seen with. */
export interface Traits {
  readonly addresses: readonly string[];
  readonly fingerprints: readonly string[];
  readonly ehloNames: readonly string[];
}

export interface Candidate {
  readonly device: string;
  readonly traits: Traits;
  /** Its press that waits; null: nobody asks it now. Times in ms since the epoch; `pressedMs` null: not pressed yet. */
  readonly waits: {
    readonly port: Port;
    readonly sinceMs: number;
    readonly pressedMs: number | null;
    /** It was given a port of its own to dial: who dials that for all is most likely another. */
    readonly hasOwnPort?: boolean;
  } | null;
}

/** What ties a connection to a device. `pressed`, `waits`: nothing but that it was asked, and nobody else. */
export type TieName = keyof typeof STRENGTH;

export type Identity =
  | {
      readonly kind: 'one';
      readonly device: string;
      /** Its address is another than before. */
      readonly hasMoved: boolean;
      readonly tie: TieName;
      readonly because: readonly string[];
    }
  | {
      readonly kind: 'ambiguous';
      readonly devices: readonly string[];
      /** The strongest that ties it to one of them. */
      readonly tie: TieName;
      readonly because: readonly string[];
    }
  /** `near`: devices that nothing speaks against but the port that was dialled. */
  | { readonly kind: 'nobody'; readonly near: readonly string[]; readonly because: readonly string[] };

/** A person may press before the page hears of it. */
export const PRESSED_BEFORE_MS = 20_000;
/** A device that is this long on its way is not waited for alone any more: its address must tell. */
const PRESS_REACHES_MS = 180_000;

/**
 * Whose connection this is: what ties it strongest to a device decides, and where that fits several, all are named. A
 * fingerprint alone never excludes a device, as retries offer less; a name that differs does.
 */
export function identify(facts: ConnectionFacts, candidates: readonly Candidate[]): Identity {
  const ties = candidates.flatMap((candidate) => tieOf(facts, candidate) ?? []);
  const strength = Math.max(...ties.map(strengthOf));
  // Somebody has entered one device's account into another.
  const isBorrowed = ties.some((tie) => tie.isElsewhere === true) && ties.length > 1;
  const best = isBorrowed ? ties : ties.filter((tie) => strengthOf(tie) === strength);
  const because = best.map(({ device, reason }) => `${device}: ${reason}`);
  const [first, ...others] = best;
  if (first === undefined) {
    const near = candidates.filter(({ waits }) => waits !== null && waits.port !== facts.port);
    const fits = near.filter((candidate) => tieOf({ ...facts, port: candidate.waits?.port ?? facts.port }, candidate));
    return { kind: 'nobody', near: fits.map((c) => c.device), because: ['nothing ties it to a device'] };
  }
  if (others.length > 0) return { kind: 'ambiguous', devices: best.map((tie) => tie.device), tie: first.name, because };
  return { kind: 'one', device: first.device, hasMoved: first.hasMoved === true, tie: first.name, because };
}

interface Tie {
  readonly device: string;
  readonly name: TieName;
  readonly reason: string;
  readonly hasMoved?: true;
  /** Somebody has pressed it. */
  readonly isPressed?: true;
  /** An account at an address that is not known to be the device's. */
  readonly isElsewhere?: true;
}

/** From strongest to weakest. */
const STRENGTH = {
  ownPort: 7,
  account: 6,
  addressAndTraits: 5,
  address: 4,
  traits: 4,
  // Another device behind the same address may be waited for: then address and a press weigh the same.
  addressAlone: 3,
  pressed: 3,
  waits: 2,
} as const;

/** At another address than its own it may be a second one of the same model: then a press weighs as much. */
function strengthOf({ name, hasMoved, isPressed }: Tie): number {
  if (name !== 'traits' || hasMoved !== true) return STRENGTH[name];
  return isPressed === true ? STRENGTH.pressed : STRENGTH.waits;
}

function tieOf(facts: ConnectionFacts, candidate: Candidate): Tie | null {
  const { device, traits } = candidate;
  const address = compare(traits.addresses, facts.address);
  const hasMoved = address === 'other' ? { hasMoved: true as const } : {};
  const fingerprint = compare(traits.fingerprints, facts.fingerprint);
  const ehlo = compare(traits.ehloNames, facts.ehlo);
  if (facts.ownPortOf !== null) {
    if (facts.ownPortOf !== device) return null;
    // Whoever looks through all ports finds this one, too: it is neither where the device was nor what it says.
    const isAnother =
      address === 'other' && (fingerprint === 'other' || ehlo === 'other') && facts.accountOf !== device;
    return isAnother ? null : { device, name: 'ownPort', reason: 'its own port' };
  }
  const isConfirmed = ehlo === 'same' || (fingerprint === 'same' && ehlo !== 'other');
  if (facts.accountOf === device) {
    const isElsewhere = address === 'same' ? {} : { isElsewhere: true as const };
    return { device, name: 'account', reason: 'its account', ...hasMoved, ...isElsewhere };
  }
  if (facts.accountOf !== null && !(address === 'same' && isConfirmed)) return null;
  const waiting = waitingOf(facts, candidate);
  if (address === 'same') {
    if (isConfirmed) return { device, name: 'addressAndTraits', reason: 'its address and what it says' };
    if (ehlo === 'other') return null;
    const isAsked = waiting !== null && fingerprint !== 'other';
    return { device, name: isAsked ? 'address' : 'addressAlone', reason: 'its address' };
  }
  if (waiting === null) return null;
  if (ehlo === 'same' && (fingerprint === 'same' || isClear(facts, traits)))
    return {
      device,
      name: 'traits',
      reason: 'its fingerprint and name',
      ...hasMoved,
      ...(waiting === 'pressed' ? { isPressed: true } : {}),
    };
  if (address === 'other' || ehlo === 'other' || fingerprint === 'other' || facts.isPersistent === true) return null;
  return waiting === 'pressed'
    ? { device, name: 'pressed', reason: 'it was pressed, and its address is not known' }
    : { device, name: 'waits', reason: 'it is waited for, and its address is not known' };
}

/** A device that never speaks TLS has its name only. */
function isClear(facts: ConnectionFacts, { fingerprints }: Traits): boolean {
  return facts.fingerprint === null && fingerprints.length === 0;
}

function waitingOf({ port, atMs }: ConnectionFacts, { waits }: Candidate): 'pressed' | 'waits' | null {
  if (waits === null || waits.port !== port || waits.hasOwnPort === true || atMs < waits.sinceMs) return null;
  if (waits.pressedMs === null) return 'waits';
  const isInTime = atMs >= waits.pressedMs - PRESSED_BEFORE_MS && atMs <= waits.pressedMs + PRESS_REACHES_MS;
  return isInTime ? 'pressed' : null;
}

function compare(known: readonly string[], seen: string | null): 'same' | 'other' | 'unknown' {
  if (seen === null || known.length === 0) return 'unknown';
  return known.includes(seen) ? 'same' : 'other';
}
