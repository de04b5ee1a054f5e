import type { ServerHello } from '../vocabulary/evidence.ts';
import { groupName, signatureName, type Suite, suiteByCode, suiteName, versionOf } from '../vocabulary/iana.ts';
import type { TlsVersion } from '../vocabulary/mode.ts';
import { Reader } from './reader.ts';

/** SHA-256 of "HelloRetryRequest", in place of the server's random (RFC 8446 section 4.1.3). */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

export interface RawServerHello {
  readonly version: TlsVersion;
  readonly suite: Suite | undefined;
  readonly isRetry: boolean;
  readonly facts: ServerHello;
}

/** Reads the body of a ServerHello or HelloRetryRequest. Throws CutShort when it is no whole one. */
export function parseServerHello(body: Buffer, retried: boolean): RawServerHello {
  const reader = new Reader(body);
  const legacyVersion = reader.uint(2);
  const isRetry = reader.take(32).equals(RETRY);
  reader.vector(1);
  const code = reader.uint(2);
  reader.uint(1);
  let version = versionOf(legacyVersion) ?? '1.2';
  let group: string | null = null;
  const list = reader.left > 0 ? reader.vector(2) : new Reader(Buffer.alloc(0));
  while (list.left > 0) {
    const extension = list.uint(2);
    const content = list.vector(2);
    // supported_versions; drafts of TLS 1.3 (0x7fnn) are TLS 1.3 on the wire.
    if (extension === 43) version = '1.3';
    if (extension === 51) group = groupName(content.uint(2));
  }
  const facts = { version, suite: suiteName(code), group, signature: null, dhBits: null, retried: retried || isRetry };
  return { version, suite: suiteByCode(code), isRetry, facts };
}

/**
 * Adds what a ServerKeyExchange tells (RFC 5246 section 7.4.3, RFC 8422 section 5.4, RFC 4279): the group or the size
 * of the modulus, and in TLS 1.2 the signature scheme. Throws CutShort.
 */
export function readKeyExchange(hello: RawServerHello, body: Buffer): ServerHello {
  const { facts, suite } = hello;
  const reader = new Reader(body);
  if (suite === undefined) return facts;
  if (suite.auth === 'PSK') reader.vector(2);
  if (suite.keyExchange === 'ECDHE') {
    const isNamed = reader.uint(1) === 3;
    if (!isNamed) return facts;
    const group = groupName(reader.uint(2));
    reader.vector(1);
    return { ...facts, group, signature: signatureOf(hello, reader) };
  }
  if (suite.keyExchange !== 'DHE') return facts;
  const modulus = reader.vector(2).rest();
  reader.vector(2);
  reader.vector(2);
  return { ...facts, dhBits: bitLength(modulus), signature: signatureOf(hello, reader) };
}

function signatureOf({ version, suite }: RawServerHello, reader: Reader): string | null {
  const isSigned = suite?.auth === 'RSA' || suite?.auth === 'ECDSA' || suite?.auth === 'DSS';
  return version === '1.2' && isSigned && reader.left >= 2 ? signatureName(reader.uint(2)) : null;
}

function bitLength(bytes: Buffer): number {
  const first = bytes.findIndex((b) => b !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}
