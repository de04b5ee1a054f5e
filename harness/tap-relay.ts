import net from 'node:net';
import type { Side } from './vocabulary/evidence.ts';
import type { Endpoint } from './vocabulary/trial.ts';
import type { Capture } from './wire/capture.ts';
import { ReadBuffers } from './wire/read-buffers.ts';
import { KEEPING, type Keeping, Recorder } from './wire/recorder.ts';

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface RelayOptions {
  /** What the upstream offers; its canonical port goes into the captures. */
  readonly endpoint: Endpoint;
  /**
   * Where to connect on, asked for each connection; `reset`: accept, look and reset, for the control that must be refused;
   * `later`: whoever carries it on says so with `connect`, at the latest when the client has said all (`isOver`).
   */
  readonly upstream: Address | ((client: Capture['client']) => Address) | 'reset' | 'later';
  /** Called after every change: bytes, ends, new connections. */
  readonly onChange?: () => void;
  /** Called for every read, after it was recorded. */
  readonly onBytes?: (from: Side, count: number) => void;
  readonly keepBytes?: Keeping;
}

/** One connection that is carried on by itself, for a listener that chooses whom it lets in. */
export interface Relayed {
  capture(): Capture;
  readonly closed: Promise<void>;
  /** Source port towards the upstream; 0 until it is reached. */
  readonly tapPort: number;
  /** The client has ended its side. */
  readonly isOver: boolean;
  /** Leads on what was begun with `later`: what the client has said by now goes first. Once; later calls do nothing. */
  connect(address: Address): void;
  /** Ends what is still open, as the tap's own doing. */
  abort(): void;
}

/**
 * Carries on what a listener has accepted and keeps what passes, the way a tap does.
 *
 * @param accepted from a server with `allowHalfOpen`, `noDelay` and `pauseOnConnect`; it is taken over.
 * @param late see Capture.
 */
export function relayConnection(accepted: net.Socket, number: number, options: RelayOptions, late = false): Relayed {
  return new Relay(accepted, options, number, late);
}

/** IPv4 is written as such, also where a listener for both families has accepted it. */
function peerOf(socket: net.Socket): Capture['client'] {
  return { address: (socket.remoteAddress ?? '').replace(/^::ffff:(?=[\d.]+$)/, ''), port: socket.remotePort ?? 0 };
}

/** One connection and its continuation upstream. */
class Relay implements Relayed {
  readonly #options: RelayOptions;
  readonly #recorder: Recorder;
  readonly #facts: Pick<Capture, 'number' | 'startedAt' | 'client' | 'late'>;
  readonly #sockets: Readonly<Record<Side, net.Socket>> | { readonly client: net.Socket; readonly server: null };
  readonly #over = { client: false, server: false };
  readonly closed: Promise<void>;
  #tapPort = 0;
  #isLed = false;

