import { describe, expect, test } from 'vitest';
import { type Candidate, type ConnectionFacts, identify, PRESSED_BEFORE_MS, type Traits } from './identify.ts';

const NOW = 1_000_000;
const facts = (changes: Partial<ConnectionFacts> = {}): ConnectionFacts => ({
  address: '10.0.0.1',
  port: 587,
  ownPortOf: null,
  accountOf: null,
  atMs: NOW,
  fingerprint: null,
  ehlo: null,
  ...changes,
});
const traits = (
  addresses: readonly string[] = [],
  fingerprints: readonly string[] = [],
  ehloNames: readonly string[] = [],
): Traits => ({
  addresses,
  fingerprints,
  ehloNames,
});
const waiting = (
  device: string,
  known: Traits = traits(),
  waits: Partial<NonNullable<Candidate['waits']>> = {},
): Candidate => ({
  device,
  traits: known,
  waits: { port: 587, sinceMs: 0, pressedMs: null, ...waits },
});
const idle = (device: string, known: Traits): Candidate => ({ device, traits: known, waits: null });
const who = (...args: Parameters<typeof identify>): string => {
  const identity = identify(...args);
  if (identity.kind === 'one') return `${identity.device}${identity.hasMoved ? ' moved' : ''}`;
  return identity.kind === 'ambiguous'
    ? `${identity.devices.join(' or ')}?`
    : `nobody ${identity.near.join(' ')}`.trim();
};

describe('a device that is not known yet', () => {
  test('is the only one that waits', () => {
    expect(who(facts(), [waiting('a')])).toBe('a');
    expect(who(facts(), [])).toBe('nobody');
    expect(who(facts(), [waiting('a'), waiting('b')])).toBe('a or b?');
  });

  test('is the one that was pressed, of several that wait', () => {
    expect(who(facts(), [waiting('a'), waiting('b', traits(), { pressedMs: NOW - 2_000 })])).toBe('b');
    expect(who(facts(), [waiting('a', traits(), { pressedMs: NOW }), waiting('b', traits(), { pressedMs: NOW })])).toBe(
      'a or b?',
    );
  });

  test('is told from another of the same model, whose name and fingerprint it has', () => {
    const said = { fingerprint: 'f', ehlo: 'model', address: '10.0.0.2' };
    const known = traits(['10.0.0.1'], ['f'], ['model']);
    const pressed = { pressedMs: NOW - 1_000 };
    expect(who(facts(said), [waiting('a', known), waiting('b', traits(), pressed)])).toBe('b');
    expect(who(facts(said), [waiting('a', known, pressed), waiting('b', traits(), pressed)])).toBe('a or b?');
    // Nobody else is waited for: it has moved.
    expect(who(facts(said), [waiting('a', known, pressed), waiting('b')])).toBe('a moved');
  });

  test('is told by the time: who was pressed long ago, or long after, is not waited for', () => {
    const before = waiting('a', traits(), { pressedMs: NOW - 600_000 });
    const behind = waiting('b', traits(), { pressedMs: NOW + PRESSED_BEFORE_MS + 1 });
    expect(who(facts(), [before, behind])).toBe('nobody');
    expect(who(facts(), [before, behind, waiting('c', traits(), { pressedMs: NOW + 3_000 })])).toBe('c');
  });

  test('is not the one whose connection came before it was asked for', () => {
    expect(who(facts(), [waiting('a', traits(), { sinceMs: NOW + 1, pressedMs: NOW + 2 })])).toBe('nobody');
  });

  test('is asked at another port: nobody’s connection, but near', () => {
    expect(who(facts({ port: 465 }), [waiting('a')])).toBe('nobody a');
  });
});

