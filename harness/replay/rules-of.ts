import { X509Certificate } from 'node:crypto';
import { readProviderCertificate } from '../pki/provider-certificate.ts';
import type { ServerKey, ServerRules } from '../predict/server-rules.ts';
import { levelFor } from '../servers/containers/certificate-level.ts';
import { planOpenssl } from '../servers/containers/openssl-policy.ts';
import { unspokenBy } from '../servers/embedded/secure-context.ts';
import type { CertificateFacts } from '../vocabulary/evidence.ts';
import { suiteByName } from '../vocabulary/iana.ts';
import { compareVersions, type Mode, TLS_VERSIONS, type TlsVersion } from '../vocabulary/mode.ts';
import type { Protocol } from '../vocabulary/trial.ts';
import { parseCertificates } from '../wire/certificate.ts';
import { vector } from '../wire/hand-built.ts';

/** Engines whose rules are known. Of servers that exist nobody knows more than their mode and their answers. */
export type KnownEngine = 'embedded' | 'containers';

/** How an engine's server for a protocol carries out a mode. @throws HarnessFault `certificate-files`. */
export function rulesOf(engine: KnownEngine, protocol: Protocol, mode: Mode): ServerRules {
  return engine === 'embedded' ? embeddedRules(mode) : containerRules(protocol, mode);
}

function embeddedRules(mode: Mode): ServerRules {
  const unspoken = unspokenBy(mode);
  const spoken = spokenOf(mode, unspoken);
  // Refused in words only after TLS, so every version that Node speaks must come that far.
  const min = mode.refusal.version === '421-after-tls' ? '1.0' : mode.tls.min;
  const versions = versionsFrom(min, mode).filter((v) => !unspoken.versions.includes(v));
  return {
    ...certified(mode),
    ...spoken,
    mode,
    software: `Cutover's own servers with OpenSSL ${process.versions.openssl}`,
    versions: withSuites(versions, spoken.suites),
    unspoken,
    dhBits: 2048,
    shareOrder: 'server',
  };
}

function containerRules(protocol: Protocol, mode: Mode): ServerRules {
  const policy = planOpenssl(mode);
  const spoken = spokenOf(mode, policy.unspoken);
  const certificate = certified(mode);
  const isPostfix = protocol === 'smtp';
  const level = isPostfix ? 0 : dovecotLevel(mode, certificate.chainPem, policy.securityLevel);
  return {
    ...certificate,
    ...spoken,
    signatures: policy.usualSignatures ? defaultSignatures(level) : spoken.signatures,
    mode,
    software: `${isPostfix ? 'Postfix 3.7' : 'Dovecot 2.3'} with OpenSSL 3.0`,
    versions: withSuites(
      versionsFrom(mode.tls.min, mode).filter((v) => !policy.unspoken.versions.includes(v)),
      spoken.suites,
    ),
    unspoken: policy.unspoken,
    dhBits: 2048,
    shareOrder: 'client',
  };
}

/** Servers that exist, as their mode says they are: what they prefer, and their own ways, nobody has told. */
export function rulesOfHost(mode: Mode, key: ServerKey): ServerRules {
  return {
    // Its certificate is the servers' own, of whatever kind the mode would mint.
    mode: { ...mode, certificate: { minted: key.type === 'ECDSA' ? 'ecdsa-p256' : 'rsa-2048', names: [] } },
    software: 'a server that exists, as its mode says',
    versions: withSuites(versionsFrom(mode.tls.min, mode), mode.suites),
    suites: mode.suites,
    groups: mode.groups,
    signatures: mode.signatures,
    unspoken: { versions: [], suites: [], groups: [], signatures: [] },
    key,
    certificate: null,
    dhBits: 2048,
    shareOrder: 'client',
  };
}

/** A chain that is signed with SHA-1 is not to be had above level 0. */
function dovecotLevel({ certificate }: Mode, chainPem: string | null, level: 0 | 1): 0 | 1 {
  if (chainPem !== null) return levelFor({ chainPem }, level);
  return 'minted' in certificate && certificate.minted === 'sha1-signed' ? 0 : level;
}

/** OpenSSL 3.0's own list, in its order (`tls12_sigalgs`); security level 1 takes SHA-1 out. */
function defaultSignatures(level: 0 | 1): readonly string[] {
  const weak = ['ecdsa_sha1', 'rsa_pkcs1_sha1'];
  return DEFAULT_SIGNATURES.filter((name) => level === 0 || !weak.includes(name));
}
const DEFAULT_SIGNATURES: readonly string[] = [
  ...'ecdsa_secp256r1_sha256 ecdsa_secp384r1_sha384 ecdsa_secp521r1_sha512 ed25519 ed448'.split(' '),
  ...'rsa_pss_pss_sha256 rsa_pss_pss_sha384 rsa_pss_pss_sha512'.split(' '),
  ...'rsa_pss_rsae_sha256 rsa_pss_rsae_sha384 rsa_pss_rsae_sha512'.split(' '),
  ...'rsa_pkcs1_sha256 rsa_pkcs1_sha384 rsa_pkcs1_sha512'.split(' '),
  ...'ecdsa_sha224 ecdsa_sha1 rsa_pkcs1_sha224 rsa_pkcs1_sha1'.split(' '),
];

function spokenOf(mode: Mode, unspoken: ServerRules['unspoken']) {
  const spoken = (key: 'suites' | 'groups' | 'signatures') => mode[key].filter((name) => !unspoken[key].includes(name));
  return { suites: spoken('suites'), groups: spoken('groups'), signatures: spoken('signatures') };
}

function versionsFrom(min: TlsVersion, { tls }: Mode): TlsVersion[] {
  return TLS_VERSIONS.filter((v) => compareVersions(v, min) >= 0 && compareVersions(v, tls.max) <= 0);
}

/** A version without a suite is none: both engines switch TLS 1.3, or all before it, off. */
function withSuites(versions: readonly TlsVersion[], suites: readonly string[]): readonly TlsVersion[] {
  const has = (tls13: boolean) => suites.some((name) => suiteByName(name)?.tls13 === tls13);
  return versions.filter((v) => has(v === '1.3'));
}

/** Key and, of a chain that was not minted, the facts. Minted keys: harness/pki/mint.ts. */
function certified(mode: Mode): Pick<ServerRules, 'key' | 'certificate'> & { readonly chainPem: string | null } {
  if ('minted' in mode.certificate) {
    const isEcdsa = mode.certificate.minted === 'ecdsa-p256';
    const key: ServerKey = isEcdsa
      ? { type: 'ECDSA', bits: 256, curve: 'secp256r1' }
      : { type: 'RSA', bits: 2048, curve: null };
    return { key, certificate: null, chainPem: null };
  }
  const { chainPem } = readProviderCertificate(mode.certificate.files);
  const leaf = new X509Certificate(chainPem);
  return { key: keyOf(leaf), certificate: factsOf(leaf), chainPem };
}

function keyOf({ publicKey }: X509Certificate): ServerKey {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === 'rsa') return { type: 'RSA', bits: details?.modulusLength ?? 0, curve: null };
  const curve = CURVES[details?.namedCurve ?? ''];
  return type === 'ec' && curve !== undefined
    ? { type: 'ECDSA', bits: Number(/\d+/.exec(curve)?.[0]), curve }
    : { type: 'other', bits: 0, curve: null };
}

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'secp256r1',
  secp384r1: 'secp384r1',
  secp521r1: 'secp521r1',
};

function factsOf(leaf: X509Certificate): CertificateFacts | null {
  const facts = parseCertificates(vector(3, vector(3, leaf.raw)));
  return facts === 'unreadable' ? null : facts;
}
