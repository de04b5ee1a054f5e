import type { CheckLimits } from './limits.ts';
import type { Visit } from './visit.ts';

/** `instead`: let in, and that other one has to go. */
type Decision = { readonly kind: 'yes' } | { readonly kind: 'no' } | { readonly kind: 'instead'; readonly of: Visit };

interface Room {
  decide(source: string, visits: readonly Visit[]): Decision;
}

type Limits = Pick<CheckLimits, 'connections' | 'connectionsOfSource' | 'arrivalsOfSource' | 'windowMs'>;

/**
 * Who is let in. When all places are taken, the address that holds the most gives one back, the oldest that has not
 * signed in: a flood pushes itself out, not the customer who is on the phone.
 */
export function createRoom(limits: Limits, now: () => number): Room {
  const arrivals = new Map<string, { readonly sinceMs: number; readonly count: number }>();
  const countArrival = (source: string): number => {
    const known = arrivals.get(source);
    const isFresh = known !== undefined && now() - known.sinceMs < limits.windowMs;
    const next = isFresh ? { ...known, count: known.count + 1 } : { sinceMs: now(), count: 1 };
    arrivals.delete(source);
    arrivals.set(source, next);
    for (const oldest of arrivals.keys()) {
      if (arrivals.size <= KEPT_SOURCES) break;
      arrivals.delete(oldest);
    }
    return next.count;
  };
  return {
    decide(source, visits) {
      if (countArrival(source) > limits.arrivalsOfSource) return { kind: 'no' };
      const open = Map.groupBy(visits, (visit) => visit.facts.source.key);
      const own = open.get(source)?.length ?? 0;
      if (own >= limits.connectionsOfSource) return { kind: 'no' };
      if (visits.length < limits.connections) return { kind: 'yes' };
      const givers = [...open.values()]
        .filter((of) => of.length > own)
        .sort((a, b) => b.length - a.length)
        .map((of) => of.find((visit) => visit.ticket === null));
      const giver = givers.find((visit) => visit !== undefined);
      return giver === undefined ? { kind: 'no' } : { kind: 'instead', of: giver };
    },
  };
}

const KEPT_SOURCES = 5_000;
