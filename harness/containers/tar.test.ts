import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderTar } from './tar.ts';

test('tar reads what was written: content, mode, long paths', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-tar-'));
  try {
    const long = `${'folder/'.repeat(20)}${'n'.repeat(90)}`;
    const bytes = Buffer.from(Array.from({ length: 1025 }, (_, i) => i % 256));
    const archive = renderTar([
      { target: '/etc/a.conf', content: 'grüße\n' },
      { target: 'run.sh', content: '#!/bin/sh\n', mode: 0o755 },
      { target: 'empty', content: '', mode: 0o600 },
      { target: long, content: bytes },
    ]);
    execFileSync('tar', ['-xf', '-', '-C', folder], { input: archive });
    expect(readFileSync(join(folder, 'etc/a.conf'), 'utf8')).toBe('grüße\n');
    expect(statSync(join(folder, 'run.sh')).mode & 0o777).toBe(0o755);
    expect(statSync(join(folder, 'empty'))).toMatchObject({ size: 0 });
    expect(readFileSync(join(folder, long)).equals(bytes)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('equal files give equal bytes', () => {
  const files = [{ target: 'a', content: 'x' }];
  expect(renderTar(files).equals(renderTar(files))).toBe(true);
});

test.for(['', '/', '../etc/passwd', 'a/../../b', 'x'.repeat(101)])('%j is no place for a file', (target) => {
  expect(() => renderTar([{ target, content: '' }])).toThrow(expect.objectContaining({ code: 'bad-path' }));
});
