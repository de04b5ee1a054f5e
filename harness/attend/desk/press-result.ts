import type { PressReason } from '../../vocabulary/attend.ts';
import { withFields } from '../../records.ts';
import { compareVersions } from '../../vocabulary/mode.ts';
import type { Record } from '../../vocabulary/record.ts';
import type { DeskResult } from './state.ts';

/** What a page shows of a press that was recorded. */
export function renderResult(
  record: Record,
  press: { readonly reason: PressReason; readonly number: number },
): DeskResult {
  const seen = record.evidence.wire.connections.filter((c) => !c.late);
  const offers = seen.flatMap(({ hello }) => (hello === null ? [] : [hello.maxVersion]));
  return {
    number: press.number,
    reason: press.reason,
    trial: record.trial,
    outcome: record.outcome,
    ...(record.cause === undefined ? {} : { cause: record.cause }),
    encrypted: record.encrypted ?? null,
    said: record.evidence.device.said,
    offered: offers.toSorted(compareVersions).at(-1) ?? null,
    connections: seen.length,
    direction: record.direction,
    startedAt: record.startedAt,
  };
}

/**
 * Each press once, as it is known last: what a person said later was recorded as a further attempt of the same press.
 * Attempts are numbered by presses, so that such a one does not look like trouble that was pressed again.
 */
export function pressesOf(records: readonly Record[]): readonly Record[] {
  const presses = [...new Map(records.map((r) => [`${r.trial} ${r.startedAt}`, r])).values()];
  const counts = new Map<string, number>();
  return presses.map((press) => {
    const attempt = (counts.get(press.trial) ?? 0) + 1;
    // One that brought nothing was no try of the lab's either.
    counts.set(press.trial, press.cause === 'never-connected' ? attempt - 1 : attempt);
    return attempt === press.attempt ? press : withFields(press, { attempt });
  });
}
