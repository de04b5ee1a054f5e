import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { connectEngine } from './engine.ts';
import { hasEngine } from './has-engine.ts';
import { removeImages } from './images.ts';
import { importRoot } from './import-root.ts';
import { renderTar } from './tar.ts';

const here = await hasEngine('importing root file systems');
const folder = mkdtempSync(join(tmpdir(), 'cutover-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

function archiveOf(content: string): string {
  const path = join(folder, `${content}.tar`);
  writeFileSync(path, renderTar([{ target: '/etc/hello', content }]));
  return path;
}

test.skipIf(!here)('a root file system is kept by its content, and only the newest of a name', async () => {
  const { engine } = await connectEngine();
  const name = `test-${process.pid}`;
  const idOf = async (tag: string): Promise<string | null> =>
    engine
      .getImage(tag)
      .inspect()
      .then(
        (image) => image.Id,
        () => null,
      );
  try {
    const first = await importRoot(engine, { name, path: archiveOf('one') });
    const id = await idOf(first.tag);
    expect(id).toMatch(/^sha256:/);
    const again = await importRoot(engine, { name, path: archiveOf('one') });
    expect([again.tag, await idOf(again.tag)]).toEqual([first.tag, id]);
    const second = await importRoot(engine, { name, path: archiveOf('two') });
    expect(second.tag).not.toBe(first.tag);
    expect(await idOf(first.tag)).toBeNull();
  } finally {
    expect((await removeImages([`root-${name}`])).removed).toHaveLength(1);
  }
});
