import type { Side } from '../vocabulary/evidence.ts';
import { arrival, bytesFrom, type Flow } from './flow.ts';

/** Content types of RFC 8446 section 5.1 and RFC 6520. */
export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;

interface TlsRecord {
  /** 20 to 24, or `sslv2` for a hello in the format of SSL 2.0. */
  readonly type: number | 'sslv2';
  readonly version: number;
  /** Payload bytes that its header announces. */
  readonly length: number;
  /** What is kept of the payload: less than `length` where bytes were omitted or never came. */
  readonly payload: Buffer;
  readonly order: number;
  readonly atMs: number;
}

export interface SidedRecord extends TlsRecord {
  readonly from: Side;
}

export interface Records {
  readonly records: readonly TlsRecord[];
  /** Bytes of gaps that hold no record whose header is known. */
  readonly omitted: number;
  readonly oddities: readonly string[];
}

/** RFC 5246 section 6.2.3: at most 2^14 + 2048 bytes. */
const MAX_PAYLOAD = 16_384 + 2_048;
const HEADER = 5;

/** Splits what a side sent from `start` on into records. Unreadable bytes end the list and are named. */
export function parseRecords(flow: Flow, start: number): Records {
  const records: TlsRecord[] = [];
  const oddities: string[] = [];
  let omitted = 0;
  let at = start;
  while (at < flow.length) {
    const bytes = bytesFrom(flow, at);
    if (bytes.length === 0) {
      // In or before a gap: the next header is unknown, and is looked for behind it.
      const next = flow.runs.find((run) => run.start > at);
      const end = next?.start ?? flow.length;
      const skipped = next === undefined ? 0 : synchronise(next.bytes, records.at(-1)?.version);
      omitted += end - at + skipped;
      at = end + skipped;
      continue;
    }
    const record = recordAt(flow, at, bytes);
    if (record === 'cut') {
      oddities.push(`${bytes.length} bytes of a record header`);
      break;
    }
    if (record === 'unreadable') {
      oddities.push(`${flow.length - at} bytes that are no TLS record, from ${bytes.subarray(0, 8).toString('hex')}`);
      break;
    }
    const end = at + (record.type === 'sslv2' ? 2 : HEADER) + record.length;
    if (end > flow.length) oddities.push(`record of ${record.length} bytes cut after ${record.payload.length}`);
    records.push(record);
    at = end;
  }
  return { records, omitted, oddities };
}

/** Whether these bytes begin a TLS record or a hello in SSL 2.0 format; `unsure` while there are too few. */
export function looksLikeTls(bytes: Buffer): 'yes' | 'no' | 'unsure' {
  const [first = 0, second = 0] = bytes;
  if (first >= CHANGE_CIPHER_SPEC && first <= 24) {
    if (bytes.length < 3) return bytes.length < 2 || second === 3 ? 'unsure' : 'no';
    return second === 3 && (bytes[2] ?? 0xff) <= 4 ? 'yes' : 'no';
  }
  if ((first & 0x80) === 0) return 'no';
  // draft-hickman-netscape-ssl-00: two bytes of length, CLIENT-HELLO (1), then the version 0x0002 or 0x03nn.
  if (bytes.length > 2 && bytes[2] !== 1) return 'no';
  if (bytes.length < 5) return 'unsure';
  const version = bytes.readUInt16BE(3);
  return version === 2 || (version >= 0x0300 && version <= 0x0304) ? 'yes' : 'no';
}

function recordAt(flow: Flow, at: number, bytes: Buffer): TlsRecord | 'cut' | 'unreadable' {
  const looks = looksLikeTls(bytes);
  if (looks === 'no') return 'unreadable';
  if (looks === 'unsure' || bytes.length < HEADER) return 'cut';
  if ((bytes[0] ?? 0) & 0x80) {
    const length = bytes.readUInt16BE(0) & 0x7fff;
    return finish(flow, at + 2, bytes.subarray(2, 2 + length), {
      type: 'sslv2',
      version: bytes.readUInt16BE(3),
      length,
    });
  }
  const length = bytes.readUInt16BE(3);
  if (length > MAX_PAYLOAD) return 'unreadable';
  const payload = bytes.subarray(HEADER, HEADER + length);
  return finish(flow, at + HEADER, payload, { type: bytes[0] ?? 0, version: bytes.readUInt16BE(1), length });
}

function finish(
  flow: Flow,
  start: number,
  payload: Buffer,
  head: { readonly type: number | 'sslv2'; readonly version: number; readonly length: number },
): TlsRecord {
  const { order, atMs } = arrival(flow, Math.min(start + Math.max(head.length - 1, -1), flow.length - 1));
  return { ...head, payload, order, atMs };
}

/**
 * Bytes to skip behind a gap until records follow each other up to the end of the run. A wrong guess would have to
 * hit a type, the connection's version and lengths that fit, several times over.
 */
function synchronise(bytes: Buffer, version: number | undefined): number {
  for (let at = 0; at < bytes.length && at <= MAX_PAYLOAD + HEADER; at += 1) {
    if (chains(bytes, at, version)) return at;
  }
  return bytes.length;
}

function chains(bytes: Buffer, start: number, version: number | undefined): boolean {
  let at = start;
  while (at + HEADER <= bytes.length) {
    const type = bytes[at] ?? 0;
    if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA) return false;
    if (bytes[at + 1] !== 3 || (version !== undefined && bytes.readUInt16BE(at + 1) !== version)) return false;
    const length = bytes.readUInt16BE(at + 3);
    if (length > MAX_PAYLOAD || length === 0) return false;
    at += HEADER + length;
  }
  // A last record may be cut by the end of the capture, as long as one whole header was seen.
  return at > start;
}
