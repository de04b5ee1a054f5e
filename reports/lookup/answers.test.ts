import { describe, expect, test } from 'vitest';
import { Device } from '../../harness/vocabulary/device.ts';
import { Verdict } from '../../harness/vocabulary/verdict.ts';
import { MODES } from '../fixtures/run.ts';
import { composeAnswer, type Known } from './answers.ts';
import { groupDirections } from './group-directions.ts';
import { cutVersions } from './version-segments.ts';

const source = {
  title: 'Handbuch',
  url: 'https://vendor.example/',
  date: '2026-01-01',
  confidence: 'vendor-documented',
};

function claim(implies: object, when?: object, more: object = {}) {
  return {
    says: { de: 'x', en: 'x' },
    source: { ...source, ...more },
    implies: { directions: ['send'], ...implies },
    ...(when === undefined ? {} : { when }),
  };
}

function program(...claims: readonly object[]): Device {
  return Device.parse({ id: 'post', vendor: 'Post', model: 'Post', kind: 'mail-program', claims });
}

const send = (device: Device, known: Known = {}, verdicts: readonly Verdict[] = []) =>
  composeAnswer(device, verdicts, MODES, known).directions[0]!;

const measured = (verdict: string, firmware = '2.0', emulated = false) =>
  Verdict.parse({
    v: 1,
    device: 'post',
    direction: 'send',
    verdict,
    basis: 'measured',
    causes: [],
    confidence: 'confirmed',
    remedies: [],
    engine: 'hosts',
    firmware,
    emulated,
    measuredAt: '2026-01-01T00:00:00Z',
    expiresAt: '2027-01-01',
    trials: ['t'],
  });

const STOPS = { verdict: 'stops-working', cause: 'version-too-old' };
const LEGACY = { verdict: 'legacy-only', cause: 'version-too-old', encrypted: true };
const WORKS = { verdict: 'works' };

describe('without a measurement', () => {
  test('a device without a word about it has no direction', () => {
    expect(composeAnswer(program(), [], MODES).directions).toEqual([]);
  });

  test('what is said stands, as a claim, and of several that agree the most trusted', () => {
    const answer = send(program(claim(STOPS, undefined, { confidence: 'forum' }), claim(STOPS)));
    expect(answer).toMatchObject({ standing: 'claimed', conflict: false, question: null });
    expect(answer.claimed).toHaveLength(2);
    expect(answer.verdict).toBe(answer.claimed[1]!.verdict);
  });

  test('a contradiction under the same condition leaves it unknown and shows both', () => {
    const answer = send(program(claim(STOPS), claim(LEGACY)));
    expect(answer.verdict?.verdict).toBe('unknown');
    expect(answer.conflict).toBe(true);
    expect(answer.claimed.map((c) => c.verdict.verdict)).toEqual(['stops-working', 'legacy-only']);
  });

  test('another system, another answer: the system is asked for, and the answer decides', () => {
    const device = program(claim(LEGACY, { os: 'windows-7' }), claim(WORKS, { os: 'windows-10' }));
    const asked = send(device);
    expect(asked.verdict).toBeNull();
    expect(asked.question?.kind).toBe('os');
    expect(asked.question?.options.map((o) => [o.value, o.verdicts.map((v) => v.verdict)])).toEqual([
      ['windows-7', ['legacy-only']],
      ['windows-10', ['works']],
      [null, []],
    ]);
    expect(send(device, { os: 'windows-10' }).verdict?.verdict).toBe('works');
    expect(send(device, { os: null }).verdict).toBeNull();
  });

  test('another version, another answer: the version is asked for', () => {
    const device = program(claim(STOPS, { firmware: '<6.20' }), claim(WORKS, { firmware: '>=6.20' }));
    expect(send(device).question).toMatchObject({
      kind: 'firmware',
      options: [{ value: '<6.20' }, { value: '>=6.20' }],
    });
    expect(send(device, { firmware: '6.3' }).verdict?.verdict).toBe('stops-working');
    expect(send(device, { firmware: '6.30' }).verdict?.verdict).toBe('works');
    expect(send(device, { firmware: '>=6.20' }).verdict?.verdict).toBe('works');
  });

  test('nothing is asked where every answer is the same', () => {
    const device = program(claim(STOPS), claim(STOPS, { os: 'windows-7' }));
    expect(send(device).question).toBeNull();
    expect(send(device).verdict?.verdict).toBe('stops-working');
  });

  test('the narrower condition was written for the case and wins', () => {
    const device = program(claim(STOPS), claim(WORKS, { firmware: '>=3' }));
    expect(send(device).question?.options.map((o) => [o.value, o.verdicts[0]?.verdict])).toEqual([
      ['<3', 'stops-working'],
      ['>=3', 'works'],
    ]);
    expect(send(device, { firmware: '4' })).toMatchObject({ conflict: false, verdict: { verdict: 'works' } });
  });

  test('after the system the version is asked for, where it still decides', () => {
    const device = program(
      claim(WORKS, { os: 'windows-10' }),
      claim(STOPS, { os: 'windows-7', firmware: '<60' }),
      claim(WORKS, { os: 'windows-7', firmware: '>=60' }),
    );
    expect(send(device).question?.kind).toBe('os');
    expect(send(device, { os: 'windows-7' }).question?.kind).toBe('firmware');
    expect(send(device, { os: 'windows-7', firmware: '52.9' }).verdict?.verdict).toBe('stops-working');
    expect(send(device, { os: 'windows-10' })).toMatchObject({ question: null, verdict: { verdict: 'works' } });
  });
});

