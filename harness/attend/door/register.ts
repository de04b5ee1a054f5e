import type { Stranger } from '../../vocabulary/attend.ts';
import { createBulletin } from './bulletin.ts';
import type { Carried, Policy } from './carried.ts';
import type { Claimed, DoorLimits, DoorNews, Press } from './contract.ts';
import {
  type Candidate,
  type ConnectionFacts,
  type Identity,
  type TieName,
  identify,
  PRESSED_BEFORE_MS,
  type Traits,
} from './identify.ts';
import type { OpenPress } from './press.ts';
import { groupStrangers } from './strangers.ts';
import { join, learn, NO_TRAITS } from './traits.ts';

/** Which connection is whose: by what each has told so far, and what is known of the devices. */
export interface Register {
  /** Who answers a connection of which no more is known than where it comes from. */
  policyFor(visit: Pick<ConnectionFacts, 'address' | 'port' | 'ownPortOf' | 'atMs'>): Policy;
  add(carried: Carried): void;
  /** It said something, or ended. */
  moved(carried: Carried): void;
  /** A press began to wait, was pressed or ended. */
  changed(): void;
  expect(press: OpenPress, known?: Traits): void;
  /** Its connections, which nobody needs any more. */
  forget(press: Press): readonly Carried[];
  isClaimed(carried: Carried): boolean;
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
  const presses: OpenPress[] = [];
  const remembered = new Map<string, Traits>(Object.entries(options.known));
  const owners = new Map<Carried, OpenPress>();
  /** What tied those to their presses. */
  const ties = new Map<Carried, TieName>();
  /** Claimed by a person, or of a press that has ended: not asked again. */
  const settled = new WeakSet<Carried>();
  /** In order of arrival. */
  const unclaimed = new Set<Carried>();
  const { tellOnce, tellStrangers: tellGroups } = createBulletin(onNews);
  const grouped = () => groupStrangers([...unclaimed]);
  const tellStrangers = () => tellGroups(grouped().map(({ stranger }) => stranger));

  return {
    policyFor(visit) {
      const identity = identify({ ...visit, accountOf: null, fingerprint: null, ehlo: null }, candidates(null));
      const devices =
        identity.kind === 'one' ? [identity.device] : identity.kind === 'ambiguous' ? identity.devices : [];
      const answering = devices.map((device) => lastPress(device, visit.port)?.policy ?? strict);
      const [first] = answering;
      return first !== undefined && answering.every(({ key }) => key === first.key) ? first : strict;
    },
    add(carried) {
      unclaimed.add(carried);
      attribute(carried);
      dropSurplus(carried.facts.address);
      tellStrangers();
    },
    moved(carried) {
      const isNew = carried.read();
      if (isNew && (owners.has(carried) || unclaimed.has(carried))) attribute(carried);
      const owner = owners.get(carried);
      if (isNew && owner !== undefined) giveBackMute(owner, carried.facts.address);
      owner?.moved();
      if (owner !== undefined) onNews({ kind: 'moved', device: owner.press.device });
      if (isNew) tellStrangers();
    },
    changed,
    expect(press, known) {
      const { device } = press.press;
      if (known !== undefined) remembered.set(device, join(known, remembered.get(device) ?? NO_TRAITS));
      for (const other of presses)
        if (other.press.device === device && other.endedMs === null) other.press.tap.endTrial();
      presses.push(press);
      changed();
    },
    forget(press) {
      const at = presses.findIndex((open) => open.press === press);
      const [gone] = at === -1 ? [] : presses.splice(at, 1);
      if (gone === undefined) return [];
      remembered.set(press.device, inTime(gone).reduce(learn, remembered.get(press.device) ?? NO_TRAITS));
      for (const carried of gone.own) disown(carried);
      return [...gone.own];
    },
    isClaimed: (carried) => owners.has(carried),
    strangers: () => grouped().map(({ stranger }) => stranger),
    claim(id, press) {
      const group = grouped().find(({ stranger }) => stranger.id === id);
      const owner = presses.find((open) => open.press === press);
      if (group === undefined || owner === undefined) return { kind: 'refused', why: 'unknown-stranger' };
      const [first] = group.connections;
      // What was seen is the device's all the same, so that its next press is known.
      remembered.set(press.device, group.connections.reduce(learn, remembered.get(press.device) ?? NO_TRAITS));
      if (first?.endpoint.port !== press.endpoint.port) return { kind: 'refused', why: 'other-port' };
      if (first.policy.key !== owner.policy.key) return { kind: 'refused', why: 'other-policy' };
      // What was taken for the device's for want of anything better is not.
      const guessed = owner.own.filter((carried) => isGuess(carried) && carried.facts.address !== first.facts.address);
      for (const carried of guessed) {
        release(carried, owner);
        settled.add(carried);
      }
      for (const carried of group.connections) {
        settled.add(carried);
        give(carried, owner, 'account');
      }
      changed();
      return { kind: 'claimed' };
    },
    dismiss(id) {
      const group = grouped().find(({ stranger }) => stranger.id === id);
      for (const carried of group?.connections ?? []) unclaimed.delete(carried);
      tellStrangers();
    },
    traitsOf: (device) => traitsOf(device),
  };

