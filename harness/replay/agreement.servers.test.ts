import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerLab } from '../containers/contract.ts';
import { askEngine } from '../containers/engine.ts';
import { buildImages } from '../containers/images.ts';
import { openContainerLab } from '../containers/open-lab.ts';
import { mintPki } from '../pki/mint.ts';
import { openContainerServers } from '../servers/containers/open-servers.ts';
import type { EngineServers, MailServer } from '../servers/contract.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { ENDPOINTS, type Port } from '../vocabulary/trial.ts';
import { agreementModes, mutatedHellos, packagedHellos } from './agreement-cases.ts';
import { askKeys } from './ask-keys.ts';
import { askerOf, measureAgreement, renderDifferences } from './measure-agreement.ts';
import { rulesOf, rulesOfHost } from './rules-of.ts';
import { twinOf } from './twin.ts';

const engine = await askEngine();
// Where tests run for everybody nothing may be left out.
const isSkipped = engine.kind === 'missing' && process.env['CI'] === undefined;
if (engine.kind === 'missing') console.log(`skipped: predictions against Postfix and Dovecot: ${engine.why}`);

const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
const CORPUS = packagedHellos();
const MODES = agreementModes().filter(({ id }) => ['today', 'strict', 'legacy', 'strict-ecdsa'].includes(id));

describe.skipIf(isSkipped)('predict and replay agree on Postfix and Dovecot', { timeout: 300_000 }, () => {
  const opened = new AsyncDisposableStack();
  const servers = new Map<string, MailServer>();
  let lab: ContainerLab;
  let engineServers: EngineServers;

  beforeAll(async () => {
    await buildImages(['postfix', 'dovecot']);
    lab = opened.use(await openContainerLab());
    engineServers = opened.use(await openContainerServers({ pki, lab }));
    const wanted = new Map([...MODES, ...MODES.map((mode) => twinOf(mode)!)].map((mode) => [keyOf(mode), mode]));
    await Promise.all([...wanted].map(async ([key, mode]) => servers.set(key, await engineServers.start(mode))));
  }, 240_000);
  afterAll(() => opened.disposeAsync(), 60_000);

  /** Whatever it is called: the twin of one mode may be another. */
  function keyOf(mode: Mode): string {
    return JSON.stringify({ ...mode, id: '', name: '', summary: '' });
  }

  async function agreementOf(hellos: typeof CORPUS, mode: Mode, port: Port) {
    const endpoint = ENDPOINTS.find((e) => e.port === port)!;
    const [server, twin] = [servers.get(keyOf(mode))!, servers.get(keyOf(twinOf(mode)!))!];
    const rules = rulesOf('containers', endpoint.protocol, mode);
    return measureAgreement(hellos, { server, twin, rules, endpoint });
  }

  describe.each(MODES.map((mode) => [mode.id, mode] as const))('in mode %s', (_, mode) => {
    test.each([465, 993] as const)('on every recording, port %i', async (port) => {
      const agreement = await agreementOf(CORPUS, mode, port);
      expect(renderDifferences(agreement)).toEqual([]);
      expect(agreement).toMatchObject({ compared: CORPUS.length, notCompared: [] });
      expect(agreement.works).toBeGreaterThan(0);
    });
  });

  test.each([587, 25, 143, 110, 995] as const)('over the dialogue of port %i', async (port) => {
    const agreement = await agreementOf(CORPUS, MODES[1]!, port);
    expect(renderDifferences(agreement)).toEqual([]);
    expect(agreement.compared).toBe(CORPUS.length);
  });

  test('on hellos that nobody says', async () => {
    const hellos = mutatedHellos(400, 20_250_530);
    const parts = await Promise.all(
      MODES.flatMap((mode, i) =>
        ([465, 993] as const).map((port, k) => {
          const from = (2 * i + k) * 50;
          return agreementOf(hellos.slice(from, from + 50), mode, port);
        }),
      ),
    );
    expect(parts.flatMap(renderDifferences)).toEqual([]);
    expect(parts.reduce((sum, { compared }) => sum + compared, 0)).toBe(400);
  });

  test('known by their mode alone, as servers that exist are: what they do by themselves is named', async () => {
    const differencesOf = async (mode: Mode, port: Port) => {
      const endpoint = ENDPOINTS.find((e) => e.port === port)!;
      const server = servers.get(keyOf(mode))!;
      const asking = { endpoint, negotiated: ['version'] as const };
      const claimed = rulesOf('containers', endpoint.protocol, mode).key;
      const found = await askKeys(mode, askerOf(server, { ...asking, rules: rulesOfHost(mode, claimed) }));
      expect(found).toEqual({ keys: [claimed] });
      return renderDifferences(
        await measureAgreement(CORPUS, { ...asking, server, rules: rulesOfHost(mode, claimed) }),
      );
    };
    const [today, strict] = MODES;
    // Postfix 3.7 runs at security level 0; OpenSSL 3 has no 3DES below TLS 1.2, which today's policy lists.
    const sha1 = expect.stringMatching(/ outcome: predicted fails no-shared-signature: .*; observed works$/);
    const tripleDes = expect.stringMatching(
      / outcome: predicted works: .*_3DES_EDE_CBC_SHA.*; observed fails no-shared-cipher/,
    );
    expect(await differencesOf(strict!, 465)).toEqual([sha1, sha1]);
    expect(await differencesOf(strict!, 993)).toEqual([]);
    expect(await differencesOf(today!, 993)).toEqual([tripleDes]);
  });

  test('Postfix takes a hello with SHA-1 by silence, and Dovecot does not', async () => {
    const strict = MODES[1]!;
    const [postfix, dovecot] = await Promise.all([agreementOf(CORPUS, strict, 465), agreementOf(CORPUS, strict, 993)]);
    expect(postfix.works).toBeGreaterThan(dovecot.works);
  });
});
