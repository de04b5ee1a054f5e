import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes from front to back, of which only a window is held: a capture may be larger than memory. */
export interface ByteSource {
  /** Bytes passed so far. */
  readonly at: number;
  /** The next `count` bytes, which hold until the next call; null: it ends before that. */
  take(count: number): Buffer | null;
  /** False: it ends before that. */
  skip(count: number): boolean;
}

export interface OpenFile extends ByteSource, Disposable {}

/** Where a file can be skipped in, what is skipped is not read. */
export function openFileSource(path: string): OpenFile {
  const file = openSync(path, 'r');
  const stats = fstatSync(file);
  const size = stats.isFile() ? stats.size : null;
  const read = (into: Buffer, from: number) => readSync(file, into, 0, into.length, size === null ? null : from);
  return Object.assign(windowOver(read, size), { [Symbol.dispose]: () => closeSync(file) });
}

/** @param read Fills a buffer from a place on and says how much it filled; 0 at the end. */
export function windowOver(read: (into: Buffer, from: number) => number, size: number | null): ByteSource {
  return new Window(read, size);
}

const CHUNK = 1_048_576;

class Window implements ByteSource {
  readonly #read: (into: Buffer, from: number) => number;
  readonly #size: number | null;
  #held: Buffer = Buffer.alloc(0);
  #used = 0;
  #position = 0;

  constructor(read: (into: Buffer, from: number) => number, size: number | null) {
    this.#read = read;
    this.#size = size;
  }

  get at(): number {
    return this.#position - (this.#held.length - this.#used);
  }

  take(count: number): Buffer | null {
    while (this.#held.length - this.#used < count) {
      if (!this.#fill(count)) return null;
    }
    this.#used += count;
    return this.#held.subarray(this.#used - count, this.#used);
  }

  skip(count: number): boolean {
    const inside = Math.min(count, this.#held.length - this.#used);
    this.#used += inside;
    let left = count - inside;
    if (left === 0) return true;
    if (this.#size !== null) {
      if (this.#position + left > this.#size) return false;
      this.#position += left;
      this.#held = Buffer.alloc(0);
      this.#used = 0;
      return true;
    }
    while (left > 0) {
      const part = Math.min(left, CHUNK);
      if (this.take(part) === null) return false;
      left -= part;
    }
    return true;
  }

  #fill(wanted: number): boolean {
    const rest = this.#held.subarray(this.#used);
    const next = Buffer.allocUnsafe(Math.max(CHUNK, wanted - rest.length));
    const count = this.#read(next, this.#position);
    if (count === 0) return false;
    this.#position += count;
    this.#held = Buffer.concat([rest, next.subarray(0, count)]);
    this.#used = 0;
    return true;
  }
}
