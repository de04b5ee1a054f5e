import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import type { TapAddress } from '../session.ts';

/**
 * The address of the way out inside a guest: one of QEMU's user network (10.0.2.0/24) that stands for no machine.
 * Everything that takes the way uses it, so the run's certificates carry one address.
 */
export const WAY_HOST = '10.0.2.100';

/**
 * The way out of a guest that reaches nothing else: a Unix socket that leads to the tap of the present trial.
 *
 * Whatever stands at the guest's side (a relay, one a connection) connects to `socket` and writes the port that the
 * guest dialled as a line of its own (`587\n`, or with the time of its own start, `587 123456\n`: milliseconds of this machine's
 * monotonic clock), then what the guest sends; it is answered with what the tap sends, and
 * half-closed connections stay so. If no trial is led, or to another port, the connection is closed without a byte.
 */
export interface Way extends AsyncDisposable {
  /** Path of the socket. */
  readonly socket: string;
  /**
   * From now on connections to `port` (canonical) lead to `tap`, and those to other ports nowhere. Open ones stay as
   * they are. Returns what the guest is told: WAY_HOST and `port`.
   */
  leadTo(tap: TapAddress, port: number): TapAddress;
  /**
   * The trial is over: ends what is open, of which the guest knows no more, and leads nowhere until the next `leadTo`.
   * Relays that were started before are refused from now on, however late they come.
   */
  drop(): void;
}

/** Connections at a time; more are closed at once, so that a guest cannot use up our file descriptors. */
const MAX_OPEN = 200;

/** @param folder Private to this guest: whoever may enter it can reach the tap. The socket goes with the way. */
export async function openWay(folder: string): Promise<Way> {
  let led: { readonly tap: TapAddress; readonly port: number } | null = null;
  let droppedAt = 0;
  const open = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (relay) => {
    relay.on('error', () => relay.destroy());
    if (open.size >= MAX_OPEN) {
      relay.destroy();
      return;
    }
    open.add(relay);
    relay.on('close', () => open.delete(relay));
    readPort(relay, ({ port, started }) => {
      if (led === null || port !== led.port || started < droppedAt) relay.destroy();
      else connect(relay, led.tap);
    });
  });
  const socket = join(folder, 'way');
  server.listen(socket);
  await once(server, 'listening');
  const drop = (): void => {
    led = null;
    droppedAt = monotonicMs();
    for (const relay of open) relay.destroy();
  };
  return {
    socket,
    drop,
    leadTo: (tap, port) => {
      led = { tap, port };
      return { host: WAY_HOST, port };
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      drop();
      await closed;
    },
  };
}

/** As relays tell it: of one clock for all processes. */
const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** Longest line: five digits, and the milliseconds of 300,000 years. */
const MAX_LINE = 23;

interface Dialled {
  /** -1: of a line that is none. */
  readonly port: number;
  /** Infinity: it did not say. */
  readonly started: number;
}

/** The first line; the rest is put back. */
function readPort(relay: net.Socket, found: (dialled: Dialled) => void): void {
  let head = Buffer.alloc(0);
  const finish = (): void => {
    relay.off('data', read).off('end', finish).pause();
    const end = head.indexOf('\n');
    const line = head.subarray(0, Math.max(0, end)).toString('latin1');
    if (head.length > end + 1) relay.unshift(head.subarray(end + 1));
    const [, port = -1, started = Number.POSITIVE_INFINITY] = /^(\d{1,5})(?: (\d+))?$/.exec(line) ?? [];
    found({ port: Number(port), started: Number(started) });
  };
  const read = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    if (head.includes('\n') || head.length >= MAX_LINE) finish();
  };
  relay.on('data', read).on('end', finish);
}

function connect(relay: net.Socket, { host, port }: TapAddress): void {
  const tap = net.connect({ host, port, allowHalfOpen: true, noDelay: true });
  tap.on('error', () => tap.destroy());
  // A pipe passes the end on, but neither a reset nor a refusal.
  tap.on('close', () => relay.destroySoon());
  relay.on('close', () => tap.destroySoon());
  relay.pipe(tap);
  tap.pipe(relay);
}