  /** Others may be told apart now, or came too early for what was pressed. */
  function changed(): void {
    const early = [...ties.keys()].filter((carried) => ties.get(carried) === 'waits');
    for (const carried of early) attribute(carried);
    // Copied: what is given back comes to the end of the list again.
    const loose = [...unclaimed];
    for (const carried of loose) attribute(carried);
    tellStrangers();
  }

  function attribute(carried: Carried): void {
    if (settled.has(carried)) return;
    const owner = owners.get(carried);
    if (owner !== undefined && owner.endedMs !== null) return;
    const { facts } = carried;
    const identity = identify(facts, candidates(carried));
    const place =
      identity.kind === 'one' && !isContested(carried, identity) ? placeOf(carried, identity.device) : undefined;
    if (identity.kind === 'one' && identity.hasMoved) tellMove(identity.device, facts.address);
    if (place !== undefined) {
      if (place.endedMs !== null) tellOther(carried, place.press.device);
      if (identity.kind === 'one') give(carried, place, identity.tie);
      return;
    }
    if (owner !== undefined) release(carried, owner);
    if (identity.kind === 'one' && (identity.hasMoved || SURE.has(identity.tie)))
      remembered.set(identity.device, learn(remembered.get(identity.device) ?? NO_TRAITS, carried));
    tellUnplaced(carried, identity);
  }

  /**
   * The press that a device's connection belongs to: the one that waits, else the last that waited before it. One that
   * waits and has another policy does not make it late for an earlier one.
   */
  function placeOf({ facts, policy }: Carried, device: string): OpenPress | undefined {
    const asked = presses.filter(({ press }) => press.device === device && press.endpoint.port === facts.port);
    const waiting = asked.find(({ endedMs }) => endedMs === null);
    const fits = (open: OpenPress) => open.policy.key === policy.key;
    if (waiting !== undefined && facts.atMs >= waiting.sinceMs && fits(waiting)) return waiting;
    if (waiting !== undefined && facts.atMs >= waiting.sinceMs) return undefined;
    return asked.findLast((open) => open.endedMs !== null && facts.atMs >= open.sinceMs && fits(open));
  }

  function give(carried: Carried, owner: OpenPress, tie: TieName): void {
    const before = owners.get(carried);
    if (before === owner) return void ties.set(carried, tie);
    before?.remove(carried);
    unclaimed.delete(carried);
    if (!owner.add(carried)) return disown(carried);
    owners.set(carried, owner);
    ties.set(carried, tie);
    onNews({ kind: 'moved', device: owner.press.device });
  }

  function release(carried: Carried, owner: OpenPress): void {
    owner.remove(carried);
    disown(carried);
    unclaimed.add(carried);
    onNews({ kind: 'moved', device: owner.press.device });
  }

  /** Once a device has spoken, those at other addresses that have not are somebody else. */
  function giveBackMute(owner: OpenPress, address: string): void {
    const mute = owner.own.filter((other) => !other.hasSpoken && other.facts.address !== address && isGuess(other));
    for (const other of mute) attribute(other);
  }

  function disown(carried: Carried): void {
    owners.delete(carried);
    ties.delete(carried);
  }

  function isGuess(carried: Carried): boolean {
    const tie = ties.get(carried);
    return !settled.has(carried) && (tie === 'pressed' || tie === 'waits');
  }

  /** It came before the device was pressed, as others did: nothing tells which of them it was. */
  function isContested(carried: Carried, identity: Extract<Identity, { kind: 'one' }>): boolean {
    const { facts } = carried;
    const pressedMs = lastPress(identity.device, facts.port)?.pressedMs ?? null;
    if (identity.tie !== 'pressed' || pressedMs === null || facts.atMs >= pressedMs) return false;
    return [...unclaimed, ...ties.keys()].some(
      (other) =>
        (unclaimed.has(other) || isGuess(other)) &&
        other.hasSpoken &&
        other.facts.port === facts.port &&
        other.facts.address !== facts.address &&
        other.facts.atMs >= pressedMs - PRESSED_BEFORE_MS,
    );
  }

  function candidates(except: Carried | null): readonly Candidate[] {
    const devices = new Set([...remembered.keys(), ...presses.map(({ press }) => press.device)]);
    return [...devices].map((device): Candidate => {
      const open = presses.findLast(({ press, endedMs }) => press.device === device && endedMs === null);
      const waits =
        open === undefined
          ? null
          : { port: open.press.endpoint.port, sinceMs: open.sinceMs, pressedMs: open.pressedMs };
      return { device, traits: comparedWith(device, except), waits };
    });
  }

