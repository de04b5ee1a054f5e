import type { Cause } from '../vocabulary/finding.ts';
import { compareVersions, TLS_VERSIONS, type TlsVersion } from '../vocabulary/mode.ts';
import type { ClientHello, Connection } from '../vocabulary/evidence.ts';
import type { Endpoint } from '../vocabulary/trial.ts';
import { ENDPOINTS } from '../vocabulary/trial.ts';
import type { DifferingPath } from './differing-paths.ts';
import { settingOf } from './facts-of-device.ts';
import type { Answer } from './state.ts';

/**
 * What a change has to do with a difference. `decides`: it is what a cause of either side is about, and this device
 * meets it; `may`: it meets it, or that is not known; `cannot`: it never comes to it.
 */
export type Weight = 'decides' | 'may' | 'cannot';

/**
 * Weighs one changed key of a mode by what the wire showed of the device: a suite that it never offers cannot have made
 * a difference to it, nor a certificate that it never got to see.
 */
export function weighModeChange(change: DifferingPath, before: Answer, after: Answer): Weight {
  const [key = ''] = change.path.split('.');
  if (!mayMeet(change, before, after) || comesTooLate(key, before, after) || isPast(key, before, after))
    return 'cannot';
  const causes = CAUSES_OF[key] ?? [];
  return [before, after].some(({ found }) => found.cause !== undefined && causes.includes(found.cause))
    ? 'decides'
    : 'may';
}

/** The order in which a server and a device come to what a mode says, and what is wrong at each step. */
const STEPS: readonly { readonly keys: readonly string[]; readonly causes: readonly Cause[] }[] = [
  { keys: ['tls'], causes: ['version-too-old'] },
  { keys: ['suites'], causes: ['no-shared-cipher'] },
  { keys: ['certificate'], causes: ['certificate-key'] },
  { keys: ['signatures'], causes: ['no-shared-signature'] },
  { keys: ['groups'], causes: ['no-shared-group'] },
  { keys: ['hosts', 'aliases'], causes: ['certificate-untrusted', 'certificate-dates', 'certificate-name'] },
  { keys: ['auth'], causes: ['auth-missing', 'auth-mechanism', 'auth-rejected'] },
];

/**
 * Who is stopped at a step, today or before, got no further: what the mode says of later steps made no difference. Of
 * earlier ones it can: without the suites of RSA key exchange a group is needed.
 */
function comesTooLate(key: string, before: Answer, after: Answer): boolean {
  const step = STEPS.findIndex(({ keys }) => keys.includes(key));
  const stops = [before, after].flatMap(({ found }) => {
    const at = STEPS.findIndex(({ causes }) => found.cause !== undefined && causes.includes(found.cause));
    return at < 0 ? [] : [at];
  });
  return step > Math.min(...stops, STEPS.length);
}

const OF_THE_HANDSHAKE: ReadonlySet<string> = new Set(['tls', 'suites', 'groups', 'signatures', 'certificate']);
const OF_PASSWORDS: ReadonlySet<Cause | undefined> = new Set<Cause>(['auth-mechanism', 'auth-rejected']);

/**
 * Between a password that is refused after a whole handshake and mail that arrives after one, how it was made is not
 * what differs. An opportunistic device may have sent in the clear before.
 */
function isPast(key: string, before: Answer, after: Answer): boolean {
  const found = [before.found, after.found];
  const isOfPassword = found.some(({ cause }) => OF_PASSWORDS.has(cause));
  const arePast = found.every(({ outcome, cause }) => outcome === 'works' || OF_PASSWORDS.has(cause));
  if (!OF_THE_HANDSHAKE.has(key) || !isOfPassword || !arePast) return false;
  const security = settingOf(after)?.['security'];
  return (security === 'starttls' || security === 'implicit') && seenOf(after)?.finished === true;
}

/** By top key of a mode: the causes that speak of it. */
const CAUSES_OF: Readonly<Record<string, readonly Cause[]>> = {
  hosts: ['certificate-name'],
  aliases: ['certificate-name'],
  tls: ['version-too-old'],
  suites: ['no-shared-cipher'],
  groups: ['no-shared-group'],
  signatures: ['no-shared-signature'],
  plaintext: ['plaintext-only', 'plaintext-fallback', 'auth-missing'],
  starttls: ['plaintext-only', 'plaintext-fallback', 'wrong-tls-mode', 'intercepted'],
  auth: ['auth-missing', 'auth-mechanism', 'auth-rejected'],
  certificate: [
    'certificate-untrusted',
    'certificate-dates',
    'certificate-name',
    'certificate-key',
    'connection-dropped',
  ],
  refusal: [],
  ports: ['wrong-tls-mode', 'never-connected'],
};

