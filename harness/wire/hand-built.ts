import type { Server } from 'node:net';
import type { Side } from '../vocabulary/evidence.ts';
import type { Endpoint } from '../vocabulary/trial.ts';
import type { Capture, CaptureEvent } from './capture.ts';

/** What a test lets one side say: text or bytes. `-` in front of a side's end: how it ends. */
export type Said =
  | readonly ['client' | 'server', string | Buffer]
  | readonly ['client' | 'server' | 'tap', 'fin' | 'reset', true];

export const SUBMISSION: Endpoint = { protocol: 'smtp', port: 587, tls: 'starttls' };
export const SUBMISSIONS: Endpoint = { protocol: 'smtp', port: 465, tls: 'implicit' };

/** A capture for tests, one event for each thing said, a millisecond apart. */
export function buildCapture(endpoint: Endpoint, said: readonly Said[]): Capture {
  return captureOf(
    endpoint,
    said.map((one, i): CaptureEvent => {
      const atMs = i;
      if (one[2] === true) return { kind: one[1] === 'fin' ? 'fin' : 'reset', from: one[0], atMs };
      return { kind: 'data', from: one[0] === 'client' ? 'client' : 'server', atMs, bytes: Buffer.from(one[1]) };
    }),
  );
}

export function captureOf(endpoint: Endpoint, events: readonly CaptureEvent[]): Capture {
  return {
    number: 1,
    endpoint,
    startedAt: new Date('2026-03-01T12:00:00.000Z'),
    client: { address: '192.0.2.77', port: 49_152 },
    tapPort: 50_001,
    late: false,
    events,
  };
}

export function tlsRecord(type: number, version: number, payload: Buffer): Buffer {
  const head = Buffer.from([type, version >> 8, version & 0xff, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
}

export function handshakeMessage(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff]), body]);
}

/** A length-prefixed vector. */
export function vector(size: 1 | 2 | 3, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const head = Buffer.alloc(size);
  head.writeUIntBE(content.length, 0, size);
  return Buffer.concat([head, content]);
}

export function uint16(...numbers: readonly number[]): Buffer {
  return Buffer.from(numbers.flatMap((n) => [n >> 8, n & 0xff]));
}

export interface HelloParts {
  readonly version?: number;
  readonly suites?: readonly number[];
  /** null: no extensions field at all, as TLS 1.0 clients of 2000 have it. */
  readonly extensions?: readonly (readonly [number, Buffer])[] | null;
}

export function clientHello({ version = 0x0303, suites = [0xc02f, 0x00ff], extensions = [] }: HelloParts): Buffer {
  const list = extensions?.map(([code, body]) => Buffer.concat([uint16(code), vector(2, body)]));
  const body = [
    uint16(version),
    Buffer.alloc(32, 7),
    vector(1),
    vector(2, uint16(...suites)),
    vector(1, Buffer.from([0])),
  ];
  return handshakeMessage(1, Buffer.concat([...body, ...(list === undefined ? [] : [vector(2, ...list)])]));
}

export function serverHello(
  version: number,
  suite: number,
  extensions: readonly (readonly [number, Buffer])[] = [],
  random = Buffer.alloc(32, 9),
): Buffer {
  const list = extensions.map(([code, body]) => Buffer.concat([uint16(code), vector(2, body)]));
  return handshakeMessage(
    2,
    Buffer.concat([
      uint16(version),
      random,
      vector(1),
      uint16(suite),
      Buffer.from([0]),
      ...(list.length === 0 ? [] : [vector(2, ...list)]),
    ]),
  );
}

/** The same capture with its data cut into pieces; `sizes` are used in turn. */
export function splitEvents(capture: Capture, sizes: readonly number[]): Capture {
  let turn = 0;
  const events = capture.events.flatMap((event): readonly CaptureEvent[] => {
    if (event.kind !== 'data' || event.bytes.length === 0) return [event];
    const pieces: CaptureEvent[] = [];
    for (let at = 0; at < event.bytes.length; ) {
      const size = Math.max(1, sizes[turn++ % sizes.length] ?? 1);
      pieces.push({ ...event, bytes: event.bytes.subarray(at, at + size) });
      at += size;
    }
    return pieces;
  });
  return { ...capture, events };
}

/** What one side sent, as one buffer. */
export function bytesOf(capture: Capture, side: Side): Buffer {
  return Buffer.concat(capture.events.flatMap((e) => (e.kind === 'data' && e.from === side ? [e.bytes] : [])));
}

/** The port that a test's server is bound to. */
export function portOf(server: Server): number {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server is bound to no port');
  return bound.port;
}
