import type { Outcome } from '../harness/vocabulary/finding.ts';
import type { Record } from '../harness/vocabulary/record.ts';
import type { Direction } from '../harness/vocabulary/trial.ts';

/** The question as configured, on the installed firmware: what a device does today if nobody touches it. */
export function isAsConfigured(record: Record): boolean {
  return record.role === 'question' && record.asConfigured && record.device.installed;
}

/**
 * What a device, as configured, did in a direction and mode: containers outrank embedded, and of several scenarios the
 * one that went worst counts, as in the verdict.
 */
export function configuredRecord(
  records: readonly Record[],
  device: string,
  direction: Direction,
  mode: string,
): Record | undefined {
  return records
    .filter((r) => isAsConfigured(r) && r.device.id === device && r.direction === direction && r.mode === mode)
    .toSorted((a, b) => rank(a) - rank(b) || WORST_FIRST.indexOf(a.outcome) - WORST_FIRST.indexOf(b.outcome))
    .at(0);
}

/** The outcome, with `(clear)` when the mail arrived unencrypted (a fallback fails for that); empty without a record. */
export function renderOutcome(record: Record | undefined): string {
  if (record === undefined) return '';
  return record.encrypted === false ? `${record.outcome} (clear)` : record.outcome;
}

const WORST_FIRST: readonly Outcome[] = ['fails', 'inconclusive', 'not-run', 'works'];

function rank(record: Record): number {
  return record.engine === 'containers' ? 0 : 1;
}
