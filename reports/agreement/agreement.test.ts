import { expect, test } from 'vitest';
import { Device } from '../../harness/vocabulary/device.ts';
import { Verdict } from '../../harness/vocabulary/verdict.ts';
import { MODES } from '../fixtures/run.ts';
import { agreementSentences, renderAgreement } from './render-agreement.ts';
import { countAgreement } from './agreement.ts';

const claim = (verdict: string, url: string, when?: object) => ({
  says: { de: 'x', en: 'x' },
  source: { title: 'x', url: `https://vendor.example/${url}`, date: '2026-01-01', confidence: 'vendor-documented' },
  implies: { directions: ['send'], verdict, cause: 'version-too-old' },
  ...(when === undefined ? {} : { when }),
});

const device = (id: string, claims: readonly object[], more: object = {}) =>
  Device.parse({ id, vendor: 'Werk', model: id, kind: 'camera', claims, ...more });

const tried = (id: string, verdict: string, firmware = '1', more: object = {}) =>
  Verdict.parse({
    v: 1,
    device: id,
    direction: 'send',
    verdict,
    basis: 'measured',
    causes: [],
    confidence: 'confirmed',
    remedies: [],
    engine: 'hosts',
    firmware,
    emulated: false,
    measuredAt: '2026-01-01T00:00:00Z',
    expiresAt: '2027-01-01',
    trials: ['t'],
    ...more,
  });

const LAB = {
  kind: 'router',
  program: 'mailer',
  reach: { driver: 'container', image: 'x' },
  client: 'x',
  settings: [{ id: 's', protocol: 'smtp', port: 587, security: 'starttls' }],
  truth: { built: 'x', verdict: {} },
};

test('measured and claimed are compared for the version that was tried, with denominator and names', () => {
  const devices = [
    device('a', [claim('stops-working', '1')]),
    device('b', [claim('stops-working', '1'), claim('works', '2', { firmware: '>=3' })]),
    device('c', [claim('unknown', '1')]),
    device('d', []),
  ];
  const verdicts = [tried('a', 'works'), tried('b', 'works', '3.1'), tried('c', 'works')];
  const agreement = countAgreement(devices, verdicts, MODES);
  expect(agreement.rows).toEqual([
    { pair: 'claimed-measured', subject: 'device', kind: 'camera', of: 2, agree: 1, against: ['a'] },
  ]);
  expect(agreement.counts).toEqual({ answers: 4, measured: 3, claimedOnly: 0, unknown: 1 });
  expect(agreementSentences(agreement).map((s) => s.de)).toEqual([
    'Quellen und unsere Tests: 1 von 2 stimmen überein.',
    'Von 4 Antworten sind 3 von uns getestet, 0 nur laut Quelle, 1 noch offen.',
  ]);
  expect(renderAgreement(agreement, 'en')).toContain('network camera: 1 of 2 (not for: a)');
});

test('sources are compared under the same condition, and one page is one source', () => {
  const devices = [
    device('a', [claim('stops-working', '1'), claim('works', '2'), claim('works', '3', { firmware: '>=3' })]),
    device('b', [claim('stops-working', '1'), claim('stops-working', '1')]),
    device('c', [claim('stops-working', '1'), claim('stops-working', '2')]),
  ];
  expect(countAgreement(devices, [], MODES).rows).toEqual([
    { pair: 'claims', subject: 'device', kind: 'camera', of: 2, agree: 1, against: ['a'] },
  ]);
});

test('a program in a container stands in a row of its own, by the version that its stack names', () => {
  const program = device('mailer', [claim('works', '1', { firmware: '>=2' })], { kind: 'mail-program' });
  const lab = device('lab-a', [], { ...LAB, firmware: [{ version: '22', stack: 'GnuTLS 3 (mailer 2.4, other 1.1)' }] });
  const old = device('lab-b', [], { ...LAB, firmware: [{ version: '22', stack: 'GnuTLS 3 (mailer 1.9)' }] });
  const unnamed = device('lab-c', [], { ...LAB, firmware: [{ version: '22', stack: 'GnuTLS 3' }] });
  const verdicts = ['lab-a', 'lab-b', 'lab-c'].map((id) => tried(id, 'works', '22', { emulated: true }));
  const agreement = countAgreement([program, lab, old, unnamed], verdicts, MODES);
  expect(agreement.rows).toEqual([
    { pair: 'claimed-measured', subject: 'program', kind: 'mail-program', of: 1, agree: 1, against: [] },
  ]);
  // An emulated device answers for no real one.
  expect(agreement.counts).toEqual({ answers: 1, measured: 0, claimedOnly: 1, unknown: 0 });
  expect(agreementSentences(agreement)[0]?.en).toBe(
    'Real programs in containers, sources and our tests: 1 of 1 agree.',
  );
});

test('predictions have rows of their own', () => {
  const devices = [device('a', [claim('works', '1')])];
  const verdicts = [tried('a', 'works'), tried('a', 'stops-working', '1', { basis: 'predicted' })];
  expect(countAgreement(devices, verdicts, MODES).rows.map((r) => [r.pair, r.agree, r.of])).toEqual([
    ['claimed-measured', 1, 1],
    ['predicted-measured', 0, 1],
    ['claimed-predicted', 0, 1],
  ]);
});
