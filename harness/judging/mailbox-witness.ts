import type { Connection, DialogueLine, Evidence, ServerSession } from '../vocabulary/evidence.ts';
import type { Direction } from '../vocabulary/trial.ts';

/**
 * Servers that exist show no log. What passed in the clear is read from the wire; inside TLS, the mailbox tells that this
 * trial's mail came or was fetched, and the wire which connection carried it: the only one that could have. Where
 * several could, none is named, and nothing is concluded from the mail.
 */
export function witnessMailbox(evidence: Evidence, direction: Direction): Evidence {
  const { mailboxOnly, arrived } = evidence.server;
  if (mailboxOnly === undefined) return evidence;
  const connections = evidence.wire.connections.filter(({ tapPort }) => tapPort !== 0);
  const able = connections.filter((connection) => couldCarry(connection, direction));
  const came = direction === 'send' ? arrived > 0 : mailboxOnly.fetched;
  const carrier = came && able.length === 1 ? able[0] : undefined;
  const sessions = connections.flatMap((connection) => sessionOf(connection, connection === carrier, direction) ?? []);
  return { ...evidence, server: { ...evidence.server, sessions } };
}

/** Both sides spoke inside TLS, or the client named the mail in the clear. */
export function couldCarry(connection: Connection, direction: Direction): boolean {
  if (connection.handshake === 'finished') {
    return connection.applicationBytes.client > 0 && connection.applicationBytes.server > 0;
  }
  const carrying = direction === 'send' ? /^(?:DATA|BDAT)\b/i : /^(?:RETR\b|(?:\S+ )?(?:UID )?FETCH\b)/i;
  return connection.hello === null && linesOf(connection, 'client').some(({ text }) => carrying.test(text));
}

/** null: a server's log would tell, and there is none. */
function sessionOf(connection: Connection, carried: boolean, direction: Direction): ServerSession | null {
  const { hello, serverHello, tapPort } = connection;
  if (!carried && hello !== null) return null;
  const tls = serverHello === null ? null : { version: serverHello.version, suite: serverHello.suite };
  const sent = carried && direction === 'send';
  return {
    peerPort: tapPort,
    tls,
    alertNumber: null,
    auth: hello === null ? readLogin(connection) : null,
    refusal: hello === null ? readRefusal(connection) : null,
    delivered: sent ? [{ bytes: 0, sha256: '', markerSeen: true }] : [],
    fetched: carried && direction === 'fetch',
    log: [],
  };
}

/** In our words: "530 5.7.0", "NO [PRIVACYREQUIRED]", "-ERR [AUTH]". */
function readRefusal(connection: Connection): string | null {
  const refusals = linesOf(connection, 'server').flatMap(({ text }) => {
    const smtp = /^([45]\d\d)[ -](?:([45]\.\d{1,3}\.\d{1,3}) )?/.exec(text);
    if (smtp !== null) return [[smtp[1], smtp[2]].filter(Boolean).join(' ')];
    return /^(?:-ERR(?: \[[^\]]{1,40}\])?|\S+ (?:NO|BAD)(?: \[[^\]]{1,40}\])?)/.exec(text)?.[0] ?? [];
  });
  return refusals.at(-1)?.replace(/^\S+ (?=NO|BAD)/, '') ?? null;
}

function readLogin(connection: Connection): ServerSession['auth'] {
  const { dialogue } = connection;
  const at = dialogue.findIndex(
    ({ from, text }) => from === 'client' && /^(?:AUTH |PASS\b|\S+ (?:LOGIN|AUTHENTICATE)\b)/i.test(text),
  );
  const asked = dialogue[at];
  if (asked === undefined) return null;
  const answers = dialogue.slice(at + 1).filter(({ from }) => from === 'server');
  const answer = answers.find(({ text }) => !/^(?:334|\+ |\* )/.test(text))?.text ?? '';
  const mechanism = /^(?:AUTH|\S+ AUTHENTICATE) (\S{1,40})/i.exec(asked.text)?.[1]?.toUpperCase() ?? 'USERPASS';
  return { mechanism, accepted: /^(?:235|\+OK|\S+ OK)/.test(answer), note: null };
}

function linesOf({ dialogue }: Connection, from: DialogueLine['from']): readonly DialogueLine[] {
  return dialogue.filter((line) => line.from === from);
}
