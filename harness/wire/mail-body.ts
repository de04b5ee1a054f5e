import { createHash } from 'node:crypto';

/** A mail, told by its length and hash only; `start`: its place in the flow. */
export class MailBody {
  readonly start: number;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #isWhole = true;
  #note: string | undefined;

  constructor(start: number) {
    this.start = start;
  }

  add(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }

  /** Bytes that were not kept; `note`: what a redaction says of them. */
  skip(count: number, note: string | undefined): void {
    this.#isWhole = false;
    this.#note ??= note;
    this.#bytes += count;
  }

  /** To be called once. */
  describe(): string {
    const content = this.#isWhole ? `sha256 ${this.#hash.digest('hex')}` : 'not all kept';
    return this.#note ?? `(mail body, ${this.#bytes} bytes, ${content})`;
  }
}

/** What is shown instead of a line that is no command: it may be part of a mail. `bytes`: with its line end. */
export function describeUnknownLine(bytes: Buffer): string {
  return `(unrecognised line, ${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')})`;
}

/** How many bytes the line had that such a note stands for; undefined: it stands for something else. */
export function readUnknownLine(note: string | undefined): number | undefined {
  const count = /^\(unrecognised line, (\d{1,6}) bytes,/.exec(note ?? '')?.[1];
  return count === undefined ? undefined : Number(count);
}
