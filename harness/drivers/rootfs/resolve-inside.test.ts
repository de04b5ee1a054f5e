import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { resolveInside } from './resolve-inside.ts';

function makeRoot(links: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'resolve-inside-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const folder of ['etc', 'var', 'tmp']) mkdirSync(join(root, folder));
  for (const [at, target] of Object.entries(links)) symlinkSync(target, join(root, at));
  return root;
}

test.each([
  ['a plain path', {}, '/etc/hosts', 'etc/hosts'],
  ['what does not exist', {}, '/opt/none/x', 'opt/none/x'],
  ['a link from the root', { 'etc/hosts': '/tmp/hosts' }, '/etc/hosts', 'tmp/hosts'],
  ['a relative link', { 'etc/hosts': '../tmp/hosts' }, '/etc/hosts', 'tmp/hosts'],
  ['a folder that is a link', { run: 'var', 'var/tmp': '/tmp' }, '/run/tmp/x', 'tmp/x'],
  ['a link that climbs out', { 'etc/hosts': '../../../../tmp/hosts' }, '/etc/hosts', 'tmp/hosts'],
  ['dots', {}, '/etc/./../var//log', 'var/log'],
])('%s stays inside', (_, links, path, expected) => {
  expect(resolveInside(makeRoot(links), path)).toBe(expected);
});

test('links in a circle, or more than a kernel follows, are refused', () => {
  const root = makeRoot({ 'etc/a': 'b', 'etc/b': 'a' });
  expect(() => resolveInside(root, '/etc/a/x')).toThrow(/\/etc\/a\/x leads through more than 40 links/);
});
