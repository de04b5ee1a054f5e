import type { Carried, Policy } from './carried.ts';
import type { DoorNews } from './contract.ts';
import { type Identity, PRESSED_BEFORE_MS, type TieName, type Traits } from './identify.ts';
import type { OpenPress } from './press.ts';

/** Which connection belongs to which press, and by what. */
export interface Ledger {
  readonly presses: readonly OpenPress[];
  /** What devices were seen with, of presses that are forgotten and of claims. */
  readonly remembered: Map<string, Traits>;
  /** In order of arrival: those that no press has. */
  readonly unclaimed: Set<Carried>;
  open(press: OpenPress): void;
  close(press: OpenPress): void;
  ownerOf(carried: Carried): OpenPress | undefined;
  tieOf(carried: Carried): TieName | undefined;
  give(carried: Carried, owner: OpenPress, tie: TieName): void;
  /** Its press has it no longer: it is nobody's. */
  release(carried: Carried, owner: OpenPress): void;
  disown(carried: Carried): void;
  /** Claimed by a person: not asked again. */
  settle(carried: Carried): void;
  isSettled(carried: Carried): boolean;
  /** Nothing but that it was pressed ties it to its press. */
  isGuess(carried: Carried): boolean;
  /** Another came while its press was open, which may as well be the device: neither is taken by a guess any more. */
  dispute(carried: Carried): void;
  isDisputed(carried: Carried): boolean;
  /** It came before the device was pressed, as others did, or is disputed: nothing tells which of them it was. */
  isContested(carried: Carried, identity: Extract<Identity, { kind: 'one' }>): boolean;
  /** The device's press at a port that waits, else the last that did. */
  lastPress(device: string, port: number): OpenPress | undefined;
  waiting(device: string): OpenPress | undefined;
  /**
   * The press that a device's connection belongs to: the one that waits, else the last that waited before it. One that
   * waits and has another policy does not make it late for an earlier one.
   */
  placeOf(carried: Carried, device: string): OpenPress | undefined;
}

export function openLedger(known: Readonly<Record<string, Traits>>, onNews: (news: DoorNews) => void): Ledger {
  const presses: OpenPress[] = [];
  const owners = new Map<Carried, OpenPress>();
  /** What tied those to their presses. */
  const ties = new Map<Carried, TieName>();
  const settled = new WeakSet<Carried>();
  const disputed = new WeakSet<Carried>();
  const unclaimed = new Set<Carried>();
  const disown = (carried: Carried): void => {
    owners.delete(carried);
    ties.delete(carried);
  };
  const ledger: Ledger = {
    presses,
    remembered: new Map(Object.entries(known)),
    unclaimed,
    open: (press) => void presses.push(press),
    close(press) {
      const at = presses.indexOf(press);
      if (at !== -1) presses.splice(at, 1);
    },
    ownerOf: (carried) => owners.get(carried),
    tieOf: (carried) => ties.get(carried),
    give(carried, owner, tie) {
      const before = owners.get(carried);
      if (before === owner) return void ties.set(carried, tie);
      before?.remove(carried);
      unclaimed.delete(carried);
      if (!owner.add(carried)) return disown(carried);
      owners.set(carried, owner);
      ties.set(carried, tie);
      onNews({ kind: 'moved', device: owner.press.device });
    },
    release(carried, owner) {
      owner.remove(carried);
      disown(carried);
      unclaimed.add(carried);
      onNews({ kind: 'moved', device: owner.press.device });
    },
    disown,
    settle: (carried) => void settled.add(carried),
    isSettled: (carried) => settled.has(carried),
    isGuess: (carried) => !settled.has(carried) && ties.get(carried) === 'pressed',
    dispute: (carried) => void disputed.add(carried),
    isDisputed: (carried) => disputed.has(carried),
    isContested(carried, identity) {
      const { facts } = carried;
      if (identity.tie === 'pressed' && disputed.has(carried)) return true;
      const pressedMs = ledger.lastPress(identity.device, facts.port)?.pressedMs ?? null;
      if (identity.tie !== 'pressed' || pressedMs === null || facts.atMs >= pressedMs) return false;
      return [...unclaimed, ...ties.keys()].some(
        (other) =>
          (unclaimed.has(other) || ledger.isGuess(other)) &&
          other.hasSpoken &&
          other.facts.port === facts.port &&
          other.facts.address !== facts.address &&
          other.facts.atMs >= pressedMs - PRESSED_BEFORE_MS,
      );
    },
    lastPress(device, port) {
      const asked = presses.filter(({ press }) => press.device === device && press.endpoint.port === port);
      return asked.find(({ endedMs }) => endedMs === null) ?? asked.at(-1);
    },
    waiting: (device) => presses.findLast(({ press, endedMs }) => press.device === device && endedMs === null),
    placeOf({ facts, policy }, device) {
      const asked = presses.filter(({ press }) => press.device === device && press.endpoint.port === facts.port);
      const waiting = asked.find(({ endedMs }) => endedMs === null);
      if (waiting !== undefined && facts.atMs >= waiting.sinceMs) return meets(waiting, policy) ? waiting : undefined;
      return asked.findLast((press) => press.endedMs !== null && facts.atMs >= press.sinceMs && meets(press, policy));
    },
  };
  return ledger;
}

/** One that nobody answers yet may still be led there. */
function meets(press: OpenPress, policy: Policy | null): boolean {
  return policy === null || press.policy.key === policy.key;
}
