import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { STACKS } from '../../harness/vocabulary/device.ts';
import { missingStacks } from './open-test-lab.ts';
import { stackPath } from './stack-path.ts';

const FOLDER = join(import.meta.dirname, 'stacks');
const missing = missingStacks();
if (missing !== null) console.warn(`skipped: old stacks, because ${missing}`);

test('the lock file pins a hash for every package and names no registry', () => {
  const lock = readFileSync(join(FOLDER, 'package-lock.json'), 'utf8');
  const packages: Record<string, { integrity?: string }> = JSON.parse(lock).packages;
  const installed = Object.entries(packages).filter(([path]) => path !== '');
  expect(installed).toHaveLength(8);
  for (const [path, { integrity }] of installed) expect(integrity, path).toMatch(/^sha512-/);
  expect(lock).not.toMatch(/https?:/);
});

test('installing again does nothing and says nothing, also twice at once', async () => {
  const install = () => promisify(execFile)(process.execPath, [join(FOLDER, 'install.mjs')]);
  for (const { stdout, stderr } of await Promise.all([install(), install()])) expect(stdout + stderr).toBe('');
});

test.skipIf(missing !== null).for(STACKS.filter((s) => /^node-\d/.test(s)))('%s is that version', (stack) => {
  const found = stackPath(stack);
  expect(execFileSync('path' in found ? found.path : '', ['-v'], { encoding: 'utf8' })).toBe(`v${stack.slice(5)}\n`);
});

test('no old Node is linked where scripts look for one', () => {
  expect(existsSync(join(FOLDER, 'node_modules/.bin'))).toBe(false);
});
