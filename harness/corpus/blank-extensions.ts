import { isGrease } from '../vocabulary/iana.ts';
import { uint16, vector } from '../wire/hand-built.ts';
import { CutShort, Reader } from '../wire/reader.ts';
import type { RecordedExtension } from './recorded-hello.ts';

/**
 * Takes out of a hello's extensions what is new on each connection, and keeps lengths where they belong to the client.
 * Pre-shared keys, early data and cookies go as a whole: they continue something that a recording cannot.
 */
export function blankExtensions(extensions: readonly RecordedExtension[]): readonly RecordedExtension[] {
  const codes = numberGrease(extensions.map(({ code }) => code));
  const groups = new GreaseNumbers();
  return extensions.flatMap(({ code, body }, i): readonly RecordedExtension[] => {
    if (CONTINUING.includes(code)) return [];
    return [{ code: codes[i] ?? code, body: readable(body, (reader) => blank(code, reader, groups)) }];
  });
}

/** pre_shared_key, early_data, cookie (RFC 8446 section 4.2). */
const CONTINUING: readonly number[] = [41, 42, 44];

const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const SIGNATURES = 13;
const PADDING = 21;
const SESSION_TICKET = 35;
const SUPPORTED_VERSIONS = 43;
const KEY_SHARE = 51;
const ENCRYPTED_HELLO = 0xfe0d;

function blank(code: number, reader: Reader, groups: GreaseNumbers): Buffer | null {
  switch (code) {
    // Whom it calls, and what makes its length even, say nothing about the client.
    case SERVER_NAME:
    case PADDING:
    case SESSION_TICKET:
      return Buffer.alloc(0);
    case SUPPORTED_GROUPS:
      return vector(2, uint16(...groups.number(reader.vector(2).uints(2))));
    case SIGNATURES:
      return vector(2, uint16(...numberGrease(reader.vector(2).uints(2))));
    case SUPPORTED_VERSIONS:
      return vector(1, uint16(...numberGrease(reader.vector(1).uints(2))));
    case KEY_SHARE:
      return blankShares(reader.vector(2), groups);
    case ENCRYPTED_HELLO:
      return blankEncryptedHello(reader);
    default:
      return null;
  }
}

function blankShares(list: Reader, groups: GreaseNumbers): Buffer {
  const shares: Buffer[] = [];
  while (list.left > 0) {
    const [group = 0] = groups.number([list.uint(2)]);
    shares.push(uint16(group), vector(2, Buffer.alloc(list.vector(2).left)));
  }
  return vector(2, ...shares);
}

/** RFC 9849 section 5: what is encrypted, and the id of the key, differ each time also where it is only GREASE. */
function blankEncryptedHello(reader: Reader): Buffer {
  const head = reader.take(5);
  reader.uint(1);
  const [key, payload] = [reader.vector(2).left, reader.vector(2).left];
  return Buffer.concat([head, Buffer.from([0]), vector(2, Buffer.alloc(key)), vector(2, Buffer.alloc(payload))]);
}

/** What cannot be read as it should be stays as it is: it is the client's own. */
function readable(body: Buffer, read: (reader: Reader) => Buffer | null): Buffer {
  try {
    return read(new Reader(body)) ?? body;
  } catch (error) {
    if (error instanceof CutShort) return body;
    throw error;
  }
}

/** The same codes with GREASE values numbered in their order: clients draw them anew for each connection (RFC 8701). */
export function numberGrease(codes: readonly number[]): readonly number[] {
  return new GreaseNumbers().number(codes);
}

class GreaseNumbers {
  readonly #numbered = new Map<number, number>();

  number(codes: readonly number[]): number[] {
    return codes.map((code) => (isGrease(code) ? this.#of(code) : code));
  }

  #of(code: number): number {
    const known = this.#numbered.get(code) ?? 0x0a0a + 0x1010 * this.#numbered.size;
    this.#numbered.set(code, known);
    return known;
  }
}
