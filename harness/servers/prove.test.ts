import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { applyChange } from '../modes/apply-change.ts';
import { MODES_FOLDER, readMode } from '../modes/read-mode.ts';
import { mintPki } from '../pki/mint.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Proof } from '../vocabulary/run.ts';
import type { MailServer } from './contract.ts';
import { createEmbeddedContext } from './embedded/secure-context.ts';
import { type EmbeddedOptions, startEmbedded } from './embedded/start.ts';
import { createMailStore } from './mail-store.ts';
import { proveServer } from './prove.ts';

const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
const store = createMailStore();
const mode = (id: string) => readMode(join(MODES_FOLDER, `${id}.yaml`));
const changed = (id: string, path: string, to: unknown) => applyChange(mode(id), path, to).mode;

/** A proof of a server that runs `served` and claims `claimed`. */
async function proofOf(served: Mode, claimed = served, context?: EmbeddedOptions['context']): Promise<Proof> {
  const given = context === undefined ? {} : { context };
  await using server = await startEmbedded({ mode: served, pki, store, listen: '127.0.0.1', ...given });
  // Not a copy: a server's properties are live.
  const claiming: MailServer = Object.create(server, { mode: { value: claimed } });
  return await proveServer(claiming, store.openAccount(), store);
}

const ALL_PORTS = 'Ports 587, 25, 465, 143, 993, 110, 995';

describe('what a good server shows', () => {
  test.for([
    ['today', ['1.0', '1.1', '1.2', '1.3'], [], 'allowed'],
    ['strict', ['1.2', '1.3'], ['1.0', '1.1'], 'refused'],
    ['legacy', ['1.0', '1.1', '1.2', '1.3'], [], 'allowed'],
    ['forgiving', ['1.0', '1.1', '1.2', '1.3'], [], 'allowed'],
  ] as const)('%s', async ([id, accepted, refused, plaintext]) => {
    const proof = await proofOf(mode(id));
    expect(proof.contradictions).toEqual([]);
    expect(proof.mode).toBe(id);
    for (const port of proof.ports) {
      const inTheClear = [465, 993, 995].includes(port.port) ? 'refused' : plaintext;
      expect(port).toMatchObject({ accepted, refused, plaintext: inTheClear, delivers: true });
      const exchanges = port.suites.map((name) => /^TLS_(ECDHE|DHE|RSA)_|/.exec(name)?.[1]);
      expect(exchanges).toEqual(expect.arrayContaining(['ECDHE', 'DHE', 'RSA', undefined]));
    }
    const listed = mode(id).suites.filter((name) => !name.includes('_ECDSA_') && !proof.unspoken.suites.includes(name));
    expect(proof.ports.find(({ port }) => port === 465)?.suites).toEqual(listed);
  });

  test('what the engine cannot speak is said and not held against it', async () => {
    const { unspoken } = await proofOf(mode('today'));
    expect(unspoken.suites).toContain('TLS_RSA_WITH_3DES_EDE_CBC_SHA');
  });

  test.for<[string, unknown]>([
    ['tls.min', '1.0'],
    ['tls.min', '1.3'],
    ['tls.min', 'SSLv3'],
    ['suites', ['TLS_AES_128_GCM_SHA256']],
    ['suites', ['TLS_RSA_WITH_AES_128_CBC_SHA']],
    ['groups', ['secp384r1']],
    ['groups', ['X25519MLKEM768']],
    ['groups', ['brainpoolP256r1']],
    ['signatures', ['rsa_pkcs1_sha1']],
    ['plaintext', 'allowed'],
    ['auth', ['CRAM-MD5']],
    ['auth', ['LOGIN']],
    ['auth', ['NONE']],
    ['certificate.minted', 'ecdsa-p256'],
    ['certificate.minted', 'sha1-signed'],
    ['refusal.version', 'silent'],
    ['refusal.version', '421-after-tls'],
    ['refusal.plaintext', '504'],
    ['refusal.plaintext', '554'],
    ['starttls', 'hidden'],
  ])('strict with %s = %j keeps its word', async ([path, to]) => {
    expect((await proofOf(changed('strict', path, to))).contradictions).toEqual([]);
  });
});

