import { createDeadline } from '../deadline.ts';
import { LabFault } from '../faults.ts';
import type { Session } from './session.ts';

/** The console of one device, from trial to trial. */
interface KeptConsole extends AsyncDisposable {
  /**
   * The console for the next trial: the one there is, brought back to how it stood, or where it cannot be, or is another
   * firmware's, a new one.
   */
  open(firmware: string): Promise<Session>;
  /** Ends it, also while it is still being opened or brought back: then nobody waits for that any more. */
  close(): Promise<void>;
}

/** Containers are removed in a second or two, on a busy machine in ten. */
const CLOSE_MS = 30_000;

interface Held {
  readonly firmware: string;
  readonly session: Promise<Session>;
  /** Gives up what is not done yet. */
  readonly stop: AbortController;
  /** It is being opened, or brought back. */
  isBusy: boolean;
}

/** @param start Opens a console; its signal aborts the opening, and the wait for what `renew` does. */
export function keepConsole(start: (firmware: string, signal: AbortSignal) => Promise<Session>): KeptConsole {
  let current: Held | null = null;
  let closings = 0;
  const endCurrent = async (): Promise<void> => {
    const closing = current;
    current = null;
    if (closing === null) return;
    if (closing.isBusy) closing.stop.abort(wasClosed());
    // A console that does not even close holds only itself, not the device's other trials or the run's end.
    using deadline = createDeadline({ totalMs: CLOSE_MS });
    await deadline.race(endOf(closing));
  };
  const close = async (): Promise<void> => {
    closings += 1;
    await endCurrent();
  };
  const begin = async (firmware: string): Promise<Session> => {
    const stop = new AbortController();
    const held: Held = { firmware, session: start(firmware, stop.signal), stop, isBusy: true };
    current = held;
    return whileBusy(held, held.session);
  };
  return {
    async open(firmware) {
      const before = closings;
      const held = current;
      if (held?.firmware === firmware) {
        const session = await held.session.catch(() => null);
        if (session !== null && (await whileBusy(held, isRenewed(session)))) return session;
      }
      if (current !== null) await endCurrent();
      if (closings !== before) throw wasClosed();
      return begin(firmware);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const wasClosed = (): Error => new Error('its console was closed');

async function whileBusy<T>(held: Held, work: Promise<T>): Promise<T> {
  held.isBusy = true;
  try {
    return await work;
  } finally {
    held.isBusy = false;
  }
}

/** One that was opened after all is closed as well, however late. */
async function endOf({ session }: Held): Promise<void> {
  const opened = await session.catch(() => null);
  await opened?.[Symbol.asyncDispose]();
}

/** A console that does not come back to how it stood is no longer used: the device is started anew. */
async function isRenewed(session: Session): Promise<boolean> {
  try {
    await session.renew?.();
    return true;
  } catch (fault) {
    if (fault instanceof LabFault) return false;
    throw fault;
  }
}
