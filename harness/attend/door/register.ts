import type { Stranger } from '../../vocabulary/attend.ts';
import { createBulletin } from './bulletin.ts';
import type { Carried, Policy } from './carried.ts';
import type { Claimed, DoorLimits, DoorNews, Press } from './contract.ts';
import { identify, type Traits } from './identify.ts';
import { openLedger } from './ledger.ts';
import { candidatesFor, inTime, remember, SURE, traitsOf } from './lessons.ts';
import { disputeGuesses } from './dispute.ts';
import { createPersistence } from './persistence.ts';
import type { OpenPress } from './press.ts';
import { dropSurplus, groupStrangers } from './strangers.ts';
import { tellMove, tellOldPort, tellOther, tellUnplaced } from './tell.ts';

/** Which connection is whose: by what each has told so far, and what is known of the devices. */
export interface Register {
  /** Who answers a connection of which no more is known than it has told by now. */
  policyFor(carried: Carried): Policy;
  /** It is answered from now on. */
  led(carried: Carried): void;
  add(carried: Carried): void;
  /** It said something, or ended. */
  moved(carried: Carried): void;
  /** A press began to wait, was pressed or ended. */
  changed(): void;
  expect(press: OpenPress): void;
  /** Its connections, which nobody needs any more. */
  forget(press: Press): readonly Carried[];
  isClaimed(carried: Carried): boolean;
  /** See ConnectionFacts. */
  isPersistent(address: string): boolean;
  strangers(): readonly Stranger[];
  claim(stranger: string, press: Press): Claimed;
  dismiss(stranger: string): void;
  traitsOf(device: string): Traits;
}

