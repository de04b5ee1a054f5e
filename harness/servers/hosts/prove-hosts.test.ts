import { describe, expect, test } from 'vitest';
import { mintPki } from '../../pki/mint.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import { type Backend, changed, openTestHosts } from './open-test-hosts.ts';
import { type HostsProof, proveHosts } from './prove-hosts.ts';

const NO_DNS = { addresses: async () => [], exchangers: async () => [] };
const strict = (changes: Readonly<Record<string, unknown>> = {}) => changed('strict', changes);

async function proofOf(
  claims: Mode,
  backends: readonly Backend[],
  only: Readonly<Record<string, readonly string[]>> = {},
): Promise<HostsProof> {
  await using hosts = await openTestHosts(claims, backends, only);
  return await proveHosts({ modes: [hosts.mode], environment: hosts.environment, names: NO_DNS, pauseMs: 0 });
}
const textsOf = ({ findings }: HostsProof) => findings.map(({ text }) => text);

const { smtp, imap } = strict().hosts;

describe('servers that do what their mode says', () => {
  test('two backends and an IPv6 listener: nothing to say', async () => {
    const backends = ['127.0.0.2', '127.0.0.3', '::1'].map((address) => ({ address, serves: strict() }));
    await using hosts = await openTestHosts(strict(), backends);
    const proof = await proveHosts({ modes: [hosts.mode], environment: hosts.environment, names: NO_DNS, pauseMs: 0 });
    expect(proof.findings).toEqual([]);
    expect(proof.answers[0]?.listeners).toHaveLength(21);
    expect(proof.answers[0]?.listeners.every(({ login }) => login === 'accepted')).toBe(true);
    expect(hosts.mostAtOnce()).toBe(1);
  });
});

describe('what is found', () => {
  test('an IPv6 listener that was forgotten', async () => {
    const proof = await proofOf(strict(), [
      { address: '127.0.0.2', serves: strict() },
      { address: '::1', serves: strict({ 'tls.min': '1.0' }) },
    ]);
    expect(textsOf(proof)).toContain(
      `${imap}, ports 143, 993 at ::1, accepts TLS 1.0, 1.1, and the mode says TLS 1.2 to 1.3. ` +
        '127.0.0.2 does not: it looks like a forgotten IPv6 listener.',
    );
  });
});
