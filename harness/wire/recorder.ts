import type { Side } from '../vocabulary/evidence.ts';
import type { CaptureEvent } from './capture.ts';
import { RingBuffer } from './ring-buffer.ts';

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

/** The bytes of the tail are in its ring until somebody asks. */
type Event =
  | CaptureEvent
  | { readonly kind: 'tail'; readonly from: Side; readonly atMs: number; readonly count: number };

interface Kept {
  head: number;
  tail: number;
  ring: RingBuffer | undefined;
  /** Indexes of the events that make up the tail, oldest first. */
  readonly tailAt: number[];
  omittedAt: number | undefined;
}

/** Collects what a tap sees of one connection, within bounds. `atMs` counts from its creation. */
export class Recorder {
  readonly #keeping: Keeping;
  readonly #startedMs = performance.now();
  readonly #kept: Readonly<Record<Side, Kept>> = { client: newKept(), server: newKept() };
  #events: (Event | undefined)[] = [];

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
  }

  /** What is kept is copied: the bytes may be overwritten afterwards. */
  data(from: Side, bytes: Buffer): void {
    const kept = this.#kept[from];
    const room = Math.max(0, Math.min(this.#keeping.head - kept.head, bytes.length));
    if (room > 0 && this.#events.length < MAX_EVENTS) {
      kept.head += room;
      this.#add({ kind: 'data', from, atMs: this.#now(), bytes: Buffer.from(bytes.subarray(0, room)) });
      if (room < bytes.length) this.#addToTail(from, bytes.subarray(room));
    } else this.#addToTail(from, bytes);
  }

  ended(kind: 'fin' | 'reset', from: Side | 'tap'): void {
    this.#add({ kind, from, atMs: this.#now() });
  }

  events(): readonly CaptureEvent[] {
    const { client, server } = this.#kept;
    const tails = { client: client.ring?.last(client.tail), server: server.ring?.last(server.tail) };
    const read = { client: 0, server: 0 };
    return this.#events.flatMap((event): readonly CaptureEvent[] => {
      if (event?.kind !== 'tail') return event === undefined ? [] : [event];
      const { from, atMs, count } = event;
      const start = read[from];
      read[from] += count;
      return [{ kind: 'data', from, atMs, bytes: tails[from]?.subarray(start, start + count) ?? Buffer.alloc(0) }];
    });
  }

  #now(): number {
    return performance.now() - this.#startedMs;
  }

  #add(event: Event): number {
    return this.#events.push(event) - 1;
  }

  #addToTail(from: Side, bytes: Buffer): void {
    const kept = this.#kept[from];
    // From here on the head is closed, so that kept and omitted bytes keep their order.
    kept.head = Number.POSITIVE_INFINITY;
    kept.ring ??= new RingBuffer(this.#keeping.tail);
    kept.ring.write(bytes);
    kept.tailAt.push(this.#add({ kind: 'tail', from, atMs: this.#now(), count: bytes.length }));
    kept.tail += bytes.length;
    while (kept.tail > this.#keeping.tail || kept.tailAt.length > MAX_EVENTS) this.#omitOldest(from, kept);
    if (this.#events.length > 4 * MAX_EVENTS) this.#compact();
  }

  #omitOldest(from: Side, kept: Kept): void {
    const at = kept.tailAt[0];
    const oldest = at === undefined ? undefined : this.#events[at];
    if (at === undefined || oldest?.kind !== 'tail') return;
    const surplus = kept.tailAt.length > MAX_EVENTS ? oldest.count : kept.tail - this.#keeping.tail;
    const count = Math.min(surplus, oldest.count);
    kept.tail -= count;
    if (count < oldest.count) this.#events[at] = { ...oldest, count: oldest.count - count };
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
    const compacted: Event[] = [];
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
  return { head: 0, tail: 0, ring: undefined, tailAt: [], omittedAt: undefined };
}
