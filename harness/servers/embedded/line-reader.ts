/**
 * Takes chunks as they come and returns the bytes behind what it wanted, or null while it wants more. Used for what is
 * not lines: IMAP literals and the text of a mail.
 */
export type Consumer = (chunk: Buffer) => Buffer | null;

export interface LineReader {
  push(chunk: Buffer): void;
  /** Gives the next bytes to the consumer instead of the line handler, until it returns a rest. */
  divert(consumer: Consumer): void;
  /** Throws away what was received and not read yet; its length in bytes. */
  discard(): number;
  /** While paused, `push` only stores: the caller pauses its socket as well. */
  pause(): void;
  resume(): void;
}

interface Handlers {
  /** Longest line in bytes, without its end. */
  readonly maxBytes: number;
  /** One line as latin1 (bytes stay bytes), without CRLF or bare LF: old devices send either. */
  line(text: string): void;
  /** A line was longer than allowed; it has been skipped up to its end. */
  overlong(): void;
}

/** Cuts a byte stream into lines. Holds at most one line, one chunk, and what arrived while paused. */
export function createLineReader(handlers: Handlers): LineReader {
  let held: Buffer = EMPTY;
  let consumer: Consumer | undefined;
  let skipping = false;
  let paused = false;
  let reading = false;

  function read(): void {
    // A handler may call resume or divert: the loop that is running goes on, a second one would change the order.
    if (reading) return;
    reading = true;
    try {
      while (held.length > 0 && readSome());
    } finally {
      reading = false;
    }
  }

  /** False: nothing more can be read now. */
  function readSome(): boolean {
    if (paused) return false;
    return consumer === undefined ? readLine() : readDiverted(consumer);
  }

  function readLine(): boolean {
    const end = held.indexOf(LF);
    if (end === -1) {
      if (skipping || held.length > handlers.maxBytes) {
        skipping = true;
        held = EMPTY;
      }
      return false;
    }
    const line = held.subarray(0, held[end - 1] === CR ? end - 1 : end);
    held = held.subarray(end + 1);
    const overlong = skipping || line.length > handlers.maxBytes;
    skipping = false;
    if (overlong) handlers.overlong();
    else handlers.line(line.toString('latin1'));
    return true;
  }

  function readDiverted(current: Consumer): boolean {
    const chunk = held;
    held = EMPTY;
    const rest = current(chunk);
    if (rest === null) return false;
    if (consumer === current) consumer = undefined;
    held = rest;
    return true;
  }

  return {
    push(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      read();
    },
    divert(next) {
      consumer = next;
    },
    discard() {
      const { length } = held;
      held = EMPTY;
      consumer = undefined;
      skipping = false;
      return length;
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      read();
    },
  };
}

const EMPTY = Buffer.alloc(0);
const LF = 0x0a;
const CR = 0x0d;
