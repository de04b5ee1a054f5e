import { setTimeout as sleep } from 'node:timers/promises';

/** Which limit ended a wait, and how long it was; `aborted` carries the signal's reason. */
export type Limit =
  | { readonly limit: 'idle' | 'total'; readonly ms: number }
  | { readonly limit: 'aborted'; readonly reason: unknown };

/** `finished`: the work was done in time. A rejection of the work itself is passed on. */
type Raced<T> = { readonly kind: 'finished'; readonly value: T } | { readonly kind: 'over'; readonly over: Limit };

export interface DeadlineLimits {
  /** Over when `moved` was not called for this many milliseconds. */
  readonly idleMs?: number;
  /** Over after this many milliseconds, whatever moved. */
  readonly totalMs?: number;
  readonly signal?: AbortSignal;
}

/** Disposing stops its timers; `over` then never settles. */
export interface Deadline extends Disposable {
  /** Something happened: the idle time starts anew. */
  moved(): void;
  /** Resolves, never rejects, with the first limit that was hit. */
  readonly over: Promise<Limit>;
  /** The limit that was hit, or null as long as there is time. */
  readonly hit: Limit | null;
  /** Aborts when a limit is hit: for APIs that take a signal. */
  readonly signal: AbortSignal;
  race<T>(work: Promise<T>): Promise<Raced<T>>;
}

/**
 * Idle-based deadline: a slow device may take long as long as it moves, a dead one is given up soon.
 * Limits are in milliseconds; one that is left out never ends the wait.
 */
export function createDeadline(limits: DeadlineLimits): Deadline {
  const { signal } = limits;
  const idleMs = clamp(limits.idleMs);
  const totalMs = clamp(limits.totalMs);
  const over = Promise.withResolvers<Limit>();
  const abort = new AbortController();
  let hit: Limit | null = null;

  const end = (limit: Limit): void => {
    if (hit !== null) return;
    hit = limit;
    stop();
    over.resolve(limit);
    abort.abort(limit);
  };
  const onAbort = (): void => end({ limit: 'aborted', reason: signal?.reason });
  const idle = idleMs === undefined ? undefined : setTimeout(() => end({ limit: 'idle', ms: idleMs }), idleMs);
  const total = totalMs === undefined ? undefined : setTimeout(() => end({ limit: 'total', ms: totalMs }), totalMs);
  const stop = (): void => {
    clearTimeout(idle);
    clearTimeout(total);
    signal?.removeEventListener('abort', onAbort);
  };
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });

  let stopped = false;
  return {
    moved: () => {
      // refresh() would start a stopped timer again.
      if (hit === null && !stopped) idle?.refresh();
    },
    over: over.promise,
    get hit() {
      return hit;
    },
    signal: abort.signal,
    race: async <T>(work: Promise<T>): Promise<Raced<T>> => {
      const late = over.promise.then((limit): Raced<T> => ({ kind: 'over', over: limit }));
      return Promise.race([work.then((value): Raced<T> => ({ kind: 'finished', value })), late]);
    },
    [Symbol.dispose]: () => {
      stopped = true;
      stop();
    },
  };
}

/** More than this makes Node's timers end after 1 ms: 2^31 - 1, 24.8 days. */
const MAX_TIMER_MS = 2_147_483_647;

function clamp(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.min(ms, MAX_TIMER_MS);
}

/** The limit as part of a sentence: "nothing moved for 15 s". */
export function renderLimit(limit: Limit): string {
  if (limit.limit === 'aborted') return 'the run was stopped';
  const seconds = `${limit.ms / 1000} s`;
  return limit.limit === 'idle' ? `nothing moved for ${seconds}` : `it was not done after ${seconds}`;
}

/** Waits until nothing moved for `idleMs`; `false` when `totalMs` passed first. Throws the signal's reason. */
async function awaitQuiet(
  { idleMs, totalMs, signal }: Required<Pick<DeadlineLimits, 'idleMs' | 'totalMs'>> & Pick<DeadlineLimits, 'signal'>,
  lastMovedAtMs: () => number,
): Promise<boolean> {
  const startedMs = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const now = performance.now();
    const idleFor = now - Math.max(lastMovedAtMs(), startedMs);
    if (idleFor >= idleMs) return true;
    if (now - startedMs >= totalMs) return false;
    const waitMs = Math.min(idleMs - idleFor, totalMs - (now - startedMs), MAX_TIMER_MS);
    await sleep(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** Waits for a condition that `change` may bring about; `false` when a limit was hit first. Throws the signal's reason. */
async function awaitCondition(
  condition: () => boolean,
  waiting: DeadlineLimits,
  change: () => Promise<void>,
): Promise<boolean> {
  using deadline = createDeadline(waiting);
  for (;;) {
    if (condition()) return true;
    const raced = await deadline.race(change());
    waiting.signal?.throwIfAborted();
    if (raced.kind === 'over') return false;
    deadline.moved();
  }
}

/** When something moved last, and waiting for it to. */
export interface Motion {
  readonly moved: () => void;
  /** `performance.now()` of the last change; at first of the beginning. */
  readonly lastMovedAtMs: number;
  /** See `awaitQuiet`. */
  readonly settled: (waiting: Parameters<typeof awaitQuiet>[0]) => Promise<boolean>;
  /** See `awaitCondition`; each move may bring it about. */
  readonly until: (condition: () => boolean, waiting: DeadlineLimits) => Promise<boolean>;
}

export function createMotion(): Motion {
  let lastMovedAtMs = performance.now();
  let changed = Promise.withResolvers<void>();
  return {
    moved() {
      lastMovedAtMs = performance.now();
      changed.resolve();
      changed = Promise.withResolvers();
    },
    get lastMovedAtMs() {
      return lastMovedAtMs;
    },
    settled: (waiting) => awaitQuiet(waiting, () => lastMovedAtMs),
    until: (condition, waiting) => awaitCondition(condition, waiting, () => changed.promise),
  };
}
