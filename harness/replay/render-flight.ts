import { randomBytes, randomFillSync } from 'node:crypto';
import { type RecordedExtension, type RecordedHello, renderHelloBody } from '../corpus/recorded-hello.ts';
import { EXTENSION, readBody, readShares } from '../corpus/read-extension.ts';
import { handshakeMessage, tlsRecord, uint16, vector } from '../wire/hand-built.ts';
import { keyShare, publicKey } from './key-shares.ts';

/** A recorded hello as it is sent to one server again and again. */
export interface Flight {
  /** The records of a first hello, with a random and a session id of its own. */
  first(): Sent;
  /** What a client says to a HelloRetryRequest (RFC 8446 section 4.1.4); null: it sends no keys, or none of that group can be made. */
  again(sent: Sent, retry: { readonly group: number | null; readonly cookie: Buffer | null }): Buffer | null;
}

export interface Sent {
  readonly bytes: Buffer;
  readonly random: Buffer;
  readonly session: Buffer;
}

/** @param serverName Said where the recorded client says a name at all. */
export function planFlight(hello: RecordedHello, serverName: string): Flight {
  const completed = hello.extensions?.map((extension) => complete(extension, serverName)) ?? null;
  // All extensions together have 65,535 bytes at most: beside the largest there is no room for a name.
  const isTooMuch = (completed ?? []).reduce((sum, { body }) => sum + 4 + body.length, 0) > 0xffff;
  const extensions = isTooMuch ? hello.extensions : completed;
  const nothing = { random: Buffer.alloc(32), session: Buffer.alloc(hello.sessionBytes), extensions };
  const body = renderHelloBody(hello, nothing);
  const isSslv2 = hello.format === 'sslv2';
  const message = isSslv2 ? body : handshakeMessage(1, body);
  const template = isSslv2 ? withSslv2Length(body) : intoRecords(message, hello.recordVersion ?? 0x0301);
  // One record in all cases but the rarest, where the places of random and session are not known beforehand.
  const isOneRecord = isSslv2 || message.length <= MAX_FRAGMENT;
  return {
    first() {
      const random = randomBytes(32);
      const session = randomFillSync(Buffer.alloc(hello.sessionBytes));
      if (!isOneRecord) {
        const fresh = renderHelloBody(hello, { random, session, extensions });
        return { bytes: intoRecords(handshakeMessage(1, fresh), hello.recordVersion ?? 0x0301), random, session };
      }
      const bytes = Buffer.from(template);
      if (isSslv2) session.copy(bytes, bytes.length - session.length);
      else {
        random.copy(bytes, RANDOM_AT);
        session.copy(bytes, RANDOM_AT + 32 + 1);
      }
      return { bytes, random, session };
    },
    again(sent, { group, cookie }) {
      const key = group === null ? null : publicKey(group);
      // A server must not ask this of a client that sends no keys.
      if (extensions?.some(({ code }) => code === EXTENSION.keyShare) !== true || (group !== null && key === null))
        return null;
      const kept = extensions.flatMap((extension) =>
        extension.code === EXTENSION.keyShare && group !== null && key !== null
          ? [{ code: EXTENSION.keyShare, body: vector(2, uint16(group), vector(2, key)) }]
          : [extension],
      );
      const answered = cookie === null ? kept : [...kept, { code: EXTENSION.cookie, body: cookie }];
      const again = renderHelloBody(hello, { random: sent.random, session: sent.session, extensions: answered });
      return intoRecords(handshakeMessage(1, again), 0x0303);
    },
  };
}

/** Behind the headers of record and message, and the version. */
const RANDOM_AT = 5 + 4 + 2;
const MAX_FRAGMENT = 16_384;

function complete(extension: RecordedExtension, serverName: string): RecordedExtension {
  const { code } = extension;
  if (code === EXTENSION.serverName) {
    return { code, body: vector(2, Buffer.from([0]), vector(2, Buffer.from(serverName, 'latin1'))) };
  }
  return code === EXTENSION.keyShare ? { code, body: withKeys(extension) } : extension;
}

/** A list that is no list is the client's own fault, and is sent as it was. */
function withKeys(extension: RecordedExtension): Buffer {
  const shares = readBody(extension, (reader) => readShares(reader.vector(2)));
  if (shares === null) return extension.body;
  return vector(2, ...shares.flatMap(({ group, bytes }) => [uint16(group), vector(2, keyShare(group, bytes))]));
}

function intoRecords(message: Buffer, version: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += MAX_FRAGMENT) {
    records.push(tlsRecord(22, version, message.subarray(at, at + MAX_FRAGMENT)));
  }
  return Buffer.concat(records);
}

function withSslv2Length(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | (body.length >> 8), body.length & 0xff]), body]);
}
