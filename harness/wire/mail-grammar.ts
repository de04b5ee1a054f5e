import type { Side } from '../vocabulary/evidence.ts';
import type { Protocol } from '../vocabulary/trial.ts';
import { commandKind, mayCarryPassword, splitTagged } from './mail-commands.ts';

/**
 * How the next bytes of a side are to be read. `refused`: the server did not ask for this mail, so it may not come; a
 * command in its place is read as one.
 */
export type Reading =
  | { readonly as: 'lines' }
  /** One line of a SASL exchange: its content is a secret. */
  | { readonly as: 'sasl' }
  /** Up to a line with a single dot. `afterCrlf`: the last line ended with CRLF, so that a dot may end the mail. */
  | { readonly as: 'dotted'; readonly afterCrlf: boolean; readonly refused?: true }
  | { readonly as: 'counted'; readonly count: number; readonly holds: Content; readonly refused?: true };

export const DOTTED: Reading = { as: 'dotted', afterCrlf: true };
export const REFUSED_MAIL: Reading = { as: 'dotted', afterCrlf: true, refused: true };

/** What counted bytes are: part of a command, a secret, or a mail. */
export type Content = 'text' | 'secret' | 'mail';

/** What a line means for what follows. `wait`: the client's further bytes can only be read once this is answered. */
interface Effect {
  readonly own?: Reading;
  readonly wait?: Waiting;
  /** Bytes in the line to be blanked, as [start, end). */
  readonly secrets?: readonly (readonly [number, number])[];
  /** Is answered by one reply of the server. */
  readonly expects?: Expected;
}

export type Expected = 'reply' | 'mail' | 'auth' | 'starttls' | 'dotted';
export type Waiting = 'data' | 'auth' | 'starttls' | 'literal';

/** The parts of a dialogue that a client's line depends on. */
export interface ClientContext {
  readonly protocol: Protocol;
  /** The client has begun to authenticate at some time. */
  readonly authSeen: boolean;
  /** IMAP: a command goes on behind a literal. */
  readonly open: OpenCommand | null;
}

/** An IMAP command whose line ended in a literal. `strings`: arguments of LOGIN so far. */
export interface OpenCommand {
  readonly tag: string;
  readonly verb: string;
  readonly strings: number;
}

export interface ClientLine extends Effect {
  readonly open?: OpenCommand | null;
  readonly auth?: boolean;
  readonly tag?: string;
  /** No command of any protocol, and no place for a secret: may be a piece of a mail. */
  readonly isUnknown?: true;
}

/** What a client's line, without its line end, asks for. Latin-1, so that indexes are bytes. */
export function readClientLine(text: string, context: ClientContext): ClientLine {
  const { protocol, open } = context;
  if (open !== null && isContinuation(text, open)) return readImap(text, open);
  // Servers differ in whether they forgive blanks before a command; a password behind them is one all the same.
  const indent = /^[\0- ]*/.exec(text)?.[0].length ?? 0;
  const line = readCommand(text.slice(indent), protocol) ?? readUnknown(text.slice(indent), context);
  const secrets = line.secrets?.map(([start, end]) => [start + indent, end + indent] as const) ?? [];
  return { ...line, secrets, open: line.open ?? null };
}

/** Behind a literal: a mail that is longer than announced goes on where only the end of the command or a next one may. */
function isContinuation(text: string, { verb }: OpenCommand): boolean {
  if (verb === 'LOGIN' || verb === 'AUTHENTICATE') return true;
  return verb === 'APPEND' ? /^\)?$|^ .*\{\d{1,10}\+?\}$/.test(text) : /^(?:[ )].*)?$/.test(text);
}

function readCommand(text: string, protocol: Protocol): ClientLine | undefined {
  // The end of a mail, a cancelled exchange (RFC 4954 section 4), an empty line: nothing in them to hide.
  if (/^[.*]?$/.test(text)) return { expects: 'reply' };
  const kind = commandKind(text, protocol);
  if (kind === undefined) return undefined;
  if (kind === 'tagged') return protocol === 'imap' ? readImap(text, null) : readForeign(text, kind);
  const own = protocol === 'smtp' ? readSmtp(text) : protocol === 'pop3' ? readPop3(text) : undefined;
  return own ?? readForeign(text, kind);
}

