import { type Scope, scopeOf } from '../regression/scope.ts';
import type { StoredRun } from '../records.ts';
import { isOfShard } from './shard.ts';
import { matcherOf } from './star-pattern.ts';

/**
 * What a run was meant to ask. A device that is gone from its folder was meant as long as the selection would have
 * taken it; one that this machine could not start was not.
 */
export function scopeOfRun({ run, devices }: Pick<StoredRun, 'run' | 'devices'>): Scope {
  const { plan } = run;
  const own = new Set(devices.map((d) => d.id));
  return scopeOf({
    engine: run.engine,
    modes: new Set(run.modes.filter((m) => m.purpose === 'policy').map((m) => m.id)),
    scenarios: plan === undefined ? null : new Set(plan.scenarios),
    device: (id, kind) => {
      if (own.has(id)) return true;
      if (plan === undefined || plan.leftOut?.includes(id) === true) return false;
      const { device, kind: kinds, site } = plan.selection;
      // Where a device stood that is gone, nobody knows.
      if (site !== undefined) return false;
      if (plan.shard !== undefined && !isOfShard(id, plan.shard)) return false;
      if (device !== undefined && !device.some((given) => matcherOf(given)(id))) return false;
      return kinds === undefined || (kind !== undefined && kinds.includes(kind));
    },
  });
}
