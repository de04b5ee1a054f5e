import { isTrouble } from '../causes.ts';
import type { Cause, Outcome } from '../vocabulary/finding.ts';
import { compareVersions, type Mode } from '../vocabulary/mode.ts';
import { ENDPOINTS, type Port, type Security } from '../vocabulary/trial.ts';
import { type Prediction, preparePrediction } from './predict-hello.ts';
import type { Offer, ServerRules } from './server-rules.ts';

/** What was measured of an attempt that said a hello: shows what the client does behind it. */
interface MetResult {
  readonly mode: string;
  readonly outcome: Outcome;
  readonly cause?: Cause | undefined;
  /** The mail went in the clear. */
  readonly clear?: true | undefined;
  /** Profile of the certificate that it was shown. */
  readonly certificate: string;
  /** SASL mechanism that it logged in with, or `USERPASS`. */
  readonly auth?: string | undefined;
}

/** One client, as it is set up: every hello that was recorded of it, and what came of them. */
export interface RecordedClient {
  /** `opportunistic` also where nobody knows whether it insists on the STARTTLS that was seen. */
  readonly security: Security;
  /** Where it speaks TLS at once on a port that starts in the clear, no hello helps. */
  readonly port?: Port | undefined;
  /** The host name typed into it, where that is not the mode's own. */
  readonly host?: string | undefined;
  readonly offers: readonly Offer[];
  readonly met: readonly MetResult[];
}

/** `beyondHello`: `seen` where a measurement shows that nothing else stops it, `not-recorded` where only the hello is known. */
export type ClientPrediction =
  | (Extract<Prediction, { outcome: 'works' }> & { readonly beyondHello: 'seen' | 'not-recorded' })
  | Exclude<Prediction, { outcome: 'works' }>;

/**
 * Predicts one client for one server, from its hellos as far as they decide. Where something else does (certificate,
 * login, the mail's way), it is predicted only if a measurement shows how that ends, and otherwise not at all.
 */
export function preparePredictionOfClient(rules: ServerRules): (client: RecordedClient) => ClientPrediction {
  const predict = preparePrediction(rules);
  const { mode } = rules;
  return (client) => {
    if (mode.starttls === 'hidden' && client.security !== 'implicit') {
      return unknown('The mode hides STARTTLS: what the client does then is not in its hello.');
    }
    const best = bestOf(client.offers, predict);
    if (best === null) return unknown('No hello of it was recorded.');
    if (best.outcome !== 'cannot-be-predicted' && opensAtOnce(client)) {
      const because = `It opens TLS at once on port ${client.port}, which starts in the clear.`;
      return { outcome: 'fails', cause: 'wrong-tls-mode', because };
    }
    if (best.outcome === 'works') return conclude(best, client, mode);
    if (client.met.length === 0 && client.offers.every(({ hello }) => hello.fallbackScsv)) {
      return unknown('It comes back with less than it has, and what it says first was not recorded.');
    }
    const mayGoOn = client.security === 'opportunistic' || client.met.some(({ clear }) => clear === true);
    if (mode.plaintext === 'allowed' && mayGoOn) return unknown('It may go on in the clear, which this mode allows.');
    return best;
  };
}

function opensAtOnce({ security, port }: RecordedClient): boolean {
  return security === 'implicit' && ENDPOINTS.some((one) => one.port === port && one.tls === 'starttls');
}

/** A client's retries are one attempt: any hello that passes counts, else the best that it offers. */
function bestOf(offers: readonly Offer[], predict: (offer: Offer) => Prediction): Prediction | null {
  const inOrder = offers.toSorted((a, b) => rank(b.hello) - rank(a.hello) || byVersion(b, a));
  const predicted = inOrder.map(predict);
  return predicted.find(({ outcome }) => outcome === 'works') ?? predicted[0] ?? null;
}

/** A hello that calls itself a fallback is not the client's best. */
function rank({ fallbackScsv }: Offer['hello']): number {
  return fallbackScsv ? 0 : 1;
}

function byVersion(a: Offer, b: Offer): number {
  return compareVersions(a.hello.maxVersion, b.hello.maxVersion);
}

/** Causes that a hello holds, with the port that it is said on; all others come to light behind it. */
const IN_HELLO: readonly Cause[] = [
  'version-too-old',
  'no-shared-cipher',
  'no-shared-group',
  'no-shared-signature',
  'certificate-key',
  'not-testable',
  'wrong-tls-mode',
];

export function isInHello(cause: Cause | undefined): boolean {
  return cause !== undefined && IN_HELLO.includes(cause);
}

function conclude(
  passed: Extract<Prediction, { outcome: 'works' }>,
  client: RecordedClient,
  mode: Mode,
): ClientPrediction {
  const worked = client.met.filter(({ outcome, clear }) => outcome === 'works' && clear !== true);
  const barriers = worked.map((met) => whyNotTheSame(met, client, mode));
  if (barriers.includes(null)) return { ...passed, beyondHello: 'seen' };
  const stopped = client.met.find(
    ({ outcome, cause }) => outcome !== 'works' && !isInHello(cause) && !isTrouble(cause),
  );
  if (stopped !== undefined) {
    return unknown(
      `The hello passes; in ${stopped.mode} something behind it stopped it: ${stopped.cause ?? 'unknown'}.`,
    );
  }
  const barrier = barriers.find((why) => why !== null);
  if (barrier !== undefined && barrier !== null) return unknown(barrier);
  return { ...passed, beyondHello: 'not-recorded' };
}

/** Why a mail that went through elsewhere does not show that one goes through here; null: it does. */
function whyNotTheSame({ certificate, auth }: MetResult, { host }: RecordedClient, mode: Mode): string | null {
  const shown = 'minted' in mode.certificate ? mode.certificate.minted : 'files';
  if (trustOf(shown) !== trustOf(certificate))
    return `The hello passes; it was never shown a certificate like ${shown}.`;
  if (auth === undefined && !mode.auth.includes('NONE'))
    return 'The hello passes; it does not log in, and the mode asks for it.';
  if (
    auth !== undefined &&
    !mode.auth.some((mechanism) => mechanism === (auth === USER_AND_PASSWORD ? 'PLAIN' : auth))
  ) {
    return `The hello passes; it logs in with ${auth}, which the mode does not list.`;
  }
  const names = [...Object.values(mode.hosts), ...('minted' in mode.certificate ? mode.certificate.names : [])];
  if (host !== undefined && !names.includes(host)) return `The hello passes; it calls ${host}, no host of the mode.`;
  return null;
}

/** POP3's USER and PASS, and IMAP's LOGIN, are no SASL mechanism: servers take them where they take PLAIN. */
const USER_AND_PASSWORD = 'USERPASS';

/** These two differ in their key alone, which the hello answers for. */
function trustOf(profile: string): string {
  return profile === 'ecdsa-p256' ? 'rsa-2048' : profile;
}

function unknown(because: string): ClientPrediction {
  return { outcome: 'cannot-be-predicted', because };
}