/** A command that only another protocol gives a meaning: the server will not understand it. */
function readForeign(text: string, kind: 'bare' | 'tagged'): ClientLine {
  const tagged = kind === 'tagged' ? splitTagged(text) : undefined;
  const command = tagged?.command ?? text;
  const behindTag = text.length - command.length;
  const hide = (pattern: RegExp): ClientLine => ({
    expects: 'reply',
    auth: true,
    secrets: argument(command, pattern).map(([start, end]) => [start + behindTag, end + behindTag] as const),
  });
  const [verb = ''] = /^[A-Z]+/i.exec(command) ?? [];
  switch (verb.toUpperCase()) {
    case 'AUTH':
    case 'AUTHENTICATE':
      return hide(/^[A-Z]+(?:\s*=\s*|\s+)\S+\s+([^]+)$/di);
    case 'USER':
    case 'PASS':
      return hide(/^PASS\s([^]+)$/di);
    case 'APOP':
    case 'LOGIN':
      return hide(/^[A-Z]+\s+(?:"(?:[^"\\]|\\.)*"|\S+)\s+([^]+)$/di);
    case 'APPEND': {
      const count = Number(/\{(\d{1,10})\+?\}\s*$/.exec(text)?.[1] ?? 0);
      return { expects: 'reply', own: { as: 'counted', count, holds: 'mail', refused: true } };
    }
    case 'DATA':
      return { expects: 'reply', own: REFUSED_MAIL };
    case 'BDAT':
      return { expects: 'reply', own: announcedChunk(text) };
    default:
      return { expects: 'reply' };
  }
}

/** Once a device logs in, a line that nobody knows is what is left of that: the password by itself, in any form. */
function readUnknown(text: string, { authSeen }: ClientContext): ClientLine {
  // What firewalls leave of STARTTLS; the judge has to see it, and nothing in it is anyone's.
  if (!authSeen && /^X{8}$/.test(text)) return { expects: 'reply' };
  // Only stars: what redaction left of such a line.
  if (!authSeen && !mayCarryPassword(text) && !/^\*+$/.test(text)) return { expects: 'reply', isUnknown: true };
  return { expects: 'reply', auth: true, secrets: [[0, text.length]] };
}

function readSmtp(text: string): ClientLine | undefined {
  const [verb = ''] = /^[A-Z]+/i.exec(text) ?? [];
  switch (verb.toUpperCase()) {
    case 'AUTH':
      return {
        expects: 'auth',
        wait: 'auth',
        auth: true,
        secrets: argument(text, /^AUTH(?:\s*=\s*|\s+)\S+\s+([^]+)$/di),
      };
    case 'DATA':
      return { expects: 'mail', wait: 'data' };
    case 'STARTTLS':
      return { expects: 'starttls', wait: 'starttls' };
    case 'BDAT':
      return { expects: 'reply', own: announcedChunk(text) };
    default:
      return undefined;
  }
}

/** RFC 3030 section 2. */
function announcedChunk(text: string): Reading {
  return { as: 'counted', count: Number(/^BDAT\s+(\d{1,10})/i.exec(text)?.[1] ?? 0), holds: 'mail' };
}

function readPop3(text: string): ClientLine | undefined {
  const [verb = ''] = /^[A-Z]+/i.exec(text) ?? [];
  switch (verb.toUpperCase()) {
    case 'AUTH':
      // Without a mechanism it asks for their list (RFC 5034 has only the other form, old clients this one).
      return /^AUTH(?:\s*=\s*|\s+)\S/i.test(text)
        ? { expects: 'auth', wait: 'auth', auth: true, secrets: argument(text, /^AUTH(?:\s*=\s*|\s+)\S+\s+([^]+)$/di) }
        : { expects: 'reply', auth: true };
    case 'STLS':
      return { expects: 'starttls', wait: 'starttls' };
    case 'RETR':
    case 'TOP':
      return { expects: 'dotted' };
    default:
      return undefined;
  }
}

