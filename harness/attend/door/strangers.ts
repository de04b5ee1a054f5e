import type { Stranger } from '../../vocabulary/attend.ts';
import type { Carried } from './carried.ts';

/** What one device, as far as can be told, did that no press claims. */
export interface StrangerGroup {
  readonly stranger: Stranger;
  readonly connections: readonly Carried[];
}

/** Double connects and retries are one stranger: the same address, listener, policy and name. `unclaimed`: in order. */
export function groupStrangers(unclaimed: readonly Carried[]): readonly StrangerGroup[] {
  const groups = Map.groupBy(unclaimed, ({ facts, policy, shown }) =>
    JSON.stringify([facts.address, facts.port, facts.ownPortOf, policy.key, shown.ehlo]),
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
