/* oxlint-disable typescript/no-unsafe-type-assertion -- answers of the page under test, and parts of a played world */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEVICES_FOLDER } from '../../cli/prepare.ts';
import { describeRun } from '../../cli/describe-run.ts';
import { readDevices } from '../../device-files.ts';
import { readModes } from '../../modes/read-mode.ts';
import { openRunFolder, readRecords, type RunFolder } from '../../records.ts';
import { readScenarios, selectScenarios } from '../../scenario-files.ts';
import type { AttendedDevice, AttendView } from '../../vocabulary/attend.ts';
import { type AttendedRun, openAttendedRun } from './attended-run.ts';
import { nameAllHosts } from './name-all-hosts.ts';
import { playPress } from './play-person.ts';

const IDS = ['emu-druckwerk-mfp', 'emu-druckwerk-abruf'];
const devices = readDevices(DEVICES_FOLDER).filter((d) => IDS.includes(d.id));
const closing = new AbortController();
const { signal } = closing;
let out: string;
let folder: RunFolder;
let attended: AttendedRun;
let base: string;
let cookie: string;

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'cutover-attended-'));
  const modes = nameAllHosts(readModes(['today', 'strict', 'legacy']));
  const run = describeRun(new Date(), { engine: 'embedded', listen: '127.0.0.1' }, modes);
  folder = openRunFolder(out, run.run);
  attended = await openAttendedRun({
    run,
    folder,
    devices: devices.map((device) => ({ device, note: 'Flur' })),
    modes,
    scenarios: selectScenarios(await readScenarios(), []),
    listen: '127.0.0.1',
    ports: 'mapped',
    page: { html: '<!doctype html>', js: '', css: '', port: 0 },
    settleMs: 800,
    signal,
  });
  const { url } = await attended.page!.invite();
  base = new URL('/', url).href;
  const joined = await fetch(url);
  cookie = joined.headers.get('set-cookie')!.split(';')[0]!;
});

afterAll(async () => {
  closing.abort();
  await attended[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  rmSync(out, { recursive: true });
});

async function view(): Promise<AttendView> {
  const response = await fetch(new URL('view', base), { headers: { cookie } });
  return response.json() as Promise<AttendView>;
}

async function answer(body: unknown): Promise<number> {
  const response = await fetch(new URL('answer', base), {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.status;
}

async function deviceThat(id: string, is: (device: AttendedDevice) => boolean): Promise<AttendedDevice> {
  const found = () => attended.desk.view().devices.find((d) => d.id === id && is(d));
  for (;;) {
    const device = found();
    if (device !== undefined) return device;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = attended.desk.onChange(resolve);
    await promise;
    stop();
  }
}

/** Does what the page says until there is a verdict. */
async function attendTo(id: string, from: string): Promise<AttendedDevice> {
  const device = devices.find((d) => d.id === id)!;
  const entered = new Map<string, string>();
  expect(await answer({ kind: 'take', device: id, by: 'Anna' })).toBe(204);
  for (let presses = 0; ; presses++) {
    const { state, prompt } = await deviceThat(id, (d) => d.state === 'done' || d.prompt !== null);
    if (state === 'done' || presses > 4) break;
    expect(await answer({ kind: 'pressed', device: id })).toBe(204);
    await playPress({ device, prompt: prompt!, entered, from, door: '127.0.0.1', roots: attended.roots, signal });
    await deviceThat(id, (d) => d.results.length > presses);
  }
  return (await view()).devices.find((d) => d.id === id)!;
}

test('a device that sends is pressed twice, to its verdict and cause', async () => {
  const device = await attendTo('emu-druckwerk-mfp', '127.0.0.21');
  expect(device).toMatchObject({ state: 'done', by: 'Anna', note: 'Flur' });
  expect(device.results.map(({ reason, outcome, cause }) => ({ reason, outcome, cause }))).toEqual([
    { reason: 'first', outcome: 'fails', cause: 'version-too-old' },
    { reason: 'legacy', outcome: 'works', cause: undefined },
  ]);
  expect(device.verdicts).toMatchObject([
    { direction: 'send', verdict: 'legacy-only', encrypted: true, causes: ['version-too-old'] },
  ]);
  const { records } = readRecords(join(folder.path, 'records.jsonl'));
  expect(records.map((r) => r.mode)).toEqual(['strict', 'legacy']);
}, 90_000);

test('a device that fetches finds a mail to fetch', async () => {
  const device = await attendTo('emu-druckwerk-abruf', '127.0.0.22');
  expect(device.verdicts).toMatchObject([{ direction: 'fetch', verdict: 'legacy-only', causes: ['version-too-old'] }]);
}, 90_000);

test('what was entered is in no record', () => {
  const text = readFileSync(join(folder.path, 'records.jsonl'), 'utf8');
  const prompts = attended.door.address;
  expect(prompts).toBe('127.0.0.1');
  expect(text).not.toMatch(/AUTH PLAIN [A-Za-z0-9+/]{8}/);
});
