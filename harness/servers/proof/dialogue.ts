import { createHmac } from 'node:crypto';
import type { AuthMechanism, Protocol } from '../../vocabulary/trial.ts';
import type { Account } from '../contract.ts';
import { imapAnswer, must, NoAnswer, POP3_LINE, POP3_LINES, SMTP_REPLY, type Talk } from './client.ts';

export interface Dialogue {
  readonly account: Account;
  /** What the mode lists; the first that the client knows is used. */
  readonly auth: readonly AuthMechanism[];
  readonly marker: string;
}

/** Logs in and submits one mail with the marker, or fetches and removes the newest waiting one. @throws NoAnswer */
export async function carryMail(talk: Talk, protocol: Protocol, dialogue: Dialogue): Promise<void> {
  await logIn(talk, protocol, dialogue);
  await CARRY[protocol](talk, dialogue);
}

/** Whether mail may be carried on this connection: after logging in, or for SMTP without. */
export async function mayUse(talk: Talk, protocol: Protocol, dialogue: Dialogue): Promise<boolean> {
  if (protocol === 'smtp') await command(talk, 'EHLO proof.invalid', SMTP_REPLY, /^[245]/);
  if (dialogue.auth.some((mechanism) => mechanism !== 'NONE') && (await agreed(logIn(talk, protocol, dialogue)))) {
    return true;
  }
  if (protocol !== 'smtp') return false;
  // Mail is offered up to its recipient and then withdrawn: nothing is sent.
  return agreed(addressMail(talk, dialogue.account.address));
}

async function agreed(asked: Promise<void>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof NoAnswer && error.kind === 'refused') return false;
    throw error;
  }
}

async function command(talk: Talk, line: string, answer: RegExp, good: RegExp): Promise<string> {
  talk.send(line);
  return must(await talk.read(answer), good);
}

/** @throws NoAnswer when the server does not let the account in; its words without the password, should it echo it. */
export async function logIn(talk: Talk, protocol: Protocol, dialogue: Dialogue): Promise<void> {
  try {
    await sayWhoWeAre(talk, protocol, dialogue);
  } catch (error) {
    throw error instanceof NoAnswer ? new NoAnswer(error.kind, blank(error.message, dialogue.account)) : error;
  }
}

async function sayWhoWeAre(talk: Talk, protocol: Protocol, { account, auth }: Dialogue): Promise<void> {
  const simple = auth.includes('PLAIN') || auth.includes('LOGIN');
  if (simple && protocol === 'imap') {
    await command(talk, `l LOGIN ${quoted(account.user)} ${quoted(account.password)}`, imapAnswer('l'), okOf('l'));
  } else if (simple && protocol === 'pop3') {
    await command(talk, `USER ${account.user}`, POP3_LINE, /^\+OK/);
    await command(talk, `PASS ${account.password}`, POP3_LINE, /^\+OK/);
  } else if (auth.includes('PLAIN')) {
    const response = base64(`\0${account.user}\0${account.password}`);
    await command(talk, `AUTH PLAIN ${response}`, SMTP_REPLY, /^235/);
  } else if (auth.includes('LOGIN')) {
    await command(talk, 'AUTH LOGIN', SMTP_REPLY, /^334/);
    await command(talk, base64(account.user), SMTP_REPLY, /^334/);
    await command(talk, base64(account.password), SMTP_REPLY, /^235/);
  } else if (auth.includes('CRAM-MD5')) {
    await logInWithDigest(talk, protocol, account);
  }
}

/** RFC 2195; the three protocols differ in what frames the challenge. */
async function logInWithDigest(talk: Talk, protocol: Protocol, account: Account): Promise<void> {
  const { ask, done } = {
    smtp: { ask: 'AUTH CRAM-MD5', done: SMTP_REPLY },
    imap: { ask: 'l AUTHENTICATE CRAM-MD5', done: imapAnswer('l') },
    pop3: { ask: 'AUTH CRAM-MD5', done: POP3_LINE },
  }[protocol];
  const challenge = await command(talk, ask, /^.*\r\n/, protocol === 'smtp' ? /^334/ : /^\+ /);
  const text = Buffer.from(challenge.replace(/^(?:334|\+) /, '').trim(), 'base64');
  const digest = createHmac('md5', account.password).update(text).digest('hex');
  await command(talk, base64(`${account.user} ${digest}`), done, /^235|^\+OK|^(?:[^]*\r\n)?l OK/);
}

async function addressMail(talk: Talk, address: string): Promise<void> {
  await command(talk, `MAIL FROM:<${address}>`, SMTP_REPLY, /^250/);
  await command(talk, `RCPT TO:<${address}>`, SMTP_REPLY, /^250/);
  await command(talk, 'RSET', SMTP_REPLY, /^250/);
}

const CARRY: Readonly<Record<Protocol, (talk: Talk, dialogue: Dialogue) => Promise<void>>> = {
  async smtp(talk, { account: { address }, marker }) {
    await command(talk, `MAIL FROM:<${address}>`, SMTP_REPLY, /^250/);
    await command(talk, `RCPT TO:<${address}>`, SMTP_REPLY, /^250/);
    await command(talk, 'DATA', SMTP_REPLY, /^354/);
    const head = [`From: <${address}>`, `To: <${address}>`, `Subject: ${marker}`, `Date: ${new Date().toUTCString()}`];
    await command(talk, [...head, '', 'A proof of the server.', '.'].join('\r\n'), SMTP_REPLY, /^250/);
    talk.send('QUIT');
  },
  async imap(talk, { marker }) {
    const selected = await command(talk, 'p SELECT INBOX', imapAnswer('p'), okOf('p'));
    const newest = /^\* (\d+) EXISTS/m.exec(selected)?.[1] ?? '0';
    const mail = await command(talk, `f FETCH ${newest} BODY[]`, imapAnswer('f'), okOf('f'));
    must(mail, new RegExp(marker));
    await command(talk, `d STORE ${newest} +FLAGS (\\Deleted)`, imapAnswer('d'), okOf('d'));
    await command(talk, 'x EXPUNGE', imapAnswer('x'), okOf('x'));
    talk.send('q LOGOUT');
  },
  async pop3(talk, { marker }) {
    const newest = /^\+OK (\d+)/.exec(await command(talk, 'STAT', POP3_LINE, /^\+OK/))?.[1] ?? '0';
    must(await command(talk, `RETR ${newest}`, POP3_LINES, /^\+OK/), new RegExp(marker));
    await command(talk, `DELE ${newest}`, POP3_LINE, /^\+OK/);
    await command(talk, 'QUIT', POP3_LINE, /^\+OK/);
  },
};

/** An answer is quoted up to a length, which may cut what it echoes. */
function blank(text: string, { user, password }: Account): string {
  const forms = [password, quoted(password).slice(1, -1), base64(password), base64(`\0${user}\0${password}`)];
  return forms.reduce((rest, form) => {
    const blanked = rest.replaceAll(form, '****');
    const cut = Array.from({ length: form.length }, (_, at) => form.slice(0, at + 1)).filter(
      (head) => head.length >= 4,
    );
    const end = cut.findLast((head) => blanked.endsWith(`${head}"`));
    return end === undefined ? blanked : `${blanked.slice(0, -end.length - 1)}****"`;
  }, text);
}

function okOf(tag: string): RegExp {
  return new RegExp(`^(?:[^]*\\r\\n)?${tag} OK`);
}

/** RFC 3501 section 4.3: an operator's own password may hold these. */
function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