describe('a device that is known', () => {
  const a = traits(['10.0.0.1'], ['fa'], ['printer-a']);
  const b = traits(['10.0.0.1'], ['fb'], ['printer-b']);

  test('has its address, before anybody who is only waited for', () => {
    expect(who(facts(), [waiting('a', a), waiting('b')])).toBe('a');
    expect(who(facts({ address: '10.0.0.7' }), [waiting('a', a), waiting('b')])).toBe('b');
  });

  test('shares its address with another: fingerprint or name tell them apart', () => {
    expect(who(facts(), [waiting('a', a), waiting('b', b)])).toBe('a or b?');
    expect(who(facts({ fingerprint: 'fb', ehlo: 'printer-b' }), [waiting('a', a), waiting('b', b)])).toBe('b');
    expect(who(facts({ ehlo: 'printer-a' }), [waiting('a', a), waiting('b', b)])).toBe('a');
    expect(who(facts({ fingerprint: 'fb' }), [waiting('a', a), waiting('b', b)])).toBe('b');
  });

  test('shares all with another of its model: both are named', () => {
    const twins = [waiting('a', a), waiting('twin', a)];
    expect(who(facts({ fingerprint: 'fa', ehlo: 'printer-a' }), twins)).toBe('a or twin?');
  });

  test('is not it when its address calls itself otherwise', () => {
    expect(who(facts({ ehlo: 'somebody', fingerprint: 'fx' }), [waiting('a', a)])).toBe('nobody');
    // A retry offers less: that alone is no other device.
    expect(who(facts({ fingerprint: 'fx' }), [waiting('a', a)])).toBe('a');
    expect(who(facts({ fingerprint: 'fx', ehlo: 'printer-a' }), [waiting('a', a)])).toBe('a');
  });

  test('behind one address, an unknown one that was pressed is as likely as a known one that nobody asks', () => {
    const pressed = waiting('b', traits(), { pressedMs: NOW - 1_000 });
    expect(who(facts(), [idle('a', a), pressed])).toBe('a or b?');
    expect(who(facts({ fingerprint: 'fa' }), [idle('a', a), pressed])).toBe('a');
    expect(who(facts({ fingerprint: 'fx', ehlo: 'x' }), [idle('a', a), pressed])).toBe('b');
    expect(who(facts({ fingerprint: 'fx' }), [waiting('a', a), pressed])).toBe('a or b?');
    // Its settings are still being entered: the known one tries again.
    expect(who(facts(), [idle('a', a), waiting('b')])).toBe('a');
  });

  test('is found again at another address by fingerprint and name, while it is asked', () => {
    const moved = facts({ address: '10.0.0.8', fingerprint: 'fa', ehlo: 'printer-a' });
    expect(who(moved, [waiting('a', a)])).toBe('a moved');
    expect(who(moved, [idle('a', a)])).toBe('nobody');
    expect(who(facts({ address: '10.0.0.8', fingerprint: 'fa' }), [waiting('a', a)])).toBe('nobody');
    const clear = traits(['10.0.0.1'], [], ['old-fax']);
    expect(who(facts({ address: '10.0.0.8', ehlo: 'old-fax' }), [waiting('f', clear)])).toBe('f moved');
  });
});

test('an own port, or the account that the page shows, needs no guessing', () => {
  const others = [waiting('a', traits(['10.0.0.1'])), waiting('b')];
  expect(who(facts({ ownPortOf: 'b' }), others)).toBe('b');
  expect(who(facts({ accountOf: 'b' }), others)).toBe('b');
  expect(who(facts({ ownPortOf: 'z' }), others)).toBe('nobody');
});

test('one device’s account in another: both are named', () => {
  const known = waiting('a', traits(['10.0.0.1'], ['fa'], ['printer-a']));
  const confirmed = facts({ accountOf: 'b', fingerprint: 'fa', ehlo: 'printer-a' });
  expect(who(confirmed, [known, waiting('b')])).toBe('a or b?');
  expect(who(confirmed, [known, waiting('b', traits(['10.0.0.1'], ['fa'], ['printer-a']))])).toBe('b');
});

test('who has a port of its own is not waited for at the one for all, and is known there', () => {
  const own = waiting('a', traits(), { pressedMs: NOW, hasOwnPort: true });
  expect(who(facts(), [own])).toBe('nobody');
  expect(who(facts(), [own, waiting('b')])).toBe('b');
  expect(who(facts({ ownPortOf: 'a' }), [own])).toBe('a');
  expect(who(facts(), [waiting('a', traits(['10.0.0.1']), { hasOwnPort: true })])).toBe('a');
});

test('who connects in a loop is nobody that was pressed, but may be one that is known', () => {
  const flood = facts({ isPersistent: true });
  expect(who(flood, [waiting('a', traits(), { pressedMs: NOW })])).toBe('nobody');
  expect(who(flood, [waiting('a', traits(['10.0.0.1']), { pressedMs: NOW })])).toBe('a');
});
