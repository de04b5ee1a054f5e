import type { RunningContainer } from '../../containers/contract.ts';
import type { Greeting } from './await-greetings.ts';

/** Starts containers again that ended, and remembers when something was wrong. */
export interface Watch extends AsyncDisposable {
  /** Something else than an end spoils what is answered just now, e.g. a full disk. */
  note(why: string): void;
  /** What is wrong now, or null. */
  readonly trouble: string | null;
  /** What was wrong at any time since then, or null. */
  troubleSince(startedAt: Date): string | null;
}

/**
 * A server that dies in the middle of a trial makes it inconclusive; the next ones go on with a server that was started
 * again, and after it those that stand behind it: they may live in its network namespace. One that dies again and again is left alone.
 */
export function watchOver(
  containers: Readonly<Record<string, RunningContainer>>,
  greet: (signal: AbortSignal) => Promise<Greeting>,
): Watch {
  const stop = new AbortController();
  let lost: { readonly why: string; endedAt: number | null } | null = null;
  let restarts = 0;
  let work: Promise<void> = Promise.resolve();
  const all = Object.values(containers);
  const ended = () => all.filter((container) => container.trouble !== null);

  const look = () => {
    const [first] = ended();
    if (first === undefined || stop.signal.aborted || (lost !== null && lost.endedAt === null)) return;
    const current = { why: first.trouble ?? 'it ended', endedAt: null as number | null };
    lost = current;
    work = revive(current);
  };
  const revive = async (current: { endedAt: number | null }): Promise<void> => {
    try {
      // The second may end while the first is started again.
      while (restarts < MOST_RESTARTS && !stop.signal.aborted) {
        restarts += 1;
        const first = all.findIndex((container) => container.trouble !== null);
        for (const container of all.slice(first === -1 ? all.length : first)) await container.restart();
        const greeting = await greet(stop.signal);
        if (greeting.kind === 'greeted') current.endedAt = Date.now();
        if (greeting.kind !== 'died') return;
      }
    } catch {
      // It stays in trouble, with the reason of its first end: that is what a reader needs.
    }
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();

  let noted: { readonly why: string; readonly atMs: number } | null = null;
  return {
    note(why) {
      noted = { why, atMs: Date.now() };
    },
    get trouble() {
      look();
      return lost !== null && lost.endedAt === null ? lost.why : null;
    },
    troubleSince(startedAt) {
      look();
      const since = startedAt.getTime();
      if (lost !== null && (lost.endedAt === null || lost.endedAt >= since)) return lost.why;
      return noted !== null && noted.atMs >= since ? noted.why : null;
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
