import type { ServerSession } from '../../vocabulary/evidence.ts';
import type { ReceivedMail } from '../mail-store.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What the servers note about one connection while it lasts. */
export interface Witness {
  /** Never given a password or the text of a mail. */
  log(text: string): void;
  secured(tls: NonNullable<ServerSession['tls']>): void;
  alerted(number: number): void;
  authenticated(auth: NonNullable<ServerSession['auth']>): void;
  /** Name of the run's own account; never one that only the client knows. */
  loggedIn(account: string): void;
  /**
   * `rule`: a policy or an account said no. `order`: the command made no sense; as this mostly follows from a refusal
   * before it (clients pipeline), it never replaces one. TLS or a login that comes after it undoes a refusal: the
   * client found its way.
   */
  refused(code: string, kind: 'rule' | 'order'): void;
  delivered(mail: ReceivedMail): void;
  /** The waiting mail with this marker went out in full. */
  fetched(marker: string): void;
}

export interface SessionBook {
  open(peerPort: number): Witness;
  /** The sessions of these source ports; what is said of markers is said of this one. */
  read(peerPorts: readonly number[], marker: string): readonly ServerSession[];
  /** Who logged in; null: nobody. */
  accountOf(peerPort: number): string | null;
}

/**
 * The server's witness: one session a connection, keyed by the source port it came from. A port that is used again
 * begins a new session, because systems reuse them within minutes and the older trial has been recorded by then.
 */
export function createSessionBook(): SessionBook {
  const sessions = new Map<number, Entry>();
  return {
    open(peerPort) {
      // Deleting first keeps the map in the order of opening, so that the oldest are forgotten.
      sessions.delete(peerPort);
      const entry = blankEntry(peerPort);
      sessions.set(peerPort, entry);
      for (const oldest of sessions.keys()) {
        if (sessions.size <= KEPT_SESSIONS) break;
        sessions.delete(oldest);
      }
      return witnessOf(entry);
    },
    read(peerPorts, marker) {
      return peerPorts.flatMap((port) => {
        const entry = sessions.get(port);
        return entry === undefined ? [] : [renderSession(entry, marker)];
      });
    },
    accountOf: (peerPort) => sessions.get(peerPort)?.account ?? null,
  };
}

/** Sessions are read when their trial ends: some devices at once, of which the tap carries 200 connections each. */
const KEPT_SESSIONS = 4_000;
const LOG_LINES = 200;
const LOG_LINE_LENGTH = 300;
/** Mails and fetches noted of one connection; an alarm burst is some tens. */
const NOTED_MAILS = 1_000;

interface Entry {
  readonly session: Mutable<Omit<ServerSession, 'delivered' | 'fetched' | 'log'>>;
  readonly log: string[];
  readonly delivered: ReceivedMail[];
  readonly fetched: Set<string>;
  account: string | null;
}

function blankEntry(peerPort: number): Entry {
  const session = { peerPort, tls: null, alertNumber: null, auth: null, refusal: null };
  return { session, log: [], delivered: [], fetched: new Set(), account: null };
}

function witnessOf(entry: Entry): Witness {
  const { session } = entry;
  const log = (text: string) => {
    if (entry.log.length < LOG_LINES) entry.log.push(printable(text).slice(0, LOG_LINE_LENGTH));
  };
  return {
    log,
    secured(tls) {
      session.tls = tls;
      session.refusal = null;
      log(`TLS ${tls.version} with ${tls.suite}`);
    },
    alerted(number) {
      session.alertNumber ??= number;
    },
    authenticated(auth) {
      session.auth = auth;
      if (auth.accepted) session.refusal = null;
      log(`authentication ${auth.mechanism} ${auth.accepted ? 'accepted' : `refused: ${auth.note ?? 'no reason'}`}`);
    },
    loggedIn(account) {
      entry.account = account;
    },
    refused(code, kind) {
      if (kind === 'rule') session.refusal = code;
      else session.refusal ??= code;
    },
    delivered(mail) {
      if (entry.delivered.length < NOTED_MAILS) entry.delivered.push(mail);
      log(`mail received: ${mail.bytes} bytes, sha256 ${mail.sha256}, ${mail.markers.join(' ') || 'no marker'}`);
    },
    fetched(marker) {
      if (entry.fetched.size < NOTED_MAILS) entry.fetched.add(marker);
      log(`mail fetched: ${marker}`);
    },
  };
}

function renderSession(entry: Entry, marker: string): ServerSession {
  return {
    ...entry.session,
    delivered: entry.delivered.map(({ bytes, sha256, markers }) => ({
      bytes,
      sha256,
      markerSeen: markers.includes(marker),
    })),
    fetched: entry.fetched.has(marker),
    log: [...entry.log],
  };
}

/** Control characters could forge log lines and move a terminal's cursor. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}
