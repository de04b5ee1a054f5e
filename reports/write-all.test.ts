import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Report } from './contract.ts';
import { sampleInput } from './fixtures/sample-input.ts';
import { writeAll } from './write-all.ts';

let out = '';
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'cutover-reports-'));
});
afterEach(() => rm(out, { recursive: true, force: true }));

function pageReport(id: string, text: string): Report {
  return {
    id,
    files: [id],
    async write(_, folder) {
      await mkdir(join(folder, id));
      await writeFile(join(folder, id, 'index.txt'), text);
    },
  };
}
const broken: Report = {
  id: 'broken',
  files: ['broken.txt'],
  async write(_, folder) {
    await writeFile(join(folder, 'broken.txt'), 'half a pa');
    throw new Error('no more room');
  },
};

test('a broken report is remembered, keeps its old file, and stops no other', async () => {
  await writeFile(join(out, 'broken.txt'), 'the old page');
  const results = await writeAll(sampleInput(out), [pageReport('a', '1'), broken, pageReport('z', '1')]);
  expect(results.map((r) => [r.report, r.fault instanceof Error ? r.fault.message : r.fault])).toEqual([
    ['a', null],
    ['broken', 'no more room'],
    ['z', null],
  ]);
  expect(await readFile(join(out, 'broken.txt'), 'utf8')).toBe('the old page');
  expect((await readdir(out)).sort()).toEqual(['a', 'broken.txt', 'z']);
});

test('a second time everything is replaced, and no other file is touched', async () => {
  await mkdir(join(out, 'runs'));
  await writeAll(sampleInput(out), [pageReport('a', 'first')]);
  await writeFile(join(out, 'a', 'stale.txt'), 'from an older run');
  await writeAll(sampleInput(out), [pageReport('a', 'second')]);
  expect(await readdir(join(out, 'a'))).toEqual(['index.txt']);
  expect(await readFile(join(out, 'a', 'index.txt'), 'utf8')).toBe('second');
  expect((await readdir(out)).sort()).toEqual(['a', 'runs']);
});

test('what a killed process left half written is removed', async () => {
  // Above the kernel's highest pid (2^22), so certainly not alive.
  await mkdir(join(out, '.a.99999999.x1'));
  await writeAll(sampleInput(out), [pageReport('a', '1')]);
  expect(await readdir(out)).toEqual(['a']);
});
