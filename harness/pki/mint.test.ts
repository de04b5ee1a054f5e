import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { applyChange } from '../modes/apply-change.ts';
import { MODES_FOLDER, readMode } from '../modes/read-mode.ts';
import { MINTED_PROFILES, type Mode } from '../vocabulary/mode.ts';
import { mintPki } from './mint.ts';

const now = new Date('2026-03-01T12:00:00Z');
const pki = mintPki({ hosts: ['extra.example'], addresses: ['127.0.0.1', '::1'], now });
const strict = readMode(join(MODES_FOLDER, 'strict.yaml'));
const folder = mkdtempSync(join(tmpdir(), 'cutover-pki-'));
afterAll(() => rmSync(folder, { recursive: true }));

function minted(profile: string, names: readonly string[] = []): Mode {
  return applyChange(strict, 'certificate', { minted: profile, names }).mode;
}

function stored(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What `openssl verify` says of a profile's chain under the run CA. */
function verify(profile: string, at: Date, ...more: string[]): string {
  const { chainPem } = pki.certificate(minted(profile));
  const files = [stored('root.pem', pki.runCaPem), stored('chain.pem', chainPem)] as const;
  const time = ['-attime', String(Math.floor(at.getTime() / 1000))];
  const args = ['verify', '-x509_strict', '-purpose', 'sslserver', ...time, ...more, '-CAfile', files[0], files[1]];
  const { stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

describe('certificates as openssl sees them', () => {
  const clock1970 = new Date('1970-01-02T00:00:00Z');
  test.for([
    ['rsa-2048', now, ': OK'],
    ['ecdsa-p256', now, ': OK'],
    ['valid-from-1950', now, ': OK'],
    ['sha1-signed', now, ': OK'],
    ['untrusted-root', now, 'unable to get local issuer certificate'],
    ['factory-root', now, 'unable to get local issuer certificate'],
    ['expired', now, 'certificate has expired'],
    ['not-yet-valid', now, 'certificate is not yet valid'],
    ['wrong-name', now, 'hostname mismatch'],
    ['rsa-2048', clock1970, 'certificate is not yet valid'],
    ['valid-from-1950', clock1970, ': OK'],
  ] as const)('%s at %s: %s', ([profile, at, answer]) => {
    expect(verify(profile, at, '-verify_hostname', 'imap.variomedia.de')).toContain(answer);
  });

  test('addresses and further names are in the certificate, others are not', () => {
    expect(verify('rsa-2048', now, '-verify_ip', '127.0.0.1')).toContain(': OK');
    expect(verify('rsa-2048', now, '-verify_ip', '::1')).toContain(': OK');
    expect(verify('rsa-2048', now, '-verify_hostname', 'extra.example')).toContain(': OK');
    expect(verify('rsa-2048', now, '-verify_ip', '127.0.0.2')).toContain('IP address mismatch');
    const named = new X509Certificate(pki.certificate(minted('rsa-2048', ['192.0.2.7', 'typed.example'])).chainPem);
    expect(named.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(named.checkHost('typed.example')).toBe('typed.example');
    const umlaut = new X509Certificate(pki.certificate(minted('rsa-2048', ['bücher.example'])).chainPem);
    expect(umlaut.checkHost('xn--bcher-kva.example')).toBe('xn--bcher-kva.example');
  });

  test('the factory root verifies its own profile', () => {
    const { chainPem, rootPem } = pki.certificate(minted('factory-root'));
    expect(rootPem).toBe(pki.factoryRootPem);
    const args = [
      'verify',
      '-attime',
      String(now.getTime() / 1000),
      '-CAfile',
      stored('factory.pem', pki.factoryRootPem),
    ];
    expect(execFileSync('openssl', [...args, stored('chain.pem', chainPem)], { encoding: 'utf8' })).toContain(': OK');
  });

  test.for([
    ['rsa-2048', 'sha256WithRSAEncryption', 'Public-Key: (2048 bit)', 'Digital Signature, Key Encipherment'],
    ['ecdsa-p256', 'sha256WithRSAEncryption', 'NIST CURVE: P-256', 'Digital Signature'],
    ['sha1-signed', 'sha1WithRSAEncryption', 'Public-Key: (2048 bit)', 'Digital Signature, Key Encipherment'],
  ] as const)('%s is signed, keyed and usable as it says', ([profile, signature, key, usage]) => {
    const { chainPem } = pki.certificate(minted(profile));
    const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: chainPem, encoding: 'utf8' });
    expect(text).toContain(`Signature Algorithm: ${signature}`);
    expect(text).toContain(key);
    expect(text).toMatch(new RegExp(`Key Usage: critical\\s+${usage}\\n`));
    expect(text).toContain('TLS Web Server Authentication');
  });

  test('1950 is written as UTCTime, the form that RFC 5280 demands until 2049', () => {
    const { chainPem } = pki.certificate(minted('valid-from-1950'));
    for (const pem of [chainPem, pki.runCaPem]) {
      const parsed = execFileSync('openssl', ['asn1parse'], { input: pem, encoding: 'utf8' });
      expect(parsed).toMatch(/UTCTIME +:500101000000Z/);
      expect(parsed).not.toContain('GENERALIZEDTIME');
    }
  });
});

test.for([now, new Date('2037-11-30T00:00:00Z')])('nothing outlives 32-bit clocks (minted %s)', (today) => {
  const later = mintPki({ hosts: [], addresses: [], now: today });
  const chains = MINTED_PROFILES.map((profile) => later.certificate(minted(profile)).chainPem);
  for (const pem of [...chains, later.runCaPem, later.factoryRootPem]) {
    expect(new X509Certificate(pem).validToDate.getTime()).toBeLessThan(Date.parse('2038-01-19T03:14:07Z'));
  }
});

test('serial numbers differ, and are positive and short enough', () => {
  const serials = MINTED_PROFILES.map((p) => new X509Certificate(pki.certificate(minted(p)).chainPem).serialNumber);
  expect(new Set(serials).size).toBe(MINTED_PROFILES.length);
  for (const serial of serials) expect(serial).toMatch(/^[0-7][0-9A-F]{1,38}$/);
});

test('a mode gets the same certificate every time, and a run its own keys', () => {
  expect(pki.certificate(minted('rsa-2048'))).toBe(pki.certificate(minted('rsa-2048')));
  const other = mintPki({ hosts: [], addresses: [], now });
  expect(other.certificate(strict).keyPem).not.toBe(pki.certificate(strict).keyPem);
});

describe("the provider's own files", () => {
  const own = pki.certificate(strict);
  const leafPem = own.chainPem.slice(0, own.chainPem.indexOf('-----END CERTIFICATE-----') + 26);
  const files = (chain: string, key: string): Mode => ({ ...strict, certificate: { files: { chain, key } } });

  test('are served as they are', () => {
    const chain = stored('provider-chain.pem', own.chainPem);
    const read = pki.certificate(files(chain, stored('provider-key.pem', own.keyPem)));
    expect(read).toEqual({ chainPem: own.chainPem, keyPem: own.keyPem, rootPem: pki.runCaPem });
  });

  test('must have a key that can be read', () => {
    const key = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    });
    const mode = files(stored('leaf.pem', leafPem), stored('locked.pem', key.privateKey));
    expect(() => pki.certificate(mode)).toThrow(/locked\.pem: the key is encrypted/);
  });

  test('may come without the root', () => {
    const read = pki.certificate(files(stored('leaf.pem', leafPem), stored('key.pem', own.keyPem)));
    expect(read.rootPem).toBeNull();
  });

  test.for([
    ['missing', 'no-such-file.pem', 'no-such-file.pem: cannot be read'],
    ['not PEM', stored('der.pem', 'DER'), 'holds no PEM block "CERTIFICATE"'],
    ['broken', stored('broken.pem', leafPem.replace('MII', 'XII')), 'a certificate in it cannot be read'],
  ])('%s: said with the file name', ([, chain = '', message]) => {
    expect(() => pki.certificate(files(chain, stored('key.pem', own.keyPem)))).toThrow(message);
  });
});
