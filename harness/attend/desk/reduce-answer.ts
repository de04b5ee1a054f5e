import type { Answer } from '../../vocabulary/attend.ts';
import type { DeskDevice, DeskEffect } from './state.ts';

/** A device that says "failed" has nothing more on its way than what is about to be seen. */
const FAILED_WAIT_MS = 10_000;

type DeviceAnswer = Exclude<Answer, { kind: 'claim' | 'finish' }>;
type Changed = readonly [DeskDevice, ...DeskEffect[]];

/** What a person's answer makes of a device. One that does not fit its state leaves it as it is. */
// oxlint-disable-next-line typescript/consistent-return -- every case returns; the compiler checks it
export function reduceAnswer(device: DeskDevice, answer: DeviceAnswer, at: number): Changed {
  switch (answer.kind) {
    case 'take':
      return take(device, answer.by);
    case 'release':
      return release(device);
    case 'pressed':
      return press(device, at);
    case 'again':
      return again(device, at);
    case 'shows':
      return show(device, answer, at);
    case 'setting-not-found':
      return missSetting(device);
    case 'skip':
      return skip(device);
  }
}

function take(device: DeskDevice, by: string): Changed {
  if (device.state === 'done') return [device];
  if (device.state === 'waiting' || device.state === 'skipped') return enter({ ...device, by });
  return device.by === by ? [device] : [{ ...device, by }];
}

function release(device: DeskDevice): Changed {
  if (device.state === 'done' || device.state === 'skipped' || device.state === 'waiting') return [device];
  // What is on its way is judged all the same.
  if (device.state === 'connected') return [{ ...device, by: '' }];
  return [
    { ...device, state: 'waiting', by: '', pressed: false, waitsUntil: null, prompt: null },
    { kind: 'disarm', device: device.id, keep: false },
  ];
}

/** Pressed twice is pressed once: the countdown goes on. */
function press(device: DeskDevice, at: number): Changed {
  if (device.press === null || !['waiting', 'entering', 'stuck'].includes(device.state)) return [device];
  return [
    {
      ...device,
      state: 'armed',
      pressed: true,
      problem: null,
      rivals: [],
      waitsUntil: at + device.patienceMs,
    },
    { kind: 'arm', device: device.id },
    { kind: 'pressed', device: device.id },
  ];
}

function again(device: DeskDevice, at: number): Changed {
  if (device.press === null) return [device];
  if (device.state === 'armed') return [{ ...device, waitsUntil: at + device.patienceMs }];
  if (device.state === 'stuck' || device.state === 'skipped') return enter(device);
  return [device];
}

function enter(device: DeskDevice): Changed {
  if (device.press === null) return [device];
  return [
    { ...device, state: 'entering', problem: null, rivals: [], pressed: false, waitsUntil: null },
    { kind: 'arm', device: device.id },
  ];
}

type Shows = Extract<Answer, { kind: 'shows' }>;

/** It is kept with the press that it speaks of, whatever has happened since. */
// oxlint-disable-next-line typescript/consistent-return -- every case returns; the compiler checks it
function show(device: DeskDevice, { said, code, about }: Shows, at: number): Changed {
  const spoken = spokenOf(device, about);
  if (spoken !== null) {
    const { trial, startedAt } = spoken;
    return [device, { kind: 'amend', device: device.id, press: { trial, startedAt }, said, code }];
  }
  const told: DeskDevice = { ...device, said, code };
  switch (device.state) {
    case 'connected':
      return said === 'failed' ? [told, { kind: 'hurry', device: device.id }] : [told];
    case 'armed': {
      const waitsUntil = Math.min(device.waitsUntil ?? Infinity, at + FAILED_WAIT_MS);
      return [said === 'failed' ? { ...told, waitsUntil } : told];
    }
    case 'entering': {
      // The connection that it had went with the process: it is pressed again.
      if (device.problem === 'restarted') return [told];
      const [armed, ...effects] = press(told, at);
      return [{ ...armed, waitsUntil: at + Math.min(FAILED_WAIT_MS, device.patienceMs) }, ...effects];
    }
    case 'waiting':
    case 'skipped':
    case 'stuck':
      return [told];
    case 'done':
      return [device];
  }
}

/** The press that is over and meant; null: the one that is asked for. */
export function spokenOf(device: DeskDevice, about: number | undefined): DeskDevice['results'][number] | null {
  const last = device.results.at(-1) ?? null;
  if (about !== undefined) return device.results[about - 1] ?? (device.press === null ? last : null);
  const isOn = device.state === 'armed' || device.state === 'connected' || device.state === 'stuck';
  return isOn || device.problem === 'restarted' ? null : last;
}

/** As it is set up, nothing can be done without it; another setting is simply left out. */
function missSetting(device: DeskDevice): Changed {
  const { press: asked } = device;
  if (asked === null || !['entering', 'armed', 'stuck'].includes(device.state)) return [device];
  const missed: DeskDevice = {
    ...device,
    state: 'stuck',
    problem: 'setting-not-found',
    rivals: [],
    pressed: false,
    waitsUntil: null,
  };
  const disarm: DeskEffect = { kind: 'disarm', device: device.id, keep: false };
  if (asked.reason !== 'setting') return [missed, disarm];
  const notFound = [...device.notFound, asked.setting];
  return [{ ...missed, notFound }, disarm, { kind: 'replan', device: device.id }];
}

function skip(device: DeskDevice): Changed {
  if (device.state === 'done' || device.state === 'skipped') return [device];
  const skipped: DeskDevice = { ...device, state: 'skipped', problem: null, rivals: [], waitsUntil: null };
  if (device.state === 'connected') return [skipped, { kind: 'hurry', device: device.id }];
  return [skipped, { kind: 'disarm', device: device.id, keep: device.pressed }];
}
