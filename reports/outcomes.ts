import type { Outcome } from '../harness/vocabulary/finding.ts';
import type { Record } from '../harness/vocabulary/record.ts';
import type { Direction } from '../harness/vocabulary/trial.ts';
import { ENGINES } from '../harness/vocabulary/verdict.ts';

/** Finds the record of a device, direction and mode, as configured and on the installed firmware. */
export type FindOutcome = (device: string, direction: Direction, mode: string) => Record | undefined;

/**
 * What devices do today if nobody touches them: hosts outrank containers and those embedded, and of several scenarios the one that
 * went worst counts, as in the verdict. Goes through the records once.
 */
export function outcomesOf(records: readonly Record[]): FindOutcome {
  const best = new Map<string, Record>();
  for (const record of records) {
    if (record.role !== 'question' || !record.asConfigured || !record.device.installed) continue;
    const key = keyOf(record.device.id, record.direction, record.mode);
    const known = best.get(key);
    if (known === undefined || outranks(record, known)) best.set(key, record);
  }
  return (device, direction, mode) => best.get(keyOf(device, direction, mode));
}

/** The outcome, with `(clear)` when the mail arrived unencrypted (a fallback fails for that); empty without a record. */
export function renderOutcome(record: Record | undefined): string {
  if (record === undefined) return '';
  return record.encrypted === false ? `${record.outcome} (clear)` : record.outcome;
}

function outranks(a: Record, b: Record): boolean {
  if (a.engine !== b.engine) return ENGINES.indexOf(a.engine) > ENGINES.indexOf(b.engine);
  return WORST_FIRST.indexOf(a.outcome) < WORST_FIRST.indexOf(b.outcome);
}

const WORST_FIRST: readonly Outcome[] = ['fails', 'inconclusive', 'not-run', 'works'];

function keyOf(device: string, direction: Direction, mode: string): string {
  return `${device} ${direction} ${mode}`;
}