function mayMeet({ path, from, to }: DifferingPath, before: Answer, after: Answer): boolean {
  const [key = '', inner] = path.split('.');
  const seen = seenOf(after) ?? seenOf(before);
  // Nothing was seen of it (never connected, or only a baseline is left): nothing can be ruled out.
  if (seen === null) return true;
  const endpoint = endpointOf(after);
  switch (key) {
    case 'tls':
      return seen.hellos.some((hello) => meetsBound(hello, inner === 'min' ? 'min' : 'max', from, to));
    case 'suites':
      return seen.hellos.some((hello) => offersOtherwise(hello.suites, from, to));
    case 'groups':
      return seen.hellos.some((hello) => hello.groups === null || offersOtherwise(hello.groups, from, to));
    case 'signatures':
      return seen.hellos.some((hello) => hello.signatures === null || offersOtherwise(hello.signatures, from, to));
    case 'plaintext':
      return seen.inTheClear;
    case 'starttls':
      return endpoint?.tls === 'starttls';
    case 'certificate':
      // A key of another kind stops some devices before the server says anything.
      return seen.hellos.length > 0 && (seen.answered || hasCause(before, after, 'certificate-key'));
    case 'auth':
      return seen.finished || seen.inTheClear;
    case 'refusal':
      return inner === 'plaintext' ? seen.inTheClear : seen.hellos.some(() => !seen.finished);
    case 'ports':
      return endpoint === undefined || !isSameMember(endpoint.port, from, to);
    default:
      return true;
  }
}

interface Seen {
  readonly hellos: readonly ClientHello[];
  /** A server hello came back. */
  readonly answered: boolean;
  /** A handshake ended well. */
  readonly finished: boolean;
  /** A connection went on without TLS. */
  readonly inTheClear: boolean;
}

function seenOf({ evidence }: Answer): Seen | null {
  const connections: readonly Connection[] = evidence?.().wire.connections ?? [];
  if (connections.length === 0) return null;
  return {
    hellos: connections.flatMap((c) => c.hello ?? []),
    answered: connections.some((c) => c.serverHello !== null),
    finished: connections.some((c) => c.handshake === 'finished'),
    inTheClear: connections.some((c) => c.hello === null && c.dialogue.length > 0),
  };
}

/** The version that would be agreed on is another one, with the bound moved. */
function meetsBound(hello: ClientHello, bound: 'min' | 'max', from: unknown, to: unknown): boolean {
  const [a, b] = [from, to].map((v) => TLS_VERSIONS.find((known) => known === v));
  if (a === undefined || b === undefined) return true;
  const between = (v: TlsVersion) =>
    bound === 'min' ? isWithin(v, a, b) && v !== newer(a, b) : isWithin(v, a, b) && v !== older(a, b);
  const offered = hello.extensions.includes('supported_versions')
    ? hello.versions
    : TLS_VERSIONS.filter((v) => compareVersions(v, hello.maxVersion) <= 0);
  // A lower bound matters only to what a device offers at best: a server takes the newest that both have.
  return bound === 'min' ? between(hello.maxVersion) : offered.some(between);
}

function isWithin(v: TlsVersion, a: TlsVersion, b: TlsVersion): boolean {
  return compareVersions(v, older(a, b)) >= 0 && compareVersions(v, newer(a, b)) <= 0;
}

function older(a: TlsVersion, b: TlsVersion): TlsVersion {
  return compareVersions(a, b) <= 0 ? a : b;
}

function newer(a: TlsVersion, b: TlsVersion): TlsVersion {
  return compareVersions(a, b) <= 0 ? b : a;
}

/** Of what the device offers the two lists hold another part, or the same in another order. */
function offersOtherwise(offered: readonly string[], from: unknown, to: unknown): boolean {
  const shared = (list: unknown) => (Array.isArray(list) ? list.filter((name) => offered.includes(String(name))) : []);
  return shared(from).join() !== shared(to).join();
}

function endpointOf(answer: Answer): Endpoint | undefined {
  const port = settingOf(answer)?.['port'];
  return ENDPOINTS.find((e) => e.port === port);
}

function isSameMember(port: number, from: unknown, to: unknown): boolean {
  // A mode without `ports` offers all of them.
  const has = (list: unknown) => !Array.isArray(list) || list.includes(port);
  return has(from) === has(to);
}

function hasCause(before: Answer, after: Answer, cause: Cause): boolean {
  return before.found.cause === cause || after.found.cause === cause;
}
