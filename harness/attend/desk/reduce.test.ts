/* oxlint-disable typescript/no-unsafe-type-assertion -- answers of the page under test, and parts of a played world */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answer, MAX_PRESSES, type Prompt } from '../../vocabulary/attend.ts';
import { reduceDesk } from './reduce.ts';
import type { AskedPress, DeskDevice, DeskEffect, DeskEvent, DeskResult, DeskState } from './state.ts';

const PATIENCE_MS = 90_000;
const NOW = Date.parse('2026-01-02T10:00:00Z');

const askFor = (number: number, reason: AskedPress['reason'] = 'first'): AskedPress => ({
  number,
  reason,
  trial: `press-${number}`,
  direction: 'send',
  setting: 'starttls-587',
  port: 587,
});
const device = (id: string): DeskDevice => ({
  id,
  state: 'waiting',
  problem: null,
  rivals: [],
  by: '',
  press: askFor(1),
  prompt: null,
  pressed: false,
  waitsUntil: null,
  patienceMs: PATIENCE_MS,
  said: 'nothing',
  code: '',
  photos: [],
  notFound: [],
  results: [],
  verdicts: [],
});
const opening: DeskState = {
  version: 1,
  devices: [device('a'), device('b')],
  strangers: [],
  contests: [],
  people: [],
  finished: false,
};
const result = (number: number, more: Partial<DeskResult> = {}): DeskResult => ({
  number,
  reason: 'first',
  trial: `press-${number}`,
  outcome: 'fails',
  encrypted: null,
  said: 'nothing',
  offered: '1.0',
  connections: 1,
  direction: 'send',
  startedAt: new Date(NOW + number).toISOString(),
  ...more,
});
const stranger = (id: string, port: number) => ({
  id,
  address: '10.0.0.9',
  ehlo: null,
  offered: null,
  port,
  at: new Date(NOW + 1_000).toISOString(),
});

const say = (answer: Answer, at = NOW): DeskEvent => ({ kind: 'answer', answer, at });
const take = say({ kind: 'take', device: 'a', by: 'Anna' });
const pressed = say({ kind: 'pressed', device: 'a' });
const connected: DeskEvent = { kind: 'connected', device: 'a' };
const recorded = (number: number, next: AskedPress | null, more: Partial<DeskResult> = {}): DeskEvent => ({
  kind: 'recorded',
  device: 'a',
  result: result(number, more),
  next,
  verdicts: [],
});

const amend = (number: number): DeskEffect => {
  const { trial, startedAt } = result(number);
  return { kind: 'amend', device: 'a', press: { trial, startedAt }, said: 'failed', code: 'E17' };
};

/** Plays events one after the other; the device `a` and every effect. */
function play(...events: readonly DeskEvent[]) {
  const effects: DeskEffect[] = [];
  let state = opening;
  for (const event of events) {
    const reduced = reduceDesk(state, event);
    state = reduced.state;
    effects.push(...reduced.effects);
  }
  return { state, a: state.devices[0]!, b: state.devices[1]!, effects };
}