export function createRegister(options: {
  readonly strict: Policy;
  readonly limits: Pick<DoorLimits, 'keptOfStrangers' | 'keptPerStranger'>;
  readonly known: Readonly<Record<string, Traits>>;
  readonly onNews: (news: DoorNews) => void;
}): Register {
  const { strict, limits, onNews } = options;
  const ledger = openLedger(options.known, onNews);
  const { unclaimed } = ledger;
  const bulletin = createBulletin(onNews);
  const persistence = createPersistence();
  const grouped = () => groupStrangers([...unclaimed]);
  const tellStrangers = () => bulletin.tellStrangers(grouped().map(({ stranger }) => stranger));

  return {
    policyFor(carried) {
      const { facts } = carried;
      const identity = identify(facts, candidatesFor(ledger, carried));
      // A stranger, as far as anybody can tell.
      if (ledger.isDisputed(carried) && identity.kind === 'one' && identity.tie === 'pressed') return strict;
      const devices =
        identity.kind === 'one' ? [identity.device] : identity.kind === 'ambiguous' ? identity.devices : [];
      const answering = devices.map((device) => ledger.lastPress(device, facts.port)?.policy ?? strict);
      const [first] = answering;
      return first !== undefined && answering.every(({ key }) => key === first.key) ? first : strict;
    },
    led(carried) {
      if (isKnown(carried)) attribute(carried);
      // It may have begun its press by saying nothing for so long.
      const owner = ledger.ownerOf(carried);
      owner?.moved();
      if (owner !== undefined) onNews({ kind: 'moved', device: owner.press.device });
      tellStrangers();
    },
    add(carried) {
      unclaimed.add(carried);
      attribute(carried);
      if (unclaimed.has(carried)) persistence.count(carried.facts.address);
      dropSurplus(unclaimed, carried.facts.address, limits);
      tellStrangers();
    },
    moved(carried) {
      const isNew = carried.read();
      if (isNew && isKnown(carried)) attribute(carried);
      const owner = ledger.ownerOf(carried);
      if (isNew && owner !== undefined) giveBackMute(owner, carried.facts.address);
      owner?.moved();
      if (owner !== undefined) onNews({ kind: 'moved', device: owner.press.device });
      if (isNew) tellStrangers();
    },
    changed,
    expect(press) {
      const { device } = press.press;
      for (const other of ledger.presses)
        if (other.press.device === device && other.endedMs === null) other.press.tap.endTrial();
      ledger.open(press);
      changed();
    },
    forget(press) {
      const gone = ledger.presses.find((open) => open.press === press);
      if (gone === undefined) return [];
      ledger.close(gone);
      remember(ledger, press.device, inTime(gone));
      for (const carried of gone.own) ledger.disown(carried);
      return [...gone.own];
    },
    isClaimed: (carried) => ledger.ownerOf(carried) !== undefined,
    isPersistent: (address) => persistence.has(address),
    strangers: () => grouped().map(({ stranger }) => stranger),
    claim(id, press) {
      const group = grouped().find(({ stranger }) => stranger.id === id);
      const owner = ledger.presses.find((open) => open.press === press);
      if (group === undefined || owner === undefined) return { kind: 'refused', why: 'unknown-stranger' };
      const [first] = group.connections;
      // What was seen is the device's all the same, so that its next press is known.
      remember(ledger, press.device, group.connections);
      if (first?.endpoint.port !== press.endpoint.port) return { kind: 'refused', why: 'other-port' };
      if (first.policy !== null && first.policy.key !== owner.policy.key)
        return { kind: 'refused', why: 'other-policy' };
      // What was taken for the device's for want of anything better is not.
      const guessed = owner.own.filter(
        (carried) => ledger.isGuess(carried) && carried.facts.address !== first.facts.address,
      );
      for (const carried of guessed) {
        ledger.release(carried, owner);
        ledger.settle(carried);
      }
      for (const carried of group.connections) {
        ledger.settle(carried);
        ledger.give(carried, owner, 'account');
      }
      changed();
      return { kind: 'claimed' };
    },
    dismiss(id) {
      const group = grouped().find(({ stranger }) => stranger.id === id);
      for (const carried of group?.connections ?? []) unclaimed.delete(carried);
      tellStrangers();
    },
    traitsOf: (device) => traitsOf(ledger, device),
  };

  /** Not dropped as surplus, nor forgotten with its press. */
  function isKnown(carried: Carried): boolean {
    return ledger.ownerOf(carried) !== undefined || unclaimed.has(carried);
  }

  /** Others may be told apart now, or came too early for what was pressed. */
  function changed(): void {
    // Copied: what is given back comes to the end of the list again.
    const loose = [...unclaimed];
    for (const carried of loose) attribute(carried);
    tellStrangers();
  }

  function attribute(carried: Carried): void {
    if (ledger.isSettled(carried)) return;
    const owner = ledger.ownerOf(carried);
    if (owner !== undefined && owner.endedMs !== null) return;
    const { facts } = carried;
    const identity = identify(facts, candidatesFor(ledger, carried));
    // Until it is pressed, whoever comes may be anybody: it is kept as a stranger, and taken when the press is told of.
    const isPlaced = identity.kind === 'one' && identity.tie !== 'waits' && !ledger.isContested(carried, identity);
    const place = isPlaced ? ledger.placeOf(carried, identity.device) : undefined;
    if (identity.kind === 'one' && identity.hasMoved) tellMove(ledger, bulletin, identity.device, facts.address);
    if (place !== undefined) {
      if (place.endedMs !== null) {
        tellOther(ledger, bulletin, carried, place.press.device);
        tellOldPort(ledger, bulletin, carried, place.press.device);
      }
      if (identity.kind === 'one') ledger.give(carried, place, identity.tie);
      return;
    }
    if (owner !== undefined) ledger.release(carried, owner);
    if (identity.kind === 'nobody') disputeGuesses(ledger, carried);
    if (identity.kind === 'one' && (identity.hasMoved || SURE.has(identity.tie)))
      remember(ledger, identity.device, [carried]);
    tellUnplaced(ledger, bulletin, carried, identity, grouped);
  }

  /** Once a device has spoken, those at other addresses that have not are somebody else. */
  function giveBackMute(owner: OpenPress, address: string): void {
    const mute = owner.own.filter(
      (other) => !other.hasSpoken && other.facts.address !== address && ledger.isGuess(other),
    );
    for (const other of mute) attribute(other);
  }
}
