import { createHash } from 'node:crypto';
import type { ClientHello } from '../vocabulary/evidence.ts';
import { describeHello } from '../wire/client-hello.ts';
import { uint16, vector } from '../wire/hand-built.ts';

/**
 * A ClientHello without what a client makes up anew for each connection: random, session id and ticket, keys, the name
 * that it calls, padding, and which of the GREASE values it drew. Two connections of one client have the same one.
 */
export interface RecordedHello {
  readonly format: 'tls' | 'sslv2';
  /** Version field of the first record; null for the SSLv2 format. */
  readonly recordVersion: number | null;
  /** legacy_version of the hello itself. */
  readonly version: number;
  /** Bytes of the session id (TLS) or of the challenge (SSLv2 format), whose content is new every time. */
  readonly sessionBytes: number;
  /** Two bytes each, three in the SSLv2 format. */
  readonly suites: readonly number[];
  readonly compressions: readonly number[];
  /** null: no extensions field at all. Bytes that are new every time are 0. */
  readonly extensions: readonly RecordedExtension[] | null;
}

export interface RecordedExtension {
  readonly code: number;
  readonly body: Buffer;
}

/** Names a recording: the first 12 hexadecimal digits of SHA-256 over its bytes, record version included. */
export function helloId(hello: RecordedHello): string {
  const head = uint16(hello.recordVersion ?? 0);
  const body = renderHelloBody(hello, { random: Buffer.alloc(32), session: Buffer.alloc(hello.sessionBytes) });
  return createHash('sha256')
    .update(hello.format)
    .update(Buffer.concat([head, body]))
    .digest('hex')
    .slice(0, 12);
}

/** The facts that judging and predicting go by. `sni` is null: whom a client calls is no part of a recording. */
export function describeRecorded(hello: RecordedHello): ClientHello {
  const body = renderHelloBody(hello, { random: Buffer.alloc(32), session: Buffer.alloc(hello.sessionBytes) });
  const raw = {
    format: hello.format,
    version: hello.version,
    suites: hello.suites,
    extensions: hello.extensions ?? [],
    lengthBytes: body.length + (hello.format === 'tls' ? 4 : 2),
    oddities: [],
  };
  return describeHello(raw, hello.recordVersion);
}

/** The message without its header: RFC 8446 section 4.1.2, RFC 5246 appendix E.2. `extensions` stand for the recorded ones. */
export function renderHelloBody(
  hello: RecordedHello,
  fresh: {
    readonly random: Buffer;
    readonly session: Buffer;
    readonly extensions?: readonly RecordedExtension[] | null;
  },
): Buffer {
  const { suites, compressions } = hello;
  if (hello.format === 'sslv2') {
    const kinds = Buffer.from(suites.flatMap((kind) => [kind >> 16, (kind >> 8) & 0xff, kind & 0xff]));
    const lengths = uint16(hello.version, kinds.length, 0, fresh.session.length);
    return Buffer.concat([Buffer.from([1]), lengths, kinds, fresh.session]);
  }
  const extensions = fresh.extensions === undefined ? hello.extensions : fresh.extensions;
  return Buffer.concat([
    uint16(hello.version),
    fresh.random,
    vector(1, fresh.session),
    vector(2, uint16(...suites)),
    vector(1, Buffer.from(compressions)),
    ...(extensions === null ? [] : [vector(2, ...extensions.map(renderExtension))]),
  ]);
}

function renderExtension({ code, body }: RecordedExtension): Buffer {
  return Buffer.concat([uint16(code), vector(2, body)]);
}
