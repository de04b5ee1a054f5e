import type { Proof } from '../vocabulary/run.ts';
import { ENDPOINTS, type Endpoint } from '../vocabulary/trial.ts';
import type { Account, MailServer, MailStore } from './contract.ts';
import { proveDelivery, provePlaintext } from './proof/mail.ts';
import { encrypts, openPort, type PortUnderProof, renderContradictions, renderPeculiarities } from './proof/port.ts';
import { proveGroups, proveSha1Signatures, proveSuites, proveVersions } from './proof/tls.ts';

export interface ProveOptions {
  /** Endpoints to prove; default all seven. */
  readonly endpoints?: readonly Endpoint[];
  /** ms without a byte from the server. Default 5,000. */
  readonly idleMs?: number;
}

/**
 * Shows what a server accepts and refuses on each port, before it may judge a device: a mail by a good client,
 * plaintext, and every version, with positive and negative controls; suites, groups and SHA-1 signatures likewise, all
 * of them on one port and a sample on the others.
 *
 * @param account One that nothing else uses meanwhile: its mailbox gets mails and loses them again. Its password is
 *   offered without TLS as well, so it must be one to throw away.
 */
export async function proveServer(
  server: MailServer,
  account: Account,
  store: Pick<MailStore, 'putMail' | 'arrived'>,
  options: ProveOptions = {},
): Promise<Proof> {
  const ports = (options.endpoints ?? ENDPOINTS).map((e) => openPort(server, e, options.idleMs ?? IDLE_MS));
  const thorough = ports.find(({ endpoint }) => endpoint.tls === 'implicit') ?? ports[0];
  const policies: Promise<void>[] = [];
  // The one that takes longest comes first.
  for (const port of ports.toSorted((a, b) => Number(b === thorough) - Number(a === thorough))) {
    // Deliveries one after the other, because they share a mailbox; what follows does not.
    await proveDelivery(port, account, store);
    policies.push(provePolicy(port, account, port === thorough));
  }
  await Promise.all(policies);
  return {
    mode: server.mode.id,
    ports: ports.map(({ proof }) => proof),
    unspoken: server.unspoken,
    contradictions: renderContradictions(ports),
    peculiarities: renderPeculiarities(ports),
    ...(server.software === undefined ? {} : { software: server.software }),
  };
}

const IDLE_MS = 5_000;

async function provePolicy(port: PortUnderProof, account: Account, thorough: boolean): Promise<void> {
  if (port.hung) return;
  await provePlaintext(port, account);
  await proveVersions(port);
  // Where no handshake succeeds, the versions have said it already.
  if (!encrypts(port) || port.proof.accepted.length === 0) return;
  await proveSuites(port, thorough ? 'all' : 'one-per-key-exchange');
  await proveSha1Signatures(port);
  if (thorough) await proveGroups(port);
}
