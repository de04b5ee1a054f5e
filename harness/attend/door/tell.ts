import type { Bulletin } from './bulletin.ts';
import type { Carried } from './carried.ts';
import type { StrangerGroup } from './strangers.ts';
import { type Identity, PRESSED_BEFORE_MS } from './identify.ts';
import type { Ledger } from './ledger.ts';
import { traitsOf } from './lessons.ts';

/** What people have to know of a connection that is no press's. */
export function tellUnplaced(
  ledger: Ledger,
  { tellOnce }: Bulletin,
  carried: Carried,
  identity: Identity,
  groups: () => readonly StrangerGroup[],
): void {
  const { port } = carried.facts;
  const about = `${carried.number}`;
  // While settings are entered, who comes may be anybody: only a stranger is told.
  if (identity.kind !== 'nobody' && identity.tie === 'waits') return;
  if (identity.kind === 'ambiguous') {
    const group = groups().find(({ connections }) => connections.includes(carried));
    const { devices } = identity;
    return tellOnce(about, { kind: 'ambiguous', devices, stranger: group?.stranger.id ?? '' });
  }
  const [near, ...others] = identity.kind === 'nobody' ? identity.near : [];
  if (near !== undefined && others.length === 0) return tellOnce(about, { kind: 'wrong-port', device: near, port });
  if (identity.kind !== 'one') return;
  const { device } = identity;
  const open = ledger.waiting(device);
  if (open !== undefined && open.press.endpoint.port !== port)
    return tellOnce(about, { kind: 'wrong-port', device, port });
  // One that nobody answers yet is led to what is asked for.
  if (open !== undefined && carried.policy === null) return;
  if (open !== undefined) return tellOnce(about, { kind: 'wrong-policy', device });
  tellOther(ledger, { tellOnce }, carried, device);
}

/** Somebody stands at one device and has pressed another. */
export function tellOther(
  { presses }: Ledger,
  { tellOnce }: Pick<Bulletin, 'tellOnce'>,
  { number, facts }: Carried,
  answered: string,
): void {
  const [only, ...more] = presses.filter(
    ({ press, hasOwnPort, endedMs, pressedMs }) =>
      endedMs === null &&
      // Whoever dials another's port says nothing about it: that one tries again by itself.
      !hasOwnPort &&
      press.endpoint.port === facts.port &&
      pressedMs !== null &&
      facts.atMs >= pressedMs - PRESSED_BEFORE_MS,
  );
  if (only !== undefined && more.length === 0)
    tellOnce(`${number}`, { kind: 'other-device', asked: only.press.device, answered });
}

/** Pressed for another setting, it dials the port of the one before: what it should be changed to was not entered. */
export function tellOldPort(
  ledger: Ledger,
  { tellOnce }: Pick<Bulletin, 'tellOnce'>,
  { number, facts }: Carried,
  device: string,
): void {
  const open = ledger.waiting(device);
  if (open === undefined || open.press.endpoint.port === facts.port) return;
  // Before it was pressed it is a late try of its own.
  if (open.pressedMs === null || facts.atMs < open.pressedMs) return;
  tellOnce(`${number}`, { kind: 'wrong-port', device, port: facts.port });
}

export function tellMove(ledger: Ledger, { tellOnce }: Bulletin, device: string, to: string): void {
  const from = traitsOf(ledger, device)
    .addresses.filter((address) => address !== to)
    .at(-1);
  if (from !== undefined) tellOnce(`${device} ${to}`, { kind: 'address-changed', device, from, to });
}
