import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../next-trial.ts';
import { readRecords } from '../records.ts';

/**
 * The devices that took longest in the newest run under `out` come first, so that none is left alone at the end; those
 * that were not in it come before them, in their order. Without a run that can be read, the order stays.
 */
export function slowestFirst(plans: readonly Plan[], out: string): readonly Plan[] {
  const tookMs = durationsOf(out);
  const expected = ({ device }: Plan) => tookMs.get(device.id) ?? Number.MAX_VALUE;
  return plans.toSorted((a, b) => expected(b) - expected(a));
}

function durationsOf(out: string): ReadonlyMap<string, number> {
  const tookMs = new Map<string, number>();
  const runs = join(out, 'runs');
  const newest = existsSync(runs) ? readdirSync(runs).sort().at(-1) : undefined;
  if (newest === undefined) return tookMs;
  try {
    for (const { device, durationMs } of readRecords(join(runs, newest, 'records.jsonl')).records)
      tookMs.set(device.id, (tookMs.get(device.id) ?? 0) + durationMs);
  } catch {
    // The reports name what is wrong with it. Here it is only about the order.
  }
  return tookMs;
}
