/* oxlint-disable typescript/no-unsafe-type-assertion -- answers of the page under test, and parts of a played world */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { playPress } from '../../attend/desk/play-person.ts';
import { readDevices } from '../../device-files.ts';
import type { AttendedDevice, AttendView } from '../../vocabulary/attend.ts';
import { DEVICES_FOLDER } from '../prepare.ts';

const ID = 'emu-druckwerk-mfp';
const device = readDevices(DEVICES_FOLDER).find((d) => d.id === ID)!;
const out = mkdtempSync(join(tmpdir(), 'cutover-attend-'));
const running: ChildProcess[] = [];

afterEach(async () => {
  for (const child of running.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  rmSync(out, { recursive: true, force: true });
});

/** The real command, and the address that it prints. */
async function start(...args: readonly string[]) {
  const cli = join(import.meta.dirname, '..', 'cutover.mjs');
  const child = spawn(process.execPath, [cli, 'attend', '--no-html', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (part) => {
      text += String(part);
    });
    child.stdout.on('data', (part) => {
      text += String(part);
      const found = /http:\/\/\S+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  return { child, url, told: () => text };
}

function openPage(base: string, cookie: string) {
  const view = async (): Promise<AttendView> => {
    const response = await fetch(`${base}/view`, { headers: { cookie } });
    expect(response.status).toBe(200);
    return response.json() as Promise<AttendView>;
  };
  return {
    view,
    async answer(value: unknown) {
      const headers = { cookie, 'content-type': 'application/json' };
      const { status } = await fetch(`${base}/answer`, { method: 'POST', headers, body: JSON.stringify(value) });
      expect(status).toBe(204);
    },
    async until(is: (d: AttendedDevice) => boolean): Promise<AttendedDevice> {
      for (;;) {
        const found = (await view()).devices.find(is);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

test('killed in the middle of a press, it goes on: same page, same ports, nothing recorded is lost', async () => {
  const first = await start('--device', ID, '--ports', 'mapped', '--out', out);
  const base = new URL(first.url).origin;
  const cookie = (await fetch(first.url)).headers.get('set-cookie')!.split(';')[0]!;
  const page = openPage(base, cookie);
  const entered = new Map<string, string>();
  const press = async ({ prompt }: AttendedDevice) =>
    playPress({
      device,
      prompt: prompt!,
      entered,
      from: '127.0.0.31',
      door: '127.0.0.1',
      // It verifies nothing.
      roots: { factory: '', run: '' },
      signal: new AbortController().signal,
    });
  await page.answer({ kind: 'take', device: ID, by: 'Anna' });
  await press(await page.until((d) => d.prompt !== null));
  await page.until((d) => d.results.length === 1 && d.prompt !== null);
  await page.answer({ kind: 'pressed', device: ID });
  const shown = await page.view();
  expect(shown.devices[0]).toMatchObject({ state: 'armed' });
  // What was answered is saved a moment later.
  await new Promise((resolve) => setTimeout(resolve, 500));
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await start('--resume', out);
  expect(new URL(second.url).origin).toBe(base);
  const back = await page.until((d) => d.prompt !== null);
  expect(back).toMatchObject({ state: 'entering', problem: 'restarted', by: 'Anna', results: [{ number: 1 }] });
  // Settings are entered once.
  expect(back.prompt?.entries).toEqual([]);
  expect((await page.view()).version).toBeGreaterThan(shown.version);
  await page.answer({ kind: 'pressed', device: ID });
  await press(back);
  const done = await page.until((d) => d.state === 'done');
  expect(done.verdicts).toMatchObject([{ verdict: 'legacy-only', causes: ['version-too-old'] }]);
  await page.answer({ kind: 'finish' });
  const [code] = await once(second.child, 'exit');
  expect(code).toBe(0);

  const [run] = readdirSync(join(out, 'runs'));
  const records = readFileSync(join(out, 'runs', run!, 'records.jsonl'), 'utf8')
    .trim()
    .split('\n');
  expect(records.map((line) => (JSON.parse(line) as { mode: string }).mode)).toEqual(['strict', 'legacy']);
  expect(readFileSync(join(out, 'matrix.csv'), 'utf8')).toContain('legacy-only');
}, 180_000);
