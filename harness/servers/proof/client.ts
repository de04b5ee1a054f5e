import type { X509Certificate } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import {
  connect as connectTls,
  type ConnectionOptions,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { alertName } from '../../vocabulary/iana.ts';
import type { Endpoint, Protocol } from '../../vocabulary/trial.ts';

/** Where a proof's client connects, and as whom. */
export interface Target {
  readonly endpoint: Endpoint;
  readonly host: string;
  readonly port: number;
  /** '' sends no server name. */
  readonly serverName: string;
  /** ms without a byte from the server. */
  readonly idleMs: number;
  /** Waited for before each connection: servers that work for others are asked slowly. */
  readonly pace?: () => Promise<void>;
  /** Closes a connection at once, however its server hangs. */
  readonly signal?: AbortSignal;
}

/** Lines to and from a server. Reading throws `NoAnswer`. Disposing closes the connection at once. */
export interface Talk extends Disposable {
  send(line: string): void;
  /** Waits for an answer that matches from where the last one ended, and takes it. At most 1 MiB. */
  read(answer: RegExp): Promise<string>;
}

/**
 * How an attempt ended. `unclear`: the client itself gave up, which says nothing about the server; `hung`: no answer.
 */
export type Attempt =
  | { readonly kind: 'open'; readonly talk: Talk; readonly tls: TlsFacts | null }
  | { readonly kind: 'refused' | 'unclear' | 'hung'; readonly why: string };

export interface TlsFacts {
  readonly suite: string;
  /** As OpenSSL calls it; '' without an ephemeral key on a curve. */
  readonly group: string;
  /** Of the server's certificate, e.g. `rsa`, `ec`. */
  readonly keyType: string;
  readonly certificate: X509Certificate | null;
}

export const WITHOUT_ALERT = 'the server closed the connection without an alert';

/** Why a server's answer did not come. */
export class NoAnswer extends Error {
  readonly kind: 'refused' | 'unclear' | 'hung';
  constructor(kind: 'refused' | 'unclear' | 'hung', why: string) {
    super(why);
    this.kind = kind;
  }
}

/** Connects, with STARTTLS where the endpoint has it, and hears the server's first words inside TLS. */
export async function openEncrypted(target: Target, options: ConnectionOptions): Promise<Attempt> {
  return attempt(target, async (socket) => {
    const { protocol, tls } = target.endpoint;
    if (tls === 'starttls') {
      const clear = talkOver(socket, target.idleMs);
      await hearGreeting(clear, protocol);
      await askForTls(clear, protocol);
      clear.detach();
    }
    const secure = connectTls({
      ...options,
      secureContext: contextOf(options),
      socket,
      servername: target.serverName,
      rejectUnauthorized: false,
    });
    await secured(secure, target.idleMs);
    const talk = talkOver(secure, target.idleMs);
    if (tls === 'implicit') await hearGreeting(talk, protocol);
    else await sayHello(talk, protocol);
    return { talk, tls: factsOf(secure) };
  });
}

/** Connects and hears the greeting in the clear. On an implicit port a command goes first: the server must not take it. */
export async function openClear(target: Target): Promise<Attempt> {
  return attempt(target, async (socket) => {
    const talk = talkOver(socket, target.idleMs);
    if (target.endpoint.tls === 'implicit') talk.send('NOOP');
    await hearGreeting(talk, target.endpoint.protocol);
    return { talk, tls: null };
  });
}

/** The same few hellos are said on every port of every mode; making a context takes as long as a small handshake. */
function contextOf(options: ConnectionOptions): SecureContext {
  const key = JSON.stringify(options);
  const context = contexts.get(key) ?? createSecureContext(options);
  contexts.set(key, context);
  return context;
}
const contexts = new Map<string, SecureContext>();

async function attempt(
  target: Target,
  open: (socket: Socket) => Promise<{ readonly talk: Talk; readonly tls: TlsFacts | null }>,
): Promise<Attempt> {
  await target.pace?.();
  const socket = connectTcp({ host: target.host, port: target.port, noDelay: true });
  const stop = () => socket.destroy();
  target.signal?.addEventListener('abort', stop, { once: true });
  socket.once('close', () => target.signal?.removeEventListener('abort', stop));
  try {
    return { kind: 'open', ...(await open(socket)) };
  } catch (error) {
    socket.destroy();
    if (error instanceof NoAnswer) return { kind: error.kind, why: error.message };
    throw error;
  }
}

const ANSWER_LIMIT_BYTES = 1_048_576;
/** A server that sends a byte now and then is never idle: one answer, or one handshake, has this long. */
const ANSWER_LIMIT_MS = 60_000;
const ENDLESS = 'the server answers without end';

/** `detach`: leaves the connection to TLS. */
function talkOver(socket: Socket, idleMs: number): Talk & { detach(): void } {
  let text = '';
  let ended: NoAnswer | undefined;
  let wake: () => void = () => {};
  const end = (reason: NoAnswer) => {
    ended ??= reason;
    wake();
  };
  const hear = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (text.length > ANSWER_LIMIT_BYTES) {
      end(new NoAnswer('unclear', ENDLESS));
      socket.destroy();
    }
    wake();
  };
  const fail = (error: Error) => end(reasonOf(error));
  const close = () => end(new NoAnswer('refused', 'the server closed the connection'));
  const tire = () => end(new NoAnswer('hung', `the server said nothing for ${idleMs} ms`));
  socket.setTimeout(idleMs);
  socket.on('data', hear).on('error', fail).on('end', close).on('close', close).on('timeout', tire);
  return {
    send(line) {
      if (!socket.destroyed) socket.write(`${line}\r\n`, 'latin1');
    },
    async read(answer) {
      using _ = after(ANSWER_LIMIT_MS, () => end(new NoAnswer('hung', ENDLESS)));
      for (;;) {
        const match = answer.exec(text);
        if (match !== null) {
          text = text.slice(match.index + match[0].length);
          return match[0];
        }
        if (ended !== undefined) {
          const said = text.trim().slice(0, 120);
          throw said === '' ? ended : new NoAnswer(ended.kind, `the server said "${said}"`);
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    detach() {
      socket.off('data', hear).off('error', fail).off('end', close).off('close', close).off('timeout', tire);
      // TLS tells of the same errors; without any listener here they would end the program.
      socket.on('error', () => {});
    },
    [Symbol.dispose]() {
      socket.destroy();
    },
  };
}

function after(ms: number, act: () => void): Disposable {
  const timer = setTimeout(act, ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

async function secured(socket: TLSSocket, idleMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.setTimeout(idleMs);
  socket.once('secureConnect', resolve);
  socket.on('error', (error) => reject(reasonOf(error)));
  socket.once('close', () => reject(new NoAnswer('refused', WITHOUT_ALERT)));
  socket.once('timeout', () => reject(new NoAnswer('hung', `the server said nothing for ${idleMs} ms`)));
  using _ = after(ANSWER_LIMIT_MS, () => reject(new NoAnswer('hung', ENDLESS)));
  await promise;
}

function factsOf(socket: TLSSocket): TlsFacts {
  const certificate = socket.getPeerX509Certificate() ?? null;
  const keyType = certificate?.publicKey.asymmetricKeyType ?? '';
  const ephemeral = socket.getEphemeralKeyInfo();
  const group = ephemeral !== null && 'name' in ephemeral ? String(ephemeral.name) : '';
  return { suite: socket.getCipher().standardName, group, keyType, certificate };
}

/** Only what came from the server is its refusal; a client that gives up by itself proves nothing. */
function reasonOf(error: Error): NoAnswer {
  const alert = /SSL alert number (\d{1,3})/.exec(error.message)?.[1];
  if (alert !== undefined) return new NoAnswer('refused', `alert ${alert} ${alertName(Number(alert))}`);
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return new NoAnswer('refused', WITHOUT_ALERT);
  }
  if (code === 'ECONNREFUSED') return new NoAnswer('refused', 'nothing listens there');
  // The proof's hellos offer one version: an answer in another is a server that does not have it.
  if (code === 'ERR_SSL_UNSUPPORTED_PROTOCOL') return new NoAnswer('refused', 'the server chose another version');
  const reason = 'reason' in error ? String(error.reason) : code === '' ? error.name : code;
  return new NoAnswer('unclear', `the client gave up: ${reason}`);
}

async function hearGreeting(talk: Talk, protocol: Protocol): Promise<void> {
  const { greeting, good } = WORDS[protocol];
  must(await talk.read(greeting), good);
}

async function askForTls(talk: Talk, protocol: Protocol): Promise<void> {
  const { hello, helloAnswer, good, starttls, starttlsAnswer, ready } = WORDS[protocol];
  talk.send(hello);
  must(await talk.read(helloAnswer), good);
  talk.send(starttls);
  must(await talk.read(starttlsAnswer), ready);
}

async function sayHello(talk: Talk, protocol: Protocol): Promise<void> {
  const { hello, helloAnswer, good } = WORDS[protocol];
  talk.send(hello);
  must(await talk.read(helloAnswer), good);
}

export function must(answer: string, good: RegExp): string {
  if (good.test(answer)) return answer;
  throw new NoAnswer('refused', `the server said "${answer.trim().slice(0, 120)}"`);
}

/** One SMTP reply, several lines perhaps (RFC 5321 section 4.2.1). */
export const SMTP_REPLY = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/;
/** One POP3 status line, and one with the lines that follow a good one (RFC 1939 section 3). */
export const POP3_LINE = /^[+-].*\r\n/;
export const POP3_LINES = /^(?:-ERR.*\r\n|\+OK[^]*?\r\n\.\r\n)/;

/** Everything up to the tagged answer of an IMAP command (RFC 3501 section 2.2.2). */
export function imapAnswer(tag: string): RegExp {
  return new RegExp(`^(?:[^]*?\\r\\n)??${tag} (?:OK|NO|BAD).*\\r\\n`);
}

const WORDS = {
  smtp: {
    greeting: SMTP_REPLY,
    good: /^2/,
    hello: 'EHLO proof.invalid',
    helloAnswer: SMTP_REPLY,
    starttls: 'STARTTLS',
    starttlsAnswer: SMTP_REPLY,
    ready: /^220/,
  },
  imap: {
    greeting: /^\* .*\r\n/,
    good: /^\* OK|^(?:[^]*\r\n)?h OK/,
    hello: 'h CAPABILITY',
    helloAnswer: imapAnswer('h'),
    starttls: 's STARTTLS',
    starttlsAnswer: imapAnswer('s'),
    ready: /^(?:[^]*\r\n)?s OK/,
  },
  pop3: {
    greeting: POP3_LINE,
    good: /^\+OK/,
    hello: 'CAPA',
    helloAnswer: POP3_LINES,
    starttls: 'STLS',
    starttlsAnswer: POP3_LINE,
    ready: /^\+OK/,
  },
} as const;
