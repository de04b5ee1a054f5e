import { type ConnectionOptions, createSecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { GROUPS, groupByName, SUITES, type Suite } from '../../vocabulary/iana.ts';
import { compareVersions, type Mode, type TlsVersion } from '../../vocabulary/mode.ts';

/** The versions that a proof's client can speak, oldest first. */
export const PROBED_VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const;
export type ProbedVersion = (typeof PROBED_VERSIONS)[number];

/** A hello for exactly this version that offers every suite the client has. */
export function helloOfVersion(mode: Mode, version: ProbedVersion): ConnectionOptions {
  return hello(version, version === '1.3' ? TLS13_SUITES : 'ALL', [...mode.groups, ...USUAL_GROUPS]);
}

/** A hello of today with everything that the client can, up to this version. */
export function helloOfGoodClient(mode: Mode, newest: ProbedVersion): ConnectionOptions {
  return { ...hello(newest, `${TLS13_SUITES}:ALL`, [...mode.groups, ...USUAL_GROUPS]), minVersion: 'TLSv1' };
}

/** A hello for exactly this version with this one suite; null: the client does not know the suite. */
export function helloOfSuite(mode: Mode, version: ProbedVersion, suite: Suite): ConnectionOptions | null {
  return suite.openssl === null ? null : possible(hello(version, suite.openssl, mode.groups));
}

/** A hello with the suites that the mode does not list, in one version; null: the client has no such suites. */
export function helloOfUnlistedSuites(mode: Mode, version: ProbedVersion): ConnectionOptions | null {
  const names = SUITES.filter((suite) => !mode.suites.includes(suite.name) && carries(version, suite))
    .filter(({ auth }) => ['RSA', 'ECDSA', 'anon', 'any'].includes(auth))
    .flatMap(({ openssl }) => (openssl !== null && isSpokenSuite(openssl) ? [openssl] : []));
  return names.length === 0 ? null : possible(hello(version, names.join(':'), mode.groups));
}

/** A hello for exactly this version with these groups alone and suites that need one; null: not with this client. */
export function helloOfGroups(version: ProbedVersion, names: readonly string[]): ConnectionOptions | null {
  return possible(hello(version, version === '1.3' ? TLS13_SUITES : 'ECDHE', names));
}

/** The curves of TLS 1.2 that the client has and the mode does not list. */
export function unlistedCurves(mode: Mode): string[] {
  return GROUPS.map(({ name }) => name).filter(
    (name) => !mode.groups.includes(name) && groupFits('1.2', name) && helloOfGroups('1.2', [name]) !== null,
  );
}

/** Whether this version can negotiate this group (RFC 8446 section 4.2.7 drops many curves; hybrids came after it). */
export function groupFits(version: ProbedVersion, name: string): boolean {
  if (version === '1.3') return /^(?:x25519|x448|secp256r1|secp384r1|secp521r1|ffdhe|.*MLKEM|.*tls13)/.test(name);
  return /^(?:x25519|x448|secp|sect|brainpool)/.test(name) && !name.endsWith('tls13');
}

/** A TLS 1.2 hello of a client that knows SHA-1 signatures alone. */
export function helloOfSha1Signatures(mode: Mode): ConnectionOptions {
  return { ...hello('1.2', 'ECDHE:DHE', mode.groups), sigalgs: 'RSA+SHA1:ECDSA+SHA1' };
}

/** Whether this version of TLS can negotiate this suite. */
export function carries(version: TlsVersion, suite: Suite): boolean {
  return suite.tls13 ? version === '1.3' : version !== '1.3' && compareVersions(suite.minVersion, version) <= 0;
}

export function versionsIn({ tls }: Mode): ProbedVersion[] {
  return PROBED_VERSIONS.filter((v) => compareVersions(v, tls.min) >= 0 && compareVersions(v, tls.max) <= 0);
}

const NODE_VERSIONS: Readonly<Record<ProbedVersion, SecureVersion>> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};
const TLS13_SUITES = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
].join(':');
/** With these a hello can be said in every version, and a certificate on P-256 be used. */
const USUAL_GROUPS = ['x25519', 'secp256r1'];

/** Security level 0: otherwise the client itself would refuse what it is to try (alert 80 of its own). */
function hello(version: ProbedVersion, suites: string, groups: readonly string[]): ConnectionOptions {
  const offered = [...new Set(groups)]
    .filter((name) => groupFits(version, name) || (version === '1.3' && groupFits('1.2', name)))
    .flatMap((name) => groupByName(name)?.openssl ?? [])
    .filter((openssl) => canSay({ ecdhCurve: openssl }));
  return {
    minVersion: NODE_VERSIONS[version],
    maxVersion: NODE_VERSIONS[version],
    // A list of TLS 1.3 suites alone takes no level; the suite added for it is out of the version's reach.
    ciphers: `${suites}${/(?:^|:)(?!TLS_)/.test(suites) ? '' : ':AES128-SHA'}:@SECLEVEL=0`,
    ...(offered.length > 0 ? { ecdhCurve: offered.join(':') } : {}),
  };
}

/** null when the client's OpenSSL cannot say this hello. */
function possible(options: ConnectionOptions): ConnectionOptions | null {
  return canSay(options) ? options : null;
}

function isSpokenSuite(openssl: string): boolean {
  return canSay({ ciphers: openssl.startsWith('TLS_') ? openssl : `${openssl}:@SECLEVEL=0` });
}

function canSay(options: SecureContextOptions): boolean {
  const key = JSON.stringify(options);
  let can = tried.get(key);
  if (can !== undefined) return can;
  try {
    createSecureContext(options);
    can = true;
  } catch {
    can = false;
  }
  tried.set(key, can);
  return can;
}
/** What this program's OpenSSL can never changes while it runs. */
const tried = new Map<string, boolean>();