function readImap(text: string, open: OpenCommand | null): ClientLine {
  const [, tag = '', verb = ''] = /^(\S+)\s+(\S+)/.exec(text) ?? [];
  const command = open ?? { tag, verb: verb.toUpperCase(), strings: 0 };
  const literal = /\{(\d{1,10})(\+?)\}$/.exec(text);
  const body = literal === null ? text : text.slice(0, literal.index);
  const argumentsAt = open === null ? (/^\S+\s+\S+/.exec(text)?.[0].length ?? text.length) : 0;
  const strings = command.verb === 'LOGIN' ? astrings(body, argumentsAt) : [];
  const secrets = strings.filter((_, i) => command.strings + i >= 1);
  const isAuthenticate = command.verb === 'AUTHENTICATE';
  const auth = isAuthenticate || command.verb === 'LOGIN';
  if (literal !== null) {
    const seen = command.strings + strings.length;
    const holds = command.verb === 'LOGIN' ? (seen >= 1 ? 'secret' : 'text') : isAuthenticate ? 'secret' : 'mail';
    return {
      secrets,
      open: { ...command, strings: seen + 1 },
      own: { as: 'counted', count: Number(literal[1]), holds },
      tag: command.tag,
      auth,
      ...(literal[2] === '+' ? {} : { wait: 'literal' }),
    };
  }
  if (isAuthenticate) {
    const response = argument(text, /^\S+\s+AUTHENTICATE\s+\S+\s+([^]+)$/di);
    return { secrets: response, open: null, wait: 'auth', tag: command.tag, expects: 'auth', auth: true };
  }
  if (command.verb === 'STARTTLS') return { open: null, wait: 'starttls', tag: command.tag, expects: 'starttls' };
  return { secrets, open: null, auth };
}

/** Where the atoms and quoted strings of a line lie (RFC 3501 section 9, `astring`). */
function astrings(text: string, from: number): (readonly [number, number])[] {
  return [...text.slice(from).matchAll(/"(?:[^"\\]|\\.)*"?|[^\s"]\S*/g)].map((m) => {
    const start = from + m.index;
    return [start, start + m[0].length] as const;
  });
}

function argument(text: string, pattern: RegExp): (readonly [number, number])[] {
  const range = pattern.exec(text)?.indices?.[1];
  return range === undefined ? [] : [range];
}

/** What a server's line says about the oldest unanswered command. */
export type Reply = 'positive' | 'negative' | 'continue' | 'none';

/** `tag`: the command that IMAP waits for. */
export function readReply(text: string, protocol: Protocol, tag: string | null): Reply {
  if (protocol === 'smtp') {
    const [, code] = /^([2-5]\d\d)(?: |$)/.exec(text) ?? [];
    if (code === undefined) return 'none';
    return code.startsWith('2') ? 'positive' : code.startsWith('3') ? 'continue' : 'negative';
  }
  if (protocol === 'pop3') {
    if (text.startsWith('+OK')) return 'positive';
    if (text.startsWith('-ERR')) return 'negative';
    return /^\+(?: |$)/.test(text) ? 'continue' : 'none';
  }
  if (/^\+(?: |$)/.test(text)) return 'continue';
  if (tag === null || !text.startsWith(`${tag} `)) return 'none';
  return /^\S+ OK/i.test(text) ? 'positive' : 'negative';
}

/** Message text that an IMAP server sends quoted instead of as a literal. */
export function quotedBodies(text: string): (readonly [number, number])[] {
  const quoted = /(?:BODY\[[^\]]*\](?:<\d+>)?|RFC822(?:\.TEXT|\.HEADER)?) "((?:[^"\\]|\\.)*)"/dgi;
  return [...text.matchAll(quoted)].flatMap((m) => (m.indices?.[1] === undefined ? [] : [m.indices[1]]));
}

/** A server's literal: `{123}` at the end of an IMAP line. */
export function announcedLiteral(text: string, from: Side): Reading | undefined {
  const count = from === 'server' ? /\{(\d{1,10})\}$/.exec(text)?.[1] : undefined;
  return count === undefined ? undefined : { as: 'counted', count: Number(count), holds: 'mail' };
}
