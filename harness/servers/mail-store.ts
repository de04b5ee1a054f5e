import { createHash, createHmac, randomInt } from 'node:crypto';
import { notePassword, noteShorterPassword, noteUser, WRONG_PASSWORD } from './account-notes.ts';
import type { Account, MailStore } from './contract.ts';
import { MARKER_WINDOW_BYTES, findMarkers } from './markers.ts';
import { type WaitingMail, measureMail } from './waiting-mail.ts';

/** Accepted, or a fact about why not that holds none of the values. */
export type Authentication =
  | { readonly accepted: true; readonly account: Account }
  | { readonly accepted: false; readonly note: string };

/** One mail as it comes in. `finish` counts it; a mail that is not finished never arrived. */
export interface Delivery {
  write(chunk: Buffer): void;
  finish(): ReceivedMail;
}

/** What is kept of a mail that came in: never its text. */
export interface ReceivedMail {
  readonly bytes: number;
  readonly sha256: string;
  readonly markers: readonly string[];
}

/** The waiting mails of one account. Removing is shared by all servers and protocols. */
export interface Mailbox {
  list(): readonly WaitingMail[];
  remove(mails: readonly WaitingMail[]): void;
  /** UID that the next mail gets. */
  readonly nextUid: number;
}

/** What the embedded servers need beyond the contract. */
export interface EmbeddedMailStore extends MailStore {
  authenticate(user: string, password: string): Authentication;
  /** CRAM-MD5 (RFC 2195): `digest` is the hex HMAC-MD5 of the challenge. */
  authenticateDigest(user: string, challenge: string, digest: string): Authentication;
  /** Every recipient lands here; nothing is relayed. */
  openDelivery(): Delivery;
  mailbox(account: Account): Mailbox;
}

export interface MailStoreOptions {
  /** Default: random letters and digits. */
  readonly newPassword?: () => string;
  /**
   * Any user name with any password is let in, and neither is kept: real devices hold their owner's login. Each login
   * finds a mailbox of its own with one mail, whose marker is WAITING_MARKER.
   */
  readonly acceptsAnyLogin?: boolean;
}

/** Of the mails that wait behind any login: whose connection it is, is not known by then. */
export const WAITING_MARKER = 'cutover-0waiting0for0any';
/** Whoever logs in with a name that is none of ours. */
export const GUEST = 'guest';
/** As long as the mail of a fetching trial. */
const WAITING_BYTES = 1_000;

