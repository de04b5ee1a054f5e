/** Bounds of what one connection may have held that came before its turn: windows of old devices have 64 KiB. */
const MAX_HELD_AHEAD = 262_144;
const MAX_SEGMENTS_AHEAD = 512;
/** What a held segment takes beside its bytes: a hostile capture has segments of one byte. */
const SEGMENT_BYTES = 256;

interface Ahead {
  readonly sequence: number;
  readonly bytes: Buffer;
}

/**
 * One direction of a TCP connection: puts segments into order, once each. What is in its turn is given on at once and
 * not kept; where two segments differ over the same bytes, the first that came counts.
 */
export class Stream {
  #next: number | null;
  #ahead: Ahead[] = [];
  #heldAhead = 0;
  readonly #give: (bytes: Buffer) => void;

  /** @param first Sequence number of the first byte; null: that of the first segment that comes. */
  constructor(first: number | null, give: (bytes: Buffer) => void) {
    this.#next = first;
    this.#give = give;
  }

  get held(): number {
    return this.#heldAhead + SEGMENT_BYTES * this.#ahead.length;
  }

  /** Bytes came that cannot be put into order, as others in front of them are missing. */
  get isWaiting(): boolean {
    return this.#ahead.length > 0;
  }

  /** False: too much came before its turn; nothing of it is kept any more. */
  accept(sequence: number, payload: Buffer): boolean {
    this.#next ??= sequence;
    const early = distance(this.#next, sequence);
    if (early > 0) return this.#keep(sequence, payload, early);
    this.#giveFrom(sequence, payload);
    this.#catchUp();
    return true;
  }

  /** All up to this place has come, and nothing behind it. */
  isAt(sequence: number): boolean {
    return this.#next === sequence >>> 0 && !this.isWaiting;
  }

  drop(): void {
    this.#ahead = [];
    this.#heldAhead = 0;
  }

  #keep(sequence: number, payload: Buffer, early: number): boolean {
    if (this.#ahead.some((one) => one.sequence === sequence && one.bytes.length >= payload.length)) return true;
    if (
      early > MAX_HELD_AHEAD ||
      this.#heldAhead + payload.length > MAX_HELD_AHEAD ||
      this.#ahead.length >= MAX_SEGMENTS_AHEAD
    ) {
      this.drop();
      return false;
    }
    this.#ahead.push({ sequence, bytes: Buffer.from(payload) });
    this.#heldAhead += payload.length;
    return true;
  }

  /** Gives what is new of a segment that begins at or before the next byte. */
  #giveFrom(sequence: number, payload: Buffer): void {
    if (this.#next === null) return;
    const known = distance(sequence, this.#next);
    if (known >= payload.length) return;
    this.#next = (this.#next + payload.length - known) >>> 0;
    this.#give(payload.subarray(known));
  }

  #catchUp(): void {
    for (;;) {
      const next = this.#next;
      const at = next === null ? -1 : this.#ahead.findIndex(({ sequence }) => distance(next, sequence) <= 0);
      const [one] = at < 0 ? [] : this.#ahead.splice(at, 1);
      if (one === undefined) return;
      this.#heldAhead -= one.bytes.length;
      this.#giveFrom(one.sequence, one.bytes);
    }
  }
}

/** How far `to` lies behind `from`, with numbers that begin again after 2^32 (RFC 9293 section 3.4). */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}
