import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createMotion } from './deadline.ts';
import { LabFault } from './faults.ts';
import { type Relayed, relayConnection, type RelayOptions } from './tap-relay.ts';
import type { Capture } from './wire/capture.ts';

export interface TapOptions extends RelayOptions {
  /** Address to bind, on a free port. */
  readonly listen: string;
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
  const relays: Relayed[] = [];
  const open = new Set<Relayed>();
  let isLate = false;
  let notKept = 0;
  const motion = createMotion();
  const moved = () => {
    motion.moved();
    options.onChange?.();
  };
  // Half-open connections stay open: a client that has said all (FIN) still reads the answer.
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    if (open.size >= MAX_OPEN) {
      notKept += 1;
      client.on('error', () => {}).resetAndDestroy();
      return moved();
    }
    const relay = relayConnection(client, relays.length + notKept + 1, { ...options, onChange: moved }, isLate);
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
      return motion.lastMovedAtMs;
    },
    settled: motion.settled,
    until: (condition, waiting) => motion.until(() => condition(tap), waiting),
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
