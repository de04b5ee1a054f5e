import type { Record } from '../../harness/vocabulary/record.ts';
import { groupByQuestion } from './write-results.ts';

export interface PagePlan {
  /** Folder below allure-report; null: the only page. */
  readonly part: string | null;
  readonly records: readonly Record[];
}

export interface Limits {
  readonly results: number;
  readonly notPassed: number;
}

/** Measured: 10,000 results with 1,300 failed ones need 18 to 25 s until the page can be used. */
export const LIMITS: Limits = { results: 3000, notPassed: 600 };

/** One page while it stays usable, else one a kind of device, and a kind that is still too big in numbered pieces. */
export function planPages(records: readonly Record[], limits: Limits = LIMITS): readonly PagePlan[] {
  if (fits(records, limits)) return [{ part: null, records }];
  const kinds = [...Map.groupBy(records, (r) => r.device.kind)].sort(([a], [b]) => a.localeCompare(b));
  return kinds.flatMap(([kind, own]) => {
    const pieces = cut(own, limits);
    return pieces.map((piece, i) => ({ part: pieces.length === 1 ? kind : `${kind}-${i + 1}`, records: piece }));
  });
}

/** Devices stay whole; a device that alone is too big gets a page of its own. */
function cut(records: readonly Record[], limits: Limits): readonly (readonly Record[])[] {
  const pieces: Record[][] = [];
  let room: Limits = { results: 0, notPassed: 0 };
  for (const device of Map.groupBy(records, (r) => r.device.id).values()) {
    const own = countOf(device);
    const left = { results: room.results - own.results, notPassed: room.notPassed - own.notPassed };
    const last = pieces.at(-1);
    if (last !== undefined && left.results >= 0 && left.notPassed >= 0) {
      last.push(...device);
      room = left;
    } else {
      pieces.push([...device]);
      room = { results: limits.results - own.results, notPassed: limits.notPassed - own.notPassed };
    }
  }
  return pieces;
}

function fits(records: readonly Record[], limits: Limits): boolean {
  const { results, notPassed } = countOf(records);
  return results <= limits.results && notPassed <= limits.notPassed;
}

function countOf(records: readonly Record[]): Limits {
  const groups = groupByQuestion(records);
  return { results: groups.length, notPassed: groups.filter((g) => g.record.outcome !== 'works').length };
}
