import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { HarnessFault } from '../../faults.ts';
import { applyChange } from '../../modes/apply-change.ts';
import { MODES_FOLDER, readMode } from '../../modes/read-mode.ts';
import { issueCertificate } from '../../pki/issue.ts';
import { mintPki } from '../../pki/mint.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import { createMailStore } from '../mail-store.ts';
import { createEmbeddedContext } from './secure-context.ts';
import { startEmbedded } from './start.ts';

const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
const mode = (id: string) => readMode(join(MODES_FOLDER, `${id}.yaml`));
const changed = (id: string, path: string, to: unknown) => applyChange(mode(id), path, to).mode;

/** A TLS server that says a line to whoever gets in. */
async function serve(options: SecureContextOptions): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer(options, (socket) => {
    socket.on('error', () => {});
    socket.end('welcome\n');
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** What openssl s_client tells of a handshake: "TLSv1.2, Cipher is AES128-SHA", or the alert that ended it. */
async function sClient(served: Mode, ...args: string[]): Promise<string> {
  await using server = await serve(createEmbeddedContext(served, pki).options);
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${server.port}`, ...args], { stdio: 'pipe' });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end();
  await once(child, 'close');
  const alert = /SSL alert number \d+/.exec(output)?.[0];
  return alert ?? /^New, (?:.*, Cipher is .+)$/m.exec(output)?.[0].replace('New, ', '') ?? output;
}

const OLD = (flag: string, suites = 'ALL') => [flag, '-cipher', `${suites}:@SECLEVEL=0`];

describe('openssl s_client as the device', () => {
  const withSha1 = (id: string) => changed(id, 'signatures', [...mode('strict').signatures, 'rsa_pkcs1_sha1']);
  test.for<[string, Mode, string[], string | RegExp]>([
    ['strict refuses TLS 1.0', mode('strict'), OLD('-tls1'), 'SSL alert number 70'],
    ['strict refuses TLS 1.1', mode('strict'), OLD('-tls1_1'), 'SSL alert number 70'],
    ['strict takes TLS 1.2', mode('strict'), OLD('-tls1_2'), /Cipher is ECDHE-RSA-AES256-GCM-SHA384$/],
    ['strict takes TLS 1.3', mode('strict'), ['-tls1_3'], 'TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384'],
    [
      'strict takes AES-CBC with RSA key exchange',
      mode('strict'),
      OLD('-tls1_2', 'AES128-SHA'),
      /Cipher is AES128-SHA$/,
    ],
    ['strict refuses CAMELLIA', mode('strict'), OLD('-tls1_2', 'CAMELLIA128-SHA'), 'SSL alert number 40'],
    ['strict refuses anonymous suites', mode('strict'), OLD('-tls1_2', 'aNULL'), 'SSL alert number 40'],
    ['legacy takes TLS 1.0', mode('legacy'), OLD('-tls1'), /Cipher is ECDHE-RSA-AES256-SHA$/],
    ['legacy takes TLS 1.0 without curves', mode('legacy'), OLD('-tls1', 'AES128-SHA'), /Cipher is AES128-SHA$/],
    ['legacy has DH parameters', mode('legacy'), OLD('-tls1', 'DHE-RSA-AES128-SHA'), /Cipher is DHE-RSA-AES128-SHA$/],
    [
      'strict with tls.min 1.0 takes TLS 1.0',
      changed('strict', 'tls.min', '1.0'),
      OLD('-tls1', 'AES128-SHA'),
      /AES128-SHA$/,
    ],
    [
      'strict with tls.min 1.1 refuses TLS 1.0',
      changed('strict', 'tls.min', '1.1'),
      OLD('-tls1'),
      'SSL alert number 70',
    ],
    ['strict with tls.min 1.0 refuses SHA-1', changed('strict', 'tls.min', '1.0'), sha1(), 'SSL alert number 40'],
    ['strict refuses SHA-1', mode('strict'), sha1(), 'SSL alert number 40'],
    ['strict with SHA-1 takes it', withSha1('strict'), sha1(), /Cipher is ECDHE-RSA-AES128-GCM-SHA256$/],
    ['legacy takes SHA-1', mode('legacy'), sha1(), /Cipher is ECDHE-RSA-AES128-GCM-SHA256$/],
    ['strict refuses secp256k1', mode('strict'), curve('secp256k1'), 'SSL alert number 40'],
    ['strict takes secp521r1', mode('strict'), curve('secp521r1'), /Cipher is ECDHE-RSA-AES128-GCM-SHA256$/],
    ['groups may be opened', changed('strict', 'groups', ['x25519', 'secp256k1']), curve('secp256k1'), /GCM-SHA256$/],
    [
      'an SHA-1-signed certificate is shown',
      changed('strict', 'certificate.minted', 'sha1-signed'),
      ['-tls1_2'],
      /GCM/,
    ],
    ['ECDSA', changed('strict', 'certificate.minted', 'ecdsa-p256'), ['-tls1_2'], /ECDHE-ECDSA-AES256-GCM-SHA384$/],
    [
      'only TLS 1.3 suites: no TLS 1.2',
      changed('strict', 'suites', ['TLS_AES_128_GCM_SHA256']),
      ['-tls1_2'],
      /alert number 70/,
    ],
    [
      'only old suites: no TLS 1.3',
      changed('strict', 'suites', ['TLS_RSA_WITH_AES_128_CBC_SHA']),
      ['-tls1_3'],
      /number 70/,
    ],
    [
      'CCM_8 needs level 0',
      changed('strict', 'suites', ['TLS_AES_128_CCM_8_SHA256']),
      ccm8(),
      /TLS_AES_128_CCM_8_SHA256$/,
    ],
    [
      '421-after-tls lets the old version in',
      changed('strict', 'refusal.version', '421-after-tls'),
      OLD('-tls1'),
      /AES256-SHA$/,
    ],
  ])('%s', async ([, served, args, result]) => {
    expect(await sClient(served, ...args)).toEqual(typeof result === 'string' ? result : expect.stringMatching(result));
  });

  function sha1(): string[] {
    return [...OLD('-tls1_2', 'ECDHE-RSA-AES128-GCM-SHA256'), '-sigalgs', 'RSA+SHA1'];
  }
  function curve(name: string): string[] {
    return [...OLD('-tls1_2', 'ECDHE-RSA-AES128-GCM-SHA256'), '-curves', name];
  }
  function ccm8(): string[] {
    return ['-tls1_3', '-ciphersuites', 'TLS_AES_128_CCM_8_SHA256', '-cipher', 'ALL:@SECLEVEL=0'];
  }
});

describe('msmtp (GnuTLS) as the device', () => {
  const installed = spawnSync('msmtp', ['--version']).error === undefined;
  test.for([
    ['rsa-2048', /^SMTP server/],
    ['ecdsa-p256', /^SMTP server/],
    ['valid-from-1950', /^SMTP server/],
    ['expired', /uses expired certificate/],
    ['not-yet-valid', /not yet (?:activated|valid)/],
    ['wrong-name', /name in the certificate does not match/],
    ['untrusted-root', /issuer is unknown/],
    ['factory-root', /issuer is unknown/],
    ['sha1-signed', /uses insecure algorithm/],
  ] as const)('%s', async ([profile, words], { skip }) => {
    skip(!installed, 'msmtp is not installed (Debian: apt install msmtp)');
    const folder = mkdtempSync(join(tmpdir(), 'cutover-msmtp-'));
    const root = join(folder, 'run-ca.pem');
    writeFileSync(root, pki.runCaPem);
    const served = changed('strict', 'certificate.minted', profile);
    await using server = await startEmbedded({ mode: served, pki, store: createMailStore(), listen: '127.0.0.1' });
    const where = ['--host=127.0.0.1', `--port=${server.address(465).port}`, '--tls=on', '--tls-starttls=off'];
    const child = spawn('msmtp', ['--serverinfo', ...where, `--tls-trust-file=${root}`], { stdio: 'pipe' });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    rmSync(folder, { recursive: true });
    expect(output).toMatch(words);
  });
});

describe('the security level is derived', () => {
  const levelOf = (served: Mode) =>
    /@SECLEVEL=(\d)/.exec(createEmbeddedContext(served, pki).options.ciphers ?? '')?.[1];
  test.for<[Mode, string]>([
    [mode('strict'), '1'],
    [mode('legacy'), '0'],
    [changed('strict', 'tls.min', '1.1'), '0'],
    [changed('strict', 'signatures', ['rsa_pkcs1_sha1', 'rsa_pkcs1_sha256']), '0'],
    [changed('strict', 'suites', ['TLS_RSA_WITH_NULL_SHA', 'TLS_AES_128_GCM_SHA256']), '0'],
  ])('%#', ([served, level]) => {
    expect(levelOf(served)).toBe(level);
  });
});

test('a certificate that is too weak for level 1 is served at level 0', () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 768 });
  const dates = { notBefore: new Date(), notAfter: new Date(Date.now() + 1e9) };
  const chainPem = issueCertificate({ commonName: 'old.example', key, ...dates, hash: 'sha256', use: 'server' });
  const keyPem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const weak = { ...pki, certificate: () => ({ chainPem, keyPem, rootPem: null }) };
  expect(createEmbeddedContext(mode('strict'), weak).options.ciphers).toMatch(/:@SECLEVEL=0$/);
});

describe('what the mode lists and the engine cannot speak', () => {
  test('nothing of strict and legacy, 3DES of today', () => {
    const nothing = { versions: [], suites: [], groups: [], signatures: [] };
    expect(createEmbeddedContext(mode('strict'), pki).unspoken).toEqual(nothing);
    expect(createEmbeddedContext(mode('legacy'), pki).unspoken).toEqual(nothing);
    const { suites } = createEmbeddedContext(mode('today'), pki).unspoken;
    expect(suites).toEqual(mode('today').suites.filter((name) => name.includes('3DES')));
  });

  test('SSL, RC4, and names that OpenSSL does not know', () => {
    const odd = changed('legacy', 'tls.min', 'SSLv2');
    const { unspoken, floor } = createEmbeddedContext(
      {
        ...odd,
        suites: [...odd.suites, 'TLS_RSA_WITH_RC4_128_SHA', 'TLS_KRB5_WITH_RC4_128_MD5'],
        groups: [...odd.groups, 'GC256A'],
        signatures: [...odd.signatures, 'rsa_pkcs1_md5'],
      },
      pki,
    );
    expect(unspoken).toEqual({
      versions: ['SSLv2', 'SSLv3'],
      suites: ['TLS_RSA_WITH_RC4_128_SHA', 'TLS_KRB5_WITH_RC4_128_MD5'],
      groups: ['GC256A'],
      signatures: ['rsa_pkcs1_md5'],
    });
    expect(floor).toBe('1.0');
  });

  test('a mode of nothing else is refused with advice', () => {
    const rc4 = changed('legacy', 'suites', ['TLS_RSA_WITH_RC4_128_SHA']);
    expect(() => createEmbeddedContext(rc4, pki)).toThrow(HarnessFault);
    expect(() => createEmbeddedContext(rc4, pki)).toThrow('speaks none of suites: TLS_RSA_WITH_RC4_128_SHA');
    const old = {
      ...changed('strict', 'suites', ['TLS_RSA_WITH_AES_128_CBC_SHA']),
      tls: { min: '1.3', max: '1.3' },
    } as const;
    expect(() => createEmbeddedContext(old, pki)).toThrow(
      'speaks none of suites for tls 1.3 to 1.3: TLS_RSA_WITH_AES_',
    );
  });
});

test.for(['TLSv1.2', 'TLSv1.3'] as const)('%s: a second connection shows a full handshake again', async (version) => {
  await using server = await serve(createEmbeddedContext(mode('strict'), pki).options);
  const visit = async (session?: Buffer): Promise<{ reused: boolean; session: Buffer | undefined }> => {
    const offered = session === undefined ? {} : { session };
    const socket: TLSSocket = connect({
      port: server.port,
      rejectUnauthorized: false,
      maxVersion: version,
      ...offered,
    });
    let last: Buffer | undefined;
    socket.on('session', (next: Buffer) => (last = next));
    socket.resume();
    await once(socket, 'secureConnect');
    const reused = socket.isSessionReused();
    await once(socket, 'close');
    return { reused, session: last ?? socket.getSession() };
  };
  const first = await visit();
  expect(first.session).toBeDefined();
  expect((await visit(first.session)).reused).toBe(false);
});

test("a key that is not the certificate's is said to be so", async () => {
  const other = mintPki({ hosts: [], addresses: [] });
  const { chainPem } = pki.certificate(mode('strict'));
  const { keyPem } = other.certificate(mode('strict'));
  const mixed = { ...pki, certificate: () => ({ chainPem, keyPem, rootPem: null }) };
  expect(() => createEmbeddedContext(mode('strict'), mixed)).toThrow(
    /OpenSSL refuses its certificate: .*key values mismatch/,
  );
});
