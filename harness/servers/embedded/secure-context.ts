import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { HarnessFault } from '../../faults.ts';
import type { Pki } from '../../pki/mint.ts';
import type { ServerEvidence } from '../../vocabulary/evidence.ts';
import { groupByName, signatureByName, suiteByName } from '../../vocabulary/iana.ts';
import { compareVersions, type Mode, TLS_VERSIONS, type TlsVersion } from '../../vocabulary/mode.ts';

export interface EmbeddedContext {
  /** For `tls.createServer`; holds the certificate's key. */
  readonly options: SecureContextOptions;
  /** The same, for `new TLSSocket(socket, {isServer: true, secureContext})`. */
  readonly context: SecureContext;
  /**
   * Oldest version whose handshake succeeds. Older than `mode.tls.min` where refusal.version is `421-after-tls`:
   * then the server itself must answer 421 to every version below `mode.tls.min`.
   */
  readonly floor: TlsVersion;
  /** Listed by the mode, not spoken by the OpenSSL inside Node. */
  readonly unspoken: ServerEvidence['unspoken'];
}

/**
 * Renders a mode's policy for the OpenSSL inside Node. Resumption is off: every trial must show a full handshake.
 *
 * @throws HarnessFault `mode-unspeakable` when nothing of a list can be spoken; `certificate-files` when the provider's
 *   own chain and key cannot be used.
 */
export function createEmbeddedContext(mode: Mode, pki: Pki): EmbeddedContext {
  const unspoken = unspokenBy(mode);
  const spoken = spokenVersions(mode, unspoken.versions);
  const first = spoken[0];
  const last = spoken.at(-1);
  if (first === undefined || last === undefined) {
    throw unspeakable(mode, 'tls', `${mode.tls.min} to ${mode.tls.max}`);
  }
  const suites = listed(mode, 'suites', unspoken.suites, (name) => suiteByName(name)?.openssl);
  if (suites.every(isForTls13) ? last !== '1.3' : first === '1.3' && !suites.some(isForTls13)) {
    throw unspeakable(mode, `suites for tls ${mode.tls.min} to ${mode.tls.max}`, mode.suites.join(', '));
  }
  // 1.0 and not older: the oldest that Node speaks.
  const lowered = mode.refusal.version === '421-after-tls' ? '1.0' : first;
  const floor = suites.every(isForTls13) ? '1.3' : lowered;

  const policy = {
    minVersion: NODE_VERSIONS[floor],
    maxVersion: NODE_VERSIONS[last],
    sigalgs: listed(mode, 'signatures', unspoken.signatures, (name) => signatureByName(name)?.openssl).join(':'),
    ecdhCurve: listed(mode, 'groups', unspoken.groups, (name) => groupByName(name)?.openssl).join(':'),
    // Sized by the certificate's key. Without parameters, clients that prefer DHE break (OpenSSL 0.9.x).
    dhparam: 'auto',
    honorCipherOrder: true,
    // SSL_OP_ALL as Postfix and Dovecot set it: without it TLS 1.0 CBC is sent with empty fragments, which some devices
    // cannot read.
    secureOptions: constants.SSL_OP_ALL | constants.SSL_OP_NO_TICKET,
  };
  const certificate = pki.certificate(mode);
  const options = { ...policy, cert: certificate.chainPem, key: certificate.keyPem };
  return { ...atSecurityLevel(mode, options, suites, needsLevelZero(mode, floor)), floor, unspoken };
}

/** Node has no names for SSLv2 and SSLv3 as a minimum, whatever its OpenSSL can. */
const NODE_VERSIONS: Readonly<Partial<Record<TlsVersion, SecureVersion>>> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};

/**
 * Whether the policy holds what OpenSSL 3 forbids at level 1 (SSL_CTX_set_security_level): MD5 and SHA-1 signatures,
 * which every TLS 1.0 and 1.1 handshake has, too, and suites with less than 80 bits.
 */
function needsLevelZero(mode: Mode, floor: TlsVersion): boolean {
  return (
    compareVersions(floor, '1.2') < 0 ||
    mode.signatures.some((name) => /md5|sha1$/.test(name)) ||
    mode.suites.some((name) => /_NULL_|_EXPORT|_DES_|_MD5$|_anon_|_CCM_8/.test(name))
  );
}

/**
 * Level 1, as servers have it, unless the policy itself or the certificate (signed with SHA-1, a short key) cannot be
 * had there. What level 0 opens beyond that is closed by the explicit lists.
 */
