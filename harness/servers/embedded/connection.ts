import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { type Mode, TLS_VERSIONS, type TlsVersion, compareVersions } from '../../vocabulary/mode.ts';
import type { Endpoint } from '../../vocabulary/trial.ts';
import { HarnessFault } from '../../faults.ts';
import { parseOfferedVersion } from './hello-version.ts';
import { type Consumer, createLineReader } from './line-reader.ts';
import type { Witness } from './sessions.ts';

/** What a protocol answers. Handlers run one after the other, never while the client is not reading. */
export interface Dialogue {
  /** First words of the server: after connecting, or after TLS on an implicit port. */
  greet(): void;
  line(text: string): void;
  overlong(): void;
  /** TLS is on after STARTTLS: everything learnt before is forgotten. */
  secured(): void;
  /** Last words when the client is idle too long, or one too many. */
  farewell(why: 'idle' | 'too-many'): string;
}

/** What a protocol does with its connection. */
export interface Connection {
  readonly witness: Witness;
  readonly secure: boolean;
  /** The version of TLS is below the mode's: it was accepted only to be refused in words. */
  readonly tooOld: boolean;
  /** Text gets its CRLF; bytes go as they are. `flushed` runs when the system has taken them all. */
  say(text: string | Buffer, flushed?: () => void): void;
  divert(consumer: Consumer): void;
  startTls(): void;
  /** Says what is left to say, then closes. */
  end(): void;
}

export interface ConnectionOptions {
  readonly mode: Mode;
  readonly endpoint: Endpoint;
  readonly context: SecureContext;
  readonly witness: Witness;
  /** ms without a byte from the client. */
  readonly idleMs: number;
  /** There are too many already: say so and close. */
  readonly refuse: boolean;
  /** Longest line in bytes. */
  readonly maxLineBytes: number;
  /** A handler threw: the server is not to be trusted any more. */
  readonly onFault: (message: string) => void;
  readonly openDialogue: (connection: Connection) => Dialogue;
}

