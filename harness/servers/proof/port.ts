import type { ConnectionOptions } from 'node:tls';
import type { Mode } from '../../vocabulary/mode.ts';
import type { PortProof } from '../../vocabulary/run.ts';
import type { Endpoint } from '../../vocabulary/trial.ts';
import { type Suite, suiteByName } from '../../vocabulary/iana.ts';
import type { MailServer, Peculiarity } from '../contract.ts';
import { type Attempt, openEncrypted, type Target, type TlsFacts } from './client.ts';
import { carries, groupFits, type ProbedVersion, versionsIn } from './hello.ts';

/** One port while it is proved: what is asked of it, and what was found so far. */
export interface PortUnderProof {
  readonly mode: Mode;
  readonly unspoken: MailServer['unspoken'];
  readonly endpoint: Endpoint;
  readonly target: Target;
  readonly proof: PortProof;
  readonly contradictions: Contradiction[];
  /** What the server is known to do its own way here, and which of it was seen. */
  readonly peculiarities: readonly Peculiarity[];
  readonly shown: Set<Peculiarity>;
  /** A good client got no answer at all: the others need not wait for one. */
  hung: boolean;
  /** Of the certificate that a good client saw. */
  keyType: string;
}

/** What the YAML says, what the server did, what to do. */
interface Contradiction {
  readonly says: string;
  readonly did: string;
  readonly advice: string;
}

export function openPort(server: MailServer, endpoint: Endpoint, idleMs: number): PortUnderProof {
  const { mode, unspoken } = server;
  const { protocol, port } = endpoint;
  return {
    mode,
    unspoken,
    endpoint,
    target: { endpoint, ...server.address(port), serverName: mode.hosts[protocol], idleMs },
    proof: { port, accepted: [], refused: [], suites: [], plaintext: 'refused', delivers: false },
    contradictions: [],
    peculiarities: (server.peculiarities ?? []).filter(({ ports }) => ports.includes(port)),
    shown: new Set(),
    hung: false,
    keyType: 'minted' in mode.certificate && mode.certificate.minted === 'ecdsa-p256' ? 'ec' : 'rsa',
  };
}

/** One sentence for each contradiction, however many ports show it. */
export function renderContradictions(ports: readonly PortUnderProof[]): string[] {
  const sentences = new Map<string, number[]>();
  for (const { mode, endpoint, contradictions } of ports) {
    for (const { says, did, advice } of contradictions) {
      const sentence = `mode "${mode.id}" says ${says}, but ${did}. ${advice}`;
      sentences.set(sentence, [...(sentences.get(sentence) ?? []), endpoint.port]);
    }
  }
  return [...sentences].map(([text, on]) => `Port${on.length > 1 ? 's' : ''} ${on.join(', ')}: ${text}`);
}

/** Notes that a known trait of the server was seen; `false`: it is not known to have it. */
export function showsPeculiarity(port: PortUnderProof, id: string): boolean {
  const found = port.peculiarities.find((peculiarity) => peculiarity.id === id);
  if (found !== undefined) port.shown.add(found);
  return found !== undefined;
}

/** One sentence for each trait that was seen, with the ports that showed it. */
export function renderPeculiarities(ports: readonly PortUnderProof[]): string[] {
  const seen = new Map<Peculiarity, number[]>();
  for (const { endpoint, shown } of ports) {
    for (const peculiarity of shown) seen.set(peculiarity, [...(seen.get(peculiarity) ?? []), endpoint.port]);
  }
  return [...seen].map(([{ text }, on]) => `Port${on.length > 1 ? 's' : ''} ${on.join(', ')}: ${text}`);
}

/** Whether TLS can be had on this port at all. */
export function encrypts({ endpoint, mode }: PortUnderProof): boolean {
  return endpoint.tls === 'implicit' || mode.starttls === 'offered';
}

/** The mode's versions that both the server's engine and the proof's client speak, oldest first. */
export function provableVersions({ mode, unspoken }: PortUnderProof): ProbedVersion[] {
  return versionsIn(mode).filter((version) => !unspoken.versions.includes(version));
}

/** The mode's suites that the engine speaks, in its order. */
function spokenSuites({ mode, unspoken }: PortUnderProof): Suite[] {
  return mode.suites.filter((name) => !unspoken.suites.includes(name)).flatMap((name) => suiteByName(name) ?? []);
}

/**
 * The suites that can be had in a version: the certificate's key, a group and a signature of the mode go with them. A
 * mode may list what does not go together; then its lists refuse it, and that is no contradiction.
 */
export function servableSuites(port: PortUnderProof, version: ProbedVersion): Suite[] {
  const { mode, unspoken, keyType } = port;
  const groups = mode.groups.filter((name) => !unspoken.groups.includes(name));
  const signatures = mode.signatures.filter((name) => !unspoken.signatures.includes(name));
  return spokenSuites(port).filter((suite) => {
    if (!carries(version, suite)) return false;
    if (suite.auth !== 'any' && suite.auth !== (keyType === 'ec' ? 'ECDSA' : 'RSA')) return false;
    const needsGroup = suite.tls13 || suite.keyExchange === 'ECDHE';
    if (needsGroup && !groups.some((name) => groupFits(version, name))) return false;
    return suite.keyExchange === 'RSA' || signatures.some((name) => signs(version, keyType, name));
  });
}

/** TLS 1.3 has no RSA signatures but PSS (RFC 8446 section 4.2.3); before TLS 1.2 nothing was negotiated. */
function signs(version: ProbedVersion, keyType: string, signature: string): boolean {
  if (version === '1.0' || version === '1.1') return true;
  if (keyType === 'ec') return signature.startsWith('ecdsa_') && !(version === '1.3' && signature.endsWith('_sha1'));
  return version === '1.3' ? signature.startsWith('rsa_pss_rsae') : /^rsa_(?:pkcs1|pss_rsae)/.test(signature);
}

/** A handshake and the server's first words, then the connection is closed. */
export async function shake(
  { target }: PortUnderProof,
  hello: ConnectionOptions,
): Promise<({ readonly kind: 'open' } & TlsFacts) | Exclude<Attempt, { readonly kind: 'open' }>> {
  const attempt = await openEncrypted(target, hello);
  if (attempt.kind !== 'open') return attempt;
  attempt.talk[Symbol.dispose]();
  return { kind: 'open', ...(attempt.tls ?? { suite: '', group: '', keyType: '', certificate: null }) };
}
