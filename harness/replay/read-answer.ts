import { createHash } from 'node:crypto';
import { EXTENSION } from '../corpus/read-extension.ts';
import type { CertificateFacts, ServerHello } from '../vocabulary/evidence.ts';
import { alertName, versionOf } from '../vocabulary/iana.ts';
import { parseCertificates } from '../wire/certificate.ts';
import { CutShort, Reader } from '../wire/reader.ts';
import { parseServerHello, type RawServerHello, readKeyExchange } from '../wire/server-hello.ts';
import { ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE } from '../wire/tls-records.ts';

/** What a server said to a hello, as far as it is in the clear. */
export type Answer =
  | {
      readonly kind: 'hello';
      readonly serverHello: ServerHello;
      /** null: TLS 1.3, which hides it. */
      readonly certificate: CertificateFacts | null;
    }
  | { readonly kind: 'alert'; readonly number: number; readonly name: string }
  | { readonly kind: 'closed'; readonly how: 'fin' | 'reset' }
  /** Not what a TLS server says; or it wants of the client what a recording cannot do. */
  | { readonly kind: 'rubbish'; readonly why: string }
  /** It never came to TLS: the dialogue before was not as it should be. */
  | { readonly kind: 'no-tls'; readonly why: string }
  | { readonly kind: 'silence' | 'unreachable'; readonly why: string };

/** `more`: bytes are missing. `retry`: a HelloRetryRequest waits for a second hello. */
export type Progress =
  | { readonly kind: 'more' }
  | { readonly kind: 'retry'; readonly group: number | null; readonly cookie: Buffer | null }
  | { readonly kind: 'done'; readonly answer: Answer };

const MORE: Progress = { kind: 'more' };
const MAX_PAYLOAD = 16_384 + 2_048;
/** Chains of certificates stay far below. */
const MAX_FLIGHT = 262_144;

/** Reads a server's bytes as they come. Never throws, whatever they are. */
export class AnswerReader {
  #bytes: Buffer = Buffer.alloc(0);
  #messages: Buffer = Buffer.alloc(0);
  #total = 0;
  #raw: RawServerHello | null = null;
  #hello: ServerHello | null = null;
  #certificate: CertificateFacts | null = null;
  #retried = false;

  push(chunk: Buffer): Progress {
    this.#total += chunk.length;
    if (this.#total > MAX_FLIGHT) return rubbish(`it sent more than ${MAX_FLIGHT} bytes and no end of its flight`);
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    try {
      return this.#read();
    } catch (error) {
      if (error instanceof CutShort) return rubbish(`a message of its handshake is cut short: ${error.message}`);
      throw error;
    }
  }

  /** What is to be said when the server ends instead. */
  ended(how: 'fin' | 'reset'): Answer {
    if (this.#bytes.length === 0 && this.#messages.length === 0 && this.#hello === null) return { kind: 'closed', how };
    return { kind: 'rubbish', why: `it ended (${how}) within its answer, after ${this.#total} bytes` };
  }

  #read(): Progress {
    while (this.#bytes.length >= 5) {
      const [type = 0, major = 0] = this.#bytes;
      const length = this.#bytes.readUInt16BE(3);
      if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA || major !== 3 || length > MAX_PAYLOAD) {
        return rubbish(`it answered with what is no TLS: ${this.#bytes.subarray(0, 16).toString('hex')}`);
      }
      if (this.#bytes.length < 5 + length) return MORE;
      const payload = this.#bytes.subarray(5, 5 + length);
      this.#bytes = this.#bytes.subarray(5 + length);
      const progress = this.#readRecord(type, payload);
      if (progress.kind !== 'more') return progress;
    }
    return MORE;
  }

  #readRecord(type: number, payload: Buffer): Progress {
    if (type === ALERT) {
      const [level = 0, number = 0] = payload;
      if (payload.length !== 2) return rubbish(`an alert of ${payload.length} bytes`);
      // A warning (unrecognised name) does not end the handshake.
      return level === 1 ? MORE : done({ kind: 'alert', number, name: alertName(number) });
    }
    if (type === APPLICATION_DATA) return rubbish('it sent encrypted data before its hello');
    if (type !== HANDSHAKE) return MORE;
    this.#messages = this.#messages.length === 0 ? payload : Buffer.concat([this.#messages, payload]);
    while (this.#messages.length >= 4) {
      const length = this.#messages.readUIntBE(1, 3);
      if (length > MAX_FLIGHT) return rubbish(`a handshake message of ${length} bytes`);
      if (this.#messages.length < 4 + length) return MORE;
      const message = this.#messages[0] ?? 0;
      const body = this.#messages.subarray(4, 4 + length);
      this.#messages = this.#messages.subarray(4 + length);
      const progress = this.#readMessage(message, body);
      if (progress.kind !== 'more') return progress;
    }
    return MORE;
  }

  /** Message types of RFC 8446 section 4 and RFC 5246 section 7.4. */
  #readMessage(type: number, body: Buffer): Progress {
    if (type === 2) return this.#readHello(body);
    if (this.#raw === null) return rubbish(`its first handshake message is of type ${type}, no ServerHello`);
    if (type === 11) {
      const certificate = readCertificates(body);
      if (certificate === 'unreadable') return rubbish('its certificate cannot be read');
      this.#certificate = certificate;
    }
    if (type === 12) this.#hello = readKeyExchange(this.#raw, body);
    return type === 14 && this.#hello !== null ? this.#helloDone(this.#hello) : MORE;
  }

  #readHello(body: Buffer): Progress {
    if (versionOf(new Reader(body).uint(2)) === undefined) return rubbish('its ServerHello has no version of TLS');
    const raw = parseServerHello(body, this.#retried);
    if (raw.isRetry) {
      if (this.#retried) return rubbish('it asked for another hello twice');
      this.#retried = true;
      return { kind: 'retry', ...readRetry(body) };
    }
    this.#raw = raw;
    this.#hello = raw.facts;
    return raw.version === '1.3' ? this.#helloDone(raw.facts) : MORE;
  }

  #helloDone(serverHello: ServerHello): Progress {
    return done({ kind: 'hello', serverHello, certificate: this.#certificate });
  }
}

/** Group and cookie of a HelloRetryRequest. Throws CutShort. */
function readRetry(body: Buffer): { readonly group: number | null; readonly cookie: Buffer | null } {
  const reader = new Reader(body);
  reader.take(34);
  reader.vector(1);
  reader.take(3);
  let group: number | null = null;
  let cookie: Buffer | null = null;
  const list = reader.vector(2);
  while (list.left > 0) {
    const code = list.uint(2);
    const content = list.vector(2);
    if (code === EXTENSION.keyShare) group = content.uint(2);
    if (code === EXTENSION.cookie) cookie = Buffer.from(content.rest());
  }
  return { group, cookie };
}

/** A server shows the same chain to all; reading one takes longer than all the rest. */
function readCertificates(body: Buffer): CertificateFacts | null | 'unreadable' {
  const key = createHash('sha256').update(body).digest('base64');
  const known = seen.get(key);
  if (known !== undefined) return known;
  const read = parseCertificates(body);
  if (seen.size >= MAX_CHAINS) seen.clear();
  seen.set(key, read);
  return read;
}
const seen = new Map<string, CertificateFacts | null | 'unreadable'>();
const MAX_CHAINS = 100;

function rubbish(why: string): Progress {
  return done({ kind: 'rubbish', why });
}

function done(answer: Answer): Progress {
  return { kind: 'done', answer };
}
