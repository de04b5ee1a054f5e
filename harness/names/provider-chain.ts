import { createPrivateKey, X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { getCACertificates } from 'node:tls';
import { domainToASCII } from 'node:url';
import { HarnessFault } from '../faults.ts';
import { readProviderCertificate } from '../pki/provider-certificate.ts';
import type { Mode } from '../vocabulary/mode.ts';

export interface ProviderChainOptions {
  /** PEM, leaf first: what the provider's servers send. */
  readonly chain: string;
  readonly key: string;
  /**
   * Names that devices are told to dial. Settings are entered once, so these are the same in every mode. Default: all
   * hosts of the mode `strict`, or of the first policy.
   */
  readonly hosts?: readonly string[];
  readonly now?: Date;
  /** Roots that devices ship with, PEM. Default: those of Node, and what NODE_EXTRA_CA_CERTS adds. */
  readonly roots?: readonly string[];
}

export interface ProviderModes {
  /** Each shows the provider's own chain. */
  readonly modes: readonly Mode[];
  /** Sentences for the person who started the run. */
  readonly warnings: readonly string[];
}

/**
 * The modes with the provider's own certificate, so that a device that verifies is judged by what it will meet. Policies
 * only: the control mode keeps its own.
 *
 * @throws HarnessFault `certificate-files` where the chain would give wrong answers: it does not fit the key or a host,
 *   is expired, incomplete, or leads to a root that no device knows. With such a chain every device that verifies would
 *   be blamed.
 */
export function serveProviderChain(modes: readonly Mode[], options: ProviderChainOptions): ProviderModes {
  const files = { chain: resolve(options.chain), key: resolve(options.key) };
  const { chainPem, keyPem } = readProviderCertificate(files);
  const chain = (chainPem.match(PEM) ?? []).map((pem) => new X509Certificate(pem));
  const [leaf] = chain;
  const problem =
    leaf === undefined
      ? noLeaf()
      : (whyNotKey(leaf, keyPem) ??
        whyNotHosts(leaf, options.hosts ?? hostsOf(modes)) ??
        whyNotNow(chain, options.now ?? new Date()) ??
        whyNotTrusted(chain, options.roots ?? getCACertificates('default')));
  if (problem !== null) {
    throw new HarnessFault('certificate-files', `${files.chain}: ${problem.what}`, {
      advice: problem.todo,
      stage: 'configuration',
    });
  }
  const served = modes.map((mode) => (mode.purpose === 'policy' ? { ...mode, certificate: { files } } : mode));
  return { modes: served, warnings: readableByOthers(files.key) };
}

interface Problem {
  readonly what: string;
  readonly todo: string;
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const WITHOUT = 'leave the two options out to use a certificate of the lab';

function noLeaf(): Problem {
  return { what: 'there is no certificate in it.', todo: `Give the file that your servers send, or ${WITHOUT}.` };
}

function whyNotKey(leaf: X509Certificate, keyPem: string): Problem | null {
  try {
    if (leaf.checkPrivateKey(createPrivateKey(keyPem))) return null;
  } catch {
    return { what: 'its key cannot be read.', todo: 'Check the key with: openssl pkey -in FILE -noout' };
  }
  return {
    what: 'the key belongs to another certificate than the first of the chain.',
    todo: 'Give the key of the first certificate; the chain starts with the certificate of the server.',
  };
}

function hostsOf(modes: readonly Mode[]): readonly string[] {
  const policies = modes.filter(({ purpose }) => purpose === 'policy');
  const strict = policies.find(({ id }) => id === 'strict') ?? policies[0];
  return strict === undefined ? [] : [...new Set(Object.values(strict.hosts))];
}

function whyNotHosts(leaf: X509Certificate, hosts: readonly string[]): Problem | null {
  const missing = hosts.filter((host) => leaf.checkHost(domainToASCII(host) || host) === undefined);
  if (missing.length === 0) return null;
  return {
    what: `it is not for ${missing.join(', ')}, but for ${leaf.subjectAltName ?? 'no name'}.`,
    todo: `Give a certificate for all of these names, correct \`hosts\` of the mode, or ${WITHOUT}.`,
  };
}

function whyNotNow(chain: readonly X509Certificate[], now: Date): Problem | null {
  const wrong = chain.find(({ validFromDate, validToDate }) => now < validFromDate || now > validToDate);
  if (wrong === undefined) return null;
  const { subject, validFromDate, validToDate } = wrong;
  const days = `${day(validFromDate)} to ${day(validToDate)}`;
  return {
    what: `a certificate in it (${oneLine(subject)}) is valid from ${days}, not today.`,
    todo: `Give the chain that your servers send today, check this machine's clock, or ${WITHOUT}.`,
  };
}

/** From the leaf upwards each is issued by the next, and the last one by a root that devices know. */
function whyNotTrusted(chain: readonly X509Certificate[], roots: readonly string[]): Problem | null {
  for (const [i, certificate] of chain.entries()) {
    const next = chain[i + 1];
    if (next !== undefined && !isIssuedBy(certificate, next)) {
      return {
        what: `its certificate ${i + 2} did not issue certificate ${i + 1}.`,
        todo: 'Give the certificates in the order in which servers send them: server, then its issuer, then the next.',
      };
    }
  }
  const last = chain.at(-1);
  const known = roots.map((pem) => new X509Certificate(pem));
  if (last !== undefined && known.some((root) => root.fingerprint256 === last.fingerprint256 || isIssuedBy(last, root)))
    return null;
  return {
    what: `it leads to "${oneLine(last?.issuer ?? '')}", which is no root that this program knows.`,
    todo:
      'Add the intermediate certificates that your servers send. ' +
      `Where devices do know this root, name it in NODE_EXTRA_CA_CERTS; otherwise ${WITHOUT}.`,
  };
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function readableByOthers(key: string): readonly string[] {
  // Windows has no such bits.
  if (process.platform === 'win32' || (statSync(key).mode & 0o077) === 0) return [];
  return [`${key} can be read by other users of this machine: chmod 600 ${key}`];
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Names of certificates come from outside: one line, of printable characters, not too long. */
function oneLine(name: string): string {
  return name.replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ', ').slice(0, 200);
}
