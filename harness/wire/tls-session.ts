import type { Alert, CertificateFacts, ClientHello, Connection, ServerHello, Side } from '../vocabulary/evidence.ts';
import { alertName } from '../vocabulary/iana.ts';
import { parseCertificates } from './certificate.ts';
import { describeHello } from './client-hello.ts';
import type { Flow } from './flow.ts';
import { parseHelloBody, parseSslv2Hello } from './raw-hello.ts';
import { CutShort } from './reader.ts';
import { parseServerHello, type RawServerHello, readKeyExchange } from './server-hello.ts';
import { estimateTls13 } from './tls13.ts';
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  parseRecords,
  type SidedRecord,
} from './tls-records.ts';

export interface TlsFacts {
  readonly hello: ClientHello | null;
  readonly serverHello: ServerHello | null;
  readonly certificate: CertificateFacts | null;
  readonly alerts: readonly Alert[];
  readonly handshake: Connection['handshake'];
  readonly applicationBytes: Connection['applicationBytes'];
  readonly oddities: readonly string[];
}

/** What is known of one side while its records are read. */
interface Progress {
  /** Handshake bytes that do not make a whole message yet. */
  pending: Buffer;
  alertPending: Buffer;
  changedCipher: boolean;
  /** An encrypted handshake record came after ChangeCipherSpec: Finished. */
  finished: boolean;
  applicationBytes: number;
}

interface Reading {
  readonly sides: { readonly client: Progress; readonly server: Progress };
  hello: ClientHello | null;
  raw: RawServerHello | null;
  serverHello: ServerHello | null;
  certificate: CertificateFacts | null;
  retried: boolean;
  readonly alerts: Alert[];
  readonly oddities: string[];
  /** Encrypted records of TLS 1.3, whose content is estimated at the end. */
  readonly hidden: SidedRecord[];
}

/** A handshake message longer than this is not read: certificate chains stay far below. */
const MAX_MESSAGE = 256 * 1024;

/** Reads the TLS part of a connection; `starts`: where it begins in each side's flow, null where it does not. */
export function readTlsSession(
  flows: Readonly<Record<Side, Flow>>,
  starts: Readonly<Record<Side, number | null>>,
  isImplicit: boolean,
): TlsFacts {
  const sides = (['client', 'server'] as const).map((from) => {
    const start = starts[from];
    const parsed = start === null ? { records: [], omitted: 0, oddities: [] } : parseRecords(flows[from], start);
    return { from, ...parsed };
  });
  const reading: Reading = {
    sides: { client: newProgress(), server: newProgress() },
    hello: null,
    raw: null,
    serverHello: null,
    certificate: null,
    retried: false,
    alerts: [],
    oddities: sides.flatMap(({ from, oddities }) => oddities.map((text) => `${from}: ${text}`)),
    hidden: [],
  };
  const records = sides.flatMap(({ from, records: own }) => own.map((record) => ({ ...record, from })));
  // Within one event all bytes are of one side, so the order of events decides (the sort is stable).
  for (const record of records.sort((a, b) => a.order - b.order)) readRecord(reading, record);
  return conclude(reading, records, isImplicit, { client: sides[0]?.omitted ?? 0, server: sides[1]?.omitted ?? 0 });
}

function conclude(
  reading: Reading,
  records: readonly SidedRecord[],
  isImplicit: boolean,
  omitted: Readonly<Record<Side, number>>,
): TlsFacts {
  const { client, server } = reading.sides;
  for (const [from, side] of [
    ['client', client],
    ['server', server],
  ] as const) {
    if (side.pending.length > 0)
      reading.oddities.push(`${from}: handshake message cut after ${side.pending.length} bytes`);
    if (side.alertPending.length > 0) reading.oddities.push(`${from}: half an alert`);
  }
  const hidden = estimateTls13(reading.hidden, reading.serverHello?.suite ?? '', isImplicit);
  const finished = reading.raw?.version === '1.3' ? hidden.finished : client.finished && server.finished;
  const count = (from: Side) =>
    reading.sides[from].applicationBytes + hidden.applicationBytes[from] + (finished ? omitted[from] : 0);
  return {
    hello: reading.hello,
    serverHello: reading.serverHello,
    certificate: reading.certificate,
    alerts: [...reading.alerts, ...hidden.alerts].sort((a, b) => a.atMs - b.atMs),
    handshake: finished ? 'finished' : records.length > 0 ? 'started' : 'none',
    applicationBytes: { client: count('client'), server: count('server') },
    oddities: reading.oddities,
  };
}

