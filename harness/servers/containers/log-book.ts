import type { ServerSession } from '../../vocabulary/evidence.ts';
import type { MailFolder } from './mail-folder.ts';

/** What the logs of one mode's containers tell of one connection, while their lines come in. */
export interface LoggedSession {
  readonly peerPort: number;
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

export interface LogBook {
  /** A port that is used again begins a new session: systems reuse them, and the older trial has been recorded. */
  open(peerPort: number): LoggedSession;
  /** SHA-1 of a password that was refused: by Dovecot's session or, over SMTP, by the user's name. */
  noteHash(key: string, sha1: string): void;
  /** Keeps a line, without what a stranger may have put where his user name belongs. */
  keep(session: LoggedSession, line: string, user?: string): void;
  /** The sessions of these source ports; what is said of markers is said of this one. */
  read(peerPorts: readonly number[], marker: string): readonly ServerSession[];
  /** Whether all is known of these ports: their connections ended, and the mails that came in left the queue. */
  isComplete(peerPorts: readonly number[]): boolean;
}

/** Joins the logs of Postfix and Dovecot by the port that a client came from, and with the mail that arrived. */
export function createLogBook(folder: Pick<MailFolder, 'received' | 'waiting' | 'noteLogin'>): LogBook {
  const sessions = new Map<number, LoggedSession>();
  const hashes = new Map<string, string>();

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
    open(peerPort) {
      const session = blankSession(peerPort);
      keepNewest(sessions, peerPort, session);
      return session;
    },
    noteHash: (key, sha1) => keepNewest(hashes, key, sha1),
    keep(session, line, user = '') {
      if (session.lines.length >= LOG_LINES) return;
      // A device whose fields are mixed up gives its password as the user's name.
      const isStrange = user !== '' && folder.noteLogin(user, null) === 'unknown user';
      session.lines.push(printable(isStrange ? line.replaceAll(user, '(unknown)') : line).slice(0, LOG_LINE_LENGTH));
    },
    read(peerPorts, marker) {
      return peerPorts.flatMap((port) => {
        const session = sessions.get(port);
        return session === undefined ? [] : [render(session, marker)];
      });
    },
    isComplete(peerPorts) {
      return peerPorts.every((port) => {
        const session = sessions.get(port);
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

function blankSession(peerPort: number): LoggedSession {
  return {
    peerPort,
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
