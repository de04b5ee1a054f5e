import { type Server, type Socket, createServer } from 'node:net';
import { LabFault } from '../../faults.ts';
import type { Pki } from '../../pki/mint.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import { ENDPOINTS, type Endpoint, type Port, type Protocol } from '../../vocabulary/trial.ts';
import type { MailServer } from '../contract.ts';
import type { EmbeddedMailStore } from '../mail-store.ts';
import { type Connection, type Dialogue, serveConnection } from './connection.ts';
import { openImap } from './imap.ts';
import { openPop3 } from './pop3.ts';
import { createEmbeddedContext, type EmbeddedContext } from './secure-context.ts';
import { createSessionBook, type SessionBook } from './sessions.ts';
import { openSmtp } from './smtp.ts';

export interface EmbeddedOptions {
  readonly mode: Mode;
  readonly pki: Pki;
  /** One behind all modes of a run. */
  readonly store: EmbeddedMailStore;
  /** Address to bind; ports are free ones. */
  readonly listen: string;
  /** ms without a byte from the client, then it is told so and closed. Default 300,000. */
  readonly idleMs?: number;
  /** Connections at the same time over all seven listeners; further ones are told so and closed. Default 1,000. */
  readonly maxConnections?: number;
  /** TLS other than the mode's own: a server that is wrong on purpose, to show that its proof finds out. */
  readonly context?: Pick<EmbeddedContext, 'context' | 'unspoken'>;
}

/**
 * Starts SMTP (25, 587, 465), IMAP (143, 993) and POP3 (110, 995) of one mode in this process, on free ports.
 *
 * @throws LabFault `server-start` when a port cannot be bound; HarnessFault of `createEmbeddedContext`.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<MailServer> {
  const { mode, store, listen } = options;
  const tls = options.context ?? createEmbeddedContext(mode, options.pki);
  // One a listener: a source port may lead to two of them at a time.
  const books = new Map<Port, SessionBook>(ENDPOINTS.map(({ port }) => [port, createSessionBook()]));
  const open = new Set<Socket>();
  const listeners = new Map<Port, Server>();
  let trouble: string | null = null;

  const view = (witnesses: Iterable<SessionBook>): MailServer => ({
    mode,
    engine: 'embedded',
    unspoken: tls.unspoken,
    address(port) {
      const address = listeners.get(port)?.address();
      if (address === null || address === undefined || typeof address === 'string') {
        throw new LabFault('server-closed', `no server listens for port ${port} any more`, { stage: 'connect' });
      }
      return { host: listen, port: address.port };
    },
    sessions: (peerPorts, marker) => [...witnesses].flatMap((book) => book.read(peerPorts, marker)),
    accountOf: (peerPort) =>
      [...witnesses].map((book) => book.accountOf(peerPort)).find((user) => user !== null) ?? null,
    witness: (port) => view([bookOf(port)]),
    get trouble() {
      return trouble;
    },
    async [Symbol.asyncDispose]() {
      const closed = [...listeners.values()].map((listener) => closeListener(listener));
      for (const socket of open) socket.destroy();
      listeners.clear();
      await Promise.all(closed);
    },
  });
  const server = view([...books.values()]);

  try {
    for (const endpoint of ENDPOINTS) listeners.set(endpoint.port, await listenOn(endpoint));
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;

  function bookOf(port: Port): SessionBook {
    const book = books.get(port);
    if (book === undefined) throw new Error(`no listener is for port ${port}`);
    return book;
  }

  async function listenOn(endpoint: Endpoint): Promise<Server> {
    const listener = createServer((socket) => accept(socket, endpoint));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', (cause) => {
        const message = `no free port on ${listen} for ${endpoint.protocol}: ${cause.message}`;
        reject(new LabFault('server-start', message, { stage: 'start', endpoint: listen, cause }));
      });
      listener.listen({ host: listen, port: 0 }, resolve);
    });
    listener.removeAllListeners('error');
    listener.on('error', (error) => {
      trouble ??= `the listener of port ${endpoint.port} failed: ${error.message}`;
    });
    return listener;
  }

  function accept(socket: Socket, endpoint: Endpoint): void {
    const peerPort = socket.remotePort;
    // Gone before it was accepted: there is nobody to serve, and no port to key its session by.
    if (peerPort === undefined) {
      socket.destroy();
      return;
    }
    const refuse = open.size >= (options.maxConnections ?? MAX_CONNECTIONS);
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serveConnection(socket, {
      mode,
      endpoint,
      context: tls.context,
      witness: bookOf(endpoint.port).open(peerPort),
      idleMs: options.idleMs ?? IDLE_MS,
      refuse,
      maxLineBytes: MAX_LINE_BYTES,
      onFault: (message) => {
        trouble ??= `a fault of the server itself on port ${endpoint.port}: ${message}`;
      },
      openDialogue: (connection) => DIALOGUES[endpoint.protocol](connection, mode, store),
    });
  }
}

/** The least that RFC 5321 section 4.5.3.2.7 asks for: a scanner scans between AUTH and DATA. */
const IDLE_MS = 300_000;
const MAX_CONNECTIONS = 1_000;
const MAX_LINE_BYTES = 12_288;

type OpenDialogue = (connection: Connection, mode: Mode, store: EmbeddedMailStore) => Dialogue;
const DIALOGUES: Readonly<Record<Protocol, OpenDialogue>> = { smtp: openSmtp, imap: openImap, pop3: openPop3 };

function closeListener(listener: Server): Promise<void> {
  return new Promise((resolve) => listener.close(() => resolve()));
}
