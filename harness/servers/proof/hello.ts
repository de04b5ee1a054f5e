import {
  type ConnectionOptions,
  createSecureContext,
  getCiphers,
  type SecureContextOptions,
  type SecureVersion,
} from 'node:tls';
import { GROUPS, groupByName, SUITES, type Suite, suiteByName } from '../../vocabulary/iana.ts';
import { compareVersions, type Mode, type TlsVersion } from '../../vocabulary/mode.ts';

/** The versions that a proof's client can speak, oldest first. */
export const PROBED_VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const;
export type ProbedVersion = (typeof PROBED_VERSIONS)[number];

/** A hello for exactly this version that offers every suite the client has, and the mode's groups. */
export function helloOfVersion(mode: Mode, version: ProbedVersion): ConnectionOptions {
  return hello(version, version === '1.3' ? TLS13_SUITES : 'ALL', mode.groups);
}

/** A hello of today: the newest versions in the mode's range, all suites. null: the client speaks none of them. */
export function helloOfGoodClient(mode: Mode): ConnectionOptions | null {
  const versions = versionsIn(mode);
  const [oldest, newest] = [versions[0], versions.at(-1)];
  if (oldest === undefined || newest === undefined) return null;
  const options = hello(newest, `${TLS13_SUITES}:ALL`, mode.groups);
  return { ...options, minVersion: NODE_VERSIONS[oldest] };
}

/** A hello with this one suite, in the newest version of the mode's range that has it; null: there is none. */
export function helloOfSuite(mode: Mode, name: string): ConnectionOptions | null {
  const suite = suiteByName(name);
  const version = versionsIn(mode).findLast((v) => suite !== undefined && carries(v, suite));
  if (suite === undefined || suite.openssl === null || version === undefined) return null;
  return possible(hello(version, suite.openssl, mode.groups));
}

/** A hello with the suites that the mode does not list, in one version; null: the client has no such suites. */
export function helloOfUnlistedSuites(mode: Mode, version: ProbedVersion): ConnectionOptions | null {
  const spoken = new Set(getCiphers());
  const names = SUITES.filter((suite) => !mode.suites.includes(suite.name) && carries(version, suite)).flatMap(
    ({ openssl }) => (openssl !== null && spoken.has(openssl.toLowerCase()) ? [openssl] : []),
  );
  return names.length === 0 ? null : possible(hello(version, names.join(':'), mode.groups));
}

/** A hello with these groups alone and suites that need one; null: no version of the mode has them. */
export function helloOfGroups(mode: Mode, names: readonly string[]): ConnectionOptions | null {
  // TLS 1.2 negotiates the old curves, which TLS 1.3 has dropped; the hybrids and ffdhe are for TLS 1.3.
  const newest = names.some((name) => /MLKEM|ffdhe|tls13/.test(name));
  const version = versionsIn(mode).findLast((v) => (newest ? v === '1.3' : v !== '1.3')) ?? (newest ? null : '1.3');
  if (version === null || !versionsIn(mode).includes(version)) return null;
  return possible(hello(version, version === '1.3' ? TLS13_SUITES : 'ECDHE', names));
}

/** The groups of the client that the mode does not list and TLS 1.2 can negotiate. */
export function unlistedGroups(mode: Mode): string[] {
  return GROUPS.map((group) => group.name).filter(
    (name) => /^(?:secp|brainpool|x25519$|x448$)/.test(name) && !/tls13/.test(name) && canOfferGroup(mode, name),
  );
}

function canOfferGroup(mode: Mode, name: string): boolean {
  return !mode.groups.includes(name) && possible(hello('1.2', 'ECDHE', [name])) !== null;
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
const TLS13_SUITES = SUITES.flatMap((s) =>
  s.tls13 && s.openssl !== null && getCiphers().includes(s.openssl.toLowerCase()) ? [s.openssl] : [],
).join(':');

/** Security level 0: otherwise the client itself would refuse what it is to try (TLS-alert 80 of its own). */
function hello(version: ProbedVersion, suites: string, groups: readonly string[]): ConnectionOptions {
  const offered = groups.flatMap((name) => groupByName(name)?.openssl ?? []).filter(isSpokenGroup);
  return {
    minVersion: NODE_VERSIONS[version],
    maxVersion: NODE_VERSIONS[version],
    ciphers: /(?:^|:)(?!TLS_)/.test(suites) ? `${suites}:@SECLEVEL=0` : suites,
    ...(offered.length > 0 ? { ecdhCurve: offered.join(':') } : {}),
  };
}

/** null when the client's OpenSSL cannot say this hello. */
function possible(options: SecureContextOptions): ConnectionOptions | null {
  try {
    createSecureContext(options);
    return options;
  } catch {
    return null;
  }
}

function isSpokenGroup(openssl: string): boolean {
  const known = groupsTried.get(openssl) ?? possible({ ecdhCurve: openssl }) !== null;
  groupsTried.set(openssl, known);
  return known;
}
const groupsTried = new Map<string, boolean>();