  function lastPress(device: string, port: number): OpenPress | undefined {
    const asked = presses.filter(({ press }) => press.device === device && press.endpoint.port === port);
    return asked.find(({ endedMs }) => endedMs === null) ?? asked.at(-1);
  }

  function traitsOf(device: string): Traits {
    const own = presses.flatMap((open) => (open.press.device === device ? inTime(open) : []));
    return own.reduce(learn, remembered.get(device) ?? NO_TRAITS);
  }

  /**
   * What a connection is compared with. Without what itself has taught, as it would confirm itself; and of a guess that
   * is not judged yet nothing but the address, or one guess would confirm the next.
   */
  function comparedWith(device: string, except: Carried | null): Traits {
    let traits = remembered.get(device) ?? NO_TRAITS;
    for (const open of presses) {
      if (open.press.device !== device) continue;
      for (const carried of inTime(open)) {
        if (carried === except) continue;
        const isSure = open.endedMs !== null || settled.has(carried) || SURE.has(ties.get(carried) ?? 'waits');
        traits = isSure ? learn(traits, carried) : join(traits, { ...NO_TRAITS, addresses: [carried.facts.address] });
      }
    }
    return traits;
  }

  /**
   * What a press teaches of its device: nothing that comes later, as that may be another's. While it waits, nothing from
   * whoever has not said a word; and once it is pressed, nothing from who came while settings were entered.
   */
  function inTime({ own, endedMs, pressedMs }: OpenPress): readonly Carried[] {
    const isTelling = (carried: Carried) => carried.hasSpoken && (pressedMs === null || ties.get(carried) !== 'waits');
    return own.filter((carried) => (endedMs === null ? isTelling(carried) : carried.facts.atMs <= endedMs));
  }

  /** A flood of one address pushes out its own, not what others have said. */
  function dropSurplus(address: string): void {
    const ofAddress = [...unclaimed].filter(({ facts }) => facts.address === address);
    if (ofAddress.length > limits.keptPerStranger) drop(ofAddress);
    if (unclaimed.size <= limits.keptOfStrangers) return;
    const groups = Map.groupBy(unclaimed, ({ facts }) => facts.address);
    drop([...groups.values()].toSorted((a, b) => b.length - a.length)[0] ?? []);
  }

  /** The newest but one goes: what came first is the most telling, and the last is still to speak. */
  function drop(connections: readonly Carried[]): void {
    const gone = connections.at(-2) ?? connections[0];
    if (gone !== undefined) unclaimed.delete(gone);
  }

  function tellUnplaced(carried: Carried, identity: Identity): void {
    const { port } = carried.facts;
    const about = `${carried.number}`;
    if (identity.kind === 'ambiguous') {
      const group = grouped().find(({ connections }) => connections.includes(carried));
      const news = { kind: 'ambiguous', devices: identity.devices, stranger: group?.stranger.id ?? '' } as const;
      return tellOnce(about, news);
    }
    const [near, ...others] = identity.kind === 'nobody' ? identity.near : [];
    if (near !== undefined && others.length === 0) return tellOnce(about, { kind: 'wrong-port', device: near, port });
    if (identity.kind !== 'one') return;
    const { device } = identity;
    const open = presses.find(({ press, endedMs }) => press.device === device && endedMs === null);
    if (open !== undefined && open.press.endpoint.port !== port)
      return tellOnce(about, { kind: 'wrong-port', device, port });
    if (open !== undefined) return tellOnce(about, { kind: 'wrong-policy', device });
    tellOther(carried, device);
  }

  /** Somebody stands at one device and has pressed another. */
  function tellOther({ number, facts }: Carried, answered: string): void {
    const asked = presses.filter(
      ({ press, endedMs, pressedMs }) =>
        endedMs === null &&
        press.endpoint.port === facts.port &&
        pressedMs !== null &&
        facts.atMs >= pressedMs - PRESSED_BEFORE_MS,
    );
    const [only, ...more] = asked;
    if (only !== undefined && more.length === 0)
      tellOnce(`${number}`, { kind: 'other-device', asked: only.press.device, answered });
  }

  function tellMove(device: string, to: string): void {
    const from = traitsOf(device)
      .addresses.filter((address) => address !== to)
      .at(-1);
    if (from !== undefined) tellOnce(`${device} ${to}`, { kind: 'address-changed', device, from, to });
  }
}

/** More than the address or the time says so: what such a connection shows is the device's. */
const SURE: ReadonlySet<TieName> = new Set(['ownPort', 'account', 'addressAndTraits']);