function readRecord(reading: Reading, record: SidedRecord): void {
  const side = reading.sides[record.from];
  if (record.type === 'sslv2') return readSslv2(reading, record);
  if (record.type === CHANGE_CIPHER_SPEC) {
    // In TLS 1.3 it changes nothing (RFC 8446 appendix D.4).
    if (reading.raw?.version !== '1.3') side.changedCipher = true;
    return;
  }
  if (record.type === ALERT) return readAlert(reading, record);
  if (record.type === APPLICATION_DATA) {
    if (reading.raw?.version === '1.3') reading.hidden.push(record);
    else side.applicationBytes += record.length;
    return;
  }
  if (record.type !== HANDSHAKE) return;
  if (side.changedCipher) {
    side.finished = true;
    return;
  }
  if (record.payload.length < record.length) {
    reading.oddities.push(`${record.from}: handshake record without all its bytes`);
  }
  side.pending = Buffer.concat([side.pending, record.payload]);
  readMessages(reading, record);
}

function readMessages(reading: Reading, record: SidedRecord): void {
  const side = reading.sides[record.from];
  while (side.pending.length >= 4) {
    const length = side.pending.readUIntBE(1, 3);
    if (length > MAX_MESSAGE) {
      reading.oddities.push(`${record.from}: handshake message of ${length} bytes`);
      side.pending = Buffer.alloc(0);
      return;
    }
    if (side.pending.length < 4 + length) return;
    const type = side.pending[0] ?? 0;
    const body = side.pending.subarray(4, 4 + length);
    side.pending = side.pending.subarray(4 + length);
    try {
      readMessage(reading, record, type, body);
    } catch (cause) {
      if (!(cause instanceof CutShort)) throw cause;
      reading.oddities.push(`${record.from}: handshake message ${type} is cut short`);
    }
  }
}

/** Message types of RFC 8446 section 4 and RFC 5246 section 7.4. */
function readMessage(reading: Reading, record: SidedRecord, type: number, body: Buffer): void {
  if (record.from === 'client') {
    if (type !== 1 || reading.hello !== null) return;
    const raw = parseHelloBody(body);
    reading.hello = describeHello(raw, record.version);
    reading.oddities.push(...raw.oddities);
    return;
  }
  if (type === 2) {
    reading.raw = parseServerHello(body, reading.retried);
    reading.retried = reading.raw.facts.retried;
    reading.serverHello = reading.raw.facts;
  } else if (type === 11) {
    const certificate = parseCertificates(body);
    if (certificate === 'unreadable') reading.oddities.push('server: certificate that cannot be read');
    else reading.certificate = certificate;
  } else if (type === 12 && reading.raw !== null) {
    reading.serverHello = readKeyExchange(reading.raw, body);
  }
}

function readAlert(reading: Reading, record: SidedRecord): void {
  const side = reading.sides[record.from];
  const { from, atMs } = record;
  if (side.changedCipher) {
    reading.alerts.push({ from, level: null, number: null, name: null, atMs });
    return;
  }
  let bytes = Buffer.concat([side.alertPending, record.payload]);
  for (; bytes.length >= 2; bytes = bytes.subarray(2)) {
    const [level = 0, number = 0] = bytes;
    if (level !== 1 && level !== 2) {
      reading.oddities.push(`${from}: alert record of ${record.length} bytes with level ${level}`);
      bytes = Buffer.alloc(0);
      break;
    }
    reading.alerts.push({ from, level: level === 1 ? 'warning' : 'fatal', number, name: alertName(number), atMs });
  }
  side.alertPending = bytes;
}

function readSslv2(reading: Reading, record: SidedRecord): void {
  if (record.from === 'server' || reading.hello !== null) {
    reading.oddities.push(`${record.from}: message in SSLv2 format, ${record.length} bytes`);
    return;
  }
  try {
    const raw = parseSslv2Hello(record.payload);
    reading.hello = describeHello(raw, null);
    reading.oddities.push(...raw.oddities);
  } catch (cause) {
    if (!(cause instanceof CutShort)) throw cause;
    reading.oddities.push('client: SSLv2 hello is cut short');
  }
}

function newProgress(): Progress {
  const nothing = Buffer.alloc(0);
  return { pending: nothing, alertPending: nothing, changedCipher: false, finished: false, applicationBytes: 0 };
}
