import type { Record } from '../../vocabulary/record.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { Verdict } from '../../vocabulary/verdict.ts';
import type { ChoosePress, PlannedPress } from './choose-press.ts';
import { pressesOf, renderResult } from './press-result.ts';
import type { ListedDevice } from './render-view.ts';
import type { SavedDesk, SavedDevice } from './saved-desk.ts';
import type { AskedPress, DeskDevice, DeskResult, DeskState } from './state.ts';

interface OpeningOptions {
  readonly devices: readonly ListedDevice[];
  readonly choose: ChoosePress;
  /** What a run that was cut off left: records are believed, and what only its desk knew comes from `saved`. */
  readonly records: readonly Record[];
  readonly saved: Pick<SavedDesk, 'version' | 'people' | 'devices'> | null;
  readonly verdictsOf: (device: string) => readonly Verdict[];
  /** How long a connection is waited for after the button was pressed. Default: the device's patience. */
  readonly patienceMs?: number;
}

/** Views of before the restart that were sent and not saved have lower versions than the first one after it. */
const VERSION_STEP = 10_000;

/** The state with which a desk opens: nothing done yet, or what a run that was cut off had come to. */
export function openingState(options: OpeningOptions): DeskState {
  const { devices, choose, records, saved, verdictsOf, patienceMs } = options;
  return {
    version: saved === null ? 1 : saved.version + VERSION_STEP,
    devices: devices.map(({ device }) => {
      const before = saved?.devices.find((d) => d.id === device.id) ?? null;
      const own = pressesOf(records.filter((r) => r.device.id === device.id));
      const next = choose(device, own, before?.notFound ?? []);
      const results = replay(device, own, choose, before?.notFound ?? []);
      return {
        ...openingDevice(device, before, next, patienceMs),
        results,
        verdicts: next === null ? verdictsOf(device.id) : [],
      };
    }),
    strangers: [],
    contests: [],
    people: saved?.people ?? [],
    finished: false,
  };
}

/** What a page shows of the planned press; null: nothing is left to ask. */
export function askedOf(planned: PlannedPress | null): AskedPress | null {
  if (planned === null) return null;
  const { trial, reason, number } = planned;
  return {
    number,
    reason,
    trial: trial.id,
    direction: trial.direction,
    setting: trial.setting.id,
    port: trial.setting.port,
  };
}

type Opening = Omit<DeskDevice, 'results' | 'verdicts'>;

// oxlint-disable-next-line typescript/consistent-return -- every case returns; the compiler checks it
function openingDevice(
  device: Device,
  before: SavedDevice | null,
  next: PlannedPress | null,
  patienceMs = device.patience.totalSeconds * 1000,
): Opening {
  const fresh: Opening = {
    id: device.id,
    state: next === null ? 'done' : 'waiting',
    problem: null,
    rivals: [],
    by: '',
    press: askedOf(next),
    prompt: null,
    pressed: false,
    waitsUntil: null,
    patienceMs,
    said: 'nothing',
    code: '',
    photos: [],
    notFound: [],
  };
  if (before === null) return fresh;
  const { by, said, code, photos, notFound } = before;
  const known = { ...fresh, by, said, code, photos, notFound };
  if (next === null) return { ...known, state: before.state === 'skipped' ? 'skipped' : 'done' };
  switch (before.state) {
    case 'skipped':
      return { ...known, state: 'skipped' };
    case 'waiting':
    case 'done':
      return known;
    case 'entering':
      return { ...known, state: 'entering' };
    // Its connection, if there was one, went with the process.
    case 'armed':
    case 'connected':
    case 'stuck':
      return { ...known, state: 'entering', problem: 'restarted' };
  }
}

/** The results as they came, with why each press was asked for. */
function replay(
  device: Device,
  presses: readonly Record[],
  choose: ChoosePress,
  notFound: readonly string[],
): readonly DeskResult[] {
  return presses.map((record, i) => {
    const planned = choose(device, presses.slice(0, i), notFound);
    const same = presses.slice(0, i).filter((r) => r.direction === record.direction).length;
    const isPlanned = planned?.trial.id === record.trial;
    return renderResult(record, { reason: isPlanned ? planned.reason : 'again', number: same + 1 });
  });
}
