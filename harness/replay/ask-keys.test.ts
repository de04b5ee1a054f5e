import { once } from 'node:events';
import { createServer, type Server } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { applyChange } from '../modes/apply-change.ts';
import { readModes } from '../modes/read-mode.ts';
import { mintPki } from '../pki/mint.ts';
import { createEmbeddedContext } from '../servers/embedded/secure-context.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Endpoint } from '../vocabulary/trial.ts';
import { portOf } from '../wire/hand-built.ts';
import { packagedHellos } from './agreement-cases.ts';
import { askKeys } from './ask-keys.ts';
import { askerOf, measureAgreement, renderDifferences } from './measure-agreement.ts';
import { rulesOfHost } from './rules-of.ts';

const IMPLICIT: Endpoint = { protocol: 'smtp', port: 465, tls: 'implicit' };
const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
const STRICT = readModes(['strict'])[0]!;
const RSA = { type: 'RSA', bits: 2048, curve: null } as const;
const ECDSA = { type: 'ECDSA', bits: 256, curve: 'secp256r1' } as const;

const opened: Server[] = [];
afterEach(() => opened.splice(0).forEach((server) => server.close()));

/** OpenSSL inside Node with certificates of these kinds, for one mode. */
async function serve(mode: Mode, kinds: readonly ('rsa-2048' | 'ecdsa-p256')[]) {
  const certificates = kinds.map((kind) => pki.certificate(applyChange(mode, 'certificate.minted', kind).mode));
  const server = createServer({
    ...createEmbeddedContext(mode, pki).options,
    cert: certificates.map(({ chainPem }) => chainPem),
    key: certificates.map(({ keyPem }) => keyPem),
  });
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(server);
  return { address: () => ({ host: '127.0.0.1', port: portOf(server) }) };
}

test.each([
  ['1.2', ['rsa-2048'], [RSA]],
  ['1.2', ['ecdsa-p256'], [ECDSA]],
  ['1.2', ['rsa-2048', 'ecdsa-p256'], [RSA, ECDSA]],
  ['1.3', ['rsa-2048'], [RSA]],
  ['1.3', ['ecdsa-p256'], [ECDSA]],
  ['1.3', ['ecdsa-p256', 'rsa-2048'], [RSA, ECDSA]],
] as const)('from TLS %s on with %j: %j', async (min, kinds, keys) => {
  const { mode } = applyChange(STRICT, 'tls.min', min);
  const server = await serve(mode, kinds);
  const ask = askerOf(server, { rules: rulesOfHost(mode, RSA), endpoint: IMPLICIT });
  expect(await askKeys(mode, ask)).toEqual({ keys });
});

test('a server with certificates of both kinds takes the one that fits, and that is predicted', async () => {
  const server = await serve(STRICT, ['rsa-2048', 'ecdsa-p256']);
  const asking = { server, endpoint: IMPLICIT, negotiated: ['version'] as const };
  const hellos = packagedHellos();
  const both = await measureAgreement(hellos, { ...asking, rules: rulesOfHost(STRICT, RSA), otherKey: ECDSA });
  expect(renderDifferences(both)).toEqual([]);
  expect(both.compared).toBe(hellos.length);
  // Who takes it for a server with ECDSA alone is wrong about clients that know RSA alone.
  const one = await measureAgreement(hellos, { ...asking, rules: rulesOfHost(STRICT, ECDSA) });
  expect(renderDifferences(one)).toContainEqual(
    expect.stringMatching(/outcome: predicted fails certificate-key.*observed works/),
  );
});
