import type { CertificateFacts, ClientHello, ServerEvidence } from '../vocabulary/evidence.ts';
import { suiteByName } from '../vocabulary/iana.ts';
import type { Cause } from '../vocabulary/finding.ts';
import type { Mode, TlsVersion } from '../vocabulary/mode.ts';
import { compareVersions, TLS_VERSIONS } from '../vocabulary/mode.ts';

export interface Mismatch {
  readonly cause: Extract<
    Cause,
    | 'version-too-old'
    | 'no-shared-cipher'
    | 'no-shared-group'
    | 'no-shared-signature'
    | 'certificate-key'
    | 'not-testable'
  >;
  readonly because: string;
}

/** RFC 5246 section 7.4.1.4.1: a TLS 1.2 hello without signature_algorithms means SHA-1 with each kind of key. */
export const IMPLIED_SIGNATURES: readonly string[] = ['rsa_pkcs1_sha1', 'ecdsa_sha1'];

/**
 * What a hello and a mode do not share, in the order in which a server notices; null when they agree. Looks at what
 * is listed, never at how the server refused: Dovecot 2.3 closes without a word, alerts depend on the library.
 */
export function compareNegotiation(
  hello: ClientHello,
  mode: Mode,
  unspoken: ServerEvidence['unspoken'],
  certificate: CertificateFacts | null,
): Mismatch | null {
  const offer = `It offers ${hello.versions.length > 1 ? hello.versions.join(', ') : `at most ${hello.maxVersion}`}`;
  if (compareVersions(hello.maxVersion, mode.tls.min) < 0) {
    return { cause: 'version-too-old', because: `${offer}; the mode asks for ${mode.tls.min} at least.` };
  }
  const versions = sharedVersions(hello, mode);
  const [version] = versions;
  if (version === undefined)
    return { cause: 'version-too-old', because: `${offer}; the mode has ${mode.tls.min} to ${mode.tls.max}.` };
  if (versions.every((v) => unspoken.versions.includes(v))) {
    return { cause: 'not-testable', because: `The mode allows ${version}, this engine cannot speak it.` };
  }
  return compareSuites(hello, mode, unspoken, certificate, version);
}

function compareSuites(
  hello: ClientHello,
  mode: Mode,
  unspoken: ServerEvidence['unspoken'],
  certificate: CertificateFacts | null,
  version: TlsVersion,
): Mismatch | null {
  const shared = mode.suites.filter((s) => hello.suites.includes(s) && fitsVersion(s, version));
  if (shared.length === 0) {
    return {
      cause: 'no-shared-cipher',
      because: `None of its ${hello.suites.length} suites is among the mode's ${mode.suites.length}.`,
    };
  }
  const spoken = shared.filter((s) => !unspoken.suites.includes(s));
  if (spoken.length === 0) {
    return { cause: 'not-testable', because: `They share ${shared.join(', ')}, which this engine cannot speak.` };
  }
  const key = keyOf(mode, certificate);
  const keyed = spoken.filter((s) => key === null || isTls13(s) || authOf(s) === null || authOf(s) === key);
  if (keyed.length === 0)
    return { cause: 'certificate-key', because: `It has no suite for a certificate with an ${key} key.` };

  const signatures = compareSignatures(hello, mode, version);
  if (signatures !== null) return signatures;
  const signing = signingKeyOf(mode, certificate);
  const unsigned = signing === null ? null : compareSigning(hello, mode, version, { key: signing, suites: spoken });
  if (unsigned !== null) return unsigned;
  const sharesGroup = hello.groups?.some((g) => mode.groups.includes(g)) === true;
  if (sharesGroup || keyed.some((s) => !needsGroup(s))) return null;
  // RFC 8422 section 4 would leave the server the choice then, but OpenSSL takes no curve (3.0 and 3.5, measured).
  const offer = hello.groups === null ? 'names no groups at all' : `offers the groups ${hello.groups.join(', ')}`;
  return { cause: 'no-shared-group', because: `It ${offer}; the mode has ${mode.groups.join(', ')}.` };
}

function compareSignatures(hello: ClientHello, mode: Mode, version: TlsVersion): Mismatch | null {
  if (compareVersions(version, '1.2') < 0) return null;
  const offered = hello.signatures ?? IMPLIED_SIGNATURES;
  if (offered.some((s) => mode.signatures.includes(s))) return null;
  // Whatever the key exchange: OpenSSL picks the signature for the certificate before it looks whether the suite needs
  // one (3.0 and 3.5, hand-made hello with TLS_RSA_WITH_AES_128_GCM_SHA256 alone and no list: alert 40, "no suitable
  // signature algorithm"; with SHA-1 alone: "no shared signature algorithms"; both pass at security level 0).
  const how =
    hello.signatures === null
      ? 'It sends no signature_algorithms, which means SHA-1'
      : `It offers ${offered.join(', ')}`;
  return { cause: 'no-shared-signature', because: `${how}; the mode has ${mode.signatures.join(', ')}.` };
}