describe('one device', () => {
  test('is taken, pressed, connects, and is asked for the next press until nothing is left', () => {
    const first = play(take, pressed, connected, recorded(1, askFor(2, 'legacy')));
    expect(first.a).toMatchObject({ state: 'entering', by: 'Anna', press: { number: 2 }, waitsUntil: null });
    expect(first.effects.filter((e) => e.kind === 'arm')).toHaveLength(3);
    const last = play(take, pressed, connected, recorded(1, askFor(2)), connected, recorded(2, null));
    expect(last.a).toMatchObject({ state: 'done', press: null });
    expect(last.a.results.map((r) => r.number)).toEqual([1, 2]);
  });

  test('may press before anybody says so: the connection counts', () => {
    expect(play(take, connected).a).toMatchObject({ state: 'connected', pressed: true });
  });

  test('pressed twice is pressed once, and the countdown goes on', () => {
    const twice = play(take, pressed, say({ kind: 'pressed', device: 'a' }, NOW + 50_000));
    expect(twice.a.waitsUntil).toBe(NOW + PATIENCE_MS);
    expect(twice.state.version).toBe(play(take, pressed).state.version);
  });

  test('nobody presses: it is stuck when the time is over and not before, and what comes late still counts', () => {
    const almost: DeskEvent = { kind: 'tick', at: NOW + PATIENCE_MS - 1 };
    const over: DeskEvent = { kind: 'tick', at: NOW + PATIENCE_MS };
    expect(play(take, pressed, almost).a.state).toBe('armed');
    expect(play(take, pressed, over).a).toMatchObject({ state: 'stuck', problem: 'nothing-came', waitsUntil: null });
    expect(play(take, pressed, over, connected).a).toMatchObject({ state: 'connected', problem: null });
    expect(play(take, pressed, over, say({ kind: 'again', device: 'a' })).a.state).toBe('entering');
  });

  test('what came on another port meanwhile is told as a wrong port', () => {
    const over: DeskEvent = { kind: 'tick', at: NOW + PATIENCE_MS };
    const other: DeskEvent = { kind: 'stranger', stranger: stranger('s1', 465) };
    const same: DeskEvent = { kind: 'stranger', stranger: stranger('s1', 587) };
    expect(play(take, pressed, other, over).a.problem).toBe('wrong-port');
    expect(play(take, pressed, same, over).a.problem).toBe('nothing-came');
  });

  test.each<[DeskEvent, Partial<DeskDevice>]>([
    [
      { kind: 'wrong-port', device: 'a' },
      { state: 'stuck', problem: 'wrong-port' },
    ],
    [
      { kind: 'wrong-policy', device: 'a' },
      { state: 'stuck', problem: 'too-early' },
    ],
    [
      { kind: 'ambiguous', devices: ['a', 'b'], stranger: 's1' },
      { state: 'stuck', problem: 'ambiguous', rivals: ['b'] },
    ],
    [
      { kind: 'other-device', asked: 'a', answered: 'b' },
      { state: 'stuck', problem: 'other-device', rivals: ['b'] },
    ],
    [
      { kind: 'address-changed', device: 'a' },
      { state: 'armed', problem: 'address-changed' },
    ],
    [
      { kind: 'trouble', device: 'a' },
      { state: 'stuck', problem: 'lab-trouble' },
    ],
    [say({ kind: 'setting-not-found', device: 'a' }), { state: 'stuck', problem: 'setting-not-found' }],
    [say({ kind: 'skip', device: 'a' }), { state: 'skipped', problem: null }],
    [say({ kind: 'release', device: 'a' }), { state: 'waiting', by: '' }],
  ])('armed, then %j', (event, expected) => {
    expect(play(take, pressed, event).a).toMatchObject(expected);
  });

  test('says "failed": nothing more is waited for', () => {
    const failed = say({ kind: 'shows', device: 'a', said: 'failed', code: 'E17' });
    expect(play(take, pressed, connected, failed).effects).toContainEqual({ kind: 'hurry', device: 'a' });
    expect(play(take, pressed, failed).a).toMatchObject({ code: 'E17', waitsUntil: NOW + 10_000 });
  });

  test('what it shows is told of the press before when nothing was pressed since', () => {
    const failed = say({ kind: 'shows', device: 'a', said: 'failed', code: 'E17' });
    const amended = play(take, connected, recorded(1, askFor(2)), failed);
    expect(amended.effects).toContainEqual(amend(1));
    const again = play(take, connected, recorded(1, askFor(2)), recorded(1, askFor(2), { said: 'failed' }));
    expect(again.a.results).toMatchObject([{ number: 1, said: 'failed' }]);
  });

  test('what was said of a press belongs to it, however late it comes', () => {
    const about = (n: number) => say({ kind: 'shows', device: 'a', said: 'failed', code: 'E17', about: n });
    const two = [take, connected, recorded(1, askFor(2)), pressed, connected, recorded(2, askFor(3))];
    // Said before the second press; it comes while the third is on.
    expect(play(...two, pressed, connected, about(1)).effects.at(-1)).toEqual(amend(1));
    expect(play(...two, pressed, connected, about(1)).a.code).toBe('');
    expect(play(...two, pressed, connected, about(2)).effects.at(-1)).toEqual(amend(2));
    expect(play(...two, pressed, connected, about(3)).a.code).toBe('E17');
    // Given back meanwhile: kept for the press that it speaks of.
    expect(play(...two, say({ kind: 'release', device: 'a' }), about(3)).a).toMatchObject({
      state: 'waiting',
      code: 'E17',
    });
    // Nothing more is asked: the last press is meant.
    expect(play(take, connected, recorded(1, null), about(2)).effects.at(-1)).toEqual(amend(1));
  });

  test('what a device shows after a restart is of the press that was cut off, and that is pressed again', () => {
    const cut: DeskState = {
      ...opening,
      devices: [
        { ...device('a'), state: 'entering', problem: 'restarted', by: 'Anna', results: [result(1)], press: askFor(2) },
      ],
    };
    const { state, effects } = reduceDesk(cut, say({ kind: 'shows', device: 'a', said: 'failed', code: 'E17' }));
    expect(effects).toEqual([]);
    expect(state.devices[0]).toMatchObject({ state: 'entering', problem: 'restarted', said: 'failed', code: 'E17' });
  });

  test('one of several: each asks for help, the stranger tells which they are, and what talks already goes on', () => {
    const which: DeskEvent = { kind: 'ambiguous', devices: ['a', 'b'], stranger: 's1' };
    const seen: DeskEvent = { kind: 'stranger', stranger: stranger('s1', 587) };
    const takeB = say({ kind: 'take', device: 'b', by: 'Ben' });
    const both = play(take, takeB, which, seen);
    expect([both.a.problem, both.a.rivals, both.b.problem, both.b.rivals]).toEqual([
      'ambiguous',
      ['b'],
      'ambiguous',
      ['a'],
    ]);
    expect(both.state.contests).toEqual([{ stranger: 's1', devices: ['a', 'b'] }]);
    expect(play(take, takeB, connected, which).a.state).toBe('connected');
    expect(play(take, takeB, which, seen, { kind: 'stranger-gone', stranger: 's1' }).state.contests).toEqual([]);
    const claimed = play(take, takeB, which, seen, say({ kind: 'claim', device: 'a', stranger: 's1' }));
    expect(claimed.effects.at(-1)).toEqual({ kind: 'claim', device: 'a', stranger: 's1' });
    expect(claimed.state.strangers).toEqual([]);
    // It met other servers: that is said, and it is pressed again.
    expect(reduceDesk(claimed.state, { kind: 'wrong-policy', device: 'a' }).state.devices[0]).toMatchObject({
      state: 'stuck',
      problem: 'too-early',
    });
  });

  test('two people answer the same prompt at once: it is one answer', () => {
    const one = play(take, pressed);
    const two = play(take, pressed, pressed, say({ kind: 'take', device: 'a', by: 'Ben' }), pressed);
    expect(two.effects).toEqual(one.effects);
    expect({ ...two.a, by: 'Anna' }).toEqual(one.a);
    const skipped = play(
      take,
      pressed,
      say({ kind: 'skip', device: 'a' }),
      pressed,
      say({ kind: 'skip', device: 'a' }),
    );
    expect(skipped.a.state).toBe('skipped');
    expect(skipped.effects.filter((e) => e.kind === 'disarm')).toHaveLength(1);
  });

  test('another setting that cannot be found is left out, and something else is asked', () => {
    const missed = play(
      take,
      connected,
      recorded(1, { ...askFor(2, 'setting'), setting: 'implicit-465' }),
      say({ kind: 'setting-not-found', device: 'a' }),
    );
    expect(missed.a.notFound).toEqual(['implicit-465']);
    expect(missed.effects).toContainEqual({ kind: 'replan', device: 'a' });
    const planned = reduceDesk(missed.state, { kind: 'planned', device: 'a', next: askFor(2, 'legacy'), verdicts: [] });
    expect(planned.state.devices[0]).toMatchObject({ state: 'entering', problem: null, press: { reason: 'legacy' } });
  });

  test('skipped after it was pressed: that nothing came is recorded, and it may be taken up again', () => {
    const skipped = play(take, pressed, say({ kind: 'skip', device: 'a' }));
    expect(skipped.effects).toContainEqual({ kind: 'disarm', device: 'a', keep: true });
    const kept = reduceDesk(skipped.state, recorded(1, askFor(1, 'again')));
    expect(kept.state.devices[0]).toMatchObject({ state: 'skipped', results: [{ number: 1 }] });
    expect(reduceDesk(kept.state, take).state.devices[0]).toMatchObject({ state: 'entering' });
  });

  test('a stranger is claimed once', () => {
    const claim = say({ kind: 'claim', device: 'a', stranger: 's1' });
    const claimed = play({ kind: 'stranger', stranger: stranger('s1', 587) }, take, claim, claim);
    expect(claimed.effects.filter((e) => e.kind === 'claim')).toHaveLength(1);
    expect(claimed.state.strangers).toEqual([]);
  });

  test('taken by another person, it stays where it is', () => {
    expect(play(take, pressed, say({ kind: 'take', device: 'a', by: 'Ben' })).a).toMatchObject({
      state: 'armed',
      by: 'Ben',
    });
  });

  test('after the end nothing is asked any more', () => {
    const { effects } = play(take, say({ kind: 'finish' }), pressed, recorded(1, askFor(2)));
    expect(effects.map((e) => e.kind)).toEqual(['arm', 'finish']);
  });
});

