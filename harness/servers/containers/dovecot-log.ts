import type { Port } from '../../vocabulary/trial.ts';
import type { LogBook, LoggedSession } from './log-book.ts';
import { readAlertNumber, readTlsWords } from './log-tls.ts';
import { FETCH_PORTS } from './rendering.ts';

export interface DovecotLogOptions {
  readonly book: LogBook;
}

/**
 * Reads Dovecot's log line by line into sessions. Before the login a line names the client's port and Dovecot's own
 * session; after it only the session. It needs `rport=%{rport}` and `session=<%{session}>` in
 * `login_log_format_elements`, and the counts of bodies in `imap_logout_format` and `pop3_logout_format`.
 */
export function createDovecotReader({ book }: DovecotLogOptions): (line: string) => void {
  const sessions = new Map<string, LoggedSession>();

  return (line) => {
    const [, process, text] = ENTRY.exec(line) ?? [];
    if (process === undefined || text === undefined) return;
    if (process.endsWith('-login')) readLogin(process, text);
    else if (process === 'auth') readAuth(text);
    else readMailbox(process, text);
  };

  function readLogin(process: string, text: string): void {
    const peerPort = /\brport=(\d+)/.exec(text)?.[1];
    const id = /\bsession=<([^>]*)>/.exec(text)?.[1];
    if (peerPort === undefined || id === undefined) return;
    const own = Number(/\blport=(\d+)/.exec(text)?.[1]);
    const listener = FETCH_PORTS.find((port) => port === own) ?? null;
    const session = sessions.get(id) ?? openSession(id, Number(peerPort), listener);
    const user = /\buser=<([^>]*)>/.exec(text)?.[1] ?? '';
    session.tls = readTlsWords(text) ?? session.tls;
    session.alertNumber ??= readAlertNumber(text);
    book.keep(session, `${process}: ${text}`, user);
    const isSmallTalk = /^Login failed: (?:Plaintext authentication disabled|SSL required)/.test(text);
    if (isSmallTalk) session.refusal = process === 'imap-login' ? 'NO [PRIVACYREQUIRED]' : '-ERR [AUTH]';
    const mechanism = /\bmethod=([^,\s]+)/.exec(text)?.[1];
    if (text.startsWith('Login: ')) {
      session.login = { mechanism: mechanism ?? 'PLAIN', accepted: true, user, note: null, hashKey: id };
      session.refusal = null;
      return;
    }
    if (text.startsWith('Login failed: ')) return;
    session.ended = true;
    sessions.delete(id);
    // Plaintext before TLS is turned away before anybody looks at the login.
    const isPolicy = session.refusal !== null;
    if (!/auth failed|unsupported auth/.test(text) || isPolicy) return;
    const isUnknown = /unsupported auth/i.test(text) || /\(tried to use unsupported/.test(text);
    const note = isUnknown ? 'mechanism not offered' : null;
    session.login = { mechanism: mechanism ?? 'PLAIN', accepted: false, user, note, hashKey: id };
    session.refusal = process === 'imap-login' ? 'NO [AUTHENTICATIONFAILED]' : '-ERR [AUTH]';
  }

  function openSession(id: string, peerPort: number, listener: Port | null): LoggedSession {
    const session = book.open(peerPort, listener);
    sessions.set(id, session);
    for (const oldest of sessions.keys()) {
      if (sessions.size <= OPEN_SESSIONS) break;
      sessions.delete(oldest);
    }
    return session;
  }

  /** `DRIVER(user,address[,<session>]): Password mismatch (SHA1 of given password: …)`. Nothing of it is kept. */
  function readAuth(text: string): void {
    const [, user, id, sha1] =
      /^[\w-]+\((.*?),[^,()]*(?:,<([^>]*)>)?\): .*\bSHA1 of given password: ([0-9a-f]{40})\b/i.exec(text) ?? [];
    if (user !== undefined && sha1 !== undefined) book.noteHash(id ?? user, sha1);
  }

  /** `imap(user)<session>: …`: after the login. */
  function readMailbox(process: string, text: string): void {
    const [, protocol, user = '', id] = /^(imap|pop3)\(([^)]*)\)(?:<\d+>)?<([^>]*)>$/.exec(process) ?? [];
    const session = id === undefined ? undefined : sessions.get(id);
    if (protocol === undefined || id === undefined || session === undefined) return;
    book.keep(session, `${protocol}: ${text}`, user);
    const [, bodies, bytes] =
      (protocol === 'imap'
        ? /\bbody(?:_count)?=(\d+) body_bytes=(\d+)/.exec(text)
        : /\bretr=(\d+)\/(\d+)/.exec(text)) ?? [];
    session.bodies = Number(bodies ?? session.bodies);
    session.bodyBytes = Number(bytes ?? session.bodyBytes);
    if (!/^(?:Disconnected|Connection closed|Logged out)/.test(text)) return;
    session.ended = true;
    sessions.delete(id);
  }
}

/** `imap-login: Info: …`, with a time before it or without. */
const ENTRY = /(?:^|\s)([a-z0-9-]+(?:\([^)]*\))?(?:<[^>]*>)*): (?:Info|Warning|Error|Fatal): (.*)$/;
const OPEN_SESSIONS = 4_000;
