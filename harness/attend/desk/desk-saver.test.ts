import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDeskSaver } from './desk-saver.ts';
import type { SavedDesk } from './saved-desk.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'cutover-saver-'));
});
afterEach(() => rmSync(path, { recursive: true }));

const desk = (version: number): SavedDesk => ({
  v: 1,
  run: 'r',
  startedAt: '2026-01-01T00:00:00.000Z',
  listen: '127.0.0.1',
  ports: {},
  page: { port: 0, sessions: [] },
  version,
  people: [],
  finished: false,
  devices: [],
});
const onDisk = () => Number(JSON.parse(readFileSync(join(path, 'attend.json'), 'utf8')).version);

test('what was confirmed is on disk, however many change it meanwhile', async () => {
  let version = 0;
  const write = (name: string, value: unknown) => writeFileSync(join(path, name), JSON.stringify(value));
  await using saver = openDeskSaver({ path, write }, () => desk(version));
  const confirmed = await Promise.all(
    Array.from({ length: 40 }, async (_, i) => {
      await new Promise((resolve) => setImmediate(resolve));
      version = i + 1;
      saver.changed();
      await saver.saved();
      return onDisk() >= i + 1;
    }),
  );
  expect(confirmed).toEqual(Array.from({ length: 40 }, () => true));
  expect(onDisk()).toBe(40);
});