function atSecurityLevel(
  mode: Mode,
  options: SecureContextOptions,
  suites: readonly string[],
  levelZero: boolean,
): Pick<EmbeddedContext, 'options' | 'context'> {
  const levels = levelZero ? [0] : [1, 0];
  let cause: unknown;
  for (const level of levels) {
    const complete = withLevel(options, suites, level);
    try {
      return { options: complete, context: createSecureContext(complete) };
    } catch (error) {
      cause = error;
    }
  }
  throw new HarnessFault('certificate-files', `Mode "${mode.id}": OpenSSL refuses its certificate: ${textOf(cause)}`, {
    advice: 'Check that certificate.files.key belongs to the first certificate of certificate.files.chain.',
    stage: 'start',
    cause,
  });
}

/**
 * OpenSSL keeps TLS 1.3 suites apart. Without one, TLS 1.3 itself must be ruled out, or its default suites stay; with
 * nothing else, the level needs another suite to stand behind, which TLS 1.3 as the only version leaves no use for.
 */
function withLevel(options: SecureContextOptions, suites: readonly string[], level: number): SecureContextOptions {
  const end = `@SECLEVEL=${level}`;
  if (suites.every(isForTls13)) {
    return { ...options, ciphers: [...suites, 'AES128-SHA', end].join(':') };
  }
  const onlyOld = options.maxVersion === 'TLSv1.3' && !suites.some(isForTls13);
  return { ...options, ...(onlyOld ? { maxVersion: 'TLSv1.2' } : {}), ciphers: [...suites, end].join(':') };
}

function isForTls13(openssl: string): boolean {
  return openssl.startsWith('TLS_');
}

export function unspokenBy(mode: Mode): ServerEvidence['unspoken'] {
  const cannot = (options: SecureContextOptions | undefined) => options === undefined || !canCreate(options);
  return {
    versions: versionsOf(mode).filter((version) => {
      const name = NODE_VERSIONS[version];
      return cannot(name === undefined ? undefined : { minVersion: name, maxVersion: name });
    }),
    suites: mode.suites.filter((name) => {
      const suite = suiteByName(name)?.openssl;
      const level = suite?.startsWith('TLS_') === true ? '' : ':@SECLEVEL=0';
      return cannot(suite === undefined || suite === null ? undefined : { ciphers: suite + level });
    }),
    groups: mode.groups.filter((name) => {
      const group = groupByName(name)?.openssl;
      return cannot(group === undefined || group === null ? undefined : { ecdhCurve: group });
    }),
    signatures: mode.signatures.filter((name) => {
      const signature = signatureByName(name)?.openssl;
      return cannot(signature === undefined || signature === null ? undefined : { sigalgs: signature });
    }),
  };
}

/** By trying, not by a table: what Node's OpenSSL has depends on how it was built. */
function canCreate(options: SecureContextOptions): boolean {
  const key = JSON.stringify(options);
  const known = tried.get(key);
  if (known !== undefined) return known;
  let can = true;
  try {
    createSecureContext(options);
  } catch {
    can = false;
  }
  tried.set(key, can);
  return can;
}
/** The answers never change while the program runs, and each costs a context (0.1 to 1 ms). */
const tried = new Map<string, boolean>();

function versionsOf(mode: Mode): TlsVersion[] {
  return TLS_VERSIONS.filter((v) => compareVersions(v, mode.tls.min) >= 0 && compareVersions(v, mode.tls.max) <= 0);
}

function spokenVersions(mode: Mode, unspoken: readonly TlsVersion[]): TlsVersion[] {
  return versionsOf(mode).filter((v) => !unspoken.includes(v));
}

function listed(
  mode: Mode,
  key: 'suites' | 'groups' | 'signatures',
  unspoken: readonly string[],
  openssl: (name: string) => string | null | undefined,
): string[] {
  const names = mode[key].filter((name) => !unspoken.includes(name)).flatMap((name) => openssl(name) ?? []);
  if (names.length === 0) throw unspeakable(mode, key, mode[key].join(', '));
  return names;
}

function unspeakable(mode: Mode, key: string, value: string): HarnessFault {
  return new HarnessFault(
    'mode-unspeakable',
    `Mode "${mode.id}": the embedded engine speaks none of ${key}: ${value}.`,
    {
      advice: 'Run this mode on another engine (--engine containers or hosts), or list something newer as well.',
      stage: 'start',
    },
  );
}

function textOf(error: unknown): string {
  if (error instanceof Error && 'reason' in error) return String(error.reason);
  return error instanceof Error ? error.message : String(error);
}
