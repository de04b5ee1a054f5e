import { afterAll, describe, expect, test } from 'vitest';
import { offerOf } from '../corpus/offer.ts';
import { EXTENSION } from '../corpus/read-extension.ts';
import type { RecordedHello } from '../corpus/recorded-hello.ts';
import { mintPki } from '../pki/mint.ts';
import { preparePrediction } from '../predict/predict-hello.ts';
import { startEmbedded } from '../servers/embedded/start.ts';
import { createMailStore } from '../servers/mail-store.ts';
import { signatureByName } from '../vocabulary/iana.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { ENDPOINTS, type Endpoint } from '../vocabulary/trial.ts';
import { uint16, vector } from '../wire/hand-built.ts';
import { agreementModes, mutatedHellos, packagedHellos } from './agreement-cases.ts';
import { type Agreement, measureAgreement, renderDifferences } from './measure-agreement.ts';
import { rulesOf } from './rules-of.ts';
import { twinOf } from './twin.ts';

// The servers are the oracle: OpenSSL inside Node, which nothing here has written.
const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
const store = createMailStore();
const opened = new AsyncDisposableStack();
afterAll(() => opened.disposeAsync());

const MODES = agreementModes();
const CORPUS = packagedHellos();
const IMPLICIT: Endpoint = { protocol: 'smtp', port: 465, tls: 'implicit' };

const servers = new Map<string, ReturnType<typeof startEmbedded>>();
function serverOf(mode: Mode) {
  const server =
    servers.get(mode.id) ?? startEmbedded({ mode, pki, store, listen: '127.0.0.1' }).then((s) => opened.use(s));
  servers.set(mode.id, server);
  return server;
}

async function agreementOf(hellos: typeof CORPUS, mode: Mode, endpoint = IMPLICIT): Promise<Agreement> {
  const [server, twin] = await Promise.all([serverOf(mode), serverOf(twinOf(mode)!)]);
  return measureAgreement(hellos, { server, twin, rules: rulesOf('embedded', endpoint.protocol, mode), endpoint });
}

/** TLS_AES_128_GCM_SHA256 alone. */
function helloWith(extensions: readonly (readonly [number, Buffer])[]): RecordedHello {
  return {
    format: 'tls',
    recordVersion: 0x0301,
    version: 0x0303,
    sessionBytes: 32,
    suites: [0x1301],
    compressions: [0],
    extensions: extensions.map(([code, body]) => ({ code, body })),
  };
}

describe('predict and replay agree', () => {
  test.each(MODES.map((mode) => [mode.id, mode] as const))('on every recording, in mode %s', async (_, mode) => {
    const agreement = await agreementOf(CORPUS, mode);
    expect(renderDifferences(agreement)).toEqual([]);
    expect(agreement).toMatchObject({ compared: CORPUS.length, notCompared: [] });
    // Each mode takes some and refuses some: agreeing is not having one answer.
    expect(agreement.works).toBeGreaterThan(0);
    expect(agreement.works).toBeLessThan(CORPUS.length);
  });

  test.each(ENDPOINTS.filter((e) => e.port !== 465).map((e) => [`${e.protocol} ${e.port}`, e] as const))(
    'over the dialogue of %s',
    async (_, endpoint) => {
      const agreement = await agreementOf(CORPUS, MODES[1]!, endpoint);
      expect(renderDifferences(agreement)).toEqual([]);
      expect(agreement.compared).toBe(CORPUS.length);
    },
  );

  test('in the ways of refusing that close or wait with their no', async () => {
    const strict = MODES[1]!;
    for (const version of ['silent', '421-after-tls'] as const) {
      const mode = { ...strict, id: version, refusal: { ...strict.refusal, version } };
      const agreement = await agreementOf(CORPUS, mode);
      expect(renderDifferences(agreement)).toEqual([]);
      expect(agreement.compared).toBe(CORPUS.length);
    }
  });

  test('on 2,000 hellos that nobody says', { timeout: 300_000 }, async () => {
    const hellos = mutatedHellos(2_000, 20_250_305);
    const parts = await Promise.all(
      MODES.slice(0, 8).map(async (mode, i) => agreementOf(hellos.slice(i * 250, (i + 1) * 250), mode)),
    );
    expect(parts.flatMap(renderDifferences)).toEqual([]);
    expect(parts.reduce((sum, { compared }) => sum + compared, 0)).toBe(2_000);
    for (const { works } of parts) expect(works).toBeGreaterThan(0);
  });

  // Two faults in each: the server looks at the signature before it looks at groups.
  test.each([
    ['PKCS #1 v1.5 alone, which TLS 1.3 has not', ['rsa_pkcs1_sha256'], 'no-shared-signature'],
    ['what a key of the other kind could make', ['ecdsa_secp256r1_sha256'], 'certificate-key'],
  ])('on a hello of TLS 1.3 without groups that takes %s', async (_, signatures, cause) => {
    const strict = MODES[1]!;
    const hello = helloWith([
      [EXTENSION.versions, vector(1, uint16(0x0304))],
      [EXTENSION.signatures, vector(2, uint16(...signatures.map((name) => signatureByName(name)!.code)))],
      [EXTENSION.keyShare, vector(2)],
    ]);
    expect(preparePrediction(rulesOf('embedded', 'smtp', strict))(offerOf(hello))).toMatchObject({ cause });
    const agreement = await agreementOf([hello], strict);
    expect(renderDifferences(agreement)).toEqual([]);
    expect(agreement.compared).toBe(1);
  });

  test.each([EXTENSION.serverName, EXTENSION.groups, EXTENSION.signatures, EXTENSION.versions, EXTENSION.keyShare])(
    'that no hello is taken that has extension %i twice',
    async (code) => {
      const twice = CORPUS.flatMap((hello) => {
        const own = hello.extensions?.find((one) => one.code === code);
        return own === undefined ? [] : [{ ...hello, extensions: [...(hello.extensions ?? []), own] }];
      });
      const agreement = await agreementOf(twice, MODES[0]!);
      // To ask again mends the list together with its double: causes are not compared.
      expect(renderDifferences(agreement).filter((line) => / outcome: /.test(line))).toEqual([]);
      expect(agreement).toMatchObject({ compared: twice.length, works: 0 });
    },
  );

  test('on hellos of 64 kB', async () => {
    const long = CORPUS.filter(({ format }) => format === 'tls').map((hello) => ({
      ...hello,
      extensions: [...(hello.extensions ?? []), { code: 0x1234, body: Buffer.alloc(64_000) }],
    }));
    const agreement = await agreementOf(long, MODES[0]!);
    expect(renderDifferences(agreement)).toEqual([]);
    expect(agreement).toMatchObject({ compared: long.length, notCompared: [] });
    expect(agreement.works).toBeGreaterThan(0);
  });

  test.each([
    ['another order', { suites: MODES[0]!.suites.toReversed() }, / suite: predicted TLS_\w+; observed TLS_\w+$/],
    ['no signature', { signatures: ['ecdsa_secp256r1_sha256'] }, / outcome: predicted fails [^;]+; observed works/],
  ])('and with wrong rules they do not, and both sides are quoted: %s', async (_, wrong, line) => {
    const server = await serverOf(MODES[0]!);
    const rules = { ...rulesOf('embedded', 'smtp', MODES[0]!), ...wrong };
    const agreement = await measureAgreement(CORPUS, { server, rules, endpoint: IMPLICIT });
    expect(agreement.differing.length).toBeGreaterThan(10);
    expect(renderDifferences(agreement)).toContainEqual(expect.stringMatching(line));
  });
});
