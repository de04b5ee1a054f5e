/** Thrown by a Reader that was asked for more than there is. Stays inside harness/wire. */
export class CutShort extends Error {
  override readonly name = 'CutShort';
}

/** Walks over bytes of a TLS message; numbers are big-endian (RFC 8446 section 3). */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(count: number): Buffer {
    if (count > this.left) throw new CutShort(`${count} bytes wanted, ${this.left} there`);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  uint(size: 1 | 2 | 3): number {
    return this.take(size).readUIntBE(0, size);
  }

  /** A vector that its length precedes, in `size` bytes. */
  vector(size: 1 | 2 | 3): Reader {
    return new Reader(this.take(this.uint(size)));
  }

  rest(): Buffer {
    return this.take(this.left);
  }

  /** The remaining bytes as numbers of `size` bytes; an incomplete last one is left out. */
  uints(size: 1 | 2 | 3): number[] {
    const numbers: number[] = [];
    while (this.left >= size) numbers.push(this.uint(size));
    return numbers;
  }
}