/** They share signatures, and still none that the certificate's key can make in this version. */
function compareSigning(
  hello: ClientHello,
  mode: Mode,
  version: TlsVersion,
  { key, suites }: { readonly key: SigningKey; readonly suites: readonly string[] },
): Mismatch | null {
  if (compareVersions(version, '1.2') < 0) return null;
  const shared = (hello.signatures ?? IMPLIED_SIGNATURES).filter((s) => mode.signatures.includes(s));
  if (shared.some((s) => canSign(key, s, version))) return null;
  const because = `It takes ${shared.join(', ')}, which an ${key.type} key cannot make in TLS ${version}.`;
  const other = key.type === 'RSA' ? ECDSA_KEY : RSA_KEY;
  const hasSuite = suites.some((s) => isTls13(s) || authOf(s) === other.type);
  const isKey = hasSuite && shared.some((s) => canSign(other, s, version));
  return { cause: isKey ? 'certificate-key' : 'no-shared-signature', because };
}

/** A certificate's key as far as signatures depend on it; `curve` is the IANA name of an EC key's. */
export interface SigningKey {
  readonly type: 'RSA' | 'ECDSA';
  readonly curve: string | null;
}

const RSA_KEY: SigningKey = { type: 'RSA', curve: null };
const ECDSA_KEY: SigningKey = { type: 'ECDSA', curve: 'secp256r1' };

/** RFC 8446 section 4.2.3: TLS 1.3 has no PKCS #1 v1.5 and ties each ECDSA scheme to a curve. */
export function canSign({ type, curve }: SigningKey, signature: string, version: TlsVersion): boolean {
  if (type === 'RSA') {
    return signature.startsWith('rsa_pss_rsae_') || (signature.startsWith('rsa_pkcs1_') && version !== '1.3');
  }
  if (!signature.startsWith('ecdsa_')) return false;
  return version !== '1.3' || (curve !== null && signature.startsWith(`ecdsa_${curve}_`));
}

/** null: not known, or of a kind of which nothing is known. */
function signingKeyOf(mode: Mode, certificate: CertificateFacts | null): SigningKey | null {
  if ('minted' in mode.certificate) return mode.certificate.minted === 'ecdsa-p256' ? ECDSA_KEY : RSA_KEY;
  const [, kind, curve] = /^(RSA|EC) (\w+)$/.exec(certificate?.key ?? '') ?? [];
  if (kind === undefined || curve === undefined) return null;
  return kind === 'RSA' ? RSA_KEY : { type: 'ECDSA', curve: curve === 'prime256v1' ? 'secp256r1' : curve };
}

/** Versions that both have, newest first. A hello without supported_versions tells no minimum (RFC 8446 section 4.2.1). */
function sharedVersions(hello: ClientHello, mode: Mode): readonly TlsVersion[] {
  const offered = (v: TlsVersion) =>
    hello.extensions.includes('supported_versions')
      ? hello.versions.includes(v)
      : compareVersions(v, hello.maxVersion) <= 0;
  const inMode = (v: TlsVersion) => compareVersions(v, mode.tls.min) >= 0 && compareVersions(v, mode.tls.max) <= 0;
  return TLS_VERSIONS.filter((v) => offered(v) && inMode(v)).toReversed();
}

export function fitsVersion(suite: string, version: TlsVersion): boolean {
  const facts = suiteByName(suite);
  if (facts === undefined) return false;
  return version === '1.3' ? facts.tls13 : !facts.tls13 && compareVersions(facts.minVersion, version) <= 0;
}

export function isTls13(suite: string): boolean {
  return suiteByName(suite)?.tls13 === true;
}

/** The kind of key a suite's server must have; null where any will do. */
export function authOf(suite: string): 'RSA' | 'ECDSA' | null {
  const auth = suiteByName(suite)?.auth;
  return auth === 'RSA' || auth === 'ECDSA' ? auth : null;
}

function kxOf(suite: string): string | undefined {
  return suiteByName(suite)?.keyExchange;
}

export function needsGroup(suite: string): boolean {
  return isTls13(suite) || kxOf(suite) === 'ECDHE';
}

function keyOf(mode: Mode, certificate: CertificateFacts | null): 'RSA' | 'ECDSA' | null {
  if ('minted' in mode.certificate) return mode.certificate.minted === 'ecdsa-p256' ? 'ECDSA' : 'RSA';
  if (certificate === null) return null;
  return /rsa/i.test(certificate.key) ? 'RSA' : 'ECDSA';
}
