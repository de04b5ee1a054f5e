import { constants } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { setImmediate } from 'node:timers/promises';
import { LabFault } from '../faults.ts';
import type { Pki } from '../pki/mint.ts';
import { serveConnection } from '../servers/embedded/connection.ts';
import { createEmbeddedContext } from '../servers/embedded/secure-context.ts';
import { createSessionBook } from '../servers/embedded/sessions.ts';
import type { ServerEvidence, ServerSession } from '../vocabulary/evidence.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { ENDPOINTS, type Endpoint, type Port } from '../vocabulary/trial.ts';
import { openDialogue } from './dialogue.ts';
import type { CheckLimits } from './limits.ts';
import type { Ticket } from './tickets.ts';

/** One device's connection, as the servers see it. */
export interface Visitor {
  /** The ticket whose code it named, to which the connection belongs from now on; null: none. */
  identify(name: string): Ticket | null;
  /** Hands over where the server's view of it can be read; `marker`: of the mail that waits for it. */
  witnessed(read: (marker: string) => ServerSession | null): void;
}

export interface StrictServers extends AsyncDisposable {
  readonly unspoken: ServerEvidence['unspoken'];
  /** A fault of our own, or null. */
  readonly trouble: string | null;
  address(port: Port): { readonly host: string; readonly port: number };
}

export interface StrictOptions {
  readonly mode: Mode;
  readonly pki: Pki;
  readonly ports: readonly Port[];
  readonly limits: CheckLimits;
  /** Whose connection comes from this port; undefined: nobody's that the gate let in. */
  readonly visitorAt: (peerPort: number) => Visitor | undefined;
}

/**
 * SMTP, IMAP and POP3 of one mode on loopback, behind the gate. What a connection leaves is kept with the connection
 * and goes with it. Throws LabFault `server-start`.
 */
export async function startStrictServers(options: StrictOptions): Promise<StrictServers> {
  const { mode, limits } = options;
  const tls = createEmbeddedContext(mode, options.pki);
  // A client that asks for new keys again and again costs us more than itself (CVE-2011-1473).
  const secureOptions = (tls.options.secureOptions ?? 0) | constants.SSL_OP_NO_RENEGOTIATION;
  const context = createSecureContext({ ...tls.options, secureOptions });
  const open = new Set<Socket>();
  const listeners = new Map<Port, Server>();
  let trouble: string | null = null;

  const accept = async (socket: Socket, endpoint: Endpoint) => {
    const peerPort = socket.remotePort;
    socket.on('error', () => {});
    const visitor = peerPort === undefined ? undefined : await findVisitor(peerPort, options);
    // Only what came through the gate is limited: another program of this machine has no business here.
    if (peerPort === undefined || visitor === undefined) {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    const book = createSessionBook();
    const witness = book.open(peerPort);
    visitor.witnessed((marker) => book.read([peerPort], marker)[0] ?? null);
    serveConnection(socket, {
      mode,
      endpoint,
      context,
      witness,
      idleMs: limits.idleMs,
      refuse: false,
      maxLineBytes: MAX_LINE_BYTES,
      onFault: (message) => {
        trouble ??= `a fault of the server itself on port ${endpoint.port}: ${message}`;
      },
      openDialogue: (connection) => openDialogue(connection, { mode, endpoint, limits, visitor }),
    });
  };
  const servers: StrictServers = {
    unspoken: tls.unspoken,
    get trouble() {
      return trouble;
    },
    address(port) {
      const address = listeners.get(port)?.address();
      if (address === null || address === undefined || typeof address === 'string')
        throw new LabFault('server-closed', `no server listens for port ${port}`, { stage: 'connect' });
      return { host: LOOPBACK, port: address.port };
    },
    async [Symbol.asyncDispose]() {
      const closed = [...listeners.values()].map((l) => new Promise<void>((resolve) => l.close(() => resolve())));
      for (const socket of open) socket.destroy();
      listeners.clear();
      await Promise.all(closed);
    },
  };
  for (const endpoint of ENDPOINTS.filter((e) => options.ports.includes(e.port))) {
    listeners.set(endpoint.port, await listen(createServer((socket) => void accept(socket, endpoint))));
  }
  return servers;
}

const LOOPBACK = '127.0.0.1';
/** RFC 4954 section 4: 12,288 for a line of AUTH. */
const MAX_LINE_BYTES = 12_288;

/** The gate may learn the port of its own end a turn of the event loop after we have accepted the other. */
async function findVisitor(peerPort: number, { visitorAt }: StrictOptions): Promise<Visitor | undefined> {
  for (let turn = 0; turn < TURNS; turn++) {
    const visitor = visitorAt(peerPort);
    if (visitor !== undefined) return visitor;
    await setImmediate();
  }
  return undefined;
}

const TURNS = 50;

function listen(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new LabFault('server-start', `no free port on ${LOOPBACK}: ${cause.message}`, { stage: 'start', cause })),
    );
    server.listen({ host: LOOPBACK, port: 0 }, () => resolve(server.removeAllListeners('error').on('error', () => {})));
  });
}
