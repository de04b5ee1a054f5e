import { createMotion } from '../../deadline.ts';
import { endpointOf, newMarker, type Rig } from '../../rig.ts';
import type { MailServer } from '../../servers/contract.ts';
import { WAITING_MARKER } from '../../servers/mail-store.ts';
import type { Tap } from '../../tap.ts';
import type { ServerSession } from '../../vocabulary/evidence.ts';
import { blankNames, blankNamesInLine } from './blank-names.ts';
import type { Capture } from '../../wire/capture.ts';
import type { Carried, Policy } from './carried.ts';
import type { ExpectOptions, Press } from './contract.ts';

/** A press as the door sees it: which connections are its own, and since when it waits. */
export interface OpenPress {
  readonly press: Press;
  readonly policy: Policy;
  /** Its device was given a port of its own to dial. */
  readonly hasOwnPort: boolean;
  readonly sinceMs: number;
  readonly pressedMs: number | null;
  /** When its trial ended; null: it waits. */
  readonly endedMs: number | null;
  /** In order of arrival. */
  readonly own: readonly Carried[];
  /** `false`: it holds too many already; then it is counted only. */
  add(carried: Carried): boolean;
  remove(carried: Carried): void;
  moved(): void;
}

export interface PressOptions extends ExpectOptions {
  readonly rig: Rig;
  readonly policy: Policy;
  readonly listen: string;
  readonly port: number;
  readonly hasOwnPort: boolean;
  readonly maxKept: number;
  /** It was pressed, or its trial ended. */
  readonly onChange: () => void;
  readonly onDispose: () => Promise<void>;
}

export function createPress(options: PressOptions): OpenPress {
  const { device, trial, rig, policy, listen, port, resolvesHosts = false } = options;
  const endpoint = endpointOf(trial.setting);
  const own: Carried[] = [];
  const sinceMs = Date.now();
  let pressedMs: number | null = null;
  let endedMs: number | null = null;
  let notKept = 0;
  const motion = createMotion();

  const tap: Tap = {
    address: { host: listen, port },
    captures: () =>
      own.map((carried, at) => captureOf(carried, at + 1, endedMs !== null && carried.facts.atMs > endedMs)),
    get openConnections() {
      return own.filter((carried) => carried.isOpen).length;
    },
    get connectionsNotKept() {
      return notKept;
    },
    get lastMovedAtMs() {
      return motion.lastMovedAtMs;
    },
    settled: motion.settled,
    until: (condition, waiting) => motion.until(() => condition(tap), waiting),
    endTrial() {
      endedMs ??= Date.now();
      options.onChange();
    },
    [Symbol.asyncDispose]: options.onDispose,
  };
  const server = serverOf(policy.server, own);
  const press: Press = {
    device,
    trial,
    mode: policy.server.mode,
    server,
    store: {
      openAccount: () => rig.accountOf(device),
      // A mail waits behind each login.
      putMail: () => {},
      clearMail: () => {},
      // Real devices put no marker into their mail: its connection is the tie.
      arrived: (marker) => own.reduce((sum, carried) => sum + (carried.session(marker)?.delivered.length ?? 0), 0),
    },
    tap,
    endpoint,
    account: rig.accountOf(device),
    marker: newMarker(),
    get hasBegun() {
      return own.some(hasTried);
    },
    host: trial.setting.host ?? (resolvesHosts ? policy.server.mode.hosts[trial.setting.protocol] : listen),
    port,
    pressed() {
      pressedMs = Date.now();
      options.onChange();
    },
    [Symbol.asyncDispose]: options.onDispose,
  };
  return {
    press,
    policy,
    hasOwnPort: options.hasOwnPort,
    sinceMs,
    get pressedMs() {
      return pressedMs;
    },
    get endedMs() {
      return endedMs;
    },
    own,
    add(carried) {
      if (own.length >= options.maxKept) {
        notKept += 1;
        return false;
      }
      own.push(carried);
      own.sort((a, b) => a.number - b.number);
      motion.moved();
      return true;
    },
    remove(carried) {
      const at = own.indexOf(carried);
      if (at !== -1) own.splice(at, 1);
      motion.moved();
    },
    moved: motion.moved,
  };
}

function hasTried({ hasSpoken, endpoint, policy, relay }: Carried): boolean {
  return hasSpoken || (endpoint.tls === 'implicit' && policy !== null && !relay.isOver);
}

/** What passed is read when it is asked for: captures are counted with every byte that moves. */
function captureOf({ relay, endpoint, facts, client }: Carried, number: number, late: boolean): Capture {
  let events: Capture['events'] | undefined;
  return {
    number,
    endpoint,
    startedAt: new Date(facts.atMs),
    client,
    tapPort: relay.tapPort,
    late,
    get events() {
      events ??= blankNames(relay.capture()).events;
      return events;
    },
  };
}

/** The policy's server as the witness of these connections alone, without names of people. */
function serverOf(server: MailServer, own: readonly Carried[]): MailServer {
  return {
    mode: server.mode,
    engine: server.engine,
    unspoken: server.unspoken,
    address: (port) => server.address(port),
    sessions: (peerPorts, marker) =>
      own.flatMap((carried) => {
        const session = carried.session(marker);
        if (session === null || !peerPorts.includes(session.peerPort)) return [];
        return [renderSession(session, carried.session(WAITING_MARKER))];
      }),
    get trouble() {
      return server.trouble;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function renderSession(session: ServerSession, waiting: ServerSession | null): ServerSession {
  return {
    ...session,
    fetched: session.fetched || waiting?.fetched === true,
    log: session.log.map(blankNamesInLine),
  };
}
