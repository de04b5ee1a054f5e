import type { ConnectionOptions } from 'node:tls';
import {
  carries,
  helloOfGroups,
  helloOfSha1Signatures,
  helloOfSuite,
  helloOfUnlistedSuites,
  helloOfVersion,
  PROBED_VERSIONS,
  unlistedGroups,
} from './hello.ts';
import { contradict, encrypts, type PortUnderProof, provableSuites, provableVersions, shake } from './port.ts';

/** Each version: those of the mode must be accepted, all others refused by the server and not by the client. */
export async function proveVersions(port: PortUnderProof): Promise<void> {
  const { mode, proof } = port;
  const range = `tls is ${mode.tls.min} to ${mode.tls.max}`;
  for (const version of PROBED_VERSIONS) {
    // Without a suite that fits it, a listed version cannot be had: its list of suites refuses it.
    const servable = provableSuites(port).some((suite) => carries(version, suite));
    const listed = encrypts(port) && provableVersions(port).includes(version) && servable;
    const attempt = await shake(port, helloOfVersion(mode, version));
    proof[attempt.kind === 'open' ? 'accepted' : 'refused'].push(version);
    if (attempt.kind === 'open' && !listed) {
      const says = encrypts(port) ? range : 'starttls is hidden';
      const did = `a client with TLS ${version} was accepted`;
      contradict(port, { says, did, advice: "Check the server's range of versions." });
    } else if (attempt.kind !== 'open' && listed) {
      const did = `a client with TLS ${version} was refused: ${attempt.why}`;
      const advice =
        "Check the server's range of versions and, for TLS 1.0 and 1.1, that OpenSSL's security level is 0.";
      contradict(port, { says: range, did, advice });
    } else if (attempt.kind === 'unclear' || attempt.kind === 'hung') {
      const did = `whether TLS ${version} is refused could not be seen: ${attempt.why}`;
      contradict(port, { says: range, did, advice: 'Check that the server answers such a client at all.' });
    }
  }
}

/** Listed suites must be negotiated: all of them, or the first of each key exchange. Others must not. */
export async function proveSuites(port: PortUnderProof, sample: 'all' | 'one-per-key-exchange'): Promise<void> {
  const { mode, proof } = port;
  const versions = provableVersions(port);
  const all = provableSuites(port).filter((suite) => versions.some((version) => carries(version, suite)));
  const firsts = all.filter((suite, i) => all.findIndex((s) => s.keyExchange === suite.keyExchange) === i);
  for (const { name } of sample === 'all' ? all : firsts) {
    const hello = helloOfSuite(mode, name);
    if (hello === null) continue;
    const attempt = await shake(port, hello);
    if (attempt.kind === 'open') proof.suites.push(name);
    else refusedEntry(port, 'suites', name, attempt.why);
  }
  for (const version of versions.slice(-2)) {
    const hello = helloOfUnlistedSuites(mode, version);
    const attempt = hello === null ? null : await shake(port, hello);
    if (attempt?.kind === 'open') acceptedOther(port, 'suites', `${attempt.suite} was negotiated`);
  }
}

/** Each listed group must do alone; a client that has only others must be refused. */
export async function proveGroups(port: PortUnderProof): Promise<void> {
  const { mode, unspoken } = port;
  for (const group of mode.groups.filter((name) => !unspoken.groups.includes(name))) {
    const hello = helloOfGroups(mode, [group]);
    if (hello === null || !needsGroup(port, hello)) continue;
    const attempt = await shake(port, hello);
    if (attempt.kind !== 'open') refusedEntry(port, 'groups', group, attempt.why);
  }
  const others = provableVersions(port).includes('1.2') ? unlistedGroups(mode) : [];
  const hello = others.length === 0 ? null : helloOfGroups(mode, others);
  if (hello !== null && (await shake(port, hello)).kind === 'open') {
    acceptedOther(port, 'groups', `a client with only ${others.join(', ')} was accepted`);
  }
}

/** TLS 1.2 clients that know SHA-1 alone: the difference between servers that nobody configures and many meet. */
export async function proveSha1Signatures(port: PortUnderProof): Promise<void> {
  const { mode, unspoken, keyType } = port;
  // Only ephemeral key exchanges are signed.
  const signs = provableSuites(port).some((s) => carries('1.2', s) && /^(?:EC)?DHE$/.test(s.keyExchange));
  if (!signs || !provableVersions(port).includes('1.2')) return;
  const name = keyType === 'ec' ? 'ecdsa_sha1' : 'rsa_pkcs1_sha1';
  const listed = mode.signatures.includes(name) && !unspoken.signatures.includes(name);
  const attempt = await shake(port, helloOfSha1Signatures(mode));
  if (attempt.kind === 'open' && !listed) acceptedOther(port, 'signatures', 'a client with only SHA-1 was accepted');
  if (attempt.kind !== 'open' && listed) refusedEntry(port, 'signatures', name, attempt.why);
}

/** A list of suites without ECDHE and TLS 1.3 has no use for groups. */
function needsGroup(port: PortUnderProof, { maxVersion }: ConnectionOptions): boolean {
  return provableSuites(port).some((s) => (maxVersion === 'TLSv1.3' ? s.tls13 : s.keyExchange === 'ECDHE'));
}

type List = 'suites' | 'groups' | 'signatures';

function refusedEntry(port: PortUnderProof, list: List, name: string, why: string): void {
  const advice = `Check the server's list of ${list} and OpenSSL's security level.`;
  contradict(port, { says: `${list} hold ${name}`, did: `a client with nothing else was refused: ${why}`, advice });
}

function acceptedOther(port: PortUnderProof, list: List, did: string): void {
  const advice = `Check the server's list of ${list}: what it leaves out must be refused.`;
  contradict(port, { says: `${list} hold nothing else`, did, advice });
}
