import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';

const STACKS = join(import.meta.dirname, '..', '..', 'devices', 'emulated', 'stacks');

test('an installation that is stopped ends npm and removes its lock', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-install-'));
  for (const name of ['install.mjs', 'package.json', 'package-lock.json'])
    copyFileSync(join(STACKS, name), join(folder, name));
  // Says that it runs, and then hangs like a network that takes and gives nothing.
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\n: > '${folder}/started'\nexec sleep 600\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
  try {
    const { installStacks } = await import(pathToFileURL(join(folder, 'install.mjs')).href);
    const abort = new AbortController();
    const installing: Promise<unknown> = installStacks(() => {}, abort.signal);
    const ended = expect(installing).rejects.toThrow();
    await vi.waitFor(() => expect(existsSync(join(folder, 'started'))).toBe(true), { timeout: 20_000 });
    expect(existsSync(join(folder, '.installing'))).toBe(true);
    abort.abort();
    await ended;
    expect(existsSync(join(folder, '.installing'))).toBe(false);
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  }
});
