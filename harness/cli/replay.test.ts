import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommandLine } from './main.ts';

let own: string;
const printed: string[] = [];
beforeEach(() => {
  own = mkdtempSync(join(tmpdir(), 'cutover-replay-'));
  printed.length = 0;
  process.exitCode = 0;
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void printed.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(own, { recursive: true });
  process.exitCode = 0;
});

async function replay(...args: readonly string[]): Promise<{ readonly code: unknown; readonly text: string }> {
  await runCommandLine(['replay', ...args, '--corpus', own]);
  return { code: process.exitCode, text: printed.join('\n') };
}

test('a device’s hellos against two modes and two ports', async () => {
  const { code, text } = await replay('-m', 'strict', 'today', '-p', '465', '-p', '110', '-d', 'lab-busybox');
  expect(code).toBe(0);
  expect(text.split('\n')).toEqual([
    expect.stringMatching(/^strict, port 465: (\d+) of \1 as predicted; \d+ work, [1-9]\d* do not$/),
    expect.stringMatching(/^strict, port 110: (\d+) of \1 as predicted/),
    expect.stringMatching(/^today, port 465: (\d+) of \1 as predicted; \1 work, 0 do not$/),
    expect.stringMatching(/^today, port 110: (\d+) of \1 as predicted/),
  ]);
});

test('made-up hellos, as JSON', async () => {
  const { code, text } = await replay('-m', 'strict', '-p', '993', '--mutated', '20', '--seed', '3', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(text)).toMatchObject([
    { mode: 'strict', port: 993, compared: 20, differences: [], notCompared: [] },
  ]);
});

test.each([
  [['-m', 'strict', '-p', '26'], /one of 25, 110/],
  [['-m', 'strict', '-d', 'nobody'], /No recorded hello is of nobody/],
])('%j is wrong usage', async (args, message) => {
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  const { code, text } = await replay(...args);
  expect(code).toBe(64);
  expect(text).toMatch(message);
});
