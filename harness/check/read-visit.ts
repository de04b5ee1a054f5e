import { createRedactor } from '../redact.ts';
import type { Connection, DialogueLine, ServerSession } from '../vocabulary/evidence.ts';
import { parseConnection } from '../wire/connection.ts';
import type { Visit, VisitFacts } from './visit.ts';

/** What is known of one connection: facts only, nothing that a person typed. */
export interface Seen extends VisitFacts {
  readonly connection: Connection;
  readonly session: ServerSession | null;
  readonly ehlo: string | null;
  readonly cut: string | null;
  readonly live: boolean;
}

/** Reads a visit; its bytes may be forgotten then. */
export function readVisit(visit: Visit): Seen | null {
  const { capture, session } = visit.read();
  if (capture === null) return null;
  // What is secret by its place in the dialogue goes here; we know no secret by itself.
  const connection = parseConnection(REDACTOR.capture({ ...capture, client: { address: '', port: 0 } }));
  return {
    ...visit.facts,
    connection: { ...connection, dialogue: connection.dialogue.map(keepVerb) },
    session: session === null ? null : { ...session, log: [] },
    ehlo: readEhlo(session, connection),
    cut: visit.cutBecause,
    live: !visit.ended,
  };
}

const REDACTOR = createRedactor([]);

/** Judging asks which commands came; whatever else stands in a line may be a name, an address or a password. */
function keepVerb(line: DialogueLine): DialogueLine {
  if (line.from === 'server') return line;
  const [, tag = '', verb = ''] = VERB.exec(line.text) ?? [];
  const text = verb === '' ? '·' : `${tag === '' ? '' : 'a '}${verb.toUpperCase()}`;
  return { ...line, text };
}

/** The verbs of SMTP, POP3 and, behind a tag, IMAP; and what a firewall writes over STARTTLS. */
const VERB =
  /^(\S{1,64} +)??(EHLO|HELO|STARTTLS|STLS|AUTH|MAIL|RCPT|DATA|BDAT|RSET|NOOP|QUIT|VRFY|HELP|USER|PASS|APOP|CAPA|STAT|LIST|UIDL|RETR|DELE|LOGIN|AUTHENTICATE|CAPABILITY|LOGOUT|SELECT|ID|XXXXXXXX)\b/i;

/** Inside TLS only the server heard it. */
function readEhlo(session: ServerSession | null, connection: Connection): string | null {
  const lines = [...connection.dialogue.filter((l) => l.from === 'client').map((l) => l.text), ...(session?.log ?? [])];
  const name = lines.map((line) => /^(?:EHLO|HELO) (.+)/i.exec(line)?.[1]).find((found) => found !== undefined);
  return name === undefined ? null : name.replaceAll(/[^\x21-\x7e]/g, '·').slice(0, 60);
}
