import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { notePasswordHash, noteUser, WRONG_PASSWORD } from '../account-notes.ts';
import type { Account, MailStore } from '../contract.ts';
import { createMailStore, type MailStoreOptions, type ReceivedMail } from '../mail-store.ts';
import { measureMail, renderMail } from '../waiting-mail.ts';
import { readArrivedMail } from './arrived-mail.ts';
import { SHARED } from './rendering.ts';

/** The mail of a run in a folder that its server containers share. */
export interface MailFolder extends MailStore {
  /** On this host, to be mounted. */
  readonly path: string;
  /** Who owns the files here and in the containers. */
  readonly owner: Owner;
  /** The mail that Postfix took in under this queue id; null: not delivered, or not yet. */
  received(queueId: string): ReceivedMail | null;
  /** A mail that was put somewhere to be fetched: its length and that of its text, in bytes. */
  waiting(marker: string): { readonly bytes: number; readonly bodyBytes: number } | null;
  /** Why a login was refused: `sha1` is that of the password as the server logged it, null where it logs none. */
  noteLogin(user: string, sha1: string | null): string;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Lays out a folder of this host, which Postfix and Dovecot mount at SHARED_FOLDER: `accounts/<user>`, a passwd-file each;
 * `mail/<user>/Maildir`, what waits to be fetched; `arrived`, one Maildir for all that comes in. A mail is removed once
 * it was read: lengths and hashes are kept, never texts. Inside the containers every program may look at it, so on this
 * host a folder around it must be private.
 */
export function openMailFolder(folder: string, options: MailStoreOptions = {}): MailFolder {
  const names = createMailStore(options);
  const owner = ownerOfMail();
  const accounts = new Map<string, Account>();
  const received = new Map<string, ReceivedMail>();
  const arrivals = new Map<string, number>();
  const waiting = new Map<string, { readonly bytes: number; readonly bodyBytes: number }>();
  let lastFile = 0;

  const openFolder = (...path: readonly string[]): string => {
    const opened = join(folder, ...path);
    mkdirSync(opened, { recursive: true });
    // Also what mkdir was kept from by the umask: inside, each server program is another user.
    chmodSync(opened, 0o755);
    return opened;
  };
  const openMaildir = (...path: readonly string[]) => {
    const maildir = openFolder(...path);
    for (const part of [maildir, ...MAILDIR.map((name) => openFolder(...path, name))]) give(part, owner);
  };
  /** Appears whole or not at all: a server may look at any moment. */
  const write = (temporary: string, target: string, content: string | Buffer, reader: Owner | null) => {
    writeFileSync(temporary, content);
    if (reader === null) chmodSync(temporary, 0o644);
    else give(temporary, reader);
    renameSync(temporary, target);
  };
  const readArrivals = () => {
    const arrived = join(folder, SHARED.arrived, 'new');
    for (const name of readdirSync(arrived)) {
      const path = join(arrived, name);
      const read = lstatSync(path).isFile() ? readArrivedMail(path) : null;
      rmSync(path, { force: true, recursive: true });
      if (read === null) continue;
      const { queueId, ...mail } = read;
      // What no client brought (a report of a failed delivery) quotes markers; a mail to several comes once for each.
      if (queueId === null || received.has(queueId)) continue;
      received.set(queueId, mail);
      for (const marker of mail.markers) arrivals.set(marker, (arrivals.get(marker) ?? 0) + 1);
      forgetOldest(received);
    }
  };

  openFolder();
  const accountFiles = openFolder(SHARED.accounts);
  // Beside `accounts`, where a temporary file would be somebody's login.
  const temporaries = openFolder('tmp');
  openFolder(SHARED.mail);
  openMaildir(SHARED.arrived);

  return {
    path: folder,
    owner,
    openAccount() {
      const account = names.openAccount();
      accounts.set(account.user, account);
      openFolder(SHARED.mail, account.user);
      openMaildir(SHARED.mail, account.user, 'Maildir');
      const entry = `${account.user}:${renderSecret(account.password)}\n`;
      write(join(temporaries, account.user), join(accountFiles, account.user), entry, null);
      return account;
    },
    putMail(account, marker, sizeBytes) {
      const maildir = join(folder, SHARED.mail, account.user, 'Maildir');
      const mail = { marker, to: account.address, date: new Date() };
      const bytes = measureMail(mail, sizeBytes);
      // The name tells the order, which is the order in which Dovecot numbers the mails.
      const name = `${Math.floor(Date.now() / 1000)}.M${String(++lastFile).padStart(8, '0')}.cutover`;
      const content = renderMail({ ...mail, uid: lastFile, bytes, flags: new Set() });
      write(join(maildir, 'tmp', name), join(maildir, 'new', name), content, owner);
      waiting.set(marker, { bytes, bodyBytes: bytes - content.indexOf('\r\n\r\n') - 4 });
      forgetOldest(waiting);
    },
    clearMail(account) {
      const maildir = join(folder, SHARED.mail, account.user, 'Maildir');
      for (const part of ['new', 'cur']) {
        for (const name of readdirSync(join(maildir, part))) rmSync(join(maildir, part, name), { force: true });
      }
    },
    arrived(marker) {
      readArrivals();
      return arrivals.get(marker) ?? 0;
    },
    received(queueId) {
      if (!received.has(queueId)) readArrivals();
      return received.get(queueId) ?? null;
    },
    waiting: (marker) => waiting.get(marker) ?? null,
    noteLogin(user, sha1) {
      const account = accounts.get(user.replace(DOMAIN_PART, ''));
      if (account === undefined) return noteUser(accounts.values(), user);
      return sha1 === null ? WRONG_PASSWORD : notePasswordHash(account, sha1);
    },
  };
}

const MAILDIR = ['tmp', 'new', 'cur'] as const;
const DOMAIN_PART = /@cutover\.example$/i;
/** Sessions are asked for when their trial ends; a device may send some tens of mails in it. */
const KEPT_MAILS = 20_000;

function give(path: string, { uid, gid }: Owner): void {
  if (process.getuid?.() !== uid) chownSync(path, uid, gid);
}

function forgetOldest(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    if (map.size <= KEPT_MAILS) break;
    map.delete(oldest);
  }
}

/** No account of Debian's or of people is numbered so; root itself must not own what strangers' mail is written into. */
const UNPRIVILEGED = { uid: 64_025, gid: 64_025 };

function ownerOfMail(): Owner {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? UNPRIVILEGED : { uid, gid: process.getgid?.() ?? uid };
}

/** CRAM-MD5 needs the password itself (RFC 2195); base64, because a colon would end the field. */
function renderSecret(password: string): string {
  return `{PLAIN.b64}${Buffer.from(password).toString('base64')}`;
}