/** Whoever carries out effects, and the world: plays the door, which connects or not. */
const anyEvent: fc.Arbitrary<DeskEvent> = fc.oneof(
  fc
    .record({
      kind: fc.constantFrom('take', 'release', 'pressed', 'setting-not-found', 'skip', 'again', 'shows', 'claim'),
      device: fc.constantFrom('a', 'b', 'unknown'),
      said: fc.constantFrom('sent', 'failed'),
      at: fc.integer({ min: 0, max: 400_000 }),
    })
    .map(({ kind, device: id, said, at }): DeskEvent => {
      const more = { take: { by: 'Anna' }, shows: { said, code: 'E1' }, claim: { stranger: 's1' } };
      const extra = kind in more ? more[kind as keyof typeof more] : {};
      return say({ kind, device: id, ...extra } as Answer, NOW + at);
    }),
  fc.constantFrom<DeskEvent>(
    { kind: 'stranger', stranger: stranger('s1', 465) },
    { kind: 'stranger-gone', stranger: 's1' },
    { kind: 'ambiguous', devices: ['a', 'b'], stranger: 's1' },
    { kind: 'other-device', asked: 'a', answered: 'b' },
    { kind: 'address-changed', device: 'b' },
    { kind: 'wrong-port', device: 'a' },
    { kind: 'wrong-policy', device: 'b' },
    { kind: 'trouble', device: 'a' },
    { kind: 'ready', device: 'a', prompt: {} as Prompt },
    { kind: 'photo', device: 'a', name: 'photo-1.jpg' },
    { kind: 'planned', device: 'a', next: askFor(2, 'legacy'), verdicts: [] },
  ),
  fc.integer({ min: 0, max: 400_000 }).map((at): DeskEvent => ({ kind: 'tick', at: NOW + at })),
  fc
    .constantFrom('a', 'b')
    .chain((id) =>
      fc.constantFrom<DeskEvent>({ kind: 'connected', device: id }, { ...recorded(0, null), device: id } as DeskEvent),
    ),
);

