import { randomBytes } from 'node:crypto';
import type { AuthMechanism } from '../../vocabulary/trial.ts';
import type { Authentication, EmbeddedMailStore } from '../mail-store.ts';

/** What the server says next: a challenge in base64 (perhaps empty), or how it ended. */
export type SaslStep =
  | { readonly kind: 'challenge'; readonly text: string }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'decided'; readonly result: Authentication };

export interface SaslExchange {
  readonly mechanism: string;
  /** `response`: the client's line, base64 or "*" (RFC 4954 section 4, RFC 3501 section 6.2.2, RFC 5034). */
  step(response: string): SaslStep;
}

/**
 * Begins PLAIN (RFC 4616), LOGIN or CRAM-MD5 (RFC 2195), with or without an initial response; the first step is
 * returned with it. undefined: no such mechanism here, or the mode does not list it.
 */
export function openSasl(
  mechanism: string,
  initial: string | undefined,
  listed: readonly AuthMechanism[],
  store: EmbeddedMailStore,
): { readonly exchange: SaslExchange; readonly first: SaslStep } | undefined {
  const name = mechanism.toUpperCase();
  const open = MECHANISMS[name];
  if (open === undefined || !listed.some((candidate) => candidate === name)) return undefined;
  const steps = open(store);
  const step = (response: string): SaslStep => {
    if (response === '*') return { kind: 'cancelled' };
    const bytes = decodeBase64(response);
    return bytes === undefined ? { kind: 'malformed' } : steps.answer(bytes);
  };
  // "=" is an initial response of no bytes (RFC 4954 section 4).
  const first = initial === undefined || steps.serverFirst ? steps.begin() : step(initial === '=' ? '' : initial);
  return { exchange: { mechanism: name, step }, first };
}

/** The mechanisms of a mode that are announced: NONE is none. */
export function listedMechanisms(mode: { readonly auth: readonly AuthMechanism[] }): readonly AuthMechanism[] {
  return mode.auth.filter((mechanism) => mechanism !== 'NONE');
}

/** A mechanism as a client named it, fit for a record. */
export function mechanismName(text: string): string {
  const letters = text.toUpperCase().replace(/[^A-Z0-9_-]/g, '');
  return letters.slice(0, 20);
}

/** How a login with IMAP's LOGIN or POP3's USER and PASS is recorded: no SASL mechanism, so no mode lists it. */
export const USER_AND_PASSWORD = 'USERPASS';

interface Steps {
  /** The mechanism takes no initial response. */
  readonly serverFirst: boolean;
  begin(): SaslStep;
  answer(response: Buffer): SaslStep;
}

const MECHANISMS: Readonly<Record<string, (store: EmbeddedMailStore) => Steps>> = {
  PLAIN: (store) => ({
    serverFirst: false,
    begin: () => ({ kind: 'challenge', text: '' }),
    answer(response) {
      // authzid NUL authcid NUL passwd; who acts for whom does not matter here.
      const [, user, password, ...more] = response.toString('utf8').split('\0');
      if (user === undefined || password === undefined || more.length > 0) return { kind: 'malformed' };
      return { kind: 'decided', result: store.authenticate(user, password) };
    },
  }),
  LOGIN: (store) => {
    let user: string | undefined;
    return {
      serverFirst: false,
      begin: () => challenge('Username:'),
      answer(response) {
        if (user !== undefined) {
          return { kind: 'decided', result: store.authenticate(user, response.toString('utf8')) };
        }
        user = response.toString('utf8');
        return challenge('Password:');
      },
    };
  },
  'CRAM-MD5': (store) => {
    const sent = `<${randomBytes(9).toString('hex')}@cutover.example>`;
    return {
      serverFirst: true,
      begin: () => challenge(sent),
      answer(response) {
        const [user, digest, ...more] = response.toString('utf8').split(' ');
        if (user === undefined || digest === undefined || more.length > 0) return { kind: 'malformed' };
        return { kind: 'decided', result: store.authenticateDigest(user, sent, digest) };
      },
    };
  },
};

function challenge(text: string): SaslStep {
  return { kind: 'challenge', text: Buffer.from(text).toString('base64') };
}

/** Buffer.from skips what is not base64; a server says so instead. Missing padding is forgiven. */
function decodeBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
