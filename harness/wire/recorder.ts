import type { Side } from '../vocabulary/evidence.ts';
import type { CaptureEvent } from './capture.ts';

/** How much of each direction is kept, in bytes: the first `head` and the last `tail`. */
export interface Keeping {
  readonly head: number;
  readonly tail: number;
}

/**
 * A handshake with a long chain and a whole mail dialogue fit into 512 KiB many times over; the last 64 KiB (four
 * full TLS records) hold how it ended. With 200 connections a trial stays below 230 MB even when flooded.
 */
export const KEEPING: Keeping = { head: 512 * 1024, tail: 64 * 1024 };

/** Single events of a connection that are kept: a side that sends single bytes must not cost a megabyte per kilobyte. */
const MAX_EVENTS = 20_000;

interface Kept {
  head: number;
  tail: number;
  /** Indexes of the events that make up the tail, oldest first. */
  readonly tailAt: number[];
  omittedAt: number | undefined;
}

/** Collects what a tap sees of one connection, within bounds. `atMs` counts from its creation. */
export class Recorder {
  readonly #keeping: Keeping;
  readonly #startedMs = performance.now();
  readonly #kept: Readonly<Record<Side, Kept>> = { client: newKept(), server: newKept() };
  #events: (CaptureEvent | undefined)[] = [];

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
  }

  /** The bytes belong to the recorder from now on. */
  data(from: Side, bytes: Buffer): void {
    const kept = this.#kept[from];
    const room = Math.max(0, Math.min(this.#keeping.head - kept.head, bytes.length));
    if (room > 0 && this.#events.length < MAX_EVENTS) {
      kept.head += room;
      this.#add({ kind: 'data', from, atMs: this.#now(), bytes: bytes.subarray(0, room) });
      if (room < bytes.length) this.#addToTail(from, bytes.subarray(room));
    } else this.#addToTail(from, bytes);
  }

  ended(kind: 'fin' | 'reset', from: Side | 'tap'): void {
    this.#add({ kind, from, atMs: this.#now() });
  }

  events(): readonly CaptureEvent[] {
    return this.#events.filter((event) => event !== undefined);
  }

  #now(): number {
    return performance.now() - this.#startedMs;
  }

  #add(event: CaptureEvent): number {
    return this.#events.push(event) - 1;
  }

  #addToTail(from: Side, bytes: Buffer): void {
    const kept = this.#kept[from];
    // From here on the head is closed, so that kept and omitted bytes keep their order.
    kept.head = Number.POSITIVE_INFINITY;
    kept.tailAt.push(this.#add({ kind: 'data', from, atMs: this.#now(), bytes }));
    kept.tail += bytes.length;
    while (kept.tail > this.#keeping.tail || kept.tailAt.length > MAX_EVENTS) this.#omitOldest(from, kept);
    if (this.#events.length > 4 * MAX_EVENTS) this.#compact();
  }

  #omitOldest(from: Side, kept: Kept): void {
    const at = kept.tailAt[0];
    const oldest = at === undefined ? undefined : this.#events[at];
    if (at === undefined || oldest?.kind !== 'data') return;
    const surplus = kept.tailAt.length > MAX_EVENTS ? oldest.bytes.length : kept.tail - this.#keeping.tail;
    const count = Math.min(surplus, oldest.bytes.length);
    kept.tail -= count;
    if (count < oldest.bytes.length) this.#events[at] = { ...oldest, bytes: oldest.bytes.subarray(count) };
    else {
      this.#events[at] = undefined;
      kept.tailAt.shift();
    }
    this.#omit(from, kept, count, at, oldest.atMs);
  }

  /** One omission stands for all that was left out of a direction; it lies between its head and its tail. */
  #omit(from: Side, kept: Kept, count: number, at: number, atMs: number): void {
    const earlier = kept.omittedAt === undefined ? undefined : this.#events[kept.omittedAt];
    if (kept.omittedAt !== undefined && earlier?.kind === 'omitted') {
      this.#events[kept.omittedAt] = { ...earlier, count: earlier.count + count };
      return;
    }
    if (this.#events[at] === undefined) {
      this.#events[at] = { kind: 'omitted', from, atMs, count };
      kept.omittedAt = at;
      return;
    }
    // The oldest chunk is only shortened: the omission goes in front of it.
    this.#events.splice(at, 0, { kind: 'omitted', from, atMs, count });
    this.#reindex((i) => (i >= at ? i + 1 : i));
    kept.omittedAt = at;
  }

  #compact(): void {
    const places = new Map<number, number>();
    const compacted: CaptureEvent[] = [];
    for (const [i, event] of this.#events.entries()) {
      if (event === undefined) continue;
      places.set(i, compacted.length);
      compacted.push(event);
    }
    this.#events = compacted;
    this.#reindex((i) => places.get(i) ?? i);
  }

  #reindex(move: (index: number) => number): void {
    for (const kept of [this.#kept.client, this.#kept.server]) {
      kept.tailAt.splice(0, kept.tailAt.length, ...kept.tailAt.map(move));
      if (kept.omittedAt !== undefined) kept.omittedAt = move(kept.omittedAt);
    }
  }
}

function newKept(): Kept {
  return { head: 0, tail: 0, tailAt: [], omittedAt: undefined };
}
