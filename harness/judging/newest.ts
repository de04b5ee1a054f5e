import type { Record } from '../vocabulary/record.ts';

/** The newest record of each name, in the order in which the names first appear. Of two at the same time, the later one. */
export function newestBy<K>(records: readonly Record[], nameOf: (record: Record) => K): ReadonlyMap<K, Record> {
  const newest = new Map<K, Record>();
  for (const record of records) {
    const name = nameOf(record);
    const known = newest.get(name);
    if (known === undefined || known.startedAt <= record.startedAt) newest.set(name, record);
  }
  return newest;
}
