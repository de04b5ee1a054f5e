import { type Answer, MAX_PRESSES } from '../../vocabulary/attend.ts';
import { reduceAnswer } from './reduce-answer.ts';
import type { DeskDevice, DeskEffect, DeskEvent, DeskState, Reduced } from './state.ts';

/** Strangers on the list; older ones make room. */
const MAX_STRANGERS = 20;
/** Strangers that may be one of several devices; more are only told as new. */
const MAX_CONTESTS = 100;
/** Names of people; more are not listed. */
const MAX_PEOPLE = 40;

/**
 * The whole behaviour of an attended run: what an event makes of the state, and what has to be done. Pure. An event
 * that does not fit the state (a button pressed twice, an answer that came late) changes nothing, not even the version.
 */
export function reduceDesk(state: DeskState, event: DeskEvent): Reduced {
  const { state: after, effects } = reduce(state, event);
  const due = state.finished ? effects.filter((e) => e.kind !== 'arm') : effects;
  return { state: after === state ? after : { ...after, version: state.version + 1 }, effects: due };
}

// oxlint-disable-next-line typescript/consistent-return -- every case returns; the compiler checks it
function reduce(state: DeskState, event: DeskEvent): Reduced {
  switch (event.kind) {
    case 'answer':
      return reduceAnyAnswer(state, event.answer, event.at);
    case 'ready':
      return change(state, event.device, (d) => (isAsked(d) ? { ...d, prompt: event.prompt } : d));
    case 'connected':
      return change(state, event.device, connect);
    case 'recorded':
      return changeWith(state, event.device, (d) => record(d, event));
    case 'planned':
      return changeWith(state, event.device, (d) => plan({ ...d, problem: null }, event));
    case 'photo':
      return change(state, event.device, (d) => ({ ...d, photos: [...d.photos, event.name] }));
    case 'trouble':
      return changeWith(state, event.device, (d) =>
        isOver(d) ? [d] : [stick(d, 'lab-trouble'), { kind: 'disarm', device: d.id, keep: false }],
      );
    case 'address-changed':
      return change(state, event.device, (d) => (isOver(d) ? d : { ...d, problem: 'address-changed' }));
    case 'wrong-port':
      return change(state, event.device, (d) => (isExpected(d) ? stick(d, 'wrong-port') : d));
    case 'wrong-policy':
      return change(state, event.device, (d) => (isExpected(d) ? stick(d, 'too-early') : d));
    case 'other-device':
      return change(state, event.asked, (d) => (isExpected(d) ? stick(d, 'other-device', [event.answered]) : d));
    case 'ambiguous':
      return nothingToDo(contest(state, event));
    case 'stranger':
      return nothingToDo(withStranger(state, event.stranger));
    case 'stranger-gone':
      return nothingToDo(withoutStranger(state, event.stranger));
    case 'person':
      return nothingToDo(withPerson(state, event.name));
    case 'tick':
      return nothingToDo(expire(state, event.at));
  }
}

function reduceAnyAnswer(state: DeskState, answer: Answer, at: number): Reduced {
  if (state.finished) return nothingToDo(state);
  if (answer.kind === 'finish') return { state: { ...state, finished: true }, effects: [{ kind: 'finish' }] };
  const known = answer.kind === 'take' ? withPerson(state, answer.by) : state;
  if (answer.kind !== 'claim') return changeWith(known, answer.device, (d) => reduceAnswer(d, answer, at));
  const stranger = state.strangers.find((s) => s.id === answer.stranger);
  const device = state.devices.find((d) => d.id === answer.device);
  if (stranger === undefined || device === undefined || device.press === null || device.state === 'connected')
    return nothingToDo(state);
  return {
    state: withoutStranger(state, stranger.id),
    effects: [{ kind: 'claim', device: device.id, stranger: stranger.id }],
  };
}

type Changed = readonly [DeskDevice, ...DeskEffect[]];

function changeWith(state: DeskState, id: string, how: (device: DeskDevice) => Changed): Reduced {
  const device = state.devices.find((d) => d.id === id);
  if (device === undefined) return nothingToDo(state);
  const [changed, ...effects] = how(device);
  if (changed === device) return { state, effects };
  return { state: { ...state, devices: state.devices.map((d) => (d === device ? changed : d)) }, effects };
}

function change(state: DeskState, id: string, how: (device: DeskDevice) => DeskDevice): Reduced {
  return changeWith(state, id, (device) => [how(device)]);
}

function nothingToDo(state: DeskState): Reduced {
  return { state, effects: [] };
}

function isAsked({ state, press }: DeskDevice): boolean {
  return press !== null && state !== 'done' && state !== 'skipped';
}

function isOver({ state }: DeskDevice): boolean {
  return state === 'done' || state === 'skipped';
}

