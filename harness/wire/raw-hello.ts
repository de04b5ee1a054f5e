import { CutShort, Reader } from './reader.ts';

/** A ClientHello as numbers, GREASE included, in the order of the wire. */
export interface RawHello {
  readonly format: 'tls' | 'sslv2';
  readonly version: number;
  readonly suites: readonly number[];
  readonly extensions: readonly { readonly code: number; readonly body: Buffer }[];
  readonly lengthBytes: number;
  /** What the message held beyond its structure, or lacked. */
  readonly oddities: readonly string[];
}

/** Reads the body of a ClientHello message (without the 4 bytes of its header). Throws CutShort before the suites end. */
export function parseHelloBody(body: Buffer): RawHello {
  const reader = new Reader(body);
  const oddities: string[] = [];
  const version = reader.uint(2);
  reader.take(32);
  reader.vector(1);
  const suites = reader.vector(2).uints(2);
  const extensions: { code: number; body: Buffer }[] = [];
  try {
    reader.vector(1);
    // SSL 3.0 and TLS 1.0 clients may end here: extensions came with RFC 3546.
    if (reader.left > 0) {
      const list = reader.vector(2);
      while (list.left > 0) extensions.push({ code: list.uint(2), body: list.vector(2).rest() });
    }
    if (reader.left > 0) oddities.push(`${reader.left} bytes behind the extensions of the ClientHello`);
  } catch (cause) {
    if (!(cause instanceof CutShort)) throw cause;
    oddities.push('extensions of the ClientHello are cut short');
  }
  return { format: 'tls', version, suites, extensions, lengthBytes: body.length + 4, oddities };
}

/** Reads a CLIENT-HELLO in SSL 2.0 format, without its 2 bytes of length (RFC 5246 appendix E.2). */
export function parseSslv2Hello(body: Buffer): RawHello {
  const reader = new Reader(body);
  reader.uint(1);
  const version = reader.uint(2);
  const suitesLength = reader.uint(2);
  reader.take(4);
  const oddities = reader.left < suitesLength ? ['cipher kinds of the SSLv2 hello are cut short'] : [];
  const suites = new Reader(reader.take(Math.min(suitesLength, reader.left))).uints(3);
  return { format: 'sslv2', version, suites, extensions: [], lengthBytes: body.length + 2, oddities };
}

/** The body of an extension's list of two-byte codes; null: the extension is absent. */
export function codesIn(raw: RawHello, extension: number, lengthSize: 1 | 2): readonly number[] | null {
  return readExtension(raw, extension, (reader) => reader.vector(lengthSize).uints(2));
}

export function alpnNames(raw: RawHello): string[] {
  const names = readExtension(raw, 16, (reader) => {
    const list = reader.vector(2);
    const found: string[] = [];
    while (list.left > 0) found.push(printable(list.vector(1).rest()));
    return found;
  });
  return names ?? [];
}

/** Reads one extension's body; null: it is absent or cut short. */
export function readExtension<T>(raw: RawHello, code: number, read: (reader: Reader) => T): T | null {
  const extension = raw.extensions.find((e) => e.code === code);
  if (extension === undefined) return null;
  try {
    return read(new Reader(extension.body));
  } catch (cause) {
    if (cause instanceof CutShort) return null;
    throw cause;
  }
}

/** Text of a device, safe in one line: what is not printable ASCII becomes `\xNN`. */
export function printable(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
