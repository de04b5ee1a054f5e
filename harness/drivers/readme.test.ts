import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the example of the README prints what its last line says', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const expected = /^\/\/ (.*)$/m.exec(example)?.[1];
  const folder = mkdtempSync(join(tmpdir(), 'cutover-readme-'));
  try {
    const file = join(folder, 'example.ts');
    writeFileSync(
      file,
      example.replaceAll(/from '\.\/(.*)'/g, (_, name: string) => `from '${new URL(name, import.meta.url).href}'`),
    );
    expect(execFileSync(process.execPath, [file], { encoding: 'utf8' }).trim()).toBe(expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
