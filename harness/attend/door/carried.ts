import type { MailServer } from '../../servers/contract.ts';
import type { Relayed } from '../../tap-relay.ts';
import type { Connection, ServerSession, Side } from '../../vocabulary/evidence.ts';
import type { Endpoint } from '../../vocabulary/trial.ts';
import type { Capture } from '../../wire/capture.ts';
import { parseConnection } from '../../wire/connection.ts';
import type { ConnectionFacts } from './identify.ts';

/** Who answers a connection: a mode, or one with a key changed. */
export interface Policy {
  readonly key: string;
  readonly server: MailServer;
}

/** A connection that the door has let in, and what it has told so far. */
export interface Carried {
  readonly number: number;
  readonly endpoint: Endpoint;
  /** null: nobody answers it yet. */
  readonly policy: Policy | null;
  readonly relay: Relayed;
  readonly client: Capture['client'];
  readonly isOpen: boolean;
  readonly facts: ConnectionFacts;
  /** For people: any name, and the best version of TLS that was offered. */
  readonly shown: { readonly ehlo: string | null; readonly offered: string | null };
  /** It has sent a byte. */
  readonly hasSpoken: boolean;
  /** No more can be learnt of it before somebody answers: its hello is there, or it speaks no TLS, or has ended. */
  readonly isIntroduced: boolean;
  /** From now on this policy's servers answer it. Once. */
  lead(policy: Policy): void;
  /** Reads again what it says by now. Returns whether something new is known. */
  read(): boolean;
  closed(): void;
  /** What the server tells of it, with this marker. */
  session(marker: string): ServerSession | null;
}

/** Reading costs as much as the connection is long: what tells devices apart comes first, in bytes and in events. */
const READ_BYTES = 16 * 1024;
const MAX_READS = 60;
/** Source ports are used again; by then the session is over and was read. */
const SESSION_OVER_MS = 1_000;
const MAX_NAME = 80;

export function createCarried(
  given: Pick<Carried, 'number' | 'endpoint' | 'relay' | 'client'> &
    Pick<ConnectionFacts, 'ownPortOf' | 'atMs' | 'isPersistent'> & {
      /** How much it has carried so far. */
      readonly bytes: Readonly<Record<Side, number>>;
      /** Whose account of the run this is; null: nobody's. */
      readonly deviceOf: (account: string) => string | null;
    },
): Carried {
  const { endpoint, relay, ownPortOf, atMs, isPersistent = false } = given;
  let policy: Policy | null = null;
  let witness: MailServer | null = null;
  let isOpen = true;
  let closedAtMs = Number.POSITIVE_INFINITY;
  const sessions = new Map<string, ServerSession | null>();
  let reads = 0;
  let facts: ConnectionFacts = {
    address: given.client.address,
    port: endpoint.port,
    ownPortOf,
    accountOf: null,
    atMs,
    fingerprint: null,
    ehlo: null,
    isPersistent,
  };
  let shown: Carried['shown'] = { ehlo: null, offered: null };
  return {
    ...given,
    get isOpen() {
      return isOpen;
    },
    get policy() {
      return policy;
    },
    get hasSpoken() {
      return given.bytes.client > 0;
    },
    get isIntroduced() {
      const { client } = given.bytes;
      return facts.fingerprint !== null || relay.isOver || client > READ_BYTES || (client > 0 && !couldBeHello(relay));
    },
    lead(to) {
      if (policy !== null) return;
      policy = to;
      // Its own view: a source port may lead to two listeners at a time.
      witness = to.server.witness?.(endpoint.port) ?? to.server;
      relay.connect(to.server.address(endpoint.port));
    },
    get facts() {
      return facts;
    },
    get shown() {
      return shown;
    },
    read() {
      const isComplete = facts.accountOf !== null && shown.offered !== null && shown.ehlo !== null;
      if (isOpen && (isComplete || reads >= MAX_READS || given.bytes.client + given.bytes.server > READ_BYTES))
        return false;
      reads += 1;
      const seen = parseConnection(relay.capture());
      const account = seen.tapPort === 0 ? null : (witness?.accountOf?.(seen.tapPort) ?? null);
      const log = seen.tapPort === 0 ? [] : (witness?.sessions([seen.tapPort], '')[0]?.log ?? []);
      const ehlo = nameIn(seen) ?? log.flatMap((line) => nameOf(line) ?? []).at(-1) ?? null;
      const before = JSON.stringify([facts, shown]);
      facts = {
        ...facts,
        accountOf: account === null ? null : given.deviceOf(account),
        fingerprint: fingerprintOf(seen),
        ehlo: isTelling(ehlo) ? ehlo : null,
      };
      shown = { ehlo, offered: seen.hello?.maxVersion ?? null };
      return JSON.stringify([facts, shown]) !== before;
    },
    closed() {
      isOpen = false;
      closedAtMs = performance.now();
    },
    session(marker) {
      const known = sessions.get(marker);
      if (known !== undefined && performance.now() > closedAtMs + SESSION_OVER_MS) return known;
      const { tapPort } = relay;
      const session = tapPort === 0 ? null : (witness?.sessions([tapPort], marker)[0] ?? null);
      sessions.set(marker, session);
      return session;
    },
  };
}

function fingerprintOf({ hello }: Connection): string | null {
  return hello === null ? null : (hello.ja4 ?? hello.ja3Hash ?? hello.suites.join(' '));
}

/** Its first byte begins a record of a handshake (RFC 8446 section 5.1), or a hello of SSLv2 format (RFC 5246 appendix E.2). */
function couldBeHello(relay: Relayed): boolean {
  const first = relay.capture().events.find((event) => event.kind === 'data' && event.from === 'client');
  const byte = first?.kind === 'data' ? (first.bytes[0] ?? 0) : 0;
  return byte === 0x16 || byte >= 0x80;
}

/** Before TLS. Inside it, the server's log tells. */
function nameIn({ dialogue }: Connection): string | null {
  return dialogue.flatMap(({ from, text }) => (from === 'client' ? (nameOf(text) ?? []) : [])).at(-1) ?? null;
}

function nameOf(line: string): string | null {
  return /^(?:EHLO|HELO|LHLO)\s+(\S+)/i.exec(line)?.[1]?.slice(0, MAX_NAME) ?? null;
}

/** Addresses change, and half of all programs call themselves localhost. */
function isTelling(name: string | null): boolean {
  return name !== null && !/^(?:\[.*\]|[\d.]+|[\da-f]*:[\da-f:.]*|localhost(?:[.-].*)?)$/i.test(name);
}
