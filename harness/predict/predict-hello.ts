import { authOf, compareNegotiation, isTls13 } from '../judging/negotiation.ts';
import type { ClientHello } from '../vocabulary/evidence.ts';
import type { Cause } from '../vocabulary/finding.ts';
import { compareVersions, type Mode, type TlsVersion } from '../vocabulary/mode.ts';
import { type Choice, chooseParameters, type Refused } from './choose-parameters.ts';
import { isOutside, type Offer, type ServerRules } from './server-rules.ts';

/** What a handshake agrees on. */
export interface Negotiated {
  readonly version: TlsVersion;
  readonly suite: string;
  /** null: the suite needs none. */
  readonly group: string | null;
  /** Of ServerKeyExchange or CertificateVerify; null up to TLS 1.1, and where nothing is signed. */
  readonly signature: string | null;
  /** null: no finite-field Diffie-Hellman. */
  readonly dhBits: number | null;
  /** The server asks for a second hello first. */
  readonly retried: boolean;
}

/**
 * What a server will do with a hello: basis `predicted`, never `measured`. `works` says that the handshake gets as far
 * as the hello decides; certificate, login and mail come after it.
 */
export type Prediction =
  | { readonly outcome: 'works'; readonly negotiated: Negotiated; readonly because: string }
  | { readonly outcome: 'fails' | 'not-run'; readonly cause: Cause; readonly because: string }
  | { readonly outcome: 'cannot-be-predicted'; readonly because: string };

/** The rules of one server applied to one hello. Pure; prepare them once for many hellos. */
export function preparePrediction(rules: ServerRules): (offer: Offer) => Prediction {
  const unknown = whyUnknown(rules);
  if (unknown !== null) return () => ({ outcome: 'cannot-be-predicted', because: unknown });
  const judged = judgedMode(rules);
  const newest = rules.versions.at(-1);
  return (offer) => {
    const { hello } = offer;
    const mismatch = compareNegotiation(hello, judged, rules.unspoken, rules.certificate);
    if (mismatch?.cause === 'version-too-old') return { outcome: 'fails', ...mismatch };
    const version = rules.versions.findLast((v) => offers(offer, v));
    const broken = version === undefined ? null : whyNoHandshake(hello, version, newest);
    if (broken !== null) return { outcome: 'fails', cause: 'connection-dropped', because: broken };
    if (mismatch !== null) return { outcome: mismatch.cause === 'not-testable' ? 'not-run' : 'fails', ...mismatch };
    if (version === undefined) {
      return { outcome: 'fails', cause: 'version-too-old', because: 'It offers no version that the server has.' };
    }
    return concluded(chooseParameters(offer, version, rules), offer, rules);
  };
}

/** The server takes only what it has, so comparing must start from that: its signatures, its newest version. */
function judgedMode({ mode, signatures, versions }: ServerRules): Mode {
  return { ...mode, signatures: [...signatures], tls: { ...mode.tls, max: versions.at(-1) ?? mode.tls.max } };
}

function whyUnknown({ mode, key, versions, suites }: ServerRules): string | null {
  if (mode.refusal.until !== undefined) return `The mode changes to ${mode.refusal.until.mode} while a device tries.`;
  if (mode.configuration !== undefined) return "The servers' own configuration may decide otherwise than the mode.";
  if (key.type === 'other') return 'No rule is known for a certificate with this kind of key.';
  if (versions.length === 0 || suites.length === 0) return 'This engine can speak nothing of what the mode lists.';
  return null;
}

/** Extensions that a choice depends on. OpenSSL refuses all that it knows when they come twice, and no others. */
const READ_ONCE = ['server_name', 'supported_groups', 'signature_algorithms', 'supported_versions', 'key_share'];

/** What a server refuses before it looks at suites, whatever the lists say. */
function whyNoHandshake(hello: ClientHello, version: TlsVersion, newest: TlsVersion | undefined): string | null {
  if (listsVersions(hello) && compareVersions(hello.helloVersion, '1.0') < 0) {
    return `It lists versions and calls itself ${hello.helloVersion}: alert 40 (RFC 8446 section 4.2.1).`;
  }
  const twice = READ_ONCE.find((name) => hello.extensions.indexOf(name) !== hello.extensions.lastIndexOf(name));
  if (twice !== undefined) return `It has ${twice} twice (RFC 8446 section 4.2).`;
  if (hello.fallbackScsv && newest !== undefined && compareVersions(version, newest) < 0) {
    return `It says that ${version} is a fallback, and the server has ${newest}: alert 86 (RFC 7507).`;
  }
  return null;
}

/** supported_versions decides where it is there (RFC 8446 section 4.2.1), also without TLS 1.3 in it. */
function offers({ hello }: Offer, version: TlsVersion): boolean {
  return listsVersions(hello) ? hello.versions.includes(version) : compareVersions(version, hello.maxVersion) <= 0;
}

function listsVersions({ extensions }: ClientHello): boolean {
  return extensions.includes('supported_versions');
}

function concluded(choice: Choice | Refused, offer: Offer, rules: ServerRules): Prediction {
  if ('cause' in choice) {
    const lost = unspokenIn(choice.cause, offer, rules);
    if (lost === undefined) return { outcome: 'fails', ...choice };
    const because = `The mode has ${lost}, which this engine cannot speak.`;
    return { outcome: 'not-run', cause: 'not-testable', because };
  }
  const refusal = overLimit(choice, offer, rules);
  if (refusal !== null) return { outcome: 'fails', ...refusal };
  const { version, suite } = choice;
  return { outcome: 'works', negotiated: choice, because: `Both have TLS ${version} with ${suite}.` };
}

/** What the hello offers, the mode allows, and the engine has lost. */
function unspokenIn(cause: Cause, { hello }: Offer, { unspoken }: ServerRules): string | undefined {
  if (cause === 'no-shared-cipher') return unspoken.suites.find((name) => hello.suites.includes(name));
  if (cause === 'no-shared-group') return unspoken.groups.find((name) => hello.groups?.includes(name) === true);
  if (cause !== 'no-shared-signature') return undefined;
  return unspoken.signatures.find((name) => hello.signatures?.includes(name) === true);
}

/** What the client refuses although the server agrees. */
function overLimit({ suite, dhBits }: Choice, { limits }: Offer, { key }: ServerRules): Refused | null {
  const auth = isTls13(suite) ? key.type : authOf(suite);
  const bounds = auth === 'RSA' ? limits?.rsaBits : auth === 'ECDSA' ? limits?.ecdsaBits : undefined;
  if (isOutside(key.bits, bounds)) {
    return { cause: 'certificate-key', because: `It does not take a certificate with ${key.bits} bits.` };
  }
  if (dhBits !== null && isOutside(dhBits, limits?.dhBits)) {
    return { cause: 'no-shared-group', because: `It does not take Diffie-Hellman with ${dhBits} bits.` };
  }
  return null;
}
