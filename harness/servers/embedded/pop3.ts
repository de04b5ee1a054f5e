import type { Mode } from '../../vocabulary/mode.ts';
import type { Authentication, EmbeddedMailStore, Mailbox } from '../mail-store.ts';
import { type WaitingMail, renderMail, uniqueId } from '../waiting-mail.ts';
import type { Connection, Dialogue } from './connection.ts';
import {
  type SaslExchange,
  type SaslStep,
  USER_AND_PASSWORD,
  listedMechanisms,
  mechanismName,
  openSasl,
} from './sasl.ts';

/** POP3 (RFC 1939, RFC 2449, RFC 2595, RFC 5034). No lock on the mailbox: a hung device must not stop the next trial. */
export function openPop3(connection: Connection, mode: Mode, store: EmbeddedMailStore): Dialogue {
  const { witness } = connection;
  let sasl: SaslExchange | undefined;
  let user: string | undefined;
  let mailbox: Mailbox | undefined;
  /** The mails as they were at login: their numbers do not change in a session (RFC 1939 section 3). */
  let mails: readonly WaitingMail[] = [];
  let deleted = new Set<WaitingMail>();
  let errors = 0;

  const beforeLogin: Readonly<Record<string, (rest: string) => void>> = {
    STLS() {
      if (connection.secure) return refuse('-ERR TLS is on already');
      if (mode.starttls === 'hidden') return refuse('-ERR Command not known here');
      connection.say('+OK Begin TLS');
      connection.startTls();
    },
    USER(rest) {
      if (!mayUsePasswords()) return refuseLogin();
      if (rest === '') return refuse('-ERR A name is needed');
      user = rest;
      connection.say('+OK');
    },
    PASS(rest) {
      if (!mayUsePasswords()) return refuseLogin();
      if (user === undefined) return refuse('-ERR USER comes first');
      const result = store.authenticate(user, rest);
      user = undefined;
      decide(USER_AND_PASSWORD, result);
    },
    AUTH: authenticate,
  };

  const afterLogin: Readonly<Record<string, (rest: string) => void>> = {
    STAT: () => connection.say(`+OK ${left().length} ${left().reduce((sum, mail) => sum + mail.bytes, 0)}`),
    LIST: (rest) => list(rest, (mail) => String(mail.bytes)),
    UIDL: (rest) => list(rest, uniqueId),
    RETR(rest) {
      const mail = find(rest);
      if (mail === undefined) return;
      connection.say(`+OK ${mail.bytes} octets`);
      connection.say(stuffDots(renderMail(mail)));
      connection.say('.', () => witness.fetched(mail.marker));
    },
    TOP(rest) {
      const mail = find(rest.split(/\s+/)[0] ?? '');
      if (mail === undefined) return;
      const [head, body] = splitHead(renderMail(mail).toString('latin1'));
      const lines = body.split('\r\n').slice(0, Number(rest.split(/\s+/)[1] ?? 0));
      connection.say('+OK');
      connection.say(stuffDots(Buffer.from([head, '', ...lines, ''].join('\r\n'), 'latin1')));
      connection.say('.');
    },
    DELE(rest) {
      const mail = find(rest);
      if (mail === undefined) return;
      deleted.add(mail);
      connection.say('+OK Marked to be deleted');
    },
    RSET() {
      deleted = new Set();
      connection.say('+OK');
    },
    NOOP: () => connection.say('+OK'),
  };

  return {
    greet() {
      if (connection.tooOld) refuseOldTls();
      else connection.say('+OK POP3 ready');
    },
    line(text) {
      if (connection.tooOld) return refuseOldTls();
      if (sasl !== undefined) return afterSasl(sasl, sasl.step(text.trim()));
      command(text);
    },
    overlong() {
      sasl = undefined;
      refuse('-ERR Line too long');
    },
    secured() {
      sasl = undefined;
      user = undefined;
    },
    farewell: (why) => (why === 'idle' ? '-ERR Nothing received for too long' : '-ERR Too many connections'),
  };

  function command(text: string): void {
    const at = text.search(/\s/);
    const name = (at === -1 ? text : text.slice(0, at)).toUpperCase();
    // A password may begin or end with blanks: only the one behind PASS is taken off.
    const rest = at === -1 ? '' : name === 'PASS' ? text.slice(at + 1) : text.slice(at).trim();
    if (name === 'QUIT') return quit();
    if (name === 'CAPA') return connection.say(['+OK', ...capabilities(), '.'].join('\r\n'));
    const handler = (mailbox === undefined ? beforeLogin : afterLogin)[name];
    if (handler === undefined) {
      const known = name in beforeLogin || name in afterLogin;
      witness.log(known ? `${name} at the wrong time` : `unknown command of ${text.length} bytes`);
      return refuse(known ? '-ERR Not now' : '-ERR Command not known here');
    }
    witness.log(SECRET.has(name) ? name : text);
    handler(rest);
  }

  function quit(): void {
    mailbox?.remove([...deleted]);
    connection.say('+OK Bye');
    connection.end();
  }

  function capabilities(): readonly string[] {
    const lines = ['TOP', 'UIDL', 'RESP-CODES', 'PIPELINING', 'AUTH-RESP-CODE'];
    if (!connection.secure && mode.starttls === 'offered' && mailbox === undefined) lines.push('STLS');
    if (mayUsePasswords()) lines.push('USER');
    const mechanisms = listedMechanisms(mode);
    if (mayAuthenticate() && mechanisms.length > 0) lines.push(`SASL ${mechanisms.join(' ')}`);
    return lines;
  }

  function mayAuthenticate(): boolean {
    return connection.secure || mode.plaintext === 'allowed';
  }

  function mayUsePasswords(): boolean {
    return mayAuthenticate() && (mode.auth.includes('PLAIN') || mode.auth.includes('LOGIN'));
  }

  function authenticate(rest: string): void {
    if (!mayAuthenticate()) return refuseLogin();
    const [mechanism = '', initial] = rest.split(/\s+/);
    // Without a name: the list, as servers had it before CAPA.
    if (mechanism === '') return connection.say(['+OK', ...listedMechanisms(mode), '.'].join('\r\n'));
    const opened = openSasl(mechanism, initial, mode.auth, store);
    if (opened !== undefined) return afterSasl(opened.exchange, opened.first);
    witness.authenticated({ mechanism: mechanismName(mechanism), accepted: false, note: 'mechanism not offered' });
    refuse('-ERR Mechanism not offered');
  }

  function afterSasl(exchange: SaslExchange, step: SaslStep): void {
    sasl = step.kind === 'challenge' ? exchange : undefined;
    if (step.kind === 'challenge') return connection.say(`+ ${step.text}`);
    if (step.kind === 'cancelled') return refuse('-ERR Authentication cancelled');
    if (step.kind === 'decided') return decide(exchange.mechanism, step.result);
    witness.authenticated({ mechanism: exchange.mechanism, accepted: false, note: 'response malformed' });
    refuse('-ERR Authentication response malformed');
  }

  function decide(mechanism: string, result: Authentication): void {
    if (result.accepted) witness.loggedIn(result.account.user);
    witness.authenticated({ mechanism, accepted: result.accepted, note: result.accepted ? null : result.note });
    if (!result.accepted) return refuse('-ERR [AUTH] Authentication failed');
    mailbox = store.mailbox(result.account);
    mails = mailbox.list();
    connection.say('+OK Logged in');
  }

  function refuseLogin(): void {
    // RFC 3206: [AUTH] says that the login is at fault, not the mailbox.
    const reason = mayAuthenticate() ? 'Passwords are not taken here' : 'Encryption is required before login';
    refuse(`-ERR [AUTH] ${reason}`);
  }

  function left(): readonly WaitingMail[] {
    return mails.filter((mail) => !deleted.has(mail));
  }

  function find(number: string): WaitingMail | undefined {
    const mail = /^\d{1,9}$/.test(number) ? mails[Number(number) - 1] : undefined;
    if (mail !== undefined && !deleted.has(mail)) return mail;
    refuse('-ERR No such mail');
    return undefined;
  }

  function list(number: string, fact: (mail: WaitingMail) => string): void {
    if (number !== '') {
      const mail = find(number);
      if (mail !== undefined) connection.say(`+OK ${mails.indexOf(mail) + 1} ${fact(mail)}`);
      return;
    }
    const lines = mails.flatMap((mail, at) => (deleted.has(mail) ? [] : [`${at + 1} ${fact(mail)}`]));
    connection.say(['+OK', ...lines, '.'].join('\r\n'));
  }

  function refuse(reply: string): void {
    const code = /^-ERR(?: \[[A-Z/-]+\])?/.exec(reply)?.[0] ?? '-ERR';
    witness.refused(code, code === '-ERR' ? 'order' : 'rule');
    witness.log(`refused: ${reply}`);
    connection.say(reply);
    errors++;
    if (errors >= MAX_ERRORS) connection.end();
  }

  function refuseOldTls(): void {
    refuse('-ERR TLS 1.0 and 1.1 are not supported');
    connection.end();
  }
}

/** As in SMTP. */
const MAX_ERRORS = 20;
/** Commands whose arguments are a secret, or may be one in the wrong place. */
const SECRET: ReadonlySet<string> = new Set(['USER', 'PASS', 'AUTH']);

/** RFC 1939 section 3: a line that starts with a dot gets one more. The waiting mails end with CRLF. */
function stuffDots(mail: Buffer): Buffer {
  if (!mail.includes('\r\n.')) return mail;
  return Buffer.from(mail.toString('latin1').replaceAll('\r\n.', '\r\n..'), 'latin1');
}

function splitHead(mail: string): readonly [string, string] {
  const at = mail.indexOf('\r\n\r\n');
  return [mail.slice(0, at), mail.slice(at + 4)];
}
