import type { ServerEvidence } from '../../vocabulary/evidence.ts';
import { groupByName, signatureByName, suiteByName } from '../../vocabulary/iana.ts';
import { compareVersions, type Mode, TLS_VERSIONS, type TlsVersion } from '../../vocabulary/mode.ts';
import { IN_IMAGE } from './openssl-in-image.ts';

/** A mode's TLS policy in the names of OpenSSL, without what OpenSSL in the images cannot speak. */
export interface OpensslPolicy {
  /** Oldest and newest version that has a suite; null when nothing is left. */
  readonly range: { readonly min: ImageVersion; readonly max: ImageVersion } | null;
  /** Up to TLS 1.2, in the mode's order. */
  readonly suites: readonly string[];
  readonly suites13: readonly string[];
  readonly groups: readonly string[];
  readonly signatures: readonly string[];
  /** The mode's signatures are those that OpenSSL 3 has at security level 1 and more, so nobody needs to set them. */
  readonly usualSignatures: boolean;
  /** 0 where the mode lists what OpenSSL 3 forbids at level 1 (SSL_CTX_set_security_level), else 1. */
  readonly securityLevel: 0 | 1;
  readonly unspoken: ServerEvidence['unspoken'];
}

type ImageVersion = (typeof IN_IMAGE.versions)[number];

/** Pure. An empty list means that nothing the mode lists can be spoken: see `refusalsOf`. */
export function planOpenssl(mode: Mode): OpensslPolicy {
  const unspoken = unspokenInImage(mode);
  const spoken = (key: 'suites' | 'groups' | 'signatures', openssl: (name: string) => string | null | undefined) =>
    mode[key].filter((name) => !unspoken[key].includes(name)).flatMap((name) => openssl(name) ?? []);

  const all = spoken('suites', (name) => suiteByName(name)?.openssl);
  const suites13 = all.filter(isForTls13);
  const suites = all.filter((name) => !isForTls13(name));
  // A version without a suite is none: OpenSSL would fill up TLS 1.3 with its defaults.
  const versions = versionsOf(mode).filter(
    (v): v is ImageVersion => isInImage(v) && (v === '1.3' ? suites13 : suites).length > 0,
  );
  const [min, max] = [versions[0], versions.at(-1)];
  return {
    range: min === undefined || max === undefined ? null : { min, max },
    suites,
    suites13,
    groups: spoken('groups', (name) => groupByName(name)?.openssl),
    signatures: spoken('signatures', (name) => signatureByName(name)?.openssl),
    usualSignatures: sameMembers(mode.signatures, USUAL_SIGNATURES),
    securityLevel: needsLevelZero(mode, min) ? 0 : 1,
    unspoken,
  };
}

/** What the mode lists and OpenSSL in the images cannot speak. */
function unspokenInImage(mode: Mode): ServerEvidence['unspoken'] {
  return {
    versions: versionsOf(mode).filter((version) => !isInImage(version)),
    suites: mode.suites.filter((name) => !IN_IMAGE.suites.has(name)),
    groups: mode.groups.filter((name) => !IN_IMAGE.groups.has(name)),
    signatures: mode.signatures.filter((name) => !IN_IMAGE.signatures.has(name)),
  };
}

/** An `openssl.cnf` for what neither server has a setting of its own: each line applies to every context. */
export function renderOpensslConf(commands: Readonly<Record<string, string>>): string {
  const lines = Object.entries(commands).map(([name, value]) => `${name} = ${value}`);
  return [
    'openssl_conf = cutover',
    '[cutover]',
    'ssl_conf = ssl',
    '[ssl]',
    'system_default = policy',
    '[policy]',
    ...lines,
    '',
  ].join('\n');
}

/** The list of OpenSSL 3.0 at security level 1: SHA-256 and better. */
const USUAL_SIGNATURES: readonly string[] = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
  'ed25519',
  'ed448',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pss_pss_sha256',
  'rsa_pss_pss_sha384',
  'rsa_pss_pss_sha512',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
];

/** As the embedded engine has it: every handshake of TLS 1.0 and 1.1 is signed with MD5 and SHA-1. */
function needsLevelZero(mode: Mode, floor: TlsVersion | undefined): boolean {
  return (
    (floor !== undefined && compareVersions(floor, '1.2') < 0) ||
    mode.signatures.some((name) => /md5|sha1$/.test(name)) ||
    mode.suites.some((name) => /_NULL_|_EXPORT|_DES_|_MD5$|_anon_|_CCM_8/.test(name))
  );
}

function versionsOf(mode: Mode): TlsVersion[] {
  return TLS_VERSIONS.filter((v) => compareVersions(v, mode.tls.min) >= 0 && compareVersions(v, mode.tls.max) <= 0);
}

function isInImage(version: TlsVersion): version is ImageVersion {
  return IN_IMAGE.versions.some((known) => known === version);
}

function isForTls13(openssl: string): boolean {
  return openssl.startsWith('TLS_');
}

function sameMembers(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}
