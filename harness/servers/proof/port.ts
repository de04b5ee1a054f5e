import type { ConnectionOptions } from 'node:tls';
import type { Mode } from '../../vocabulary/mode.ts';
import type { PortProof } from '../../vocabulary/run.ts';
import type { Endpoint } from '../../vocabulary/trial.ts';
import { type Suite, suiteByName } from '../../vocabulary/iana.ts';
import type { MailServer } from '../contract.ts';
import { type Attempt, openEncrypted, type Target } from './client.ts';
import { type ProbedVersion, versionsIn } from './hello.ts';

/** One port while it is proved: what is asked of it, and what was found so far. */
export interface PortUnderProof {
  readonly mode: Mode;
  readonly unspoken: MailServer['unspoken'];
  readonly endpoint: Endpoint;
  readonly target: Target;
  readonly proof: PortProof;
  readonly contradictions: string[];
  /** A good client got no answer at all: the others need not wait for one. */
  hung: boolean;
  /** Of the certificate that a good client saw. */
  keyType: string;
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
    hung: false,
    keyType: 'rsa',
  };
}

/** Notes that the server does not do what its YAML says. The three parts become one entry. */
export function contradict(port: PortUnderProof, found: { says: string; did: string; advice: string }): void {
  const { mode, endpoint, contradictions } = port;
  const where = `${endpoint.protocol.toUpperCase()} port ${endpoint.port}`;
  contradictions.push(`${where}: mode "${mode.id}" says ${found.says}, but ${found.did}. ${found.advice}`);
}

/** Whether TLS can be had on this port at all. */
export function encrypts({ endpoint, mode }: PortUnderProof): boolean {
  return endpoint.tls === 'implicit' || mode.starttls === 'offered';
}

/** The mode's versions that both the server's engine and the proof's client speak. */
export function provableVersions({ mode, unspoken }: PortUnderProof): ProbedVersion[] {
  return versionsIn(mode).filter((version) => !unspoken.versions.includes(version));
}

/** The mode's suites that the engine speaks and the server's certificate serves, in the mode's order. */
export function provableSuites({ mode, unspoken, keyType }: PortUnderProof): Suite[] {
  return mode.suites
    .filter((name) => !unspoken.suites.includes(name))
    .flatMap((name) => suiteByName(name) ?? [])
    .filter(({ auth }) => auth === 'any' || auth === (keyType === 'ec' ? 'ECDSA' : 'RSA'));
}

/** A handshake and the server's first words, then the connection is closed. */
export async function shake(
  { target }: PortUnderProof,
  hello: ConnectionOptions,
): Promise<{ readonly kind: 'open'; readonly suite: string } | Exclude<Attempt, { readonly kind: 'open' }>> {
  const attempt = await openEncrypted(target, hello);
  if (attempt.kind !== 'open') return attempt;
  attempt.talk[Symbol.dispose]();
  return { kind: 'open', suite: attempt.tls?.suite ?? '' };
}