  constructor(accepted: net.Socket, options: RelayOptions, number: number, late: boolean) {
    const { upstream } = options;
    this.#options = options;
    this.#recorder = new Recorder(options.keepBytes ?? KEEPING);
    const client = takeOver(accepted, this.#reading('client'));
    const peer = peerOf(client);
    this.#facts = { number, startedAt: new Date(), client: peer, late };
    if (upstream === 'reset') {
      this.#sockets = { client, server: null };
      this.closed = closing(client);
      this.#refuse(client);
      return;
    }
    const server = new net.Socket({ allowHalfOpen: true, noDelay: true, onread: this.#reading('server') });
    // What is written before it is led on waits in the socket; many bytes, and the client is not read on.
    server.cork();
    server.once('connect', () => {
      this.#tapPort = server.localPort ?? 0;
    });
    this.#sockets = { client, server };
    this.closed = Promise.all([closing(client), closing(server)]).then(() => undefined);
    this.#carry('client', client, server);
    this.#carry('server', server, client);
    if (upstream !== 'later') this.connect(typeof upstream === 'function' ? upstream(peer) : upstream);
  }

  get isOver(): boolean {
    return this.#over.client;
  }

  connect(address: Address): void {
    const { server } = this.#sockets;
    if (server === null || this.#isLed || server.destroyed) return;
    this.#isLed = true;
    server.connect(address);
    server.uncork();
  }

  get tapPort(): number {
    return this.#tapPort;
  }

  capture(): Capture {
    return {
      ...this.#facts,
      endpoint: this.#options.endpoint,
      tapPort: this.#tapPort,
      events: this.#recorder.events(),
    };
  }

  /** Ends what is still open, as the tap's own doing. */
  abort(): void {
    if (!this.#over.client || !this.#over.server) this.#recorder.ended('reset', 'tap');
    this.#over.client = true;
    this.#over.server = true;
    for (const socket of [this.#sockets.client, this.#sockets.server]) {
      if (socket === null) continue;
      reset(socket);
      // That alone would wait for bytes that the other side may never take.
      socket.destroy();
    }
  }

  /** Takes what has arrived already, then resets. */
  #refuse(client: net.Socket): void {
    client.on('end', () => this.#end('client', 'fin')).resume();
    client.on('error', () => this.#end('client', 'reset'));
    // Two turns of the event loop: bytes that came with the connection are read in the first.
    setImmediate(() => setImmediate(() => this.abort()));
  }

  /** What to do with the bytes of a side: record them and write them on, and wait where the other side is slow. */
  #reading(from: Side): net.OnReadOpts {
    const to = from === 'client' ? 'server' : 'client';
    const buffers = new ReadBuffers();
    let isWaiting = false;
    return {
      buffer: buffers.next,
      callback: (count) => {
        const lent = buffers.lend(count);
        const bytes = lent.subarray(0, count);
        this.#record(from, bytes);
        const target = this.#sockets[to];
        if (target === null || target.destroyed || target.errored) buffers.release(lent);
        else {
          target.write(bytes, () => {
            buffers.release(lent);
            if (isWaiting) this.#sockets[from]?.resume();
            isWaiting = false;
          });
        }
        isWaiting = buffers.isFull;
        return !isWaiting;
      },
    };
  }

  #carry(from: Side, source: net.Socket, target: net.Socket): void {
    readToTheEnd(source);
    source.on('end', () => {
      this.#end(from, 'fin');
      target.end();
    });
    source.on('error', (error: NodeJS.ErrnoException) => {
      // A server that was never reached is no server that resets; one that resets at once was reached.
      const isUnreached = from === 'server' && this.#tapPort === 0 && error.code !== 'ECONNRESET';
      if (!this.#over[from]) this.#recorder.ended('reset', isUnreached ? 'tap' : from);
      this.#over[from] = true;
      this.#over[from === 'client' ? 'server' : 'client'] = true;
      this.#options.onChange?.();
      // Goes out behind what is still to be written: an alert must reach the other side before the reset.
      if (!target.destroyed) reset(target);
    });
    source.on('close', () => {
      // Nothing can be written to it any more: let the other side run dry instead of waiting.
      if (!target.destroyed) target.resume();
    });
    source.resume();
  }

  #record(from: Side, bytes: Buffer): void {
    this.#recorder.data(from, bytes);
    this.#options.onBytes?.(from, bytes.length);
    this.#options.onChange?.();
  }

  #end(from: Side, kind: 'fin' | 'reset'): void {
    if (this.#over[from]) return;
    this.#over[from] = true;
    this.#recorder.ended(kind, from);
    this.#options.onChange?.();
  }
}

/**
 * Node destroys a socket when writing to it fails, with all that has arrived and was not read yet: an alert that its
 * sender followed with a reset while the other side was talking (928 of 960 lost, measured). So the socket lives on
 * until the kernel has given up every byte.
 */
function readToTheEnd(socket: net.Socket): void {
  const destroy = socket.destroy.bind(socket);
  const push = socket.push.bind(socket);
  let failure: Error | undefined;
  socket.destroy = (error) => {
    if (failure === undefined && isWriteError(error) && !socket.readableEnded) {
      failure = error;
      // Reading may have been stopped to wait for the other side, and read() does nothing in a failed stream.
      // oxlint-disable-next-line no-underscore-dangle -- the documented way in, for subclasses of Readable
      socket._read(0);
      return socket;
    }
    return destroy(failure ?? error);
  };
  socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (failure === undefined || chunk !== null) return push(chunk, encoding);
    destroy(failure);
    return true;
  };
}

/**
 * Node lets only sockets that connect or are made from a handle read into given buffers (`onread`), none that a server
 * accepted. So a socket of our own takes the handle over; the server counts the accepted one until that is closed.
 */
function takeOver(accepted: net.Socket & { _handle?: net.BoundSocket | null }, onread: net.OnReadOpts): net.Socket {
  // oxlint-disable-next-line no-underscore-dangle -- the only way to it
  const handle = accepted._handle ?? undefined;
  // oxlint-disable-next-line no-underscore-dangle -- as above
  accepted._handle = null;
  const options = { handle, allowHalfOpen: true, onread };
  return new net.Socket(options).once('close', () => accepted.destroy());
}

/** A handle that has sent its FIN cannot be reset any more: libuv refuses it, and the socket would never close. */
function reset(socket: net.Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function isWriteError(error: Error | undefined): error is Error {
  return error !== undefined && 'syscall' in error && (error.syscall === 'write' || error.syscall === 'shutdown');
}

function closing(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}
