import { createServer, type Server, type Socket } from 'node:net';
import { HarnessFault } from '../faults.ts';
import { relayConnection } from '../tap-relay.ts';
import { ENDPOINTS, type Endpoint, type Port } from '../vocabulary/trial.ts';
import { type CheckLimits, TINY_BYTES } from './limits.ts';
import type { Source } from './source.ts';
import { createRoom } from './room.ts';
import { Visit } from './visit.ts';

export interface GateOptions {
  readonly listen: string;
  readonly ports: readonly Port[];
  /** The port that is bound for a canonical one; 0: any. */
  readonly boundPort: (port: Port) => number;
  readonly upstream: (port: Port) => { readonly host: string; readonly port: number };
  readonly limits: CheckLimits;
  readonly sourceOf: (address: string | undefined) => Source;
  readonly now: () => number;
  /** Nobody is let in while this says no. */
  readonly isWanted: () => boolean;
  /** After each change of a connection, its end among them. */
  readonly onChange: (visit: Visit) => void;
}

export interface Gate extends AsyncDisposable {
  readonly ports: ReadonlyMap<Port, number>;
  /** The connection that reaches the servers from this port. */
  visitAt(peerPort: number): Visit | undefined;
  visits(): readonly Visit[];
  /** Reset at once because of a limit, since the start. */
  readonly turnedAway: number;
}

/**
 * The only listeners that strangers reach. Lets in what the limits allow, carries it to the servers as a tap does, and
 * ends what lasts too long or sends too much. Throws HarnessFault `check-port` when a port cannot be bound.
 */
export async function openGate(options: GateOptions): Promise<Gate> {
  const { limits, now } = options;
  const visits = new Set<Visit>();
  const room = createRoom(limits, now);
  const listeners: Server[] = [];
  const ports = new Map<Port, number>();
  let count = 0;
  let turnedAway = 0;

  const accept = (socket: Socket, endpoint: Endpoint) => {
    const source = options.sourceOf(socket.remoteAddress);
    const decision = options.isWanted() ? room.decide(source.key, [...visits]) : { kind: 'no' as const };
    if (decision.kind === 'no') {
      turnedAway += 1;
      socket.on('error', () => {}).resetAndDestroy();
      return;
    }
    if (decision.kind === 'instead') decision.of.abort('made room for another');
    const visit = new Visit({ number: ++count, endpoint, source, startedAtMs: now() });
    visits.add(visit);
    const signIn = setTimeout(() => visit.ticket ?? visit.abort('did not sign in in time'), limits.signInMs);
    const total = setTimeout(() => visit.abort('lasted too long'), limits.totalMs);
    let bytes = 0;
    let reads = 0;
    const relay = relayConnection(socket, visit.facts.number, {
      endpoint,
      upstream: () => options.upstream(endpoint.port),
      keepBytes: KEEPING,
      onChange: () => options.onChange(visit),
      onBytes(from, length) {
        if (from !== 'client') return;
        bytes += length;
        reads += 1;
        if (bytes > limits.bytes) visit.abort('sent too much');
        else if (reads > limits.tinyReads && bytes < reads * TINY_BYTES) visit.abort('sent byte by byte');
      },
    });
    visit.carriedBy(relay);
    void relay.closed.then(() => {
      clearTimeout(signIn);
      clearTimeout(total);
      visits.delete(visit);
      visit.end();
      options.onChange(visit);
    });
  };
  const gate: Gate = {
    ports,
    visitAt: (peerPort) => [...visits].find((visit) => visit.tapPort === peerPort),
    visits: () => [...visits],
    get turnedAway() {
      return turnedAway;
    },
    async [Symbol.asyncDispose]() {
      const closed = listeners.map((l) => new Promise<void>((resolve) => l.close(() => resolve())));
      for (const visit of visits) visit.abort('the test host ended');
      await Promise.all(closed);
    },
  };
  try {
    for (const endpoint of ENDPOINTS.filter((e) => options.ports.includes(e.port))) {
      const bound = options.boundPort(endpoint.port);
      const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) =>
        accept(socket, endpoint),
      );
      listeners.push(server);
      ports.set(endpoint.port, await listen(server, options.listen, bound));
    }
  } catch (fault) {
    await gate[Symbol.asyncDispose]();
    throw fault;
  }
  return gate;
}

/** A handshake with a long chain, and how it ended; of a mail nothing is needed. */
const KEEPING = { head: 24 * 1024, tail: 4 * 1024 };

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new HarnessFault('check-port', `the test host cannot listen on ${host} port ${port}: ${cause.code ?? ''}`, {
          stage: 'start',
          advice:
            cause.code === 'EACCES'
              ? 'Ports below 1024 need a privilege: give it to Node (CAP_NET_BIND_SERVICE), or move them all with --port-offset 2000 and forward them.'
              : 'Check that the address of --listen belongs to this machine, and that no other server has the port.',
          cause,
        }),
      ),
    );
    server.listen({ host, port, exclusive: true }, () => {
      server.removeAllListeners('error').on('error', () => {});
      const address = server.address();
      resolve(address === null || typeof address === 'string' ? port : address.port);
    });
  });
}
