import type { Stranger } from '../../vocabulary/attend.ts';
import type { Carried } from './carried.ts';
import type { DoorLimits } from './contract.ts';

/** What one device, as far as can be told, did that no press claims. */
export interface StrangerGroup {
  readonly stranger: Stranger;
  readonly connections: readonly Carried[];
}

/** Double connects and retries are one stranger: the same address, listener, policy and name. `unclaimed`: in order. */
export function groupStrangers(unclaimed: readonly Carried[]): readonly StrangerGroup[] {
  const groups = Map.groupBy(unclaimed, ({ facts, policy, shown }) =>
    JSON.stringify([facts.address, facts.port, facts.ownPortOf, policy?.key ?? null, shown.ehlo]),
  );
  return [...groups.values()].flatMap((connections) => {
    const [first] = connections;
    if (first === undefined) return [];
    const shown = connections.map((carried) => carried.shown);
    const stranger: Stranger = {
      id: `s${first.number}`,
      address: first.facts.address,
      ehlo: first.shown.ehlo,
      offered: shown.find(({ offered }) => offered !== null)?.offered ?? null,
      port: first.facts.port,
      at: new Date(first.facts.atMs).toISOString(),
    };
    return [{ stranger, connections }];
  });
}

/** Keeps within bounds what is kept: a flood of one address pushes out its own, not what others have said. */
export function dropSurplus(
  unclaimed: Set<Carried>,
  address: string,
  limits: Pick<DoorLimits, 'keptOfStrangers' | 'keptPerStranger'>,
): void {
  const ofAddress = [...unclaimed].filter(({ facts }) => facts.address === address);
  if (ofAddress.length > limits.keptPerStranger) drop(unclaimed, ofAddress);
  if (unclaimed.size <= limits.keptOfStrangers) return;
  const groups = Map.groupBy(unclaimed, ({ facts }) => facts.address);
  drop(unclaimed, [...groups.values()].toSorted((a, b) => b.length - a.length)[0] ?? []);
}

/** The newest but one goes: what came first is the most telling, and the last is still to speak. */
function drop(unclaimed: Set<Carried>, connections: readonly Carried[]): void {
  const gone = connections.at(-2) ?? connections[0];
  if (gone !== undefined) unclaimed.delete(gone);
}
