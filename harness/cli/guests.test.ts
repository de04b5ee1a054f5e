import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readGuestRecipes } from '../guests/recipe.ts';
import { cutover } from './start-cutover.ts';

const cache = mkdtempSync(join(tmpdir(), 'cutover-no-guests-'));
afterAll(() => rmSync(cache, { recursive: true }));
const inEmptyCache = (...args: readonly string[]) => cutover(['guests', ...args], { XDG_CACHE_HOME: cache });

test('list --json prints every image that has a recipe, and nothing else', async () => {
  const { code, stdout } = await inEmptyCache('list', '--json');
  expect(code).toBe(0);
  const missing = readGuestRecipes().map(({ name, kind, architecture }) => ({
    name,
    kind,
    architecture,
    state: 'missing',
  }));
  expect(missing.length).toBeGreaterThanOrEqual(7);
  expect(JSON.parse(stdout)).toMatchObject(missing);
});

test('list says what is to build', async () => {
  const { code, stdout } = await inEmptyCache('list');
  expect(code).toBe(0);
  expect(stdout).toMatch(/missing +old-linux +boot +x86_64\n[^]*to build: npx cutover guests build\n$/);
});

test('a name that is none: which there are, and nothing is begun', async () => {
  for (const what of ['build', 'remove']) {
    const { code, stderr } = await inEmptyCache(what, 'nonsense');
    expect([what, code]).toEqual([what, 64]);
    expect(stderr).toMatch(/no image of a guest named nonsense\n.*old-linux/);
  }
  expect(readdirSync(cache)).toEqual([]);
});

test('remove of nothing removes nothing', async () => {
  expect(await inEmptyCache('remove')).toMatchObject({ code: 0, stdout: '0 images removed\n' });
});
