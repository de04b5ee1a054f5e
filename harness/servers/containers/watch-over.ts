import type { RunningContainer } from '../../containers/contract.ts';
import type { Greeting } from './await-greetings.ts';

/** Starts containers again that ended, and remembers when something was wrong. */
export interface Watch extends AsyncDisposable {
  /** What is wrong now, or null. */
  readonly trouble: string | null;
  /** What was wrong at any time since then, or null. */
  troubleSince(startedAt: Date): string | null;
}

/**
 * A server that dies in the middle of a trial makes it inconclusive; the next ones go on with a server that was started
 * again. One that dies again and again is left alone.
 */
export function watchOver(
  containers: Readonly<Record<string, RunningContainer>>,
  greet: (signal: AbortSignal) => Promise<Greeting>,
): Watch {
  const stop = new AbortController();
  let lost: { readonly why: string; endedAt: number | null } | null = null;
  let restarts = 0;
  let work: Promise<void> = Promise.resolve();
  const ended = () => Object.values(containers).filter((container) => container.trouble !== null);

  const look = () => {
    const [first] = ended();
    if (first === undefined || stop.signal.aborted || (lost !== null && lost.endedAt === null)) return;
    const current = { why: first.trouble ?? 'it ended', endedAt: null as number | null };
    lost = current;
    if (restarts >= MOST_RESTARTS) return;
    restarts += 1;
    work = (async () => {
      try {
        await Promise.all(ended().map((container) => container.restart()));
        const greeting = await greet(stop.signal);
        if (greeting.kind === 'greeted') current.endedAt = Date.now();
      } catch {
        // It stays in trouble, with the reason of its first end: that is what a reader needs.
      }
    })();
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();

  return {
    get trouble() {
      look();
      return lost !== null && lost.endedAt === null ? lost.why : null;
    },
    troubleSince(startedAt) {
      look();
      return lost !== null && (lost.endedAt === null || lost.endedAt >= startedAt.getTime()) ? lost.why : null;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      stop.abort();
      await work;
    },
  };
}

const LOOK_EVERY_MS = 100;
const MOST_RESTARTS = 5;
