import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderConfusion } from '../../reports/matrix/confusion.ts';
import { renderAnswer, truthOf } from '../../reports/matrix/expectation.ts';
import { buildGuestImages } from '../guests/build.ts';
import { HarnessFault } from '../faults.ts';
import { readRuns, type StoredRun } from '../records.ts';
import { type Conclusions, concludeRuns } from './conclusions.ts';
import { DEVICES_FOLDER, prepare } from './prepare.ts';
import { type Ended, startCutover } from './start-cutover.ts';

/** Eight guests boot on two cores, some of them more than once. */
const RUN_TIMEOUT_MS = 1_200_000;
const why = await whyNot();
if (why !== null) {
  if (process.env['CI'] === 'true') throw new Error(why);
  console.log(`skipped: the fleet of guests: ${why}`);
}

/** Builds the images where they are not there, and asks for what boots and enters them. */
async function whyNot(): Promise<string | null> {
  try {
    await buildGuestImages([]);
  } catch (fault) {
    if (fault instanceof HarnessFault) return `${fault.message}. ${fault.advice ?? ''}`;
    throw fault;
  }
  const { missing } = await prepare({ device: guestFiles() });
  return [...missing.values()][0] ?? null;
}

/** Every guest that ships, by what lies in the folder. */
function guestFiles(): readonly string[] {
  return globSync('guests/*.yaml', { cwd: DEVICES_FOLDER }).map((path) => basename(path, '.yaml'));
}

describe.skipIf(why !== null)('a run of all guests', () => {
  const out = mkdtempSync(join(tmpdir(), 'cutover-guests-'));
  let pid: number | undefined;
  let ended: Ended;
  let run: StoredRun;
  let concluded: Conclusions;

  beforeAll(async () => {
    const args = ['run', '--device', 'guest-*', '--engine', 'embedded', '--no-html', '--out', out];
    const started = startCutover(args);
    pid = started.child.pid;
    ended = await started.ended;
    const [only] = readRuns(out);
    if (only === undefined) throw new Error(`no run was left: ${ended.stderr}`);
    run = only;
    concluded = concludeRuns([run]);
  }, RUN_TIMEOUT_MS);
  afterAll(() => rmSync(out, { recursive: true }));

  test('has a verdict and a cause for each, as it is built', () => {
    expect(run.devices.map((d) => d.id).sort()).toEqual(guestFiles().toSorted());
    expect(guestFiles().length).toBeGreaterThanOrEqual(7);
    const found = concluded.verdicts.map((v) => `${v.device} ${renderAnswer(v.direction, v.verdict, v.causes[0])}`);
    const built = run.devices.flatMap((device) =>
      truthOf(device, 'embedded').map((answer) => `${device.id} ${answer}`),
    );
    expect(found.sort(), ended.stderr).toEqual(built.sort());
  });

  test('judges every question as device files expect', () => {
    const confusion = renderConfusion(concluded.records, run.devices);
    expect(confusion.off).toEqual([]);
    // Of nine directions of guests that start, three modes each.
    expect(confusion.compared).toBeGreaterThanOrEqual(24);
    expect([ended.code, ended.stderr.match(/^differs:.*$/gm)]).toEqual([0, null]);
  });

  test('keeps the last screen of the guest that panics, and says that it is the device', () => {
    const [control] = concluded.records.filter((r) => r.device.id === 'guest-panic');
    expect(control).toMatchObject({ role: 'control-forgiving', outcome: 'inconclusive', cause: 'device-trouble' });
    const screen = control?.attachments.find((a) => a.name.includes('screen') || a.path.endsWith('screen.txt'));
    const text = readFileSync(join(out, 'runs', run.run.run, screen?.path ?? ''), 'utf8');
    expect(text).toContain('Kernel panic - not syncing: Attempted to kill init!');
  });

  test('led the guests to their taps alone: canonical ports, and the guest network as their side', () => {
    const ports = new Set(concluded.records.map((r) => r.setting.port));
    expect([...ports].every((port) => [25, 110, 143, 465, 587, 993, 995].includes(port))).toBe(true);
    for (const record of concluded.records.filter((r) => r.role === 'question'))
      expect(record.evidence.wire.connections.length, record.trial).toBeGreaterThan(0);
  });

  test('leaves no process, no socket and no file behind', () => {
    // Folders of guests have the owner's pid in their name, and emulators have them on their command lines.
    expect(readdirSync(tmpdir()).filter((name) => name.includes(`-${pid}-`) || name.includes(`-${pid}.`))).toEqual([]);
    expect(commandLines().filter((line) => line.includes(`-${pid}-`))).toEqual([]);
  });
});

function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        // It has ended since.
        return [];
      }
    });
}
