import type { ServerSession } from '../../vocabulary/evidence.ts';
import type { Port } from '../../vocabulary/trial.ts';
import type { MailFolder } from './mail-folder.ts';

/** What the logs of one mode's containers tell of one connection, while their lines come in. */
export interface LoggedSession {
  readonly peerPort: number;
  /** Canonical port of the listener; null: the log does not tell. */
  readonly listener: Port | null;
  /** When its first line came, as `performance.now()`. */
  readonly openedAtMs: number;
  tls: ServerSession['tls'];
  alertNumber: number | null;
  login: Login | null;
  refusal: string | null;
  /** Mails that Postfix took in: queue id → whether they left the queue. */
  readonly queued: Map<string, 'open' | 'removed'>;
  /** How many mails the client was told are accepted. */
  accepted: number;
  /** Bodies that went out over IMAP or POP3, and their bytes. */
  bodies: number;
  bodyBytes: number;
  /** The connection is closed. */
  ended: boolean;
  readonly lines: string[];
}

interface Login {
  readonly mechanism: string;
  readonly accepted: boolean;
  readonly user: string;
  /** A reason that the server itself gives; null: the accounts tell it. */
  readonly note: string | null;
  /** Under which the hash of the refused password was noted. */
  readonly hashKey: string;
}

/**
 * Whose connections are asked for. A system gives one source port to several connections at a time, to different
 * listeners, and later again to the same one: without this, one device's mail could speak for another.
 */
export interface Scope {
  readonly port: Port;
  /** Sessions that began before, as `performance.now()`, are others'. */
  readonly sinceMs: number;
}

export interface LogBook {
  /** A port that is used again, at the same listener, begins a new session. */
  open(peerPort: number, listener: Port | null): LoggedSession;
  /** SHA-1 of a password that was refused: by Dovecot's session or, over SMTP, by the user's name. */
  noteHash(key: string, sha1: string): void;
  /** Keeps a line, without what a stranger may have put where his user name belongs. */
  keep(session: LoggedSession, line: string, user?: string): void;
  /** The sessions of these source ports; what is said of markers is said of this one. */
  read(peerPorts: readonly number[], marker: string, scope?: Scope): readonly ServerSession[];
  /** Whether all is known of these ports: their connections ended, and the mails that came in left the queue. */
  isComplete(peerPorts: readonly number[], scope?: Scope): boolean;
}

/** Joins the logs of Postfix and Dovecot by the port that a client came from, and with the mail that arrived. */
export function createLogBook(folder: Pick<MailFolder, 'received' | 'waiting' | 'noteLogin'>): LogBook {
  /** By source port, the newest last. */
  const sessions = new Map<number, readonly LoggedSession[]>();
  const hashes = new Map<string, string>();

  const find = (peerPort: number, scope?: Scope): LoggedSession | undefined => {
    const fits = ({ listener, openedAtMs }: LoggedSession) =>
      scope === undefined || ((listener ?? scope.port) === scope.port && openedAtMs >= scope.sinceMs);
    return sessions.get(peerPort)?.findLast(fits);
  };
  const noteOf = ({ accepted, note, user, hashKey }: Login): string | null =>
    accepted ? null : (note ?? folder.noteLogin(user, hashes.get(hashKey) ?? null));
  const render = (session: LoggedSession, marker: string): ServerSession => {
    const { peerPort, tls, alertNumber, login, refusal } = session;
    const mails = [...session.queued.keys()].flatMap((queueId) => folder.received(queueId) ?? []);
    const waiting = folder.waiting(marker);
    return {
      peerPort,
      tls,
      alertNumber,
      auth: login === null ? null : { mechanism: login.mechanism, accepted: login.accepted, note: noteOf(login) },
      refusal,
      delivered: mails.map(({ bytes, sha256, markers }) => ({ bytes, sha256, markerSeen: markers.includes(marker) })),
      fetched: waiting !== null && session.bodies > 0 && session.bodyBytes >= waiting.bodyBytes,
      log: [...session.lines],
    };
  };

  return {
    open(peerPort, listener) {
      const session = blankSession(peerPort, listener);
      const others = (sessions.get(peerPort) ?? []).filter((other) => other.listener !== listener);
      keepNewest(sessions, peerPort, [...others, session]);
      return session;
    },
    noteHash: (key, sha1) => keepNewest(hashes, key, sha1),
    keep(session, line, user = '') {
      if (session.lines.length >= LOG_LINES) return;
      // A device whose fields are mixed up gives its password as the user's name.
      const isStrange = user !== '' && folder.noteLogin(user, null) === 'unknown user';
      session.lines.push(printable(isStrange ? line.replaceAll(user, '(unknown)') : line).slice(0, LOG_LINE_LENGTH));
    },
    read(peerPorts, marker, scope) {
      return peerPorts.flatMap((port) => {
        const session = find(port, scope);
        return session === undefined ? [] : [render(session, marker)];
      });
    },
    isComplete(peerPorts, scope) {
      return peerPorts.every((port) => {
        const session = find(port, scope);
        if (session === undefined || !session.ended) return false;
        return [...session.queued.values()].filter((state) => state === 'removed').length >= session.accepted;
      });
    },
  };
}

/** Sessions are read when their trial ends: some devices at once, of which the tap carries 200 connections each. */
const KEPT_SESSIONS = 4_000;
const LOG_LINES = 200;
const LOG_LINE_LENGTH = 300;

function blankSession(peerPort: number, listener: Port | null): LoggedSession {
  return {
    peerPort,
    listener,
    openedAtMs: performance.now(),
    tls: null,
    alertNumber: null,
    login: null,
    refusal: null,
    queued: new Map(),
    accepted: 0,
    bodies: 0,
    bodyBytes: 0,
    ended: false,
    lines: [],
  };
}

/** Deleting first keeps the map in the order of setting, so that the oldest are forgotten. */
function keepNewest<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= KEPT_SESSIONS) break;
    map.delete(oldest);
  }
}

/** Control characters could forge log lines and move a terminal's cursor. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}
