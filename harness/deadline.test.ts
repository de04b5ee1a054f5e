import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDeadline, renderLimit } from './deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a wait in which nothing moves is over after the idle time', async () => {
  using deadline = createDeadline({ idleMs: 1000, totalMs: 10_000 });
  vi.advanceTimersByTime(999);
  expect(deadline.hit).toBeNull();
  vi.advanceTimersByTime(1);
  expect(deadline.hit).toEqual({ limit: 'idle', ms: 1000 });
  expect(await deadline.over).toEqual({ limit: 'idle', ms: 1000 });
  expect(deadline.signal.aborted).toBe(true);
});

test('what moves is given time up to the total', () => {
  using deadline = createDeadline({ idleMs: 1000, totalMs: 5000 });
  for (let step = 0; step < 9; step += 1) {
    vi.advanceTimersByTime(500);
    deadline.moved();
    expect(deadline.hit).toBeNull();
  }
  vi.advanceTimersByTime(500);
  expect(deadline.hit).toEqual({ limit: 'total', ms: 5000 });
});

test('an abort ends it, also one that came before it', () => {
  const before = AbortSignal.abort('stopped');
  using late = createDeadline({ signal: before });
  expect(late.hit).toEqual({ limit: 'aborted', reason: 'stopped' });
  const abort = new AbortController();
  using deadline = createDeadline({ totalMs: 1000, signal: abort.signal });
  abort.abort('ctrl-c');
  vi.advanceTimersByTime(1000);
  expect(deadline.hit).toEqual({ limit: 'aborted', reason: 'ctrl-c' });
});

test('race tells finished work, late work and failed work apart', async () => {
  using deadline = createDeadline({ totalMs: 1000 });
  expect(await deadline.race(Promise.resolve(7))).toEqual({ kind: 'finished', value: 7 });
  await expect(deadline.race(Promise.reject(new Error('no')))).rejects.toThrow('no');
  const late = deadline.race(new Promise<never>(() => {}));
  vi.advanceTimersByTime(1000);
  expect(await late).toEqual({ kind: 'over', over: { limit: 'total', ms: 1000 } });
});

test('disposed, it holds no timer, and moving does not start one again', () => {
  const deadline = createDeadline({ idleMs: 1000, totalMs: 1000 });
  deadline[Symbol.dispose]();
  deadline.moved();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(5000);
  expect(deadline.hit).toBeNull();
});

test('limits read as sentences', () => {
  expect(renderLimit({ limit: 'idle', ms: 15_000 })).toBe('nothing moved for 15 s');
  expect(renderLimit({ limit: 'total', ms: 120_000 })).toBe('it was not done after 120 s');
});

test('a limit that is longer than a timer can be does not end the wait at once', () => {
  using deadline = createDeadline({ idleMs: 1e12, totalMs: 2 ** 31 });
  vi.advanceTimersByTime(86_400_000);
  expect(deadline.hit).toBeNull();
});
