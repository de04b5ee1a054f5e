import type { Consumer } from './line-reader.ts';

interface Sink {
  /** Part of the mail, dots unstuffed. */
  write(chunk: Buffer): void;
  /** The line with the single dot was read. */
  end(): void;
}

/**
 * Reads the text of a mail after DATA (RFC 5321 section 4.5.2): removes the dot that the client put before lines that
 * start with one, and ends at CRLF "." CRLF. A bare LF never ends a mail, as Postfix has it since 3.9.
 */
export function readMailData(sink: Sink): Consumer {
  // A dot right at the start stands at the start of a line: as if a CRLF came before it, which is no part of the mail.
  let held: Buffer = CRLF;
  let phantom = CRLF.length;

  return (chunk) => {
    const bytes = Buffer.concat([held, chunk]);
    const emit = (from: number, to: number) => {
      const start = Math.max(from, phantom);
      if (to > start) sink.write(bytes.subarray(start, to));
    };
    const keepFrom = (index: number) => {
      held = bytes.subarray(index);
      phantom = Math.max(0, phantom - index);
      return null;
    };

    let from = 0;
    for (let hit = bytes.indexOf(LINE_WITH_DOT); hit !== -1; hit = bytes.indexOf(LINE_WITH_DOT, from)) {
      const behind = bytes.subarray(hit + 3, hit + 5);
      if (behind.equals(CRLF)) {
        emit(from, hit + 2);
        sink.end();
        return bytes.subarray(hit + 5);
      }
      if (behind.length === 0 || (behind.length === 1 && behind[0] === CR)) {
        emit(from, hit);
        return keepFrom(hit);
      }
      emit(from, hit + 2);
      from = hit + 3;
    }
    const end = Math.max(from, bytes.length - lineEndLength(bytes));
    emit(from, end);
    return keepFrom(end);
  };
}

const CR = 0x0d;
const CRLF = Buffer.from('\r\n');
const LINE_WITH_DOT = Buffer.from('\r\n.');

/** How many of the last bytes may be the start of CRLF "." */
function lineEndLength(bytes: Buffer): number {
  if (bytes.at(-1) === CR) return 1;
  return bytes.subarray(-2).equals(CRLF) ? 2 : 0;
}