/** All mail of a run, in memory: accounts that are thrown away with it, waiting mails, and hashes of received ones. */
export function createMailStore(options: MailStoreOptions = {}): EmbeddedMailStore {
  const { acceptsAnyLogin = false } = options;
  const newPassword = options.newPassword ?? (() => randomText(PASSWORD_LENGTH, PASSWORD_LETTERS));
  const accounts = new Map<string, Account>();
  const mailboxes = new Map<string, WaitingMail[]>();
  const lastUids = new Map<string, number>();
  const arrived = new Map<string, number>();
  const waiting = (account: Account) => mailboxes.get(account.user) ?? [];
  const guests = new WeakMap<Account, WaitingMail[]>();
  let lastGuestUid = 0;
  const letAnyoneIn = (named?: Account): Authentication => {
    const account = { ...(named ?? { user: GUEST, address: `${GUEST}@${DOMAIN}` }), password: '' };
    const mail = { marker: WAITING_MARKER, to: account.address, date: new Date() };
    // A new one each time: devices do not fetch again what they have seen.
    lastGuestUid += 1;
    const bytes = measureMail(mail, WAITING_BYTES);
    guests.set(account, [{ uid: lastGuestUid, ...mail, bytes, flags: new Set<string>() }]);
    return { accepted: true, account };
  };

  return {
    openAccount() {
      let user: string;
      do user = `geraet-${randomText(6, USER_LETTERS)}`;
      while (accounts.has(user));
      const account = { user, password: newPassword(), address: `${user}@${DOMAIN}` };
      accounts.set(user, account);
      return account;
    },
    putMail(account, marker, sizeBytes) {
      const uid = (lastUids.get(account.user) ?? 0) + 1;
      lastUids.set(account.user, uid);
      const mail = { marker, to: account.address, date: new Date() };
      const entry = { uid, ...mail, bytes: measureMail(mail, sizeBytes), flags: new Set<string>() };
      mailboxes.set(account.user, [...waiting(account), entry]);
    },
    clearMail: (account) => void mailboxes.delete(account.user),
    arrived: (marker) => arrived.get(marker) ?? 0,
    authenticate(user, password) {
      const account = findAccount(accounts, user);
      if (acceptsAnyLogin && (account === undefined || waiting(account).length === 0)) return letAnyoneIn(account);
      if (account === undefined) return refuse(noteUser(accounts.values(), user));
      return password === account.password ? { accepted: true, account } : refuse(notePassword(account, password));
    },
    authenticateDigest(user, challenge, digest) {
      // Without the password a digest cannot be checked; what is none is refused all the same.
      const account = findAccount(accounts, user);
      if (acceptsAnyLogin) return /^[0-9a-f]{32}$/i.test(digest) ? letAnyoneIn(account) : refuse('digest malformed');
      if (account === undefined) return refuse(noteUser(accounts.values(), user));
      const length = prefixWithDigest(account.password, challenge, digest.toLowerCase());
      if (length === account.password.length) return { accepted: true, account };
      return refuse(length === undefined ? WRONG_PASSWORD : noteShorterPassword(length, account));
    },
    openDelivery: () =>
      receive((marker) => {
        if (arrived.has(marker) || arrived.size < MAX_MARKERS) arrived.set(marker, (arrived.get(marker) ?? 0) + 1);
      }),
    mailbox: (account) =>
      guestMailbox(account) ?? {
        list: () => waiting(account),
        remove: (mails) => {
          const left = waiting(account).filter((mail) => !mails.includes(mail));
          mailboxes.set(account.user, left);
        },
        get nextUid() {
          return (lastUids.get(account.user) ?? 0) + 1;
        },
      },
  };

  function guestMailbox(account: Account): Mailbox | undefined {
    if (!guests.has(account)) return undefined;
    return {
      list: () => guests.get(account) ?? [],
      remove: (gone) =>
        void guests.set(
          account,
          (guests.get(account) ?? []).filter((mail) => !gone.includes(mail)),
        ),
      nextUid: lastGuestUid + 1,
    };
  }
}

/** Trials of a run are thousands; a device can put any number of markers into its mails. */
const MAX_MARKERS = 100_000;
/** Reserved for examples (RFC 2606), so that no mail to it can ever reach anybody. */
export const DOMAIN = 'cutover.example';
const USER_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const PASSWORD_LENGTH = 24;
const PASSWORD_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number, letters: string): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}

function refuse(note: string): Authentication {
  return { accepted: false, note };
}

/** Devices are given the user name or the address; providers take both. */
function findAccount(accounts: ReadonlyMap<string, Account>, user: string): Account | undefined {
  const suffix = `@${DOMAIN}`;
  return accounts.get(user.endsWith(suffix) ? user.slice(0, -suffix.length) : user);
}

/** Length of the beginning of the password that gives this digest: a cut-off password shows in CRAM-MD5 as well. */
function prefixWithDigest(password: string, challenge: string, digest: string): number | undefined {
  for (let length = password.length; length > 0; length--) {
    if (createHmac('md5', password.slice(0, length)).update(challenge).digest('hex') === digest) return length;
  }
  return undefined;
}

/** Hashes and counts a mail while it streams by; only the window in which markers are searched is held. */
function receive(count: (marker: string) => void): Delivery {
  const hash = createHash('sha256');
  const head: Buffer[] = [];
  let headBytes = 0;
  let bytes = 0;
  return {
    write(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
      if (headBytes >= MARKER_WINDOW_BYTES) return;
      // A copy: a slice would keep the whole network buffer alive.
      const kept = Buffer.from(chunk.subarray(0, MARKER_WINDOW_BYTES - headBytes));
      head.push(kept);
      headBytes += kept.length;
    },
    finish() {
      const markers = findMarkers(Buffer.concat(head));
      markers.forEach(count);
      return { bytes, sha256: hash.digest('hex'), markers };
    },
  };
}
