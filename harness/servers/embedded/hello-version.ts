import type { TlsVersion } from '../../vocabulary/mode.ts';

/** `incomplete`: more bytes are needed; `other`: not a hello that this reads, which is TLS's own business to refuse. */
export type OfferedVersion =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'other' }
  | { readonly kind: 'version'; readonly version: TlsVersion };

/**
 * The highest version that the first bytes of a client offer: what a server that refuses old versions without an alert
 * must know before TLS starts, because OpenSSL always writes one. Reads TLS and SSLv2-format hellos.
 */
export function parseOfferedVersion(bytes: Buffer): OfferedVersion {
  if (bytes.length < 5) return INCOMPLETE;
  // SSLv2 format (RFC 5246 appendix E.2): two length bytes, high bit set, msg_type 1, version.
  if ((bytes.readUInt8(0) & 0x80) !== 0) return bytes.readUInt8(2) === 1 ? named(bytes.readUInt16BE(3)) : OTHER;
  if (bytes.readUInt8(0) !== HANDSHAKE_RECORD) return OTHER;
  const hello = joinRecords(bytes);
  if (hello === undefined) return OTHER;
  if (hello.length < 4) return bytes.length > LIMIT_BYTES ? OTHER : INCOMPLETE;
  const length = hello.readUIntBE(1, 3);
  if (hello.readUInt8(0) !== CLIENT_HELLO || length > LIMIT_BYTES) return OTHER;
  if (hello.length < 4 + length) return bytes.length > 2 * LIMIT_BYTES ? OTHER : INCOMPLETE;
  return highestVersion(hello.subarray(4, 4 + length));
}

const INCOMPLETE = { kind: 'incomplete' } as const;
const OTHER = { kind: 'other' } as const;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SUPPORTED_VERSIONS = 43;
/** A hello of a real client is under 2 KiB; one record holds 16 KiB (RFC 8446 section 5.1). */
const LIMIT_BYTES = 16 * 1024;

const VERSIONS: Readonly<Record<number, TlsVersion>> = {
  0x0002: 'SSLv2',
  0x0300: 'SSLv3',
  0x0301: '1.0',
  0x0302: '1.1',
  0x0303: '1.2',
  0x0304: '1.3',
};

function named(code: number): OfferedVersion {
  const version = VERSIONS[code];
  return version === undefined ? OTHER : { kind: 'version', version };
}

/** The handshake bytes of the records received so far, the last one perhaps cut; undefined: another record came. */
function joinRecords(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    if (bytes.readUInt8(at) !== HANDSHAKE_RECORD) return undefined;
    parts.push(bytes.subarray(at + 5, at + 5 + bytes.readUInt16BE(at + 3)));
  }
  return Buffer.concat(parts);
}

/** supported_versions decides where it is present (RFC 8446 section 4.2.1). */
function highestVersion(body: Buffer): OfferedVersion {
  try {
    const legacy = body.readUInt16BE(0);
    let at = 34;
    at += 1 + body.readUInt8(at);
    at += 2 + body.readUInt16BE(at);
    at += 1 + body.readUInt8(at);
    for (at += 2; at + 4 <= body.length; at += 4 + body.readUInt16BE(at + 2)) {
      if (body.readUInt16BE(at) !== SUPPORTED_VERSIONS) continue;
      const listed = [];
      for (let v = at + 5; v < at + 5 + body.readUInt8(at + 4); v += 2) listed.push(body.readUInt16BE(v));
      return named(Math.max(...listed.filter((code) => VERSIONS[code] !== undefined)));
    }
    return named(Math.min(legacy, 0x0303));
  } catch (error) {
    if (error instanceof RangeError) return OTHER;
    throw error;
  }
}
