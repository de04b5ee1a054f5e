import type { Connection, ServerSession } from '../vocabulary/evidence.ts';
import type { Cause, Finding } from '../vocabulary/finding.ts';
import { compareVersions, type Mode } from '../vocabulary/mode.ts';
import { endOf, fails, inconclusive, type Judged } from './finding.ts';
import { allowForLabRoot, SILENT_CANDIDATES } from './rejection.ts';

/** Why no mail went through a connection on which the client could speak. */
export function readSession(connection: Connection, session: ServerSession | null, trial: Judged, mode: Mode): Finding {
  if (session === null && trial.evidence.server.mailboxOnly !== undefined) {
    const arrived = trial.direction === 'send' ? 'arrived' : 'was fetched';
    return inconclusive(
      'harness-trouble',
      `It spoke inside TLS, and no mail that can be tied to this connection ${arrived}.`,
      'These servers show no log, so what they answered is not known.',
    );
  }
  if (session === null)
    return inconclusive('harness-trouble', 'The tap carried a session that the server does not know.');
  const { auth, refusal, tls } = session;
  if (tls !== null && compareVersions(tls.version, mode.tls.min) < 0) {
    return fails(
      'version-too-old',
      `It negotiated TLS ${tls.version}; the mode asks for ${mode.tls.min} at least.`,
      `The server answered ${refusal ?? 'nothing'}.`,
    );
  }
  const quoted = refusal === null ? endOf(connection) : `The server answered ${refusal}.`;
  if (auth !== null && !auth.accepted) {
    const listed: readonly string[] = mode.auth;
    if (!listed.includes(auth.mechanism) && auth.mechanism !== 'USERPASS')
      return fails('auth-mechanism', `It asked for ${auth.mechanism}; the mode has ${mode.auth.join(', ')}.`, quoted);
    return fails(
      'auth-rejected',
      `${auth.mechanism} was rejected${auth.note === null ? '' : `: ${auth.note}`}.`,
      quoted,
    );
  }
  if (auth?.accepted === true) {
    if (refusal !== null) return fails('mail-refused', quoted);
    return fails(
      'mail-lost',
      trial.direction === 'send' ? 'It signed in and delivered nothing.' : 'It signed in and fetched nothing.',
      endOf(connection),
    );
  }
  if (refusal !== null && ASKS_TO_SIGN_IN.test(refusal) && trial.direction === 'send' && !mode.auth.includes('NONE'))
    return fails('auth-missing', 'It sent mail without signing in.', quoted);
  if (refusal !== null && mode.auth.includes('NONE')) return fails('mail-refused', quoted);
  const isCutOff = connection.ended.how === 'reset' && connection.ended.by !== 'client';
  if (refusal !== null || isCutOff) return fails('connection-dropped', 'It did not sign in.', quoted);
  // It can sign in with nothing that the server offers, or dislikes the certificate and says QUIT: the same trace.
  const candidates: readonly Cause[] = ['auth-mechanism', ...(tls === null ? [] : SILENT_CANDIDATES)];
  const left = {
    ...fails('connection-dropped', 'It left without signing in.', endOf(connection)),
    candidates: [...candidates],
  };
  return allowForLabRoot(left, candidates, trial, mode);
}

/** 530 and 554 5.7.x (RFC 4954 section 6; Postfix: relay access denied), 550 5.7.x of other servers. */
const ASKS_TO_SIGN_IN = /^(?:530|55[04] 5\.7\.)/;

/** The client said something after the handshake, by the wire or by the server. */
export function spoke(connection: Connection, session: ServerSession | null): boolean {
  return (
    connection.applicationBytes.client > 0 ||
    (session?.auth !== null && session !== null) ||
    (session?.refusal ?? null) !== null
  );
}
