import { describe, expect, test } from 'vitest';
import type { Found } from '../vocabulary/comparison.ts';
import { explain } from './explain.ts';
import { answerOf, contextWith, seen } from './test-answers.ts';

const noCipher: Found = { outcome: 'fails', cause: 'no-shared-cipher' };
const tooOld: Found = { outcome: 'fails', cause: 'version-too-old' };
const paths = (before: Parameters<typeof explain>[0], after: Parameters<typeof explain>[1]) =>
  explain(before, after).map(({ what, path }) => (path === undefined ? what : `${what} ${path}`));

describe('whose change it is', () => {
  test('a suite that the mode lost and the device offers', () => {
    const after = answerOf({
      found: noCipher,
      context: contextWith({ suites: ['B'] }),
      evidence: seen({ suites: ['A'] }),
    });
    expect(paths(answerOf(), after)).toEqual(['mode suites']);
  });
  test('not one that it never offers: then nothing is known', () => {
    const after = answerOf({
      found: noCipher,
      context: contextWith({ suites: ['A'] }),
      evidence: seen({ suites: ['A'] }),
    });
    expect(paths(answerOf(), after)).toEqual(['nothing-known']);
  });
  test('other versions of programs are not blamed beside what the cause speaks of', () => {
    const context = contextWith({ suites: ['B'] }, { harness: { cutover: '2', node: 'v24', openssl: '3.6' } });
    const after = answerOf({ found: noCipher, context, evidence: seen({ suites: ['A'] }) });
    expect(paths(answerOf(), after)).toEqual(['mode suites']);
    const unrelated = answerOf({
      found: { outcome: 'fails', cause: 'mail-lost' },
      context,
      evidence: seen({ suites: ['C'] }),
    });
    expect(paths(answerOf(), unrelated)).toEqual(['server openssl', 'harness cutover']);
  });
  test('another firmware is blamed beside a change of the mode that stops it', () => {
    const context = contextWith({ suites: ['B'] });
    const after = answerOf({ firmware: '2', found: noCipher, context, evidence: seen({ suites: ['A'] }) });
    expect(paths(answerOf(), after)).toEqual(['firmware version', 'mode suites']);
  });
  test('a version that the mode no longer takes, for who offers no newer one', () => {
    const context = contextWith({ tls: { min: '1.0', max: '1.3' } });
    const old = seen({ maxVersion: '1.0' });
    expect(paths(answerOf({ context }), answerOf({ found: tooOld, evidence: old }))).toEqual(['mode tls.min']);
    const newer = answerOf({
      found: { outcome: 'fails', cause: 'mail-lost' },
      evidence: seen({ maxVersion: '1.2' }, true),
    });
    expect(paths(answerOf({ context }), newer)).toEqual(['nothing-known']);
  });
  test('what is stopped at its version never came to suites, certificates or passwords', () => {
    const context = contextWith({ suites: ['B'], auth: ['LOGIN'], certificate: { minted: 'expired', names: [] } });
    expect(paths(answerOf({ found: tooOld }), answerOf({ firmware: '2', context, evidence: seen({}, true) }))).toEqual([
      'firmware version',
    ]);
  });
  test('a password that is refused after a whole handshake is not refused because of suites', () => {
    const context = contextWith({ suites: ['B', 'A'], certificate: { minted: 'ecdsa', names: [] } });
    const found: Found = { outcome: 'fails', cause: 'auth-rejected' };
    const offers = { suites: ['A', 'B'] };
    expect(paths(answerOf(), answerOf({ found, context, evidence: seen(offers, true) }))).toEqual(['nothing-known']);
    // Nor is it taken again because of them.
    const mended = answerOf({ context, evidence: seen(offers, true) });
    expect(paths(answerOf({ found }), mended)).toEqual(['nothing-known']);
    const { facts } = answerOf();
    if (facts === null) throw new Error('no facts');
    // Before, it may have sent in the clear, where another password counts.
    const either = { ...facts, settings: { 'starttls-587': { security: 'opportunistic' } } };
    const after = answerOf({ found, context, facts: either, evidence: seen(offers, true) });
    expect(paths(answerOf({ facts: either }), after)).toEqual(['mode suites', 'mode certificate.minted']);
  });
  test('suites can be why a group is missing: without RSA key exchange one is needed', () => {
    const found: Found = { outcome: 'fails', cause: 'no-shared-group' };
    const after = answerOf({ found, context: contextWith({ suites: ['B'] }), evidence: seen({ suites: ['A', 'B'] }) });
    expect(paths(answerOf(), after)).toEqual(['mode suites']);
  });
  test('a certificate, for who got to see it', () => {
    const context = contextWith({ certificate: { minted: 'expired', names: [] } });
    const dates: Found = { outcome: 'fails', cause: 'certificate-dates' };
    expect(paths(answerOf(), answerOf({ found: dates, context, evidence: seen({}, true) }))).toEqual([
      'mode certificate.minted',
    ]);
    expect(paths(answerOf(), answerOf({ found: noCipher, context, evidence: seen({}) }))).toEqual(['nothing-known']);
  });
  test('plaintext, for who goes on without TLS', () => {
    const context = contextWith({ plaintext: 'allowed' });
    const found: Found = { outcome: 'fails', cause: 'plaintext-only' };
    expect(paths(answerOf({ context }), answerOf({ found, evidence: seen(null) }))).toEqual(['mode plaintext']);
    expect(paths(answerOf({ context }), answerOf({ found: noCipher, evidence: seen({}) }))).toEqual(['nothing-known']);
  });
  test('nothing seen rules nothing out', () => {
    const after = answerOf({ found: noCipher, context: contextWith({ groups: ['x448'], suites: ['B'] }) });
    expect(paths(answerOf(), after)).toEqual(['mode suites']);
  });
  test('STARTTLS is met by a setting that only the firmware has', () => {
    const { facts } = answerOf();
    if (facts === null) throw new Error('no facts');
    const own = { ...facts, settings: {}, firmware: { '1': { settings: facts.settings } } };
    const found: Found = { outcome: 'fails', cause: 'plaintext-only' };
    const after = answerOf({ found, facts: own, context: contextWith({ starttls: 'hidden' }), evidence: seen(null) });
    expect(paths(answerOf({ facts: own, context: contextWith({ starttls: 'offered' }) }), after)).toEqual([
      'mode starttls',
    ]);
  });
  test('facts of the question alone: not another setting, nor where a device waits when nobody waited', () => {
    const facts = answerOf().facts;
    if (facts === null) throw new Error('no facts');
    const other = {
      ...facts,
      common: { ...facts.common, patience: { idleSeconds: 1 } },
      settings: { ...facts.settings, other: { port: 25 } },
    };
    const found: Found = { outcome: 'fails', cause: 'mail-lost' };
    expect(paths(answerOf(), answerOf({ found, facts: other }))).toEqual(['nothing-known']);
    const moved = { ...facts, settings: { 'starttls-587': { protocol: 'smtp', port: 25, security: 'starttls' } } };
    expect(paths(answerOf(), answerOf({ found, facts: moved }))).toEqual(['device-facts settings.starttls-587.port']);
    const never: Found = { outcome: 'inconclusive', cause: 'never-connected' };
    expect(paths(answerOf(), answerOf({ found: never, facts: other }))).toEqual(['device-facts patience']);
  });
  test("a server's own traits, as far as the mode did not ask for others", () => {
    const servers = (suites: readonly string[]) => ({ servers: { strict: { suites } } });
    const before = answerOf({ context: contextWith({}, servers(['A', 'B'])) });
    const found: Found = { outcome: 'fails', cause: 'mail-lost' };
    const less = answerOf({ found, context: contextWith({}, servers(['A'])), evidence: seen({}, true) });
    expect(paths(before, less)).toEqual(['server suites']);
    const asked = answerOf({
      found,
      context: contextWith({ suites: ['A'] }, servers(['A'])),
      evidence: seen({}, true),
    });
    expect(paths(before, asked)).toEqual(['nothing-known']);
  });
  test('versions of its programs, but not where the baseline is older than their being noted', () => {
    const found: Found = { outcome: 'fails', cause: 'mail-lost' };
    const running = (software?: object) =>
      contextWith({}, { servers: { strict: { suites: ['A'], ...(software === undefined ? {} : { software }) } } });
    const after = answerOf({ found, context: running({ postfix: '3.9.1' }), evidence: seen({}, true) });
    expect(paths(answerOf({ context: running({ postfix: '3.7.11' }) }), after)).toEqual(['server software.postfix']);
    expect(paths(answerOf({ context: running({ postfix: '3.9.1' }) }), after)).toEqual(['nothing-known']);
    expect(paths(answerOf({ context: running() }), after)).toEqual(['nothing-known']);
  });
});