describe('beside a measurement', () => {
  test('the measurement stands; a claim for another version is no conflict', () => {
    const device = program(claim(STOPS, { firmware: '<2' }), claim(WORKS, { firmware: '>=2' }));
    const answer = send(device, {}, [measured('works')]);
    expect(answer).toMatchObject({ standing: 'measured', question: null, conflict: false });
    expect(answer.claimed.map((c) => c.verdict.verdict)).toEqual(['works']);
  });

  test('a claim for the version that was tried can contradict it', () => {
    expect(send(program(claim(STOPS)), {}, [measured('works')])).toMatchObject({
      standing: 'measured',
      verdict: { verdict: 'works' },
      conflict: true,
    });
  });

  test('an attempt without a result does not stand before what is said', () => {
    const answer = send(program(claim(STOPS)), {}, [measured('unknown')]);
    expect(answer).toMatchObject({ standing: 'claimed', verdict: { verdict: 'stops-working' } });
    expect(answer.unclear?.basis).toBe('measured');
    expect(send(program(), {}, [measured('unknown')])).toMatchObject({ standing: 'measured' });
  });
});

test('versions are cut where any range begins or ends', () => {
  expect(cutVersions(['>=6.20 <7', '<=6.20']).map((s) => [s.range, s.within])).toEqual([
    ['<6.20', ['<=6.20']],
    ['6.20', ['>=6.20 <7', '<=6.20']],
    ['>6.20 <7', ['>=6.20 <7']],
    ['>=7', []],
  ]);
  expect(cutVersions(['2.1.3']).map((s) => s.range)).toEqual(['<2.1.3', '2.1.3', '>2.1.3']);
});

test('directions of which the same holds are said together, others apart', () => {
  const groups = (...claims: readonly object[]) =>
    groupDirections(composeAnswer(program(...claims), [], MODES).directions).map((g) => g.map((d) => d.direction));
  const both = { directions: ['send', 'fetch'] };
  expect(groups(claim({ ...LEGACY, ...both }))).toEqual([['send', 'fetch']]);
  expect(
    groups(claim(LEGACY), claim({ ...LEGACY, directions: ['fetch'] }, undefined, { url: 'https://b.example/' })),
  ).toEqual([['send'], ['fetch']]);
  expect(groups(claim({ ...LEGACY, ...both }), claim(WORKS, { os: 'windows-10' }))).toEqual([['send'], ['fetch']]);
});