describe('what a wrong server is caught at', () => {
  test('legacy without security level 0: TLS 1.0 is refused with the very alert of a strict server', async () => {
    const { options, unspoken } = createEmbeddedContext(mode('legacy'), pki);
    const ciphers = (options.ciphers ?? '').replace('@SECLEVEL=0', '@SECLEVEL=1');
    const proof = await proofOf(mode('legacy'), mode('legacy'), {
      context: createSecureContext({ ...options, ciphers }),
      unspoken,
    });
    expect(proof.ports.every(({ refused }) => refused.join() === '1.0,1.1')).toBe(true);
    expect(proof.contradictions).toContain(
      `${ALL_PORTS}: mode "legacy" says tls is 1.0 to 1.3, but a client with TLS 1.0 was refused: alert 70 protocol_version. ` +
        "Check the server's range of versions and, for TLS 1.0 and 1.1, that OpenSSL's security level is 0.",
    );
  });

  test('strict that accepts TLS 1.0', async () => {
    const { contradictions } = await proofOf(changed('strict', 'tls.min', '1.0'), mode('strict'));
    expect(contradictions).toContain(
      `${ALL_PORTS}: mode "strict" says tls is 1.2 to 1.3, but a client with TLS 1.0 was accepted. Check the server's range of versions.`,
    );
  });

  const without = (list: readonly string[], name: string) => list.filter((other) => other !== name);
  const { suites, groups, signatures } = mode('strict');
  test.for<[string, Mode, string]>([
    [
      'plaintext let in',
      changed('strict', 'plaintext', 'allowed'),
      'Ports 587, 25, 143, 110: mode "strict" says plaintext is refused, but a client without TLS was let in.',
    ],
    ['mail without a login', changed('strict', 'auth', ['NONE']), 'a good client can use it, but one failed'],
    [
      'a suite missing',
      changed('strict', 'suites', without(suites, 'TLS_RSA_WITH_AES_128_CBC_SHA')),
      'Port 465: mode "strict" says suites hold TLS_RSA_WITH_AES_128_CBC_SHA, but a client with nothing else was refused: alert 40',
    ],
    [
      'a suite too many',
      changed('strict', 'suites', [...suites, 'TLS_RSA_WITH_CAMELLIA_128_CBC_SHA']),
      `${ALL_PORTS}: mode "strict" says suites hold nothing else, but TLS_RSA_WITH_CAMELLIA_128_CBC_SHA was negotiated.`,
    ],
    [
      'a group missing',
      changed('strict', 'groups', without(groups, 'x448')),
      'Port 465: mode "strict" says groups hold x448, but a client with nothing else was refused',
    ],
    [
      'a group too many',
      changed('strict', 'groups', [...groups, 'secp256k1']),
      'Port 465: mode "strict" says groups hold nothing else, but secp256k1 was negotiated.',
    ],
    [
      'SHA-1 signatures',
      changed('strict', 'signatures', [...signatures, 'rsa_pkcs1_sha1']),
      `${ALL_PORTS}: mode "strict" says signatures hold nothing else, but a client with only SHA-1 was accepted.`,
    ],
    [
      'STARTTLS hidden',
      changed('strict', 'starttls', 'hidden'),
      'Ports 587, 25: mode "strict" says a good client can use it, but one failed: the server said "502',
    ],
  ])('%s', async ([, served, sentence]) => {
    const { contradictions } = await proofOf(served, mode('strict'));
    expect(contradictions).toContainEqual(expect.stringContaining(sentence));
  });

  test('plaintext refused although it is allowed', async () => {
    const { contradictions } = await proofOf(mode('legacy'), { ...mode('legacy') });
    expect(contradictions).toEqual([]);
    const stricter = await proofOf(changed('legacy', 'plaintext', 'refused'), mode('legacy'));
    expect(stricter.contradictions).toEqual([
      'Ports 587, 25, 143, 110: mode "legacy" says plaintext is allowed, but a client without TLS was turned away. Check what the server demands before a login.',
    ]);
  });

  test('mail that is accepted and lost', async () => {
    await using server = await startEmbedded({
      mode: mode('strict'),
      pki,
      store: createMailStore(),
      listen: '127.0.0.1',
    });
    const elsewhere = createMailStore();
    const proof = await proveServer(server, elsewhere.openAccount(), elsewhere);
    expect(proof.ports.some(({ delivers }) => delivers)).toBe(false);
    expect(proof.contradictions[0]).toMatch(/but one failed: the server said "535 5\.7\.8/);
  });
});

test('a server that accepts connections and says nothing is given up soon, and said so', async () => {
  const silent = createTcpServer(() => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const server: MailServer = {
    mode: mode('strict'),
    engine: 'hosts',
    unspoken: { versions: [], suites: [], groups: [], signatures: [] },
    address: () => ({ host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 }),
    sessions: () => [],
    trouble: null,
    async [Symbol.asyncDispose]() {},
  };
  const { contradictions } = await proveServer(server, store.openAccount(), store, { idleMs: 50 });
  expect(contradictions).toEqual([
    `${ALL_PORTS}: mode "strict" says a good client can use it, but one failed: the server said nothing for 50 ms. ` +
      'As long as it does, a failing device proves nothing: check that the server runs, its certificate and accounts.',
  ]);
  silent.close();
});

test('the mailbox is left as it was', async () => {
  await using server = await startEmbedded({ mode: mode('strict'), pki, store, listen: '127.0.0.1' });
  const account = store.openAccount();
  await proveServer(server, account, store);
  expect(store.mailbox(account).list()).toEqual([]);
});
