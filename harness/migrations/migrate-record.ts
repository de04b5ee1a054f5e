import { RECORD_VERSION } from '../vocabulary/record.ts';
import { nameChangedValue } from './name-changed-value.ts';

/** A record of an older version, as its line says it: not checked yet. */
type OldRecord = Readonly<Record<string, unknown>>;

/** The step at index N makes version N + 1 of version N. A step is never changed again: lines of its version exist. */
const STEPS: readonly ((record: OldRecord) => OldRecord)[] = [nameChangedValue];

/**
 * Brings a record of an older version to the current one. Evidence is not touched: what was seen stays what was seen.
 * Anything else (a current record, a newer one, no record) is given back as it is; the schema says what is wrong with it.
 *
 * @param line What a line of records.jsonl says, parsed.
 */
export function migrateRecord(line: unknown): unknown {
  if (!isOld(line)) return line;
  return STEPS.slice(line.v).reduce<OldRecord>((record, step, i) => ({ ...step(record), v: line.v + i + 1 }), line);
}

function isOld(line: unknown): line is OldRecord & { readonly v: number } {
  if (typeof line !== 'object' || line === null || !('v' in line)) return false;
  return typeof line.v === 'number' && Number.isInteger(line.v) && line.v >= 0 && line.v < RECORD_VERSION;
}