/** A person is at it, and no connection of it was taken for its press yet. */
function isExpected({ state }: DeskDevice): boolean {
  return state === 'armed' || state === 'entering' || state === 'stuck';
}

function connect(device: DeskDevice): DeskDevice {
  if (!isAsked(device) || device.state === 'connected') return device;
  const problem = device.problem === 'address-changed' ? device.problem : null;
  return { ...device, state: 'connected', pressed: true, problem, rivals: [], waitsUntil: null };
}

function stick(
  device: DeskDevice,
  problem: NonNullable<DeskDevice['problem']>,
  rivals: readonly string[] = [],
): DeskDevice {
  return { ...device, state: 'stuck', problem, rivals, waitsUntil: null };
}

/** Each of those that may be meant asks for help: a person says which it was. What talks already goes on. */
function contest(state: DeskState, { devices, stranger }: Extract<DeskEvent, { kind: 'ambiguous' }>): DeskState {
  const others = state.contests.filter((c) => c.stranger !== stranger);
  return {
    ...state,
    contests: [...others, { stranger, devices }].slice(-MAX_CONTESTS),
    devices: state.devices.map((d) =>
      devices.includes(d.id) && !isOver(d) && d.state !== 'connected'
        ? stick(
            d,
            'ambiguous',
            devices.filter((other) => other !== d.id),
          )
        : d,
    ),
  };
}

type Recorded = Extract<DeskEvent, { kind: 'recorded' }>;

function record(device: DeskDevice, { result, next, verdicts }: Recorded): Changed {
  const isSame = (r: DeskDevice['results'][number]) => r.trial === result.trial && r.startedAt === result.startedAt;
  if (device.results.some(isSame)) {
    // What a person said of it later: what is asked for by now stays as it is, and so does why it was asked for.
    const amended = (r: DeskDevice['results'][number]) => ({ ...result, number: r.number, reason: r.reason });
    return [{ ...device, results: device.results.map((r) => (isSame(r) ? amended(r) : r)), verdicts }];
  }
  const isLabs = result.cause === 'server-trouble' || result.cause === 'harness-trouble';
  const judged: DeskDevice = {
    ...device,
    results: [...device.results, result],
    said: 'nothing',
    code: '',
    pressed: false,
    rivals: [],
    waitsUntil: null,
    prompt: null,
    problem: isLabs ? 'lab-trouble' : null,
  };
  return plan(judged, { next, verdicts });
}

function plan(device: DeskDevice, { next, verdicts }: Pick<Recorded, 'next' | 'verdicts'>): Changed {
  // nextPress keeps to it; a person is asked no more often whatever it says.
  const asked = device.results.filter((r) => r.direction === next?.direction).length;
  const press = next !== null && asked < MAX_PRESSES ? next : null;
  const planned: DeskDevice = { ...device, press, prompt: null, pressed: false, waitsUntil: null, verdicts };
  if (device.state === 'skipped') return [press === null ? { ...planned, state: 'done' } : planned];
  if (press === null) return [{ ...planned, state: 'done', problem: null, rivals: [] }];
  if (device.by === '') return [{ ...planned, state: 'waiting' }];
  return [
    { ...planned, state: 'entering' },
    { kind: 'arm', device: device.id },
  ];
}

/** Nobody pressed in time, or the device went elsewhere. The door goes on waiting: what comes late still counts. */
function expire(state: DeskState, at: number): DeskState {
  const isLate = (d: DeskDevice) => d.state === 'armed' && d.waitsUntil !== null && d.waitsUntil <= at;
  if (!state.devices.some(isLate)) return state;
  return {
    ...state,
    devices: state.devices.map((d) => {
      if (!isLate(d)) return d;
      const since = (d.waitsUntil ?? at) - d.patienceMs;
      const elsewhere = state.strangers.some((s) => Date.parse(s.at) >= since && s.port !== d.press?.port);
      return stick(d, elsewhere ? 'wrong-port' : 'nothing-came');
    }),
  };
}

/** More is known of it while it talks. */
function withStranger(state: DeskState, stranger: DeskState['strangers'][number]): DeskState {
  const others = state.strangers.filter((s) => s.id !== stranger.id);
  return { ...state, strangers: [...others, stranger].slice(-MAX_STRANGERS) };
}

function withoutStranger(state: DeskState, id: string): DeskState {
  if (!state.strangers.some((s) => s.id === id) && !state.contests.some((c) => c.stranger === id)) return state;
  return {
    ...state,
    strangers: state.strangers.filter((s) => s.id !== id),
    contests: state.contests.filter((c) => c.stranger !== id),
  };
}

function withPerson(state: DeskState, name: string): DeskState {
  if (name === '' || state.people.includes(name) || state.people.length >= MAX_PEOPLE) return state;
  return { ...state, people: [...state.people, name] };
}
