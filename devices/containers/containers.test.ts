import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDevice } from '../../harness/campaign.ts';
import type { ContainerLab } from '../../harness/containers/contract.ts';
import { askEngine } from '../../harness/containers/engine.ts';
import { buildImages } from '../../harness/containers/images.ts';
import { openContainerLab } from '../../harness/containers/open-lab.ts';
import { conclude } from '../../harness/conclude.ts';
import { readDevices } from '../../harness/device-files.ts';
import { type Fleet, openFleet } from '../../harness/drivers/container.ts';
import { readModes } from '../../harness/modes/read-mode.ts';
import { openRunFolder } from '../../harness/records.ts';
import { readRecipe } from '../../harness/drivers/read-recipe.ts';
import { openRig, type Rig } from '../../harness/rig.ts';
import { readScenarios, selectScenarios } from '../../harness/scenario-files.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import { DIRECTIONS } from '../../harness/vocabulary/trial.ts';
import { expectationOf } from '../../reports/matrix/expectation.ts';

/** Every device in a container against the embedded servers, through a tap on the network's gateway. */
const devices = readDevices(import.meta.dirname);
const signal = new AbortController().signal;
const asked = await askEngine();
// In CI nothing that can run is skipped: there a missing engine fails.
const isMissing = asked.kind === 'missing' && process.env['CI'] === undefined;
if (asked.kind === 'missing')
  process.stderr.write(`devices in containers: no container engine answers: ${asked.why}\n`);

const modes = readModes(['today', 'strict', 'legacy']);
const [control] = readModes(['forgiving']);
// The control is asked of the provider's own host names: the fleet's name service knows no others.
const forgiving = { ...control!, hosts: modes[0]!.hosts };
const scenarios = selectScenarios(await readScenarios(), []);

const out = mkdtempSync(join(tmpdir(), 'cutover-container-fleet-'));
const opened = new AsyncDisposableStack();
let lab: ContainerLab;
let fleet: Fleet;
let rig: Rig;

beforeAll(async () => {
  if (isMissing) return;
  await buildImages(imagesOf(devices));
  const hosts = modes.flatMap((m) => Object.values(m.hosts));
  lab = opened.use(await openContainerLab());
  fleet = opened.use(await openFleet({ lab, hosts }));
  const { gateway } = fleet;
  const embedded = opened.use(await openRig({ modes: [...modes, forgiving], listen: '127.0.0.1' }));
  rig = { ...embedded, openStand: (trial, options) => embedded.openStand(trial, { ...options, listen: gateway }) };
}, 600_000);
afterAll(async () => {
  await opened.disposeAsync();
  rmSync(out, { recursive: true });
});

describe.skipIf(isMissing).for(devices.map((d) => [d.id, d] as const))('%s', ([id, device]) => {
  test('gives what follows from how it is built', { timeout: 240_000 }, async () => {
    using folder = openRunFolder(out, id);
    const records = await runDevice(
      { device, modes, forgiving, scenarios },
      {
        rig,
        folder,
        recipeOf: (of) => readRecipe(of.client ?? ''),
        whyMissing: () => null,
        keepBodies: false,
        signal,
        onRecord: () => {},
        openContext: { roots: { factory: '', run: '' }, allowPrograms: false, fleet },
      },
    );
    const questions = records.filter((r) => r.role === 'question' && r.asConfigured);
    const row = (
      mode: string,
      direction: string,
      firmware: string,
      found: { outcome: string; cause?: string | undefined } | undefined,
    ) => `${firmware} ${direction} ${mode}: ${found?.outcome} ${found?.cause ?? ''}`;
    expect(questions.map((r) => row(r.mode, r.direction, r.device.firmware, r))).toEqual(
      questions.map((r) => row(r.mode, r.direction, r.device.firmware, expectationOf(device, r))),
    );
    const { verdicts } = conclude(records, modes);
    for (const direction of DIRECTIONS) {
      const verdict = verdicts.find((v) => v.direction === direction);
      expect([direction, verdict?.verdict, verdict?.causes[0]]).toEqual([
        direction,
        device.truth?.verdict[direction],
        device.truth?.cause?.[direction],
      ]);
    }
    expect(questions.length).toBeGreaterThan(0);
  });
});

function imagesOf(of: readonly Device[]): readonly string[] {
  const images = of.flatMap((d) => [
    ...(d.reach?.driver === 'container' ? [d.reach.image] : []),
    ...d.firmware.flatMap((f) => f.container?.image ?? []),
  ]);
  return [...new Set(images)];
}
