import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingStacks } from '../../../devices/emulated/open-test-lab.ts';
import { describeRun } from '../../cli/describe-run.ts';
import { DEVICES_FOLDER } from '../../cli/prepare.ts';
import { readDevices } from '../../device-files.ts';
import { readModes } from '../../modes/read-mode.ts';
import { openRunFolder, readRecords, type RunFolder } from '../../records.ts';
import { readScenarios, selectScenarios } from '../../scenario-files.ts';
import type { AttendedDevice } from '../../vocabulary/attend.ts';
import { PORTS } from '../../vocabulary/trial.ts';
import { type AttendedRun, openAttendedRun } from './attended-run.ts';
import { nameAllHosts } from './name-all-hosts.ts';
import { playPress } from './play-person.ts';
import { pressesOf } from './press-result.ts';

/** An address of this machine at which nothing else listens. */
const LISTEN = '127.7.0.1';
/** Three dial 587, one sends over 25 and fetches over 993. */
const ADDRESSES: Record<string, string> = {
  'emu-druckwerk-mfp': '127.0.6.1',
  'emu-augenblick-ptz': '127.0.6.2',
  'emu-kleinrechner-sammler': '127.0.6.3',
  'emu-druckwerk-color': '127.0.6.4',
};
const notHere = missingStacks() ?? (await whyNoPorts());
const devices = readDevices(DEVICES_FOLDER).filter(({ id }) => id in ADDRESSES);
const closing = new AbortController();
const { signal } = closing;
const entered = new Map(devices.map(({ id }) => [id, new Map<string, string>()]));
let out: string;
let folder: RunFolder;
let attended: AttendedRun;

/** Why the ports of mail cannot be bound here; null: they can. */
async function whyNoPorts(): Promise<string | null> {
  for (const port of PORTS) {
    const server = net.createServer().listen({ host: LISTEN, port });
    try {
      await once(server, 'listening');
    } catch (fault) {
      return `port ${port} of ${LISTEN}: ${fault instanceof Error ? fault.message : String(fault)}`;
    } finally {
      server.close();
    }
  }
  return null;
}

async function deviceThat(id: string, is: (device: AttendedDevice) => boolean): Promise<AttendedDevice> {
  for (;;) {
    const device = attended.desk.view().devices.find((d) => d.id === id && is(d));
    if (device !== undefined) return device;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = attended.desk.onChange(resolve);
    await promise;
    stop();
  }
}

/** Tells the page, and presses with what it says. */
async function press(id: string): Promise<void> {
  const { prompt } = await deviceThat(id, (d) => d.prompt !== null && d.state !== 'connected');
  attended.desk.answer({ kind: 'pressed', device: id });
  const [device, from] = [devices.find((d) => d.id === id)!, ADDRESSES[id]!];
  const { said } = await playPress({
    device,
    prompt: prompt!,
    entered: entered.get(id)!,
    from,
    door: LISTEN,
    roots: attended.roots,
    signal,
  });
  if (said !== 'nothing') attended.desk.answer({ kind: 'shows', device: id, said, code: '' });
}

function recordsOf(id: string) {
  // What a panel showed is added to a press that is recorded by then.
  return pressesOf(readRecords(join(folder.path, 'records.jsonl')).records.filter((r) => r.device.id === id));
}

describe.skipIf(notHere !== null)(`on the ports of mail ${notHere === null ? '' : `(skipped: ${notHere})`}`, () => {
  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), 'cutover-canonical-'));
    const modes = nameAllHosts(readModes(['today', 'strict', 'legacy']));
    const run = describeRun(new Date(), { engine: 'embedded', listen: LISTEN }, modes);
    folder = openRunFolder(out, run.run);
    attended = await openAttendedRun({
      run,
      folder,
      devices: devices.map((device) => ({ device, note: '' })),
      modes,
      scenarios: selectScenarios(await readScenarios(), []),
      listen: LISTEN,
      ports: 'canonical',
      page: null,
      settleMs: 2_000,
      patienceMs: 60_000,
      signal,
    });
    for (const { id } of devices) attended.desk.answer({ kind: 'take', device: id, by: 'Anna' });
  });

  afterAll(async () => {
    closing.abort();
    await attended[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
    rmSync(out, { recursive: true });
  });

  test('two that nobody knows are pressed at once: each is claimed by its address, once', async () => {
    const both = ['emu-druckwerk-mfp', 'emu-augenblick-ptz'];
    for (const id of both) {
      const { prompt } = await deviceThat(id, (d) => d.prompt !== null);
      expect(prompt?.entries.find(({ name }) => name === 'port')?.value).toBe('587');
      attended.desk.answer({ kind: 'pressed', device: id });
    }
    await Promise.all(both.map(press));
    for (const id of both) {
      await deviceThat(id, (d) => d.problem === 'ambiguous' || d.results.length > 0);
      const own = attended.desk.view().strangers.find(({ address }) => address === ADDRESSES[id]);
      if (own !== undefined) attended.desk.answer({ kind: 'claim', device: id, stranger: own.id });
      await deviceThat(id, (d) => d.results.length === 1);
    }
    // Their addresses are known from now on.
    await Promise.all(both.map(press));
    for (const id of both) {
      const done = await deviceThat(id, (d) => d.state === 'done');
      expect(done.verdicts).toMatchObject([{ verdict: 'legacy-only', causes: ['version-too-old'] }]);
      expect(recordsOf(id).map(({ mode }) => mode)).toEqual(['strict', 'legacy']);
      expect(attended.door.traitsOf(id).addresses).toEqual([ADDRESSES[id]]);
    }
  });

  test('a device that sends and fetches is asked for both, and each direction gets its verdict', async () => {
    const id = 'emu-kleinrechner-sammler';
    for (let presses = 0; ; presses += 1) {
      const now = await deviceThat(
        id,
        (d) => d.state === 'done' || (d.prompt !== null && d.results.length === presses),
      );
      if (now.state === 'done') break;
      await press(id);
      await deviceThat(id, (d) => d.results.length > presses);
    }
    const { verdicts } = await deviceThat(id, (d) => d.state === 'done');
    expect(verdicts).toMatchObject([
      { direction: 'send', verdict: 'legacy-only', causes: ['plaintext-only'] },
      { direction: 'fetch', verdict: 'works' },
    ]);
    expect(recordsOf(id).map(({ direction, mode, setting }) => `${direction} ${mode} ${setting.port}`)).toEqual([
      'send strict 25',
      'send legacy 25',
      'fetch strict 993',
    ]);
  });

  test('a device that was given another address meets strict, is known by what it says, and is pressed again', async () => {
    const id = 'emu-druckwerk-color';
    await press(id);
    await deviceThat(id, (d) => d.results.length === 1);
    ADDRESSES[id] = '127.0.6.5';
    await press(id);
    // Nothing that it met there is taken for the press that legacy was to answer.
    expect(await deviceThat(id, (d) => d.problem === 'too-early')).toMatchObject({ state: 'stuck' });
    expect(recordsOf(id).map(({ mode }) => mode)).toEqual(['strict']);
    attended.desk.answer({ kind: 'again', device: id });
    await press(id);
    const { verdicts, results } = await deviceThat(id, (d) => d.state === 'done');
    expect(results.map(({ outcome }) => outcome)).toEqual(['fails', 'works']);
    expect(verdicts).toMatchObject([{ verdict: 'legacy-only', causes: ['version-too-old'] }]);
    expect(attended.door.traitsOf(id).addresses).toEqual(['127.0.6.4', '127.0.6.5']);
  });
});
