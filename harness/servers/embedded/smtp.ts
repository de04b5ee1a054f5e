import type { Mode } from '../../vocabulary/mode.ts';
import type { Delivery, EmbeddedMailStore } from '../mail-store.ts';
import type { Connection, Dialogue } from './connection.ts';
import { readMailData } from './mail-data.ts';
import { type SaslExchange, type SaslStep, listedMechanisms, mechanismName, openSasl } from './sasl.ts';

/** What a server may want otherwise than the usual. */
export interface SmtpRules {
  /** The size limit that is announced, in bytes. */
  readonly maxMailBytes: number;
  /** A mail that is bigger ends the connection at once, instead of being read to its end. */
  readonly bigMail: 'refused' | 'ends';
  /** Why the recipient is refused, as a reply; null: as usual. Asked for each that is named within a mail. */
  refuseRecipient(address: string, authenticated: boolean): string | null;
}

const USUAL_RULES: SmtpRules = {
  maxMailBytes: 40 * 1024 * 1024,
  bigMail: 'refused',
  refuseRecipient: () => null,
};

/**
 * SMTP submission (RFC 5321, RFC 4954, RFC 3207) as the mode has it. Every recipient lands in the store. How plaintext
 * and missing authentication are refused is the mode's `refusal.plaintext`: see TLS_FIRST and RELAY_DENIED.
 */
