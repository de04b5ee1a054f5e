import type { AuthMechanism } from '../../vocabulary/trial.ts';
import {
  imapAnswer,
  NoAnswer,
  openClear,
  POP3_LINE,
  POP3_LINES,
  SMTP_REPLY,
  type Talk,
  type Target,
} from '../proof/client.ts';

/** What a listener that starts in the clear lets a client do before TLS. */
export interface ClearFacts {
  readonly starttls: boolean;
  /** `allowed`: the server asked for a password; `refused`: it did not, or said so. */
  readonly login: 'allowed' | 'refused';
  /** First line of the answer to MAIL FROM; SMTP only. */
  readonly mail: string | null;
  /** First line of the answer to the attempt to sign in; null where nothing invited to try. */
  readonly asked: string | null;
}

/**
 * Finds out whether a password would be taken in the clear without ever sending one: the server's invitation (334, "+",
 * "+OK" to USER) is the witness, and the attempt is cancelled there. Where the capabilities say no, nothing is tried:
 * fail2ban counts attempts.
 *
 * @throws NoAnswer when the dialogue breaks off.
 */
export async function askInTheClear(
  target: Target,
  client: { readonly user: string; readonly from: string; readonly auth: readonly AuthMechanism[] },
): Promise<ClearFacts> {
  const attempt = await openClear(target);
  if (attempt.kind !== 'open') throw new NoAnswer(attempt.kind, attempt.why);
  using talk = attempt.talk;
  const mechanism = client.auth.find((name) => name !== 'NONE') ?? 'PLAIN';
  const facts = await ASK[target.endpoint.protocol](talk, { ...client, mechanism });
  talk.send(target.endpoint.protocol === 'imap' ? 'z LOGOUT' : 'QUIT');
  return facts;
}

interface Asking {
  readonly user: string;
  readonly from: string;
  readonly mechanism: string;
}

const ASK = {
  async smtp(talk: Talk, { from, mechanism }: Asking): Promise<ClearFacts> {
    const hello = await say(talk, 'EHLO proof.invalid', SMTP_REPLY);
    const mail = firstLine(await say(talk, `MAIL FROM:<${from}>`, SMTP_REPLY));
    if (mail.startsWith('2')) await say(talk, 'RSET', SMTP_REPLY);
    const asked = firstLine(await say(talk, `AUTH ${mechanism}`, SMTP_REPLY));
    if (asked.startsWith('334')) await say(talk, '*', SMTP_REPLY);
    return { starttls: /^250.STARTTLS\b/im.test(hello), login: loginOf(asked, /^334/), mail, asked };
  },
  async imap(talk: Talk, { mechanism }: Asking): Promise<ClearFacts> {
    const words = await say(talk, 'c CAPABILITY', imapAnswer('c'));
    const starttls = /\bSTARTTLS\b/i.test(words);
    if (/\bLOGINDISABLED\b/i.test(words)) return { starttls, login: 'refused', mail: null, asked: 'LOGINDISABLED' };
    const asked = firstLine(await say(talk, `l AUTHENTICATE ${mechanism}`, IMAP_INVITATION));
    if (asked.startsWith('+')) await say(talk, '*', imapAnswer('l'));
    return { starttls, login: loginOf(asked, /^\+/), mail: null, asked };
  },
  async pop3(talk: Talk, { user }: Asking): Promise<ClearFacts> {
    const words = await say(talk, 'CAPA', POP3_LINES);
    const starttls = /^STLS\b/im.test(words);
    const invites = !words.startsWith('+OK') || /^USER\b|^SASL .*\b(?:PLAIN|LOGIN|CRAM-MD5)\b/im.test(words);
    if (!invites) return { starttls, login: 'refused', mail: null, asked: null };
    const asked = firstLine(await say(talk, `USER ${user}`, POP3_LINE));
    return { starttls, login: loginOf(asked, /^\+OK/), mail: null, asked };
  },
};

/** A continuation, or the end of the command. */
const IMAP_INVITATION = /^(?:\* .*\r\n)*(?:\+.*|l (?:OK|NO|BAD).*)\r\n/;

async function say(talk: Talk, line: string, answer: RegExp): Promise<string> {
  talk.send(line);
  return talk.read(answer);
}

function loginOf(answer: string, invitation: RegExp): ClearFacts['login'] {
  return invitation.test(answer) ? 'allowed' : 'refused';
}

function firstLine(answer: string): string {
  const lines = answer.split('\r\n').filter((line) => !line.startsWith('* '));
  return (lines[0] ?? '').slice(0, 120);
}
