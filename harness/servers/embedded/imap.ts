import type { Mode } from '../../vocabulary/mode.ts';
import type { Authentication, EmbeddedMailStore } from '../mail-store.ts';
import type { Connection, Dialogue } from './connection.ts';
import { type ImapCommand, createCommandReader } from './imap-commands.ts';
import { type ImapMailbox, openImapMailbox } from './imap-mailbox.ts';
import { parseImapValues, textOf } from './imap-syntax.ts';
import {
  type SaslExchange,
  type SaslStep,
  USER_AND_PASSWORD,
  listedMechanisms,
  mechanismName,
  openSasl,
} from './sasl.ts';

/** IMAP4rev1 (RFC 3501) with IDLE, LITERAL+, SASL-IR, ID, NAMESPACE and UNSELECT, for a mailbox that is one INBOX. */
export function openImap(connection: Connection, mode: Mode, store: EmbeddedMailStore): Dialogue {
  const { witness } = connection;
  let mailbox: ImapMailbox | undefined;
  let sasl: { readonly tag: string; readonly exchange: SaslExchange } | undefined;
  let idling: string | undefined;
  let errors = 0;

  const reader = createCommandReader({
    say: (text) => connection.say(text),
    divert: (consumer) => connection.divert(consumer),
    command: run,
    tooBig({ tag, name }) {
      refuse(tag, name === 'APPEND' ? 'NO [CANNOT] No mail is stored over IMAP here' : 'BAD The literal is too big');
    },
  });

  const always: Commands = {
    CAPABILITY({ tag }) {
      connection.say(`* CAPABILITY ${capabilities()}`);
      ok(tag);
    },
    NOOP: ({ tag }) => ok(tag),
    ID({ tag }) {
      connection.say('* ID ("name" "Cutover")');
      ok(tag);
    },
    LOGOUT({ tag }) {
      connection.say('* BYE Until next time');
      ok(tag);
      connection.end();
    },
  };

  const beforeLogin: Commands = {
    STARTTLS({ tag }) {
      if (connection.secure) return refuse(tag, 'BAD TLS is on already');
      if (mode.starttls === 'hidden') return refuse(tag, 'BAD Command not known here');
      connection.say(`${tag} OK Begin TLS`);
      connection.startTls();
    },
    LOGIN({ tag, rest }) {
      if (!mayUsePasswords()) return refuseLogin(tag);
      const values = parseImapValues(rest);
      const [user, password] = [textOf(values?.[0]), textOf(values?.[1])];
      if (user === undefined || password === undefined || values?.length !== 2) return refuse(tag, MALFORMED);
      decide(tag, USER_AND_PASSWORD, store.authenticate(fromUtf8(user), fromUtf8(password)));
    },
    AUTHENTICATE({ tag, rest }) {
      if (!mayAuthenticate()) return refuseLogin(tag);
      const [mechanism = '', initial] = rest.split(' ');
      const opened = openSasl(mechanism, initial, mode.auth, store);
      if (opened !== undefined) return afterSasl(tag, opened.exchange, opened.first);
      witness.authenticated({ mechanism: mechanismName(mechanism), accepted: false, note: 'mechanism not offered' });
      refuse(tag, 'NO Mechanism not offered');
    },
  };

  return {
    greet() {
      if (connection.tooOld) refuseOldTls();
      else connection.say(`* OK [CAPABILITY ${capabilities()}] IMAP4rev1 ready`);
    },
    line(text) {
      if (connection.tooOld) return refuseOldTls();
      if (sasl !== undefined) return afterSasl(sasl.tag, sasl.exchange, sasl.exchange.step(text.trim()));
      if (idling !== undefined) return endIdle(idling, text);
      reader.line(text);
    },
    overlong() {
      reader.reset();
      sasl = undefined;
      refuse('*', 'BAD Line too long');
    },
    secured() {
      reader.reset();
      sasl = undefined;
    },
    farewell: (why) => (why === 'idle' ? '* BYE Nothing received for too long' : '* BYE Too many connections'),
  };

  function run(command: ImapCommand): void {
    const { tag, name } = command;
    if (!/^[^\s(){%*"\\+]{1,64}$/.test(tag)) return refuse('*', 'BAD A tag is expected');
    const handler = always[name] ?? (mailbox === undefined ? beforeLogin[name] : undefined);
    if (handler !== undefined) {
      witness.log(name);
      mailbox?.announce();
      return handler(command);
    }
    if (mailbox === undefined) {
      witness.log(`a command of ${name.length + command.rest.length} bytes before login`);
      return refuse(tag, 'BAD Log in first');
    }
    if (name === 'IDLE') {
      idling = tag;
      mailbox.announce();
      return connection.say('+ idling');
    }
    const answer = mailbox.run(command);
    if (answer === 'unknown') return refuse(tag, 'BAD Command not known here');
    witness.log(`${name} ${command.rest}`);
    if (answer.startsWith('OK')) connection.say(`${tag} ${answer}`);
    else refuse(tag, answer);
  }

  function endIdle(tag: string, text: string): void {
    idling = undefined;
    mailbox?.announce();
    if (text.trim().toUpperCase() === 'DONE') ok(tag);
    else refuse(tag, 'BAD DONE is expected');
  }

  function capabilities(): string {
    const words = ['IMAP4rev1', 'LITERAL+', 'SASL-IR', 'IDLE', 'ID', 'NAMESPACE', 'UNSELECT'];
    if (!connection.secure && mode.starttls === 'offered') words.push('STARTTLS');
    if (!mayUsePasswords()) words.push('LOGINDISABLED');
    if (mayAuthenticate()) words.push(...listedMechanisms(mode).map((mechanism) => `AUTH=${mechanism}`));
    return words.join(' ');
  }

  function mayAuthenticate(): boolean {
    return connection.secure || mode.plaintext === 'allowed';
  }

  function mayUsePasswords(): boolean {
    return mayAuthenticate() && (mode.auth.includes('PLAIN') || mode.auth.includes('LOGIN'));
  }

  function refuseLogin(tag: string): void {
    // RFC 5530: PRIVACYREQUIRED is for a login that only encryption is missing for.
    if (mayAuthenticate()) refuse(tag, 'NO [CANNOT] Passwords are not taken here');
    else refuse(tag, 'NO [PRIVACYREQUIRED] Encryption is required before login');
  }

  function afterSasl(tag: string, exchange: SaslExchange, step: SaslStep): void {
    sasl = step.kind === 'challenge' ? { tag, exchange } : undefined;
    if (step.kind === 'challenge') return connection.say(`+ ${step.text}`);
    if (step.kind === 'cancelled') return refuse(tag, 'BAD Authentication cancelled');
    if (step.kind === 'decided') return decide(tag, exchange.mechanism, step.result);
    witness.authenticated({ mechanism: exchange.mechanism, accepted: false, note: 'response malformed' });
    refuse(tag, MALFORMED);
  }

  function decide(tag: string, mechanism: string, result: Authentication): void {
    if (result.accepted) witness.loggedIn(result.account.user);
    witness.authenticated({ mechanism, accepted: result.accepted, note: result.accepted ? null : result.note });
    if (!result.accepted) return refuse(tag, 'NO [AUTHENTICATIONFAILED] Authentication failed');
    mailbox = openImapMailbox(connection, store.mailbox(result.account));
    connection.say(`${tag} OK [CAPABILITY ${capabilities()}] Logged in`);
  }

  function ok(tag: string): void {
    connection.say(`${tag} OK Done`);
  }

  function refuse(tag: string, reply: string): void {
    const code = /^(?:NO|BAD)(?: \[[A-Z-]+\])?/.exec(reply)?.[0] ?? reply;
    witness.refused(code, code === 'BAD' ? 'order' : 'rule');
    witness.log(`refused: ${reply}`);
    connection.say(`${tag} ${reply}`);
    errors++;
    if (errors < MAX_ERRORS) return;
    connection.say('* BYE Too many errors');
    connection.end();
  }

  function refuseOldTls(): void {
    witness.refused('BYE', 'rule');
    witness.log('refused: BYE, the version of TLS is too old');
    connection.say('* BYE TLS 1.0 and 1.1 are not supported');
    connection.end();
  }
}

type Commands = Readonly<Record<string, (command: ImapCommand) => void>>;

/** As in SMTP. */
const MAX_ERRORS = 20;
const MALFORMED = 'BAD Arguments malformed';
/** Lines are read as latin1; user names and passwords are UTF-8 (RFC 6855). */
function fromUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
