import { createHash } from 'node:crypto';
import type { Connection, Dialogue } from '../servers/embedded/connection.ts';
import { openImap } from '../servers/embedded/imap.ts';
import { openPop3 } from '../servers/embedded/pop3.ts';
import { openSmtp, type SmtpRules } from '../servers/embedded/smtp.ts';
import type { Authentication, Delivery, EmbeddedMailStore } from '../servers/mail-store.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Endpoint } from '../vocabulary/trial.ts';
import { askName } from './ask-name.ts';
import type { CheckLimits } from './limits.ts';
import type { Visitor } from './strict-servers.ts';
import type { Ticket } from './tickets.ts';

interface DialogueOptions {
  readonly mode: Mode;
  readonly endpoint: Endpoint;
  readonly limits: CheckLimits;
  readonly visitor: Visitor;
}

/** The dialogue of the endpoint, with a code instead of an account, and an end to what it may ask. */
export function openDialogue(connection: Connection, options: DialogueOptions): Dialogue {
  const { mode, endpoint, limits, visitor } = options;
  const store = storeOf(visitor);
  const { protocol } = endpoint;
  const named = (name: string) => void visitor.identify(name);
  const dialogue = askName(connection, { protocol, host: mode.hosts.smtp, named }, (asking) =>
    protocol === 'smtp'
      ? openSmtp(asking, mode, store, rulesOf(visitor, mode.hosts.smtp, limits))
      : protocol === 'imap'
        ? openImap(asking, mode, store)
        : openPop3(asking, mode, store),
  );
  let commands = 0;
  const counted = (run: () => void) => {
    commands += 1;
    if (commands <= limits.commands) return run();
    connection.say(dialogue.farewell('too-many'));
    connection.end();
  };
  return {
    ...dialogue,
    line: (text) => counted(() => dialogue.line(text)),
    overlong: () => counted(() => dialogue.overlong()),
  };
}

/** The code is the user name, whatever the password. What is delivered is counted and hashed, and nothing of it kept. */
function storeOf(visitor: Visitor): EmbeddedMailStore {
  const signIn = (user: string): Authentication => {
    const ticket = visitor.identify(user);
    return ticket === null ? { accepted: false, note: 'no open ticket has this code' } : welcome(ticket);
  };
  const empty = { list: () => [], remove: () => {}, nextUid: 1 };
  let mailbox: EmbeddedMailStore['mailbox'] = () => empty;
  const welcome = (ticket: Ticket): Authentication => {
    const { store, account, marker } = ticket;
    if (store.mailbox(account).list().length === 0) store.putMail(account, marker, WAITING_BYTES);
    mailbox = () => store.mailbox(account);
    return { accepted: true, account };
  };
  return {
    openAccount: () => ({ user: '', password: '', address: '' }),
    putMail: () => {},
    clearMail: () => {},
    arrived: () => 0,
    authenticate: signIn,
    authenticateDigest: signIn,
    openDelivery: countAndHash,
    mailbox: (account) => mailbox(account),
  };
}

const WAITING_BYTES = 1_000;

function countAndHash(): Delivery {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    write(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
    },
    finish: () => ({ bytes, sha256: hash.digest('hex'), markers: [] }),
  };
}

/**
 * Behind a valid code any plain recipient is taken, because devices send their test mail where they always send mail;
 * it is thrown away like all others. A device that cannot sign in names the code as recipient: it is refused all the
 * same, but the connection is known from then on.
 */
function rulesOf(visitor: Visitor, host: string, limits: CheckLimits): SmtpRules {
  let recipients = 0;
  return {
    maxMailBytes: limits.mailBytes,
    bigMail: 'ends',
    refuseRecipient(address, authenticated) {
      if (ROUTED.test(address)) return '554 5.7.1 Relay access denied';
      const at = address.lastIndexOf('@');
      if (!authenticated && address.slice(at + 1).toLowerCase() === host.toLowerCase())
        visitor.identify(address.slice(0, at));
      recipients += 1;
      return recipients > limits.recipients ? '452 4.5.3 Too many recipients' : null;
    },
  };
}

/** Source routes, the percent hack, bang paths and quoted addresses (RFC 5321 appendix C, RFC 1123 section 5.2.16). */
const ROUTED = /^@|[%!"\\]|@.*@/;
