import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttendedRun, openAttendedRun } from '../../harness/attend/desk/attended-run.ts';
import { nameAllHosts } from '../../harness/attend/desk/name-all-hosts.ts';
import { type PlayedPress, playPress } from '../../harness/attend/desk/play-person.ts';
import { readStoredDesk } from '../../harness/attend/desk/stored-desk.ts';
import { describeRun } from '../../harness/cli/describe-run.ts';
import { readModes } from '../../harness/modes/read-mode.ts';
import { openRunFolder, readRecords, type RunFolder } from '../../harness/records.ts';
import { readScenarios, selectScenarios } from '../../harness/scenario-files.ts';
import type { AttendedDevice } from '../../harness/vocabulary/attend.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Mode } from '../../harness/vocabulary/mode.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import type { Run } from '../../harness/vocabulary/run.ts';
import { PORTS } from '../../harness/vocabulary/trial.ts';
import type { AttendPage } from './bundle-attend-page.ts';

/** An attended run with real servers, for tests of its page: devices share the ports, as on a LAN. */
export interface TestRun extends AsyncDisposable {
  readonly out: string;
  readonly modes: readonly Mode[];
  readonly run: Run;
  readonly attended: AttendedRun;
  records(): readonly Record[];
  deviceThat(id: string, is: (device: AttendedDevice) => boolean): Promise<AttendedDevice>;
  /** Does at the device what its prompt says, and returns when it has given up or is done. */
  play(device: Device, from: string): Promise<void>;
  /** The harness ends, and goes on from what is on disk. */
  restart(): Promise<void>;
}

export async function openTestRun(devices: readonly Device[], page: AttendPage): Promise<TestRun> {
  const out = mkdtempSync(join(tmpdir(), 'cutover-attend-run-'));
  const closing = new AbortController();
  const modes = nameAllHosts(readModes(['today', 'strict', 'legacy']));
  const run = describeRun(new Date(), { engine: 'embedded', listen: '127.0.0.1' }, modes);
  const entered = new Map<string, PlayedPress['entered']>(devices.map(({ id }) => [id, new Map()]));
  const scenarios = selectScenarios(await readScenarios(), []);
  const open = async (isAgain: boolean): Promise<[RunFolder, AttendedRun]> => {
    const before = isAgain ? readStoredDesk(out) : null;
    const folder = openRunFolder(out, run.run);
    folder.write('devices.json', devices);
    folder.write('run.json', run);
    const attended = await openAttendedRun({
      run,
      folder,
      devices: devices.map((device, i) => ({ device, note: `Raum ${i + 1}` })),
      modes,
      scenarios,
      listen: '127.0.0.1',
      // Any that are free, one for each that mail has.
      ports: Object.fromEntries(PORTS.map((port) => [port, 0])),
      page: { ...page, port: before?.saved.page.port ?? 0 },
      ...(before === null ? {} : { before: { saved: before.saved, records: before.stored.records } }),
      settleMs: 800,
      signal: closing.signal,
    });
    return [folder, attended];
  };
  let [folder, attended] = await open(false);
  const deviceThat: TestRun['deviceThat'] = async (id, is) => {
    for (;;) {
      const device = attended.desk.view().devices.find((d) => d.id === id && is(d));
      if (device !== undefined) return device;
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = attended.desk.onChange(resolve);
      await promise;
      stop();
    }
  };
  return {
    out,
    modes,
    run,
    get attended() {
      return attended;
    },
    records: () => readRecords(join(folder.path, 'records.jsonl')).records,
    deviceThat,
    async play(device, from) {
      const { prompt } = await deviceThat(device.id, (d) => d.prompt !== null);
      const known = entered.get(device.id);
      if (prompt === null || known === undefined) return;
      const { roots } = attended;
      await playPress({ device, prompt, entered: known, from, door: '127.0.0.1', roots, signal: closing.signal });
    },
    async restart() {
      await attended[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
      [folder, attended] = await open(true);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await attended[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
      rmSync(out, { recursive: true });
    },
  };
}