/** Serves one accepted socket until it closes. No bytes of a client make it throw. */
export function serveConnection(raw: Socket, options: ConnectionOptions): void {
  const { mode, endpoint, witness } = options;
  let socket: Socket = raw;
  let phase: 'clear' | 'handshake' | 'tls' = 'clear';
  let tooOld = false;
  let ending = false;

  const connection: Connection = {
    witness,
    get secure() {
      return phase === 'tls';
    },
    get tooOld() {
      return tooOld;
    },
    say(text, flushed) {
      if (ending || socket.destroyed) return;
      const bytes = typeof text === 'string' ? Buffer.from(`${text}\r\n`, 'latin1') : text;
      const open = socket.write(bytes, (error) => {
        if (error === undefined || error === null) flushed?.();
      });
      // A client that asks and reads no answers must not fill the memory: no further command is run, and what one
      // command may ask for has a limit.
      if (!open) reader.pause();
      if (socket.writableLength > MAX_UNREAD_BYTES) {
        witness.log(`client reads nothing: ${socket.writableLength} bytes wait for it`);
        raw.destroy();
      }
    },
    divert: (consumer) => reader.divert(consumer),
    startTls() {
      // RFC 3207 section 6 and CVE-2011-0411: commands sent together with STARTTLS in the clear must not be run inside.
      const dropped = reader.discard();
      if (dropped > 0) witness.log(`${dropped} bytes sent in the clear behind STARTTLS were thrown away`);
      raw.off('data', receive).off('drain', drained);
      beginTls();
    },
    end() {
      ending = true;
      reader.pause();
      reader.discard();
      socket.end();
      // What still comes in is read and dropped: closing with unread bytes would reset and destroy our last words.
      socket.resume();
      // A client that never closes its side would keep the socket for ever. Its timer must not keep a closed one: all
      // that the connection had held would stay for ten seconds more, of thousands of connections.
      const closing = setTimeout(() => raw.destroy(), CLOSING_MS).unref();
      raw.once('close', () => clearTimeout(closing));
    },
  };

  const reader = createLineReader({
    maxBytes: options.maxLineBytes,
    line: (text) => dialogue.line(text),
    overlong: () => dialogue.overlong(),
  });
  const dialogue = options.openDialogue(connection);
  const idle = setTimeout(giveUp, options.idleMs);

  raw.setNoDelay(true);
  raw.on('error', (error) => witness.log(`connection failed: ${codeOf(error)}`));
  raw.on('close', () => clearTimeout(idle));
  raw.on('end', closedByClient);
  if (options.refuse) {
    witness.log('too many connections');
    if (endpoint.tls === 'starttls') connection.say(dialogue.farewell('too-many'));
    connection.end();
  } else if (endpoint.tls === 'implicit') {
    beginTls();
  } else {
    attach(raw);
    dialogue.greet();
  }

  function attach(next: Socket): void {
    socket = next;
    reader.resume();
    socket.on('data', receive).on('drain', drained);
  }

  function receive(chunk: Buffer): void {
    if (ending) return;
    idle.refresh();
    guarded(() => reader.push(chunk));
    if (socket.writableNeedDrain) socket.pause();
  }

  function drained(): void {
    if (ending) return;
    // The client reads: that is a sign of life as well.
    idle.refresh();
    guarded(() => reader.resume());
    if (!socket.writableNeedDrain) socket.resume();
  }

  /** A mistake of ours must cost this connection and be known, not end the run. */
  function guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      options.onFault(error instanceof Error ? error.message : String(error));
      raw.destroy();
    }
  }

  function giveUp(): void {
    witness.log(`nothing received for ${options.idleMs} ms`);
    // During a handshake there are no words that the client could read.
    if (phase !== 'handshake') connection.say(dialogue.farewell('idle'));
    connection.end();
  }

  function beginTls(): void {
    phase = 'handshake';
    if (mode.refusal.version !== 'silent') return openTls();
    peekVersion(raw, (version) => {
      if (version !== undefined && compareVersions(version, mode.tls.min) < 0) refuseSilently(version);
      else openTls();
    });
  }

  /** As Dovecot 2.3: a FIN after the ClientHello and no alert. */
  function refuseSilently(version: TlsVersion): void {
    witness.log(`TLS handshake refused without an alert: the client offers at most ${version}`);
    connection.end();
  }

  function openTls(): void {
    const wrapped = new TLSSocket(raw, { isServer: true, secureContext: options.context });
    socket = wrapped;
    wrapped.on('secure', () => guarded(begin));
    wrapped.on('error', failed);
    wrapped.on('end', closedByClient);
    wrapped.on('close', () => raw.destroy());

    function begin(): void {
      const version = versionOf(wrapped);
      phase = 'tls';
      tooOld = compareVersions(version, mode.tls.min) < 0;
      witness.secured({ version, suite: wrapped.getCipher().standardName });
      attach(wrapped);
      if (endpoint.tls === 'implicit') dialogue.greet();
      else dialogue.secured();
    }
  }

  function closedByClient(): void {
    witness.log('client closed the connection');
  }

  function failed(error: Error): void {
    const alert = /SSL alert number (\d{1,3})/.exec(error.message)?.[1];
    if (alert !== undefined) witness.alerted(Number(alert));
    witness.log(`TLS ${phase === 'tls' ? 'connection' : 'handshake'} failed: ${reasonOf(error)}`);
  }
}

/** A whole mail of the largest size, encoded, and room for more. */
const MAX_UNREAD_BYTES = 128 * 1024 * 1024;
/** Time for the client to read our last words, ms. */
const CLOSING_MS = 10_000;

/** Reads the client's hello and puts it back for TLS; undefined: it is none. */
function peekVersion(raw: Socket, decide: (version: TlsVersion | undefined) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  raw.on('data', look);
  function look(chunk: Buffer): void {
    seen = Buffer.concat([seen, chunk]);
    const offered = parseOfferedVersion(seen);
    if (offered.kind === 'incomplete') return;
    raw.off('data', look);
    raw.pause();
    raw.unshift(seen);
    decide(offered.kind === 'version' ? offered.version : undefined);
  }
}

/** node:tls writes "TLSv1", "TLSv1.1", …, "SSLv3". */
function versionOf(socket: TLSSocket): TlsVersion {
  const name = socket.getProtocol() ?? '';
  const version = name === 'TLSv1' ? '1.0' : name.replace('TLSv', '');
  const known = TLS_VERSIONS.find((candidate) => candidate === version);
  if (known === undefined) throw new HarnessFault('unknown-tls-version', `node:tls names a TLS version "${name}"`);
  return known;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** OpenSSL's reason, e.g. "unsupported protocol"; its text also names a source file of its own. */
function reasonOf(error: Error): string {
  const alert = /SSL alert number \d{1,3}/.exec(error.message)?.[0];
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : codeOf(error);
  return alert === undefined ? reason : `${reason} (${alert})`;
}
