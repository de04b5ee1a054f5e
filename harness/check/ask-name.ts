import type { Connection, Dialogue } from '../servers/embedded/connection.ts';
import { parseImapValues, textOf } from '../servers/embedded/imap-syntax.ts';
import type { Protocol } from '../vocabulary/trial.ts';

interface AskedName {
  readonly protocol: Protocol;
  /** The test host's name: only addresses of it may hold a code. */
  readonly host: string;
  /** Somebody names themselves. What comes of it is not told to them. */
  readonly named: (name: string) => void;
}

/**
 * Hears a name in the clear and takes nothing else there: every login is refused as the strict policy has it, but a
 * device that would send its password without encryption is known by the code that it names first. So the login that
 * asks for the name alone (AUTH LOGIN, USER) is announced, and refused before the password's turn. A password that a
 * device sends all the same is neither looked at nor kept.
 */
export function askName(
  connection: Connection,
  { protocol, host, named }: AskedName,
  open: (connection: Connection) => Dialogue,
): Dialogue {
  /** The command whose answer is awaited: it is refused when the name has come. */
  let asking: string | null = null;
  const dialogue = open({
    witness: connection.witness,
    get secure() {
      return connection.secure;
    },
    get tooOld() {
      return connection.tooOld;
    },
    say(text, flushed) {
      const isAnnounced = !connection.secure && typeof text === 'string';
      connection.say(isAnnounced ? ANNOUNCE[protocol](text) : text, flushed);
    },
    divert: (consumer) => connection.divert(consumer),
    startTls: () => connection.startTls(),
    end: () => connection.end(),
  });
  const hear = (text: string): void => {
    if (asking !== null) {
      const command = asking;
      asking = null;
      named(decodeName(text));
      return dialogue.line(command);
    }
    const { verb, rest, command } = split(text, protocol);
    const login = LOGIN_VERBS[protocol] === verb ? /^(\S+)(?:\s+(\S+))?$/.exec(rest) : null;
    const [, mechanism = '', initial] = login ?? [];
    if (mechanism.toUpperCase() === 'LOGIN' && initial === undefined) {
      asking = command;
      return connection.say(`${protocol === 'smtp' ? '334' : '+'} ${USERNAME}`);
    }
    const name = login === null ? nameIn(verb, rest, protocol, host) : nameInLogin(mechanism, initial ?? '');
    if (name !== null) named(name);
    // Of a login only the verb goes on: it is refused whatever stands behind it.
    dialogue.line(login === null ? text : command);
  };
  return {
    ...dialogue,
    line: (text) => (connection.secure ? dialogue.line(text) : hear(text)),
    overlong() {
      asking = null;
      dialogue.overlong();
    },
    secured() {
      asking = null;
      dialogue.secured();
    },
  };
}

/** "Username:", as every server asks (draft-murchison-sasl-login). */
const USERNAME = Buffer.from('Username:').toString('base64');
const LOGIN_VERBS: Readonly<Record<Protocol, string>> = { smtp: 'AUTH', imap: 'AUTHENTICATE', pop3: 'AUTH' };

/** A device that sees no login announced would not name itself. PIPELINING would send the password with the name. */
const ANNOUNCE: Readonly<Record<Protocol, (text: string) => string>> = {
  smtp: (text) => text.replace(/^250-[^\r]*\r\n/, '$&250-AUTH LOGIN\r\n'),
  imap: (text) => text.replace(/ LOGINDISABLED\b/, ' LOGINDISABLED AUTH=LOGIN'),
  pop3: (text) => text.replace(/^(\+OK\r\n[^]*)\r\nPIPELINING\b/, '$1\r\nUSER\r\nSASL LOGIN'),
};

interface Command {
  readonly verb: string;
  readonly rest: string;
  /** Without what stands behind the mechanism. */
  readonly command: string;
}

function split(text: string, protocol: Protocol): Command {
  const [, tag = '', verb = '', rest = ''] =
    (protocol === 'imap' ? /^(\S+) +(\S+) *(.*)$/ : /^()\s*(\S+)\s*(.*?)\s*$/).exec(text) ?? [];
  const mechanism = /^\S{0,40}/.exec(rest)?.[0] ?? '';
  return { verb: verb.toUpperCase(), rest, command: `${tag === '' ? '' : `${tag} `}${verb} ${mechanism}` };
}

function nameInLogin(mechanism: string, initial: string): string | null {
  if (mechanism.toUpperCase() === 'LOGIN') return decodeName(initial);
  // RFC 4616: authzid NUL authcid NUL passwd.
  if (mechanism.toUpperCase() === 'PLAIN') return decodeName(initial).split('\0')[1] ?? null;
  return null;
}

function nameIn(verb: string, rest: string, protocol: Protocol, host: string): string | null {
  if (protocol === 'imap') return verb === 'LOGIN' ? (textOf(parseImapValues(rest)?.[0]) ?? null) : null;
  if (protocol === 'pop3') return verb === 'USER' || verb === 'APOP' ? (rest.split(/\s/, 1)[0] ?? null) : null;
  // A device that does not sign in names the code in an address.
  const address = /^(?:FROM|TO):\s*<?([^\s<>]{1,200})/i.exec(rest)?.[1] ?? '';
  const at = address.lastIndexOf('@');
  const isOurs = at > 0 && address.slice(at + 1).toLowerCase() === host.toLowerCase();
  return (verb === 'MAIL' || verb === 'RCPT') && isOurs ? address.slice(0, at) : null;
}

function decodeName(base64: string): string {
  return Buffer.from(base64.trim().slice(0, MAX_NAME), 'base64').toString('utf8');
}

/** Characters of base64: a code, and with PLAIN any password behind it. */
const MAX_NAME = 2_000;