test('whatever happens: one press at a time, never more than four, and always a way on', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 80 }), fc.boolean(), (events, asksForMore) => {
      let state = opening;
      let count = 0;
      for (const event of events) {
        // A press is recorded only where it was connected, and the plan may ask for more than it should.
        const now = event.kind === 'recorded' ? state.devices.find((d) => d.id === event.device) : undefined;
        if (event.kind === 'recorded' && now?.state !== 'connected') continue;
        count += 1;
        const played: DeskEvent =
          event.kind === 'recorded'
            ? { ...event, result: result(count), next: asksForMore ? askFor(now!.results.length + 2) : null }
            : event;
        const before = state;
        const reduced = reduceDesk(state, played);
        state = reduced.state;
        expect(state.version - before.version).toBe(state === before ? 0 : 1);
        for (const d of state.devices) {
          expect(reduced.effects.filter((e) => e.kind === 'arm' && e.device === d.id).length).toBeLessThanOrEqual(1);
          expect(d.results.length).toBeLessThanOrEqual(MAX_PRESSES);
          expect(d.waitsUntil === null).toBe(d.state !== 'armed');
          if (d.state === 'stuck') expect(d.problem).not.toBeNull();
          if (d.state === 'done') expect(d.press).toBeNull();
          expect(hasWayOn(state, d)).toBe(true);
        }
      }
    }),
    { numRuns: 400 },
  );
});

/** Done, or something that a person or the clock can do moves it. */
function hasWayOn(state: DeskState, { id, state: now, press }: DeskDevice): boolean {
  if (now === 'done' || (now === 'skipped' && press === null)) return true;
  const ways: readonly DeskEvent[] = [
    say({ kind: 'take', device: id, by: 'Ben' }),
    say({ kind: 'again', device: id }),
    { kind: 'tick', at: NOW + 10_000_000 },
    { kind: 'recorded', device: id, result: result(99), next: null, verdicts: [] },
  ];
  return ways.some((way) => reduceDesk(state, way).state.devices.find((d) => d.id === id)?.state !== now);
}
