import type { Change } from './attend-harness.ts';
import type { Shown } from './attend-people.ts';
import type { Figure } from './bench.ts';

/** One press of a device. Times: epoch ms. */
export interface Press {
  /** Places in the lists of devices and people. */
  readonly device: number;
  readonly by: number;
  /** From 1. */
  readonly number: number;
  readonly tappedAt: number;
  readonly dialledAt: number;
}

export interface Measured {
  readonly changes: readonly Change[];
  readonly presses: readonly Press[];
  /** Of each person, those with the real page first. */
  readonly shown: readonly (readonly Shown[])[];
  readonly tablets: number;
}

/** What is promised. In ms. */
const LIMIT_MS = 300;

/** Throws when a page showed something else than the desk had said: then its times are worth nothing. */
export function renderAttend({ changes, presses, shown, tablets }: Measured): readonly Figure[] {
  checkPages(changes, shown.slice(0, tablets));
  const versionAt = (device: number, is: (state: string, results: number) => boolean): number =>
    changes.find(({ states }) => {
      const [state = '', results = 0] = states[device] ?? [];
      return is(state, results);
    })?.version ?? Number.NaN;
  const shownAt = (person: readonly Shown[], version: number): number =>
    person.find((s) => s.version >= version)?.at ?? Number.NaN;
  const everybody = (since: number, version: number) => shown.map((person) => shownAt(person, version) - since);

  const begin = Math.min(...presses.map((p) => p.tappedAt));
  const pressed = changes.filter(({ at }) => at >= begin);
  const judged = pressed.flatMap(({ at, version }) => everybody(at, version));
  const painted = pressed.flatMap(({ at, version }) =>
    shown.slice(0, tablets).map((person) => shownAt(person, version) - at),
  );
  const tapped = presses.map(({ device, by, number, tappedAt }) => {
    const version = versionAt(
      device,
      (s, n) => n >= number || (n === number - 1 && (s === 'armed' || s === 'connected')),
    );
    return shownAt(shown[by] ?? [], version) - tappedAt;
  });
  const dialled = presses.flatMap(({ device, number, dialledAt }) =>
    everybody(
      dialledAt,
      versionAt(device, (s, n) => n >= number || (n === number - 1 && s === 'connected')),
    ),
  );
  return [
    {
      name: 'attend, 40 devices, 8 people: changes shown',
      value: judged.length,
      unit: 'times',
      limit: { atLeast: 1_000 },
    },
    ...figuresOf('attend: judged or pressed, shown on every page', judged, 'most'),
    ...figuresOf('attend: the same, painted in Chromium', painted, 'most'),
    ...figuresOf('attend: tapped, shown on the own page', tapped, 'most'),
    // Eight dial in the same millisecond: the last one's first packet waits for the handshakes of the others.
    ...figuresOf('attend: device dials, shown on every page', dialled, 'p95'),
  ];
}

/** `bound`: which of the two has to keep to the limit. */
function figuresOf(name: string, times: readonly number[], bound: 'p95' | 'most'): readonly Figure[] {
  if (times.length === 0 || times.some(Number.isNaN)) throw new Error(`${name}: some were never shown`);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return [
    { name: `${name}, p95`, value: at(0.95), unit: 'ms', limit: { atMost: LIMIT_MS } },
    { name: `${name}, most`, value: at(1), unit: 'ms', ...(bound === 'most' ? { limit: { atMost: LIMIT_MS } } : {}) },
  ];
}

function checkPages(changes: readonly Change[], tablets: readonly (readonly Shown[])[]): void {
  const doneAt = new Map(changes.map((c) => [c.version, c.states.filter(([state]) => state === 'done').length]));
  for (const { version, done } of tablets.flat()) {
    const said = doneAt.get(version);
    if (said !== undefined && done !== said)
      throw new Error(`a page showed ${done} devices as done at version ${version}, where the desk said ${said}`);
  }
}
