/// <reference lib="dom" />
import type { AttendView, Beat } from '../../harness/vocabulary/attend.ts';

/** `lost`: tried again until it is back. `refused`: the desk answers, and does not let this tablet in. */
export type LinkState = 'connecting' | 'live' | 'lost' | 'refused';

interface Listener {
  view(view: AttendView): void;
  beat(now: string): void;
  state(state: LinkState): void;
}

/** Three of the desk's beats (BEAT_MS of the contract, whose file would bring the schemas into the page). */
export const SILENCE_MS = 15_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;

/**
 * Hears the desk for as long as the page is open, and connects again by itself. The first view after connecting is the
 * newest, whatever was missed; after that a view that is older than what is shown is left out.
 */
export function openLink(listener: Listener): void {
  let source: EventSource | null = null;
  let heardAt = performance.now();
  let newest = -1;
  let retryMs = FIRST_RETRY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    clearTimeout(timer);
    source?.close();
    const opened = new EventSource('/events');
    source = opened;
    heardAt = performance.now();
    newest = -1;
    opened.addEventListener('view', ({ data }) => {
      // An event that was cut off never arrives: it ends with an empty line (HTML standard, server-sent events).
      const view: AttendView = JSON.parse(data);
      heard();
      if (view.version < newest) return;
      newest = view.version;
      listener.view(view);
    });
    opened.addEventListener('beat', ({ data }) => {
      heard();
      const beat: Beat = JSON.parse(data);
      listener.beat(beat.now);
    });
    opened.addEventListener('error', () => opened === source && void lose());
  }

  function heard(): void {
    heardAt = performance.now();
    retryMs = FIRST_RETRY_MS;
    listener.state('live');
  }

  async function lose(): Promise<void> {
    source?.close();
    source = null;
    clearTimeout(timer);
    listener.state('lost');
    timer = setTimeout(connect, retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    // The browser does not tell why a stream ended.
    if (await isRefused()) listener.state('refused');
  }

  setInterval(() => {
    if (source !== null && performance.now() - heardAt > SILENCE_MS) void lose();
  }, 1_000);
  // A lid that was closed, or a network that is back: nobody waits for the next try.
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && retryNow());
  addEventListener('online', retryNow);
  connect();

  function retryNow(): void {
    if (source === null || performance.now() - heardAt > SILENCE_MS / 3 + 1_000) connect();
  }
}

async function isRefused(): Promise<boolean> {
  try {
    const { status } = await fetch('/view', { cache: 'no-store', signal: AbortSignal.timeout(5_000) });
    return status === 401 || status === 403;
  } catch {
    return false;
  }
}
