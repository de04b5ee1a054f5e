import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { createDeadline, type Limit } from '../../deadline.ts';
import { ENDPOINTS, type Port } from '../../vocabulary/trial.ts';

export interface Greeted {
  /** Address of the container that serves a port. */
  readonly address: (port: Port) => string;
  /** Program that listens on a port: each wakes up on its own. */
  readonly server: (port: Port) => string;
  /** Why there is nothing to wait for any more, or null. */
  readonly trouble: () => string | null;
  /** ms since the last sign of life of the servers: a line of their logs. */
  readonly lastMovedAtMs: () => number;
  readonly signal?: AbortSignal;
}

export type Greeting =
  | { readonly kind: 'greeted' }
  | { readonly kind: 'died'; readonly why: string }
  | { readonly kind: 'silent'; readonly ports: readonly Port[]; readonly over: Limit };

/**
 * Waits until every listener takes a connection and, where it speaks first, has spoken: a log says "started" before
 * that. Throws the signal's reason.
 */
export async function awaitGreetings(greeted: Greeted): Promise<Greeting> {
  const { signal, trouble } = greeted;
  using deadline = createDeadline({
    idleMs: IDLE_MS,
    totalMs: TOTAL_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  const missing = new Set<Port>(ENDPOINTS.map(({ port }) => port));
  const awake = new Set<string>();
  let movedAtMs = greeted.lastMovedAtMs();
  const askAll = async (): Promise<void> => {
    // Of a server that sleeps one port is enough: hundreds of attempts a second would keep it from starting.
    const scouts = new Set<string>();
    const asked = ENDPOINTS.filter(({ port }) => {
      const server = greeted.server(port);
      if (!missing.has(port) || (scouts.has(server) && !awake.has(server))) return false;
      scouts.add(server);
      return true;
    });
    await Promise.all(
      asked.map(async ({ port, tls }) => {
        if (!(await greets(greeted.address(port), port, tls === 'starttls'))) return;
        awake.add(greeted.server(port));
        missing.delete(port);
        deadline.moved();
      }),
    );
  };
  for (;;) {
    await askAll();
    signal?.throwIfAborted();
    const why = trouble();
    if (why !== null) return { kind: 'died', why };
    if (missing.size === 0) return { kind: 'greeted' };
    if (deadline.hit !== null) return { kind: 'silent', ports: [...missing], over: deadline.hit };
    if (greeted.lastMovedAtMs() > movedAtMs) deadline.moved();
    movedAtMs = greeted.lastMovedAtMs();
    await sleep(ASK_EVERY_MS);
  }
}

/** Postfix and Dovecot are there within a second; a machine that is busy with many starts takes some. */
const IDLE_MS = 15_000;
const TOTAL_MS = 60_000;
const ASK_EVERY_MS = 40;
const GREETING_MS = 2_000;

/** A connection that is refused comes back at once; one that nobody greets is asked again. */
async function greets(host: string, port: Port, speaksFirst: boolean): Promise<boolean> {
  const socket = connect({ host, port });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.setTimeout(GREETING_MS, () => resolve(false));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  if (speaksFirst) socket.once('data', () => resolve(true));
  else socket.once('connect', () => resolve(true));
  const greeted = await promise;
  socket.destroy();
  return greeted;
}

/** Whether a client that takes everything gets a TLS connection on a port with implicit TLS, and where it came from. */
export async function shakeHands(
  host: string,
  port: Port,
): Promise<{ readonly shook: boolean; readonly peerPort: number }> {
  const socket = connectTls({
    host,
    port,
    minVersion: 'TLSv1',
    rejectUnauthorized: false,
    ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:ALL:@SECLEVEL=0',
  });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let peerPort = 0;
  socket.once('connect', () => {
    peerPort = socket.localPort ?? 0;
  });
  socket.setTimeout(GREETING_MS, () => resolve(false));
  socket.once('secureConnect', () => resolve(true));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  const shook = await promise;
  socket.destroy();
  return { shook, peerPort };
}
