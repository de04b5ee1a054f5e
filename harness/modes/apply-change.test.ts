import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyChange } from './apply-change.ts';
import { MODES_FOLDER, readMode } from './read-mode.ts';

const strict = readMode(join(MODES_FOLDER, 'strict.yaml'));

test.for([
  ['tls.min', '1.0', '1.2'],
  ['suites', ['TLS_RSA_WITH_RC4_128_SHA'], strict.suites],
  ['signatures', [...strict.signatures, 'rsa_pkcs1_sha1'], strict.signatures],
  ['plaintext', 'allowed', 'refused'],
  ['auth', ['PLAIN', 'NONE'], ['PLAIN', 'LOGIN']],
  ['certificate.minted', 'valid-from-1950', 'rsa-2048'],
  ['certificate.names', ['192.0.2.1'], []],
  ['certificate', { files: { chain: '/c.pem', key: '/k.pem' } }, { minted: 'rsa-2048', names: [] }],
  ['refusal.version', 'silent', 'alert'],
] as const)('%s becomes %j and nothing else changes', ([path, to, from]) => {
  const before = structuredClone(strict);
  const { mode, change } = applyChange(strict, path, to);
  expect(change).toEqual({ path, from, to });
  expect(strict).toEqual(before);
  // Changing it back gives the old mode: so nothing else was touched.
  expect(mode).not.toEqual(strict);
  expect(applyChange(mode, path, from).mode).toEqual(strict);
});

test('a list may repeat itself, as the hello it was taken from does', () => {
  const { mode } = applyChange(strict, 'groups', ['x25519', 'secp256k1', 'x25519']);
  expect(mode.groups).toEqual(['x25519', 'secp256k1']);
});

test.for([
  ['tls.mni', '1.0', 'it has no key "mni"'],
  ['certificate.files', {}, 'it has no key "files"'],
  ['suites.0', 'TLS_AES_128_GCM_SHA256', 'it has no key "0"'],
  ['__proto__.polluted', 1, 'it has no key "__proto__"'],
  ['', 1, 'it has no key ""'],
  ['tls.min', '0.9', 'a version is one of SSLv2'],
  ['suites', [], 'expected array to have >=1 items'],
  ['suites', ['AES128-SHA'], 'did you mean TLS_RSA_WITH_AES_128_CBC_SHA?'],
  ['plaintext', true, 'plaintext'],
] as const)('%s to %j is refused', ([path, to, why]) => {
  expect(() => applyChange(strict, path, to)).toThrow(why);
});
