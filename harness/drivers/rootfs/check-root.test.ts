import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkRoot } from './check-root.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-root-'));
beforeAll(() => {
  mkdirSync(join(folder, 'unpacked', 'bin'), { recursive: true });
  for (const [name, compress] of [
    ['plain.tar', []],
    ['small.tar.gz', ['--gzip']],
  ] as const)
    execFileSync('tar', ['--create', ...compress, `--file=${join(folder, name)}`, `--directory=${folder}`, 'unpacked']);
  writeFileSync(join(folder, 'root.squashfs'), Buffer.concat([Buffer.from('hsqs'), Buffer.alloc(4096)]));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['unpacked', 'plain.tar', 'small.tar.gz'])('%s can be entered', (name) => {
  expect(() => checkRoot(join(folder, name))).not.toThrow();
});

test.each([
  ['gone', /gone cannot be entered: there is no such folder or file/],
  ['root.squashfs', /root\.squashfs cannot be entered: it is no tar archive/],
])('%s cannot, and it is said why', (name, said) => {
  expect(() => checkRoot(join(folder, name))).toThrow(said);
});
