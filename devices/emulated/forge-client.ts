import { createRequire } from 'node:module';
import { createConnection, isIP, type Socket } from 'node:net';
import { EventEmitter } from 'node:events';

/**
 * The mail client of `stack: forge`: node-forge's own TLS in JavaScript, at most TLS 1.1, AES-CBC with RSA key exchange.
 * Same job on stdin and same answer as mail-client.cjs, whose dialogues it speaks. `firmware.tls`: `{version: '1.0' | '1.1'}`.
 */
const require = createRequire(import.meta.url);
const dialogue: Dialogue = require('./mail-client/dialogue.cjs');
const forge: Forge = createRequire(new URL('./stacks/', import.meta.url))('node-forge');

/** As in mail-client.cjs. */
const TOTAL_MS = 30_000;

let finished = false;
readJob((job) => {
  setTimeout(() => finish({ ok: false, stage: 'timeout', text: 'no progress' }), TOTAL_MS);
  const socket = createConnection(job.port, job.resolve);
  let stage = 'connect';
  const fail = (text: string) => finish({ ok: false, stage, text });
  socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
  socket.on('close', () => fail('connection closed'));
  socket.once('connect', () => {
    if (job.security === 'implicit') {
      stage = 'tls';
      return encrypt(socket, job, fail, (stream) => deliver(stream, true));
    }
    stage = 'greeting';
    const talk = dialogue.open(socket, job, (entered) => (stage = entered));
    if (job.security === 'plaintext') return talk.deliver(true, finish);
    return talk.startTls(job.security === 'opportunistic', (result) => {
      if (result === 'stay-plain') return talk.deliver(false, finish);
      if (result !== 'encrypted') return finish(result);
      talk.release();
      stage = 'tls';
      return encrypt(socket, job, fail, (stream) => deliver(stream, false));
    });
  });

  function deliver(stream: Stream, withGreeting: boolean): void {
    stage = 'mail';
    dialogue.open(stream, job, (entered) => (stage = entered)).deliver(withGreeting, finish);
  }
});

/** Runs forge's TLS over the socket; forge exchanges byte strings. */
function encrypt(socket: Socket, job: Job, fail: (text: string) => void, ready: (stream: Stream) => void): void {
  const stream = new TlsStream((text) => connection.prepare(text));
  const connection = forge.tls.createConnection({
    server: false,
    // RFC 6066 section 3: an address is never sent as SNI.
    ...(job.firmware.sni && isIP(job.host) === 0 ? { virtualHost: job.host } : {}),
    cipherSuites: [
      forge.tls.CipherSuites.TLS_RSA_WITH_AES_128_CBC_SHA,
      forge.tls.CipherSuites.TLS_RSA_WITH_AES_256_CBC_SHA,
    ],
    verify: () => true,
    connected: () => ready(stream),
    tlsDataReady: (c) => socket.write(c.tlsData.getBytes(), 'binary'),
    dataReady: (c) => stream.emit('data', Buffer.from(c.data.getBytes(), 'binary')),
    closed: () => fail('connection closed'),
    error: (_, error) => fail(error.message),
  });
  if (job.firmware.tls['version'] === '1.0') connection.version = { major: 3, minor: 1 };
  socket.on('data', (bytes: Buffer) => void connection.process(bytes.toString('binary')));
  connection.handshake();
}

class TlsStream extends EventEmitter implements Stream {
  readonly #write: (text: string) => void;
  constructor(write: (text: string) => void) {
    super();
    this.#write = write;
  }
  write(text: string): boolean {
    this.#write(text);
    return true;
  }
}

function readJob(use: (job: Job) => void): void {
  let text = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (chunk: string) => {
    const started = text.includes('\n');
    text += chunk;
    if (!started && text.includes('\n')) use(JSON.parse(text));
  });
  process.stdin.on('end', () => process.exit(2));
}

function finish(result: Result): void {
  if (finished) return;
  finished = true;
  const text = result.text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
  process.stdout.write(`${JSON.stringify({ ...result, text })}\n`, () => process.exit(0));
}

interface Job {
  readonly host: string;
  readonly port: number;
  readonly resolve: string;
  readonly security: string;
  readonly firmware: { readonly sni: boolean; readonly tls: Readonly<Record<string, unknown>> };
}

interface Result {
  readonly ok: boolean;
  readonly stage: string;
  readonly text: string;
}

interface Stream extends EventEmitter {
  write(text: string): boolean;
}

interface Dialogue {
  open(
    stream: Stream | Socket,
    job: Job,
    entered: (stage: string) => void,
  ): {
    deliver(withGreeting: boolean, done: (result: Result) => void): void;
    startTls(mayStayPlain: boolean, done: (result: Result | 'encrypted' | 'stay-plain') => void): void;
    release(): void;
  };
}

interface ForgeConnection {
  version: { major: number; minor: number };
  readonly tlsData: { getBytes(): string };
  readonly data: { getBytes(): string };
  handshake(): void;
  prepare(text: string): void;
  process(bytes: string): number;
}

interface Forge {
  readonly tls: {
    readonly CipherSuites: Readonly<Record<string, unknown>>;
    createConnection(options: {
      readonly server: boolean;
      readonly virtualHost?: string;
      readonly cipherSuites: readonly unknown[];
      verify(): boolean;
      connected(): void;
      tlsDataReady(connection: ForgeConnection): void;
      dataReady(connection: ForgeConnection): void;
      closed(): void;
      error(connection: ForgeConnection, error: Error): void;
    }): ForgeConnection;
  };
}
