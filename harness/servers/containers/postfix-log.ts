import type { Port } from '../../vocabulary/trial.ts';
import type { LogBook, LoggedSession } from './log-book.ts';
import { readAlertNumber, readTlsWords } from './log-tls.ts';
import { SMTP_PORTS } from './rendering.ts';

export interface PostfixLogOptions {
  readonly book: LogBook;
  /** What Postfix answers everything before STARTTLS, e.g. `530 5.7.0`, because it logs no such refusal; null: nothing. */
  readonly refusesPlaintext: string | null;
}

/**
 * Reads Postfix's log line by line into sessions. It needs `smtpd_client_port_logging = yes` and
 * `smtpd_tls_loglevel = 1`. An smtpd process serves one client at a time, so what names no client belongs to that of
 * its process; what happens to a mail afterwards is tied to it by its queue id.
 */
export function createPostfixReader({ book, refusesPlaintext }: PostfixLogOptions): (line: string) => void {
  const clients = new Map<string, LoggedSession>();
  const owners = new Map<string, LoggedSession>();

  return (line) => {
    const [, service = '', program, pid, text] = ENTRY.exec(line) ?? [];
    if (program === undefined || pid === undefined || text === undefined) return;
    if (program === 'smtpd') readClient(pid, text, SMTP_PORTS.find((port) => service === `/${port}`) ?? null);
    else readQueue(text);
  };

  function readClient(pid: string, text: string, listener: Port | null): void {
    const port = /^connect from \S+\[[^\]]*\]:(\d+)$/.exec(text)?.[1];
    if (port !== undefined) {
      const session = book.open(Number(port), listener);
      clients.set(pid, session);
      book.keep(session, text);
      return;
    }
    const session = clients.get(pid);
    if (session === undefined) return;
    session.tls = readTlsWords(text) ?? session.tls;
    session.alertNumber ??= readAlertNumber(text);
    const [, queueId, , mechanism, user = ''] = CLIENT.exec(text) ?? [];
    if (queueId !== undefined) {
      remember(queueId, session);
      if (mechanism !== undefined) session.login = accepted(mechanism, user);
    }
    const failed =
      /: SASL (\S+) authentication (?:failed|aborted)(?:: (.*?))?(?:, sasl_username=(?:\(unavailable\)|(.*)))?$/.exec(
        text,
      );
    const given = failed?.[3] ?? user;
    if (failed !== null) noteFailure(session, failed[1] ?? '', failed[2] ?? '', given);
    const refusal = /: (?:milter-)?reject(?:_warning)?: [^:]* from [^:]*:\d+: (\d{3}(?: \d\.\d+\.\d+)?)/.exec(
      text,
    )?.[1];
    if (refusal !== undefined) session.refusal = refusal;
    book.keep(session, withoutQuotes(text), given);
    if (text.startsWith('disconnect from ')) {
      readCounts(session, text);
      session.ended = true;
      clients.delete(pid);
    }
  }

  function remember(queueId: string, session: LoggedSession): void {
    session.queued.set(queueId, 'open');
    owners.set(queueId, session);
    for (const oldest of owners.keys()) {
      if (owners.size <= KEPT_MAILS) break;
      owners.delete(oldest);
    }
  }

  /** The words of the last refusal as they went to the client; a login that succeeds later undoes it. */
  function noteFailure(session: LoggedSession, mechanism: string, reason: string, user: string): void {
    const note = /Invalid authentication mechanism/i.test(reason) ? 'mechanism not offered' : null;
    session.login = { mechanism, accepted: false, user, note, hashKey: user };
    session.refusal = '535 5.7.8';
  }

  /** `ehlo=1 auth=0/1 mail=1 … commands=2/3`: what succeeded, of how many. */
  function readCounts(session: LoggedSession, text: string): void {
    const counts = new Map(
      [...text.matchAll(/ ([a-z]+)=(\d+)(?:\/(\d+))?/g)].map(([, command = '', good, all]) => [
        command,
        { good: Number(good), all: Number(all ?? good) },
      ]),
    );
    const good = (command: string) => counts.get(command)?.good ?? 0;
    session.accepted = good('data') + good('bdat');
    if (good('auth') > 0) {
      // A login without a mail is logged by this count alone.
      if (session.login?.accepted !== true) session.login = accepted(session.login?.mechanism ?? 'AUTH', '');
      if (session.refusal === '535 5.7.8') session.refusal = null;
    }
    if (refusesPlaintext === null || session.tls !== null || session.refusal !== null || good('auth') > 0) return;
    const turnedAway = ['auth', 'mail', 'rcpt', 'data'].some((command) => {
      const count = counts.get(command);
      return count !== undefined && count.good < count.all;
    });
    if (turnedAway) session.refusal = refusesPlaintext;
  }

  function readQueue(text: string): void {
    const queueId = /^([0-9A-Za-z]{5,40}): /.exec(text)?.[1];
    const session = queueId === undefined ? undefined : owners.get(queueId);
    if (queueId === undefined || session === undefined) return;
    book.keep(session, text);
    const refusal = /^\w+: (?:milter-)?reject: .*?: (\d\.\d+\.\d+) /.exec(text)?.[1];
    if (refusal !== undefined) session.refusal = `550 ${refusal}`;
    if (!/^\w+: removed$/.test(text)) return;
    session.queued.set(queueId, 'removed');
    owners.delete(queueId);
  }
}

/** `postfix/smtpd[12]: `, or with a service's own name, which here is its port: `postfix/587/smtpd[12]: `. */
const ENTRY = /(?:^|\s)postfix((?:\/[\w-]+)*)\/(\w+)\[(\d+)\]: (.*)$/;
const CLIENT = /^([0-9A-Za-z]{5,40}): client=[^,]*:(\d+)(?:, sasl_method=([^,]+), sasl_username=(.*))?$/;
const KEPT_MAILS = 20_000;

function accepted(mechanism: string, user: string): NonNullable<LoggedSession['login']> {
  return { mechanism, accepted: true, user, note: null, hashKey: user };
}

/** What a client says out of turn is quoted by Postfix, and may be a login. */
function withoutQuotes(text: string): string {
  return text.replace(/^((?:improper command pipelining|warning: (?!TLS library|.*: SASL)).*?\]:\d+)\b.*$/s, '$1 (…)');
}
