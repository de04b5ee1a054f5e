import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPlans } from '../campaign.ts';
import { concludeRuns } from '../cli/conclusions.ts';
import { prepare } from '../cli/prepare.ts';
import { labOf } from '../cli/run-lab.ts';
import { keepHeapSmall } from '../cli/small-heap.ts';
import { writeReports } from '../cli/write.ts';
import { openRunFolder, readRuns } from '../records.ts';
import { openRig } from '../rig.ts';
import { Device } from '../vocabulary/device.ts';

/**
 * `node scale.ts N`: runs N fake devices (plaintext senders in this process) through the three modes, concludes and
 * writes every report but Allure's. Prints one line of JSON: `{devices, trials, seconds, peakMegabytes}`.
 */
/** Fakes wait more than they work, as devices on a network do. */
const PARALLEL = 48;
const count = Number(process.argv[2]);
const out = mkdtempSync(join(tmpdir(), 'cutover-scale-'));
const begin = performance.now();
// As `cutover run` does.
keepHeapSmall();
try {
  const { plans, modes } = await prepare({});
  const [plan] = plans;
  if (plan === undefined) throw new Error('no plan to take the modes from');
  const devices = Array.from({ length: count }, (_, i) => fakeDevice(i));
  using folder = openRunFolder(out, 'scale');
  folder.write('devices.json', devices);
  let trials = 0;
  {
    await using rig = await openRig({ modes, listen: '127.0.0.1' });
    const lab = labOf({ rig, fleet: null, missing: new Map() }, folder, {
      signal: new AbortController().signal,
      keepBodies: false,
      allowPrograms: false,
      onRecord: () => {
        trials += 1;
      },
    });
    await runPlans(
      devices.map((device) => ({ ...plan, device })),
      lab,
      PARALLEL,
    );
    folder.write('run.json', describe(modes, rig.proofs));
  }
  const runs = readRuns(out);
  folder.write('verdicts.json', concludeRuns(runs).verdicts);
  const language = 'de';
  if (!(await writeReports(runs, { out, asOf: new Date(), language, pages: 'quick' }))) process.exitCode = 1;
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ devices: count, trials, seconds: (performance.now() - begin) / 1000, peakMegabytes }));
} finally {
  rmSync(out, { recursive: true });
}

function fakeDevice(i: number): Device {
  return Device.parse({
    id: `fake-${i}`,
    vendor: 'Fake',
    model: `Sender ${i}`,
    kind: 'camera',
    firmware: [{ version: '1' }],
    settings: [{ id: 'plain-25', protocol: 'smtp', port: 25, security: 'plaintext' }],
    reach: { driver: 'scripted', script: 'delivers-plaintext' },
    client: 'fake',
  });
}

function describe(modes: unknown, proofs: unknown): object {
  return {
    v: 1,
    run: 'scale',
    cutover: 'bench',
    node: process.version,
    openssl: process.versions.openssl,
    engine: 'embedded',
    startedAt: new Date().toISOString(),
    endedAt: null,
    state: 'finished',
    modes,
    proofs,
    listen: '127.0.0.1',
  };
}
