import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Side } from './vocabulary/evidence.ts';
import type { Endpoint } from './vocabulary/trial.ts';
import { awaitCondition, awaitQuiet } from './deadline.ts';
import { LabFault } from './faults.ts';
import type { Capture } from './wire/capture.ts';
import { ReadBuffers } from './wire/read-buffers.ts';
import { KEEPING, type Keeping, Recorder } from './wire/recorder.ts';

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface TapOptions {
  /** Address to bind, on a free port. */
  readonly listen: string;
  /** What the upstream offers; its canonical port goes into the captures. */
  readonly endpoint: Endpoint;
  /** Where to connect on, asked for each connection; `reset`: accept, look and reset, for the control that must be refused. */
  readonly upstream: Address | (() => Address) | 'reset';
  /** Called after every change: bytes, ends, new connections. */
  readonly onChange?: () => void;
  readonly keepBytes?: Keeping;
}

interface Settling {
  /** Enough when nothing moved for so long. */
  readonly idleMs: number;
  readonly totalMs: number;
  readonly signal?: AbortSignal;
}

/** An open tap: a passive relay that keeps what passes. Disposing it resets what is still open. */
export interface Tap extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
  /** What was seen so far, in order of arrival. Call it again for more. */
  captures(): readonly Capture[];
  readonly openConnections: number;
  /** Connections relayed beyond the first MAX_KEPT, of which nothing was kept. */
  readonly connectionsNotKept: number;
  /** `performance.now()` of the last change. */
  readonly lastMovedAtMs: number;
  /** Waits until nothing moved for `idleMs` (or `totalMs` have passed: `false`). Throws the signal's reason. */
  settled(waiting: Settling): Promise<boolean>;
  /** Waits for a condition on this tap; `false` when nothing moved for `idleMs`, or `totalMs` have passed. */
  until(condition: (tap: Tap) => boolean, waiting: Settling): Promise<boolean>;
  /** Connections from now on are marked `late`. */
  endTrial(): void;
}

/** A device that retries in a loop fills the evidence with the same attempt. */
const MAX_KEPT = 200;
/** Connections at a time; more are reset at once, so that a device cannot use up our file descriptors. */
const MAX_OPEN = 400;
/** Throws LabFault `tap-listen` when the address cannot be bound. */
export async function openTap(options: TapOptions): Promise<Tap> {
  const relays: Relay[] = [];
  const open = new Set<Relay>();
  let isLate = false;
  let notKept = 0;
  let lastMovedAtMs = performance.now();
  let changed = Promise.withResolvers<void>();
  const moved = () => {
    lastMovedAtMs = performance.now();
    changed.resolve();
    changed = Promise.withResolvers();
    options.onChange?.();
  };
  // Half-open connections stay open: a client that has said all (FIN) still reads the answer.
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    if (open.size >= MAX_OPEN) {
      notKept += 1;
      client.on('error', () => {}).resetAndDestroy();
      return moved();
    }
    const relay = new Relay(client, options, relays.length + notKept + 1, isLate, moved);
    if (relays.length < MAX_KEPT) relays.push(relay);
    else notKept += 1;
    open.add(relay);
    void relay.closed.then(() => {
      open.delete(relay);
      moved();
    });
    moved();
  });
  await listen(server, options.listen);
  const { address, port } = boundAddress(server);
  const tap: Tap = {
    address: { host: address, port },
    captures: () => relays.map((relay) => relay.capture()),
    get openConnections() {
      return open.size;
    },
    get connectionsNotKept() {
      return notKept;
    },
    get lastMovedAtMs() {
      return lastMovedAtMs;
    },
    settled: (waiting) => awaitQuiet(waiting, () => lastMovedAtMs),
    until: (condition, waiting) =>
      awaitCondition(
        () => condition(tap),
        waiting,
        () => changed.promise,
      ),
    endTrial: () => {
      isLate = true;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const relay of open) relay.abort();
      await closed;
    },
  };
  return tap;
}

/** One connection and its continuation upstream. */
class Relay {
  readonly #options: TapOptions;
  readonly #recorder: Recorder;
  readonly #moved: () => void;
  readonly #facts: Pick<Capture, 'number' | 'startedAt' | 'client' | 'late'>;
  readonly #sockets: Readonly<Record<Side, net.Socket>> | { readonly client: net.Socket; readonly server: null };
  readonly #over = { client: false, server: false };
  readonly closed: Promise<void>;
  #tapPort = 0;

  constructor(accepted: net.Socket, options: TapOptions, number: number, late: boolean, moved: () => void) {
    this.#options = options;
    this.#recorder = new Recorder(options.keepBytes ?? KEEPING);
    this.#moved = moved;
    const client = takeOver(accepted, this.#reading('client'));
    const peer = { address: client.remoteAddress ?? '', port: client.remotePort ?? 0 };
    this.#facts = { number, startedAt: new Date(), client: peer, late };
    if (options.upstream === 'reset') {
      this.#sockets = { client, server: null };
      this.closed = closing(client);
      this.#refuse(client);
      return;
    }
    const { upstream } = options;
    const address = typeof upstream === 'function' ? upstream() : upstream;
    const server = net.connect({ ...address, allowHalfOpen: true, noDelay: true, onread: this.#reading('server') });
    server.once('connect', () => {
      this.#tapPort = server.localPort ?? 0;
    });
    this.#sockets = { client, server };
    this.closed = Promise.all([closing(client), closing(server)]).then(() => undefined);
    this.#carry('client', client, server);
    this.#carry('server', server, client);
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
      this.#moved();
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
    this.#moved();
  }

  #end(from: Side, kind: 'fin' | 'reset'): void {
    if (this.#over[from]) return;
    this.#over[from] = true;
    this.#recorder.ended(kind, from);
    this.#moved();
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

function boundAddress(server: net.Server): AddressInfo {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new LabFault('tap-listen', 'The tap is bound to no port.');
  return bound;
}

async function listen(server: net.Server, host: string): Promise<void> {
  server.listen({ host, port: 0, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new LabFault('tap-listen', `The tap cannot listen on ${host}.`, {
      advice: 'Check that the address of --listen belongs to this machine.',
      stage: 'start',
      cause,
    });
  }
}
