import { WITHOUT_ALERT } from './client.ts';
import {
  groupFits,
  helloOfGroups,
  helloOfSha1Signatures,
  helloOfSuite,
  helloOfUnlistedSuites,
  helloOfVersion,
  PROBED_VERSIONS,
  unlistedCurves,
} from './hello.ts';
import { encrypts, type PortUnderProof, provableVersions, servableSuites, shake, showsPeculiarity } from './port.ts';

/** Each version: those of the mode must be accepted, all others refused by the server and not by the client. */
export async function proveVersions(port: PortUnderProof): Promise<void> {
  const { mode, proof } = port;
  const range = `tls is ${mode.tls.min} to ${mode.tls.max}`;
  for (const version of PROBED_VERSIONS) {
    const servable = servableSuites(port, version).length > 0;
    const listed = encrypts(port) && provableVersions(port).includes(version) && servable;
    const attempt = await shake(port, helloOfVersion(mode, version));
    proof[attempt.kind === 'open' ? 'accepted' : 'refused'].push(version);
    if (attempt.kind === 'open' && !listed) {
      const says = encrypts(port) ? range : 'starttls is hidden';
      const did = `a client with TLS ${version} was accepted`;
      port.contradictions.push({ says, did, advice: "Check the server's range of versions." });
    } else if (attempt.kind !== 'open' && listed) {
      const did = `a client with TLS ${version} was refused: ${attempt.why}`;
      const advice =
        "Check the server's range of versions and, for TLS 1.0 and 1.1, that OpenSSL's security level is 0.";
      port.contradictions.push({ says: range, did, advice });
    } else if (attempt.kind === 'refused' && attempt.why === WITHOUT_ALERT) {
      showsPeculiarity(port, 'dovecot-closes-silently');
    } else if (attempt.kind === 'unclear' || attempt.kind === 'hung') {
      const did = `whether TLS ${version} is refused could not be seen: ${attempt.why}`;
      port.contradictions.push({ says: range, did, advice: 'Check that the server answers such a client at all.' });
    }
  }
}

/** Listed suites must be negotiated: all of them, or the first of each key exchange. Others must not. */
export async function proveSuites(port: PortUnderProof, sample: 'all' | 'one-per-key-exchange'): Promise<void> {
  const { mode, proof } = port;
  const versions = provableVersions(port);
  // A later version replaces an older one: each suite is tried in the newest that has it.
  const all = new Map(
    versions.flatMap((version) => servableSuites(port, version).map((suite) => [suite, version] as const)),
  );
  const exchanges = new Set<string>();
  for (const suite of mode.suites) {
    const found = [...all].find(([{ name }]) => name === suite);
    if (found === undefined) continue;
    const [{ keyExchange }, version] = found;
    if (sample === 'one-per-key-exchange' && exchanges.has(keyExchange)) continue;
    exchanges.add(keyExchange);
    const hello = helloOfSuite(mode, version, found[0]);
    if (hello === null) continue;
    const attempt = await shake(port, hello);
    if (attempt.kind === 'open') proof.suites.push(suite);
    else refusedEntry(port, 'suites', suite, attempt.why);
  }
  for (const version of versions.slice(-2)) {
    const hello = helloOfUnlistedSuites(mode, version);
    const attempt = hello === null ? null : await shake(port, hello);
    if (attempt?.kind === 'open') acceptedOther(port, 'suites', `${attempt.suite} was negotiated`);
  }
}

/** Each listed group must do alone; a client that has only others must be refused. */
export async function proveGroups(port: PortUnderProof): Promise<void> {
  const { mode, unspoken, keyType } = port;
  const versions = provableVersions(port).filter((version) =>
    servableSuites(port, version).some((suite) => suite.tls13 || suite.keyExchange === 'ECDHE'),
  );
  for (const group of mode.groups.filter((name) => !unspoken.groups.includes(name))) {
    const version = versions.findLast((v) => groupFits(v, group));
    // Up to TLS 1.2 the client's groups must hold the certificate's own curve as well (RFC 8422 section 5.1).
    if (version === undefined || (keyType === 'ec' && version !== '1.3')) continue;
    const hello = helloOfGroups(version, [group]);
    const attempt = hello === null ? null : await shake(port, hello);
    if (attempt !== null && attempt.kind !== 'open') refusedEntry(port, 'groups', group, attempt.why);
  }
  const others = versions.includes('1.2') ? unlistedCurves(mode) : [];
  const hello = others.length === 0 ? null : helloOfGroups('1.2', others);
  const attempt = hello === null ? null : await shake(port, hello);
  if (attempt?.kind === 'open') acceptedOther(port, 'groups', `${attempt.group} was negotiated`);
}

/** TLS 1.2 clients that know SHA-1 alone: the difference between servers that nobody configures and many meet. */
export async function proveSha1Signatures(port: PortUnderProof): Promise<void> {
  const { mode, unspoken, keyType } = port;
  // Only ephemeral key exchanges are signed.
  const signs = servableSuites(port, '1.2').some((suite) => suite.keyExchange !== 'RSA');
  if (!signs || !provableVersions(port).includes('1.2')) return;
  const name = keyType === 'ec' ? 'ecdsa_sha1' : 'rsa_pkcs1_sha1';
  const listed = mode.signatures.includes(name) && !unspoken.signatures.includes(name);
  const attempt = await shake(port, helloOfSha1Signatures(mode));
  if (attempt.kind === 'open' && !listed && !showsPeculiarity(port, 'postfix-accepts-sha1'))
    acceptedOther(port, 'signatures', 'a client with only SHA-1 was accepted');
  if (attempt.kind !== 'open' && listed) refusedEntry(port, 'signatures', name, attempt.why);
}

type List = 'suites' | 'groups' | 'signatures';

function refusedEntry(port: PortUnderProof, list: List, name: string, why: string): void {
  const advice = `Check the server's list of ${list} and OpenSSL's security level.`;
  port.contradictions.push({
    says: `${list} hold ${name}`,
    did: `a client with nothing else was refused: ${why}`,
    advice,
  });
}

function acceptedOther(port: PortUnderProof, list: List, did: string): void {
  const advice = `Check the server's list of ${list}: what it leaves out must be refused.`;
  port.contradictions.push({ says: `${list} hold nothing else`, did, advice });
}
