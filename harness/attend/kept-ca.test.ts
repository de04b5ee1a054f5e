import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readModes } from '../modes/read-mode.ts';
import { mintPki } from '../pki/mint.ts';
import { discardRunCa, keepRunCa } from './kept-ca.ts';

const NOW = new Date('2024-10-01T08:00:00Z');
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'cutover-ca-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('a run that goes on has the root that its devices were given, and signs with it', () => {
  const first = keepRunCa(folder, NOW);
  expect(first.isKnown).toBe(false);
  const again = keepRunCa(folder, new Date('2024-10-02T08:00:00Z'));
  expect(again.isKnown).toBe(true);
  expect(again.ca).toEqual(first.ca);
  const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'], runCa: again.ca });
  expect(pki.runCaPem).toBe(first.ca.pem);
  const [strict] = readModes(['strict']);
  const leaf = new X509Certificate(pki.certificate(strict!).chainPem);
  const root = new X509Certificate(first.ca.pem);
  expect([leaf.checkIssued(root), leaf.verify(root.publicKey)]).toEqual([true, true]);
});

test('the key is for its user alone, and goes with the run', () => {
  const before = process.umask(0);
  const kept = keepRunCa(folder, NOW);
  process.umask(before);
  expect(statSync(kept.file).mode & 0o777).toBe(0o600);
  expect(readFileSync(kept.file, 'utf8')).toContain('BEGIN PRIVATE KEY');
  // What devices are given is no secret, and holds none.
  expect(readFileSync(kept.pem, 'utf8')).toBe(kept.ca.pem);
  expect(new X509Certificate(readFileSync(kept.der)).fingerprint256).toBe(
    new X509Certificate(kept.ca.pem).fingerprint256,
  );
  kept.discard();
  expect(existsSync(kept.file)).toBe(false);
  expect(existsSync(kept.pem)).toBe(true);
  expect(() => discardRunCa(folder)).not.toThrow();
});

test.for<readonly [string, (file: string) => void, RegExp]>([
  ['others may read it', (file) => chmodSync(file, 0o640), /other users could read/],
  ['it is a link to another file', (file) => (rmSync(file), symlinkSync('/etc/hostname', file)), /file of its own/],
  ['it is damaged', (file) => writeFileSync(file, 'nothing'), /no root with its key/],
  [
    'the key is another one',
    (file) => {
      const other = mkdtempSync(join(folder, 'other-'));
      const [pem = ''] = readFileSync(file, 'utf8').split('-----BEGIN PRIVATE KEY-----');
      writeFileSync(file, pem + keepRunCa(other, NOW).ca.keyPem);
    },
    /key is that of another root/,
  ],
])('%s: refused, with what to do', ([, spoil, message]) => {
  const { file } = keepRunCa(folder, NOW);
  spoil(file);
  expect(() => keepRunCa(folder, NOW)).toThrow(message);
  expect(() => keepRunCa(folder, NOW)).toThrow(
    expect.objectContaining({
      code: 'run-ca-unsafe',
      exitCode: 78,
      advice: expect.stringContaining('Remove the file'),
    }),
  );
});
