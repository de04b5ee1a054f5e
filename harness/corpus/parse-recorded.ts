import { versionOf } from '../vocabulary/iana.ts';
import { CutShort, Reader } from '../wire/reader.ts';
import { looksLikeTls } from '../wire/tls-records.ts';
import { blankExtensions, numberGrease } from './blank-extensions.ts';
import { EXTENSION } from './read-extension.ts';
import type { RecordedExtension, RecordedHello } from './recorded-hello.ts';

/** `incomplete`: the hello goes on behind these bytes. `unreadable`: it is none, or one that a recording cannot hold. */
export type ParsedHello =
  | { readonly kind: 'hello'; readonly hello: RecordedHello }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Reads what a client sent from the first byte of TLS on: records with a ClientHello, in however many fragments, or a
 * hello in SSL 2.0 format. Bytes behind it are not looked at. Never throws, whatever the bytes are.
 */
export function parseRecordedHello(bytes: Buffer): ParsedHello {
  if (bytes.length === 0) return { kind: 'incomplete' };
  const looks = looksLikeTls(bytes);
  if (looks === 'no') return unreadable(`these bytes are no ClientHello: ${bytes.subarray(0, 8).toString('hex')}`);
  if (looks === 'unsure') return { kind: 'incomplete' };
  try {
    return ((bytes[0] ?? 0) & 0x80) === 0 ? parseRecords(bytes) : parseSslv2(bytes);
  } catch (error) {
    if (error instanceof CutShort) return unreadable(`its fields do not fit into it: ${error.message}`);
    throw error;
  }
}

/** RFC 8446 section 5.1, and its limit for what is not encrypted. */
const HANDSHAKE = 22;
const MAX_RECORD = 16_384;
/** A recording has this limit; the largest hellos of real clients, with post-quantum keys, have 3 KiB. */
const MAX_HELLO = 131_072;

function parseRecords(bytes: Buffer): ParsedHello {
  const parts: Buffer[] = [];
  let held = 0;
  let head: Buffer = Buffer.alloc(0);
  for (let at = 0; ; ) {
    if (bytes.length < at + 5) return { kind: 'incomplete' };
    const length = bytes.readUInt16BE(at + 3);
    if (bytes[at] !== HANDSHAKE) return unreadable(`a record of type ${bytes[at]} stands where the hello should`);
    if (length === 0 || length > MAX_RECORD) return unreadable(`a record announces ${length} bytes`);
    const part = bytes.subarray(at + 5, at + 5 + length);
    parts.push(part);
    held += part.length;
    if (head.length < 4) head = Buffer.concat([head, part]);
    const wanted = head.length < 4 ? 4 : 4 + head.readUIntBE(1, 3);
    if (head.length > 0 && head[0] !== 1) return unreadable(`it is handshake message ${head[0]}, and a hello is 1`);
    if (wanted > MAX_HELLO) return unreadable(`the hello announces ${wanted} bytes, and ${MAX_HELLO} is the limit`);
    if (head.length >= 4 && held >= wanted) {
      return parseBody(Buffer.concat(parts).subarray(4, wanted), bytes.readUInt16BE(1));
    }
    if (part.length < length) return { kind: 'incomplete' };
    at += 5 + length;
  }
}

function parseBody(body: Buffer, recordVersion: number): ParsedHello {
  const reader = new Reader(body);
  const version = reader.uint(2);
  reader.take(32);
  const sessionBytes = reader.vector(1).left;
  const list = reader.vector(2);
  if (list.left === 0 || list.left % 2 !== 0) return unreadable(`its list of suites has ${list.left} bytes`);
  const suites = list.uints(2);
  const compressions = [...reader.vector(1).rest()];
  const extensions = reader.left === 0 ? null : readExtensions(reader.vector(2));
  if (reader.left > 0) return unreadable(`${reader.left} bytes stand behind its end`);
  return {
    kind: 'hello',
    hello: {
      format: 'tls',
      recordVersion,
      version,
      // Up to TLS 1.2 a session id only says that the client has been there before; with TLS 1.3 it is a habit of the
      // stack (RFC 8446 appendix D.4).
      sessionBytes: extensions?.some(listsTls13) === true ? sessionBytes : 0,
      suites: numberGrease(suites),
      compressions,
      extensions: extensions === null ? null : blankExtensions(extensions),
    },
  };
}

function listsTls13({ code, body }: RecordedExtension): boolean {
  return code === EXTENSION.versions && body.includes(Buffer.from([3, 4]));
}

function readExtensions(reader: Reader): RecordedExtension[] {
  const extensions: RecordedExtension[] = [];
  while (reader.left > 0) extensions.push({ code: reader.uint(2), body: reader.vector(2).rest() });
  return extensions;
}

function parseSslv2(bytes: Buffer): ParsedHello {
  const length = bytes.readUInt16BE(0) & 0x7fff;
  if (bytes.length < 2 + length) return { kind: 'incomplete' };
  const reader = new Reader(bytes.subarray(2, 2 + length));
  reader.uint(1);
  const version = reader.uint(2);
  if (versionOf(version) === undefined) return unreadable(`it asks for version 0x${version.toString(16)}`);
  const [kinds, session, challenge] = [reader.uint(2), reader.uint(2), reader.uint(2)];
  if (kinds === 0 || kinds % 3 !== 0) return unreadable(`its list of cipher kinds has ${kinds} bytes`);
  const suites = new Reader(reader.take(kinds)).uints(3);
  reader.take(session);
  reader.take(challenge);
  if (reader.left > 0) return unreadable(`${reader.left} bytes stand behind its end`);
  return {
    kind: 'hello',
    hello: {
      format: 'sslv2',
      recordVersion: null,
      version,
      sessionBytes: challenge,
      suites,
      compressions: [],
      extensions: null,
    },
  };
}

function unreadable(why: string): ParsedHello {
  return { kind: 'unreadable', why };
}
