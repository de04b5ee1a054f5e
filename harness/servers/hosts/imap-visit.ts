import { randomBytes } from 'node:crypto';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Account } from '../contract.ts';
import { imapAnswer, must, NoAnswer, openEncrypted, type Talk, type Target } from '../proof/client.ts';
import { logIn } from '../proof/dialogue.ts';
import { helloOfGoodClient } from '../proof/hello.ts';

/** A connection to the account's INBOX. Numbers are UIDs. Every call throws NoAnswer when the server will not. */
export interface ImapVisit extends AsyncDisposable {
  /** The UID that the next mail gets. */
  next(): Promise<number>;
  /** UIDs from this one on, in order. */
  since(uid: number): Promise<readonly number[]>;
  /** The first `bytes` of a mail; looking leaves no trace on it. null: it is gone. */
  peek(uid: number, bytes: number): Promise<Buffer | null>;
  isSeen(uid: number): Promise<boolean>;
  append(mail: Buffer): Promise<void>;
  /** These mails alone, whatever others wait to be removed. */
  remove(uids: readonly number[]): Promise<void>;
}

export async function openImapVisit(target: Target, mode: Mode, account: Account): Promise<ImapVisit> {
  const attempt = await openEncrypted(target, helloOfGoodClient(mode, '1.3'));
  if (attempt.kind !== 'open') throw new NoAnswer(attempt.kind, attempt.why);
  const { talk } = attempt;
  try {
    await logIn(talk, 'imap', { account, auth: mode.auth, marker: '' });
    await run(talk, 'SELECT INBOX');
  } catch (error) {
    talk[Symbol.dispose]();
    throw error;
  }
  return {
    async next() {
      const status = await run(talk, 'STATUS INBOX (UIDNEXT)');
      const next = /UIDNEXT (\d{1,10})/i.exec(status)?.[1];
      if (next === undefined) throw new NoAnswer('unclear', 'the server tells no UIDNEXT');
      return Number(next);
    },
    async since(uid) {
      const found = numbersIn(await run(talk, `UID SEARCH UID ${uid}:*`));
      // "5:*" holds the last mail even if that is older (RFC 3501 section 6.4.8).
      return found.filter((n) => n >= uid).sort((a, b) => a - b);
    },
    async peek(uid, bytes) {
      const answer = await run(talk, `UID FETCH ${uid} (BODY.PEEK[]<0.${bytes}>)`);
      const [opening, length] = /\{(\d{1,9})\}\r\n/.exec(answer) ?? [];
      if (opening === undefined) return null;
      const start = answer.indexOf(opening) + opening.length;
      return Buffer.from(answer.slice(start, start + Number(length)), 'latin1');
    },
    async isSeen(uid) {
      return /\\Seen/i.test(await run(talk, `UID FETCH ${uid} (FLAGS)`));
    },
    async append(mail) {
      const tag = newTag();
      talk.send(`${tag} APPEND INBOX {${mail.length}}`);
      must(await talk.read(/^(?:\* .*\r\n)*(?:\+.*|\S+ (?:NO|BAD).*)\r\n/), /^(?:\* .*\r\n)*\+/);
      talk.send(mail.toString('latin1'));
      must(await talk.read(imapAnswer(tag)), okOf(tag));
    },
    async remove(uids) {
      if (uids.length === 0) return;
      await run(talk, `UID STORE ${uids.join(',')} +FLAGS.SILENT (\\Deleted)`);
      const capabilities = await run(talk, 'CAPABILITY');
      if (/\bUIDPLUS\b/i.test(capabilities)) {
        await run(talk, `UID EXPUNGE ${uids.join(',')}`);
        return;
      }
      // Without UIDPLUS (RFC 4315), EXPUNGE takes what others have marked as well: then ours stay marked.
      const marked = numbersIn(await run(talk, 'UID SEARCH DELETED'));
      if (marked.every((uid) => uids.includes(uid))) await run(talk, 'EXPUNGE');
    },
    async [Symbol.asyncDispose]() {
      talk.send('z LOGOUT');
      talk[Symbol.dispose]();
    },
  };
}

/** Of an untagged SEARCH. */
function numbersIn(answer: string): number[] {
  const found = /^\* SEARCH([ \d]*)\r$/im.exec(answer)?.[1] ?? '';
  return found
    .split(' ')
    .filter((n) => n !== '')
    .map(Number);
}

/** A tag that no mail can hold by accident or on purpose: answers are read up to it. */
function newTag(): string {
  return `c${randomBytes(8).toString('hex')}`;
}

async function run(talk: Talk, command: string): Promise<string> {
  const tag = newTag();
  talk.send(`${tag} ${command}`);
  return must(await talk.read(imapAnswer(tag)), okOf(tag));
}

function okOf(tag: string): RegExp {
  return new RegExp(`^(?:[^]*\\r\\n)?${tag} OK`);
}
