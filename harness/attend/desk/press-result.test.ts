import { expect, test } from 'vitest';
import { RECORDS } from '../../../reports/fixtures/records.ts';
import { DEVICES_FOLDER } from '../../cli/prepare.ts';
import { readDevices } from '../../device-files.ts';
import { readModes } from '../../modes/read-mode.ts';
import { readScenarios, selectScenarios } from '../../scenario-files.ts';
import { Record } from '../../vocabulary/record.ts';
import { createChooser } from './choose-press.ts';
import { pressesOf } from './press-result.ts';

const device = readDevices(DEVICES_FOLDER).find((d) => d.id === 'emu-druckwerk-mfp')!;
const modes = readModes(['today', 'strict', 'legacy']);
const choose = createChooser({ modes, scenarios: selectScenarios(await readScenarios(), []) });
const { trial } = choose(device, [], [])!;

/** A press that met strict, in this minute; `attempt` as it stands in the file. */
function pressed(minute: number, attempt: number, cause: 'harness-trouble' | 'never-connected'): Record {
  const { silent: _, candidates: _candidates, ...any } = RECORDS[0]!;
  return Record.parse({
    ...any,
    trial: trial.id,
    role: trial.role,
    scenario: trial.scenario,
    direction: trial.direction,
    mode: trial.mode,
    setting: trial.setting,
    device: { ...any.device, id: device.id, firmware: trial.firmware },
    attempt,
    outcome: 'inconclusive',
    cause,
    startedAt: new Date(Date.UTC(2026, 0, 2, 10, minute)).toISOString(),
  });
}

const next = (...records: readonly Record[]) => choose(device, pressesOf(records), [])?.reason ?? null;

test('trouble of the lab is pressed once more, also when a person says something of it in between', () => {
  const trouble = pressed(1, 1, 'harness-trouble');
  expect(next(trouble)).toBe('again');
  expect(next(trouble, pressed(1, 2, 'harness-trouble'), pressed(1, 3, 'harness-trouble'))).toBe('again');
});

test('pressed twice, it is not asked for once more', () => {
  const first = [pressed(1, 1, 'harness-trouble'), pressed(1, 2, 'harness-trouble')];
  expect(next(...first, pressed(2, 3, 'harness-trouble'))).not.toBe('again');
});

test('a button that brought nothing was no try of the lab', () => {
  expect(next(pressed(1, 1, 'never-connected'), pressed(2, 2, 'harness-trouble'))).toBe('again');
});
