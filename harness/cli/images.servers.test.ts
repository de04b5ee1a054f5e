import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasEngine } from '../containers/has-engine.ts';

const here = await hasEngine('cutover images');

function cutover(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'cutover.mjs'), 'images', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

describe('cutover images', () => {
  test.skipIf(!here)('list --json prints every image and nothing else', () => {
    const { status, stdout } = cutover(['list', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining(['dovecot', 'postfix', 'probe'].map((name) => expect.objectContaining({ name }))),
    );
  });

  test('build and remove of a name that is none say which there are', () => {
    const { status, stderr } = cutover(['build', 'nonsense']);
    expect(status).toBe(64);
    expect(stderr).toMatch(/no image nonsense\n.*postfix/);
  });

  test('without an engine says what to do', () => {
    const { status, stderr } = cutover(['list'], { DOCKER_HOST: 'unix:///nonexistent/engine.sock' });
    expect(status).toBe(78);
    expect(stderr).toMatch(/\/nonexistent\/engine\.sock[^]*→ Install and start a container engine/);
  });
});
