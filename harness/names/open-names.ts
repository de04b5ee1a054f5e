import dgram from 'node:dgram';
import { once } from 'node:events';
import net, { isIPv6 } from 'node:net';
import { LabFault } from '../faults.ts';
import { isPublicAddress } from '../listen-address.ts';
import { createAllowance } from './allowance.ts';
import { answerQuery, QUERY_LIMIT_BYTES, type Zone } from './answer.ts';

export interface NamesOptions extends Zone {
  /** Address to bind. */
  readonly listen: string;
  /** 53, the only one that a device can be told; 0 takes a free one. */
  readonly port: number;
  /** Called when a device was led to the rig. */
  readonly onLed?: (led: { readonly host: string; readonly from: string }) => void;
}

/** An open name server, UDP and TCP. */
export interface Names extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
}

/** More TCP connections than this are closed at once: UDP is how devices ask. */
const MAX_CONNECTIONS = 32;
const MAX_CONNECTIONS_PER_SOURCE = 4;
/** How long a connection may be silent, and may last in all. */
const IDLE_MS = 5_000;
const TOTAL_MS = 30_000;

/**
 * Leads the mode's host names to the rig: a device whose DNS server this is finds the rig under the provider's names.
 * It answers private addresses only, for these names only, and asks nobody else, so it is of no use to others.
 *
 * @throws LabFault `names-listen` when the port cannot be bound.
 */
export async function openNames(options: NamesOptions): Promise<Names> {
  const { listen, port, onLed } = options;
  const allowance = createAllowance();
  const answer = (query: Buffer, from: string): Buffer | null => {
    if (isPublicAddress(from) || !allowance.take(from)) return null;
    const { response, host } = answerQuery(query, options);
    if (host !== null) onLed?.({ host, from });
    return response;
  };
  await using unlessReady = new AsyncDisposableStack();
  const udp = unlessReady.adopt(openUdp(listen, answer), closeUdp);
  const tcp = unlessReady.use(createTcp(answer));
  try {
    udp.bind({ address: listen, port, exclusive: true });
    await once(udp, 'listening');
    const bound = udp.address().port;
    tcp.server.listen({ host: listen, port: bound, exclusive: true });
    await once(tcp.server, 'listening');
    // Later errors of a datagram (a device that is gone) are its own.
    udp.on('error', () => {});
    const opened = unlessReady.move();
    return { address: { host: listen, port: bound }, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  } catch (cause) {
    throw cannotListen(listen, port, cause);
  }
}

type Answer = (query: Buffer, from: string) => Buffer | null;

function openUdp(listen: string, answer: Answer): dgram.Socket {
  const socket = dgram.createSocket(isIPv6(listen) ? 'udp6' : 'udp4');
  return socket.on('message', (query, from) => {
    const response = answer(query, from.address);
    if (response !== null) socket.send(response, from.port, from.address, () => {});
  });
}

async function closeUdp(socket: dgram.Socket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}

function createTcp(answer: Answer): AsyncDisposable & { readonly server: net.Server } {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    const from = socket.remoteAddress ?? '';
    const own = [...open].filter((other) => other.remoteAddress === from).length;
    socket.on('error', () => {});
    if (open.size >= MAX_CONNECTIONS || own >= MAX_CONNECTIONS_PER_SOURCE) return socket.destroy();
    open.add(socket);
    const ends = setTimeout(() => socket.destroy(), TOTAL_MS);
    socket.once('close', () => {
      clearTimeout(ends);
      open.delete(socket);
    });
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    return answerStream(socket, (query) => answer(query, from));
  });
  return {
    server,
    async [Symbol.asyncDispose]() {
      const closed = server.listening ? once(server, 'close') : null;
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** Messages on a stream have their length before them, in two bytes (RFC 1035 section 4.2.2). */
function answerStream(socket: net.Socket, answer: (query: Buffer) => Buffer | null): void {
  let waiting = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= 2 && !socket.destroyed) {
      const length = waiting.readUInt16BE(0);
      if (length > QUERY_LIMIT_BYTES) socket.destroy();
      if (length > QUERY_LIMIT_BYTES || waiting.length < 2 + length) return;
      const response = answer(waiting.subarray(2, 2 + length));
      waiting = waiting.subarray(2 + length);
      // Nothing to say, or too often: nobody is made to wait. Nor is anything kept for one who does not read.
      if (response === null || socket.writableNeedDrain) {
        socket.destroy();
        return;
      }
      const head = Buffer.alloc(2);
      head.writeUInt16BE(response.length);
      socket.write(Buffer.concat([head, response]));
    }
  });
}

function cannotListen(listen: string, port: number, cause: unknown): LabFault {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const advice: Readonly<Record<string, string>> = {
    EACCES: `Port ${port} needs rights: run \`sudo sysctl net.ipv4.ip_unprivileged_port_start=53\` first, or lead the names there by the router or the hosts file instead.`,
    EADDRINUSE:
      'Another name service has the port (systemd-resolved, dnsmasq): stop it, or give another address of this machine.',
    EADDRNOTAVAIL: 'Give an address of this machine, as `ip address` lists them.',
  };
  return new LabFault(
    'names-listen',
    `The name service cannot listen on ${listen} port ${port}${code && ` (${code})`}.`,
    {
      advice: advice[code] ?? 'Lead the names there by the router or the hosts file instead.',
      stage: 'start',
      endpoint: `${listen}:${port}`,
      cause,
    },
  );
}
