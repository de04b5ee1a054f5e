import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { isDead, renderOwner } from './labels.ts';

const [pid = '', started = '', boot = '', namespace = ''] = renderOwner().split('.');

test('this process lives', () => {
  expect(isDead(renderOwner())).toBe(false);
});

test.for([
  ['a process that ended', [String(spawnSync('true').pid), started, boot, namespace], true],
  ['another process that got its pid', [pid, `${started}0`, boot, namespace], true],
  ['a process from before this boot', [pid, started, 'ffffffff', namespace], true],
  ['a process that counts pids elsewhere', [String(spawnSync('true').pid), started, boot, `${namespace}0`], false],
  ['something that is no owner', ['x', started, boot, namespace], false],
] as const)('%s', ([, parts, dead]) => {
  expect(isDead(parts.join('.'))).toBe(dead);
});