export function openSmtp(
  connection: Connection,
  mode: Mode,
  store: EmbeddedMailStore,
  rules: SmtpRules = USUAL_RULES,
): Dialogue {
  const { witness } = connection;
  const host = mode.hosts.smtp;
  let sasl: SaslExchange | undefined;
  let authenticated = false;
  let sender: string | undefined;
  let recipients = 0;
  let errors = 0;

  const commands: Readonly<Record<string, (rest: string) => void>> = {
    EHLO(rest) {
      if (rest === '') return refuse('501 5.5.4 A name is needed');
      resetMail();
      const lines = [host, 'PIPELINING', `SIZE ${rules.maxMailBytes}`, 'VRFY', '8BITMIME', 'ENHANCEDSTATUSCODES'];
      if (!connection.secure && mode.starttls === 'offered') lines.push('STARTTLS');
      const mechanisms = listedMechanisms(mode);
      if (mayAuthenticate() && mechanisms.length > 0) lines.push(`AUTH ${mechanisms.join(' ')}`);
      connection.say(lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n'));
    },
    HELO(rest) {
      if (rest === '') return refuse('501 5.5.4 A name is needed');
      resetMail();
      connection.say(`250 ${host}`);
    },
    STARTTLS(rest) {
      if (rest !== '') return refuse('501 5.5.4 STARTTLS takes no parameter');
      if (connection.secure) return refuse('503 5.5.1 TLS is on already');
      if (mode.starttls === 'hidden') return refuse('502 5.5.1 Command not implemented');
      connection.say('220 2.0.0 Ready to start TLS');
      connection.startTls();
    },
    AUTH: authenticate,
    MAIL(rest) {
      const path = pathOf(rest, 'FROM');
      if (path === undefined) return refuse('501 5.5.4 MAIL FROM:<address> is expected');
      if (sender !== undefined) return refuse('503 5.5.1 MAIL was given already');
      const size = /\sSIZE=(\d{1,20})(?:\s|$)/i.exec(rest)?.[1];
      if (size !== undefined && Number(size) > rules.maxMailBytes) return refuseBigMail();
      sender = path;
      connection.say('250 2.1.0 Ok');
    },
    RCPT(rest) {
      const path = pathOf(rest, 'TO');
      if (path === undefined || path === '') return refuse('501 5.5.4 RCPT TO:<address> is expected');
      if (sender === undefined) return refuse('503 5.5.1 MAIL comes first');
      const why = rules.refuseRecipient(path, authenticated);
      if (!mayMail()) return refuse(RELAY_DENIED);
      if (why !== null) return refuse(why);
      if (recipients >= MAX_RECIPIENTS) return refuse('452 4.5.3 Too many recipients');
      recipients++;
      connection.say('250 2.1.5 Ok');
    },
    DATA() {
      if (recipients === 0) return refuse(sender === undefined ? '503 5.5.1 MAIL comes first' : NO_RECIPIENT);
      connection.say('354 End with a line that is a single dot');
      receiveMail(store.openDelivery());
    },
    RSET() {
      resetMail();
      connection.say('250 2.0.0 Ok');
    },
    NOOP: () => connection.say('250 2.0.0 Ok'),
    VRFY: () => connection.say('252 2.0.0 Send some mail and see'),
    QUIT() {
      connection.say('221 2.0.0 Bye');
      connection.end();
    },
  };

  return {
    greet() {
      if (connection.tooOld) refuseOldTls();
      else connection.say(`220 ${host} ESMTP`);
    },
    line(text) {
      if (connection.tooOld) return refuseOldTls();
      if (sasl !== undefined) return afterSasl(sasl, sasl.step(text.trim()));
      command(text);
    },
    overlong() {
      sasl = undefined;
      refuse('500 5.5.2 Line too long');
    },
    secured() {
      sasl = undefined;
      authenticated = false;
      resetMail();
    },
    farewell: (why) =>
      why === 'idle' ? `421 4.4.2 ${host} Nothing received for too long` : `421 4.7.0 ${host} Too many connections`,
  };

  function command(text: string): void {
    const [verb, rest] = splitOnce(text.trim());
    const name = verb.toUpperCase();
    const handler = commands[name];
    // What is no command may be a password that came too late: only its length is noted.
    if (handler === undefined) {
      witness.log(`unknown command of ${text.length} bytes`);
      return mustEncrypt() ? refuse(TLS_FIRST) : refuse('500 5.5.2 Command not recognized');
    }
    witness.log(LOGGED.has(name) ? `${name} ${rest}` : name);
    if (mustEncrypt() && !BEFORE_TLS.has(name)) return refuse(TLS_FIRST);
    handler(rest);
  }

  function mustEncrypt(): boolean {
    return !connection.secure && mode.plaintext === 'refused' && mode.refusal.plaintext === '530';
  }

  function mayAuthenticate(): boolean {
    return connection.secure || mode.plaintext === 'allowed';
  }

  function mayMail(): boolean {
    return authenticated || (mode.auth.includes('NONE') && mayAuthenticate());
  }

  function authenticate(rest: string): void {
    const [mechanism, initial] = splitOnce(rest);
    if (!mayAuthenticate()) return refuse(mode.refusal.plaintext === '504' ? ENCRYPT_FIRST : NO_AUTH_HERE);
    if (authenticated) return refuse('503 5.5.1 Authenticated already');
    if (sender !== undefined) return refuse('503 5.5.1 Not within a mail');
    if (mechanism === '') return refuse('501 5.5.4 A mechanism is needed');
    const opened = openSasl(mechanism, initial === '' ? undefined : initial, mode.auth, store);
    if (opened === undefined) {
      witness.authenticated({ mechanism: mechanismName(mechanism), accepted: false, note: 'mechanism not offered' });
      return refuse('504 5.5.4 Unrecognized authentication type');
    }
    afterSasl(opened.exchange, opened.first);
  }

  function afterSasl(exchange: SaslExchange, step: SaslStep): void {
    sasl = step.kind === 'challenge' ? exchange : undefined;
    if (step.kind === 'challenge') return connection.say(`334 ${step.text}`);
    if (step.kind === 'cancelled') return refuse('501 5.7.0 Authentication cancelled');
    const { mechanism } = exchange;
    if (step.kind === 'malformed') {
      witness.authenticated({ mechanism, accepted: false, note: 'response malformed' });
      return refuse('501 5.5.2 Authentication response malformed');
    }
    const { result } = step;
    if (result.accepted) witness.loggedIn(result.account.user);
    witness.authenticated({ mechanism, accepted: result.accepted, note: result.accepted ? null : result.note });
    authenticated = result.accepted;
    if (result.accepted) connection.say('235 2.7.0 Authentication successful');
    else refuse('535 5.7.8 Authentication failed');
  }

  function receiveMail(delivery: Delivery): void {
    let bytes = 0;
    const consumer = readMailData({
      write(chunk) {
        const wasBig = bytes > rules.maxMailBytes;
        bytes += chunk.length;
        if (bytes <= rules.maxMailBytes) delivery.write(chunk);
        else if (!wasBig && rules.bigMail === 'ends') refuseBigMail();
      },
      end() {
        resetMail();
        if (bytes > rules.maxMailBytes) return rules.bigMail === 'refused' ? refuseBigMail() : undefined;
        const mail = delivery.finish();
        witness.delivered(mail);
        connection.say(`250 2.0.0 Ok: queued as ${mail.sha256.slice(0, 12)}`);
      },
    });
    connection.divert(consumer);
  }

  function resetMail(): void {
    sender = undefined;
    recipients = 0;
  }

  function refuse(reply: string): void {
    const code = /^\d{3} \d\.\d{1,3}\.\d{1,3}/.exec(reply)?.[0] ?? reply.slice(0, 3);
    witness.refused(code, /^(50[0-3]|554) 5\.5\./.test(code) ? 'order' : 'rule');
    witness.log(`refused: ${reply}`);
    connection.say(reply);
    errors++;
    if (errors < MAX_ERRORS) return;
    connection.say(`421 4.7.0 ${host} Too many errors`);
    connection.end();
  }

  function refuseBigMail(): void {
    refuse(TOO_BIG);
    if (rules.bigMail === 'ends') connection.end();
  }

  function refuseOldTls(): void {
    refuse('421 4.7.66 TLS 1.0 and 1.1 are not supported');
    connection.end();
  }
}

/** RFC 5321 section 4.5.3.1.8: at least 100. */
const MAX_RECIPIENTS = 100;
/** As Postfix' smtpd_hard_error_limit. */
const MAX_ERRORS = 20;

/** RFC 3207 section 4. */
const TLS_FIRST = '530 5.7.0 Must issue a STARTTLS command first';
/** What Postfix says on a port that offers TLS, keeps AUTH inside it and does not demand it: the half-done cutover. */
const ENCRYPT_FIRST = '504 5.5.4 Encryption required for requested authentication mechanism';
const NO_AUTH_HERE = '503 5.5.1 Authentication is not enabled here';
const RELAY_DENIED = '554 5.7.1 Relay access denied';
const NO_RECIPIENT = '554 5.5.1 No valid recipients';
const TOO_BIG = '552 5.3.4 Mail is bigger than the limit';

/** RFC 3207 section 4: what a server that demands TLS still answers; RSET is as harmless. */
const BEFORE_TLS: ReadonlySet<string> = new Set(['EHLO', 'HELO', 'NOOP', 'RSET', 'QUIT', 'STARTTLS']);
/** Commands whose arguments cannot be a secret. */
const LOGGED: ReadonlySet<string> = new Set(['EHLO', 'HELO', 'MAIL', 'RCPT']);

function splitOnce(text: string): readonly [string, string] {
  const at = text.search(/\s/);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at).trim()];
}

/** The address of MAIL FROM or RCPT TO; old devices leave out the brackets or put a blank before them. */
function pathOf(rest: string, keyword: 'FROM' | 'TO'): string | undefined {
  const match = /^(FROM|TO):\s*(?:<([^<>]*)>|([^\s<>]+))/i.exec(rest);
  return match?.[1]?.toUpperCase() === keyword ? (match[2] ?? match[3]) : undefined;
}
