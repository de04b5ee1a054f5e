import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The ways into a page: keys that open it once, and the sessions that came of them. Holds hashes, never a secret. */
export interface Keys {
  /** A key for one person. Only so many are open at a time; the oldest makes room. */
  mint(): string;
  /** A session's token for a key that was not used yet, else null. */
  redeem(key: string): string | null;
  /** Which session a token is of, or null: the hash, for whatever is counted by session. */
  sessionOf(token: string): string | null;
  /** To be kept for a restart: tablets go on with the session that they have. */
  sessions(): readonly string[];
}

export interface KeysOptions {
  /** Those of before a restart. */
  readonly sessions?: readonly string[];
  readonly maxOpen: number;
  readonly maxSessions: number;
  /** How long a key opens. Default: until it is used. In ms. */
  readonly openMs?: number;
  readonly now?: () => number;
}

/** 256 bits: nobody guesses one. */
const BYTES = 32;
/** What `mint` and `redeem` give, for reading one out of a request. */
export const TOKEN = /^[\w-]{43}$/;

export function createKeys(options: KeysOptions): Keys {
  const { sessions = [], maxOpen, maxSessions, openMs = Number.POSITIVE_INFINITY, now = Date.now } = options;
  const open: { readonly hash: Buffer; readonly until: number }[] = [];
  const live: Buffer[] = sessions.map((hash) => Buffer.from(hash, 'hex')).filter((hash) => hash.length === 32);
  return {
    mint() {
      const key = randomBytes(BYTES).toString('base64url');
      open.push({ hash: hashOf(key), until: now() + openMs });
      if (open.length > maxOpen) open.shift();
      return key;
    },
    redeem(key) {
      const at = find(
        open.map(({ hash }) => hash),
        hashOf(key),
      );
      const [used] = at < 0 ? [] : open.splice(at, 1);
      if (used === undefined || used.until <= now()) return null;
      const token = randomBytes(BYTES).toString('base64url');
      live.push(hashOf(token));
      if (live.length > maxSessions) live.shift();
      return token;
    },
    sessionOf(token) {
      const hash = hashOf(token);
      return find(live, hash) < 0 ? null : hash.toString('hex');
    },
    sessions: () => live.map((hash) => hash.toString('hex')),
  };
}

/** A browser loads a page before anybody asked for it: that must not use a key up. */
export function isLookingAhead(headers: IncomingHttpHeaders): boolean {
  return /prefetch|prerender/.test(`${String(headers['sec-purpose'])} ${String(headers['purpose'])}`);
}

/** Looks at all of them, whichever it is: how long it takes tells nothing. */
function find(hashes: readonly Buffer[], wanted: Buffer): number {
  let found = -1;
  for (const [i, hash] of hashes.entries()) if (timingSafeEqual(hash, wanted)) found = i;
  return found;
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
