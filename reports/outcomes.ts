import type { Record } from '../harness/vocabulary/record.ts';
import type { Direction } from '../harness/vocabulary/trial.ts';

/** The question as configured, on the installed firmware: what a device does today if nobody touches it. */
export function isAsConfigured(record: Record): boolean {
  return record.role === 'question' && record.asConfigured && record.device.installed;
}

/**
 * The newest as-configured record of a device, direction and mode. With several engines the containers' one counts,
 * then the newest.
 */
export function configuredRecord(
  records: readonly Record[],
  device: string,
  direction: Direction,
  mode: string,
): Record | undefined {
  return records
    .filter((r) => isAsConfigured(r) && r.device.id === device && r.direction === direction && r.mode === mode)
    .toSorted((a, b) => rank(a) - rank(b) || b.startedAt.localeCompare(a.startedAt))
    .at(0);
}

/** `fails`, `works`, or `works (clear)` when the mail arrived unencrypted; empty without a record. */
export function renderOutcome(record: Record | undefined): string {
  if (record === undefined) return '';
  return record.outcome === 'works' && record.encrypted === false ? 'works (clear)' : record.outcome;
}

function rank(record: Record): number {
  return record.engine === 'containers' ? 0 : 1;
}
