/** Takes bytes in any pieces, gives lines. */
export interface LineReader {
  push(bytes: Buffer): void;
  /** Gives what stands after the last line end. */
  end(): void;
}

/** Longer lines are cut: a program may write without an end. */
const MAX_LINE_BYTES = 8_192;

/** Splits bytes into lines, without their ends; at most `maxBytes` of each are kept. */
export function createLineReader(onLine: (line: string) => void, maxBytes = MAX_LINE_BYTES): LineReader {
  let parts: Buffer[] = [];
  let length = 0;
  let seen = false;
  const keep = (piece: Buffer): void => {
    seen = true;
    const part = piece.subarray(0, Math.max(0, maxBytes - length));
    if (part.length === 0) return;
    // A copy: the piece would keep the whole chunk in memory.
    parts.push(Buffer.from(part));
    length += part.length;
  };
  const give = (): void => {
    const line = Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
    parts = [];
    length = 0;
    seen = false;
    onLine(line);
  };
  return {
    push(bytes) {
      let start = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
        keep(bytes.subarray(start, end));
        give();
        start = end + 1;
      }
      if (start < bytes.length) keep(bytes.subarray(start));
    },
    end: () => {
      if (seen) give();
    },
  };
}

/**
 * Takes a container's output as the engine sends it (Docker Engine API, "Stream format": a header of 8 bytes, stream
 * type and length, before each piece) and gives the lines of both streams as they end.
 */
export function createLogReader(onLine: (line: string) => void): LineReader {
  const readers = [createLineReader(onLine), createLineReader(onLine), createLineReader(onLine)] as const;
  let header = Buffer.alloc(0);
  let reader: LineReader = readers[1];
  let left = 0;
  return {
    push(bytes) {
      let rest = bytes;
      while (rest.length > 0) {
        if (left === 0) {
          const missing = 8 - header.length;
          header = Buffer.concat([header, rest.subarray(0, missing)]);
          rest = rest.subarray(missing);
          if (header.length < 8) return;
          reader = readers[header.readUInt8(0) % 3] ?? readers[1];
          left = header.readUInt32BE(4);
          header = Buffer.alloc(0);
        } else {
          reader.push(rest.subarray(0, left));
          const taken = Math.min(left, rest.length);
          rest = rest.subarray(taken);
          left -= taken;
        }
      }
    },
    end: () => {
      for (const each of readers) each.end();
    },
  };
}
