import { expect, test } from 'vitest';
import { concludeClaims } from './claims.ts';
import { readModes } from './modes/read-mode.ts';
import { Device } from './vocabulary/device.ts';
import { Verdict } from './vocabulary/verdict.ts';

const MODES = readModes(['today', 'strict', 'legacy']);
const SOURCE = { title: 'Manual', url: 'https://maker.example/manual', date: '2026-02-01', confidence: 'forum' };
const SAYS = { de: 'Sagt etwas.', en: 'Says something.' };

function deviceWith(...claims: readonly object[]): Device {
  const whole = claims.map((claim) => ({ says: SAYS, source: SOURCE, ...claim }));
  return Device.parse({ id: 'tb-2', vendor: 'Torblick', model: 'TB-2', kind: 'camera', claims: whole });
}

const conclude = (...claims: readonly object[]) => concludeClaims(deviceWith(...claims), MODES).map((c) => c.verdict);

test('a claim is never a measurement, never confirmed, and expires a year after its source was read', () => {
  const [verdict] = conclude({ implies: { directions: ['send'], verdict: 'stops-working', cause: 'version-too-old' } });
  expect(Verdict.parse(verdict)).toMatchObject({
    basis: 'claimed',
    confidence: 'suspected',
    causes: ['version-too-old'],
    measuredAt: '2026-02-01T00:00:00Z',
    expiresAt: '2027-02-01',
    trials: [],
  });
  expect(verdict).not.toHaveProperty('engine');
});

test('without directions it goes for both, and a claim that implies nothing gives no verdict', () => {
  const verdicts = conclude({}, { implies: { verdict: 'unknown' } });
  expect(verdicts.map((v) => v.direction)).toEqual(['send', 'fetch']);
});

test('what the transition hosts help ends when the mode ends, and they are a remedy only there', () => {
  const implies = { directions: ['send'], cause: 'version-too-old' };
  const [legacy, stops] = conclude(
    { implies: { ...implies, verdict: 'legacy-only', encrypted: true } },
    { implies: { ...implies, verdict: 'stops-working' } },
  );
  expect(legacy).toMatchObject({ until: '2025-05-30', encrypted: true });
  expect(legacy?.remedies).toContain('legacy-host');
  expect(stops).not.toHaveProperty('until');
  expect(stops?.remedies).not.toContain('legacy-host');
});

test('conditions are carried on, so that a question can be asked', () => {
  const verdicts = conclude(
    { when: { firmware: '>=2 <3' }, implies: { directions: ['send'], verdict: 'works' } },
    { when: { os: 'windows-7' }, implies: { directions: ['send'], verdict: 'unknown' } },
  );
  expect(verdicts.map((v) => [v.firmware, v.os])).toEqual([
    ['>=2 <3', undefined],
    ['', 'windows-7'],
  ]);
});
