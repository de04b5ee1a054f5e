import type { Direction } from '../../vocabulary/trial.ts';
import type { Press } from '../door/contract.ts';

export interface Settling {
  /** After a connection that brought nothing, the device's own next try is waited for this long. */
  readonly idleMs: number;
  readonly totalMs: number;
  /** Nothing more will come: the person says that the device has given up. */
  readonly hurry: AbortSignal;
  readonly signal: AbortSignal;
}

/** As in observe.ts: after the last connection has closed. */
const QUIET_MS = 60;

/**
 * Waits, from the first connection on, until a press has come to its end: connections closed, and the mail there, or the
 * device's own tries over. A device that changes to a lower version within a press makes no second one.
 * Throws the signal's reason.
 */
export async function settlePress(stand: Press, direction: Direction, settling: Settling): Promise<void> {
  const { tap } = stand;
  const { signal, totalMs, hurry } = settling;
  const closed = { idleMs: totalMs, totalMs, signal };
  await tap.until((t) => t.openConnections === 0, closed);
  await stand.server.settled?.(portsOf(stand), signal);
  const hurried = AbortSignal.any([signal, hurry]);
  try {
    await tap.until((t) => t.openConnections === 0 && isServed(stand, direction), {
      idleMs: settling.idleMs,
      totalMs,
      signal: hurried,
    });
  } catch (reason) {
    signal.throwIfAborted();
    if (!hurry.aborted) throw reason;
  }
  await tap.until((t) => t.openConnections === 0, closed);
  await stand.server.settled?.(portsOf(stand), signal);
  await tap.settled({ idleMs: QUIET_MS, totalMs: QUIET_MS * 20, signal });
}

/** The mail came, or was given out: nothing more is expected. */
function isServed(stand: Press, direction: Direction): boolean {
  return stand.server
    .sessions(portsOf(stand), stand.marker)
    .some((s) => (direction === 'send' ? s.delivered.length > 0 : s.fetched));
}

function portsOf({ tap }: Press): number[] {
  return tap
    .captures()
    .map((c) => c.tapPort)
    .filter((port) => port !== 0);
}
