/** The last bytes of a stream, in memory that is taken once. */
export class RingBuffer {
  readonly #bytes: Buffer;
  #end = 0;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size);
  }

  write(bytes: Buffer): void {
    const last = bytes.subarray(Math.max(0, bytes.length - this.#bytes.length));
    const first = last.subarray(0, this.#bytes.length - this.#end);
    this.#bytes.set(first, this.#end);
    this.#bytes.set(last.subarray(first.length), 0);
    this.#end = this.#bytes.length === 0 ? 0 : (this.#end + last.length) % this.#bytes.length;
  }

  /** A copy of the last `count` bytes, at most as many as were written and as there is room for. */
  last(count: number): Buffer {
    const start = this.#end - count;
    if (start >= 0) return Buffer.from(this.#bytes.subarray(start, this.#end));
    return Buffer.concat([this.#bytes.subarray(start), this.#bytes.subarray(0, this.#end)]);
  }
}
