import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conclude } from './conclude.ts';
import { MODES_FOLDER, readMode, readModes } from './modes/read-mode.ts';
import { nextTrial, type Plan } from './next-trial.ts';
import { Device } from './vocabulary/device.ts';
import type { Finding } from './vocabulary/finding.ts';
import { Record } from './vocabulary/record.ts';
import type { Scenario, Trial } from './vocabulary/trial.ts';
import { newestOf } from './records.ts';
import { endpointOf } from './rig.ts';
import { readScenarios } from './scenario-files.ts';

const modes = readModes(['today', 'strict', 'legacy']);
const forgiving = readMode(join(MODES_FOLDER, 'forgiving.yaml'));
const scenarios: readonly Scenario[] = (await readScenarios()).filter((s) => !s.onRequest);

function deviceWith(more: object): Device {
  return Device.parse({
    id: 'd',
    vendor: 'v',
    model: 'm',
    kind: 'mfp',
    trust: 'none',
    firmware: [{ version: '1', emulated: { stack: 'node-current' } }],
    settings: [{ id: 's', protocol: 'smtp', port: 587, security: 'starttls' }],
    reach: { driver: 'emulated', console: 'c', over: 'pty' },
    client: 'c',
    truth: { built: 'x', verdict: {} },
    ...more,
  });
}

type Answer = Pick<Finding, 'outcome'> & Partial<Finding>;
const WORKS: Answer = { outcome: 'works', encrypted: true };
const CLEAR: Answer = { outcome: 'works', encrypted: false };
const fails = (cause: Finding['cause'], more: Partial<Finding> = {}): Answer => ({ outcome: 'fails', cause, ...more });
const REFUSED = fails('connection-dropped');

/** Runs nextTrial to its end against a device that answers as told. */
function play(device: Device, answer: (trial: Trial) => Answer, more: Pick<Plan, 'engine'> = {}): readonly Record[] {
  const plan: Plan = { device, modes, forgiving, scenarios, ...more };
  const records: Record[] = [];
  for (let trial = nextTrial(plan, records); trial !== null; trial = nextTrial(plan, records)) {
    const attempt = 1 + records.filter((r) => r.trial === trial.id).length;
    records.push({ ...recordOf(device, trial, trial.role === 'control-refused' ? REFUSED : answer(trial)), attempt });
    if (records.length > 200) throw new Error('no end');
  }
  return newestOf(records);
}

function recordOf(device: Device, trial: Trial, finding: Answer): Record {
  const { id, device: _, firmware, ...rest } = trial;
  return Record.parse({
    v: 1,
    run: 'r',
    trial: id,
    ...rest,
    attempt: 1,
    device: {
      id: device.id,
      vendor: 'v',
      model: 'm',
      firmware,
      installed: firmware === '1',
      kind: 'mfp',
      emulated: true,
      trust: device.trust,
    },
    asConfigured:
      device.settings.find((s) => (s.protocol === 'smtp') === (trial.direction === 'send'))?.id === trial.setting.id,
    endpoint: endpointOf(trial.setting),
    startedAt: '2026-05-01T10:00:00.000Z',
    durationMs: 1,
    because: [],
    ...finding,
    evidence: {
      wire: { connections: [] },
      server: {
        sessions: [],
        arrived: 0,
        unspoken: { versions: [], suites: [], groups: [], signatures: [] },
        trouble: null,
      },
      device: { said: 'nothing', text: '', exitCode: null, trouble: null },
    },
    attachments: [],
  });
}

const question =
  (mode: string, finding: Answer, otherwise: Answer = WORKS) =>
  (t: Trial) =>
    t.role === 'question' && t.mode === mode ? finding : otherwise;
const byMode = (answers: { readonly [mode: string]: Answer }) => (t: Trial) =>
  t.role === 'question' ? (answers[t.mode] ?? WORKS) : WORKS;
const verdictOf = (records: readonly Record[]) => conclude(records, modes).verdicts[0];

describe('the next trial', () => {
  test('controls first, then every mode; a device that works needs no more', () => {
    const ids = play(deviceWith({}), () => WORKS).map((r) => r.trial);
    expect(ids).toEqual([
      'd@1/submit/s/forgiving/control-forgiving',
      'd@1/submit/s/forgiving/control-refused',
      'd@1/submit/s/today/question',
      'd@1/submit/s/strict/question',
      'd@1/submit/s/legacy/question',
    ]);
  });
  test('is the same from any prefix of the records', () => {
    const device = deviceWith({});
    const records = play(device, question('strict', fails('plaintext-only')));
    for (let n = 0; n <= records.length; n += 1) {
      expect(nextTrial({ device, modes, forgiving, scenarios }, records.slice(0, n))?.id).toBe(records[n]?.trial);
    }
  });
  test('a device in trouble before a forgiving server is not asked further', () => {
    const records = play(deviceWith({}), () => ({ outcome: 'inconclusive', cause: 'never-connected' }));
    expect(records.map((r) => r.role)).toEqual(['control-forgiving']);
    expect(verdictOf(records)).toMatchObject({ verdict: 'unknown', causes: [] });
  });
  test('trouble of the lab itself is repeated once, and both attempts stay', () => {
    const device = deviceWith({});
    const plan: Plan = { device, modes, forgiving, scenarios };
    const first = nextTrial(plan, []);
    if (first === null) throw new Error('no trial');
    const broken = recordOf(device, first, { outcome: 'inconclusive', cause: 'server-trouble' });
    expect(nextTrial(plan, [broken])?.id).toBe(first.id);
    expect(nextTrial(plan, [broken, { ...broken, attempt: 2 }])).toBeNull();
    const well = { ...recordOf(device, first, WORKS), attempt: 2 };
    expect(nextTrial(plan, [broken, well])?.role).toBe('control-refused');
  });
  test('an emulated device, or one in a container, is the lab itself: its trouble is repeated once, that of any other is not', () => {
    const trouble: Answer = { outcome: 'inconclusive', cause: 'device-trouble' };
    const repeated = (reach: Device['reach']) => {
      const device: Device = { ...deviceWith({}), reach };
      const plan: Plan = { device, modes, forgiving, scenarios };
      const first = nextTrial(plan, []);
      if (first === null) throw new Error('no trial');
      const broken = recordOf(device, first, trouble);
      return [nextTrial(plan, [broken])?.id === first.id, nextTrial(plan, [broken, { ...broken, attempt: 2 }])];
    };
    const common = { user: 'root', auth: 'password' as const, hostKeyBits: 'ed25519' as const, login: [] };
    expect(repeated({ driver: 'container', image: 'busybox', capabilities: [], ...common })).toEqual([true, null]);
    expect(repeated(deviceWith({}).reach)).toEqual([true, null]);
    expect(repeated({ driver: 'scripted', script: 'x' })).toEqual([false, null]);
  });
  test('other settings are tried when strict fails, other firmware too', () => {
    const device = deviceWith({
      firmware: [
        { version: '1', emulated: { stack: 'node-current' } },
        { version: '2', emulated: { stack: 'node-current' } },
      ],
      settings: [
        { id: 's', protocol: 'smtp', port: 25, security: 'plaintext' },
        { id: 'o', protocol: 'smtp', port: 465, security: 'implicit' },
      ],
    });
    const roles = play(device, (t) => (t.setting.id === 's' && t.mode === 'strict' ? fails('plaintext-only') : WORKS));
    expect(roles.some((r) => r.trial === 'd@1/submit-other-settings/o/strict/question')).toBe(true);
    expect(roles.some((r) => r.trial === 'd@2/submit/s/strict/question')).toBe(true);
  });
  test('a device is started once for each firmware, not again for the other direction', () => {
    const device = deviceWith({
      firmware: [
        { version: '1', emulated: { stack: 'node-current' } },
        { version: '2', emulated: { stack: 'node-current' } },
      ],
      settings: [
        { id: 's', protocol: 'smtp', port: 587, security: 'starttls' },
        { id: 'i', protocol: 'imap', port: 993, security: 'implicit' },
      ],
    });
    const order = play(device, () => WORKS).map((r) => `${r.device.firmware} ${r.direction}`);
    expect(order.filter((step, i) => step !== order[i - 1])).toEqual(['1 send', '1 fetch', '2 send', '2 fetch']);
  });
  test('a fetching device is asked to fetch', () => {
    const device = deviceWith({ settings: [{ id: 'i', protocol: 'imap', port: 993, security: 'implicit' }] });
    const records = play(device, () => WORKS);
    expect(new Set(records.map((r) => r.direction))).toEqual(new Set(['fetch']));
    expect(verdictOf(records)).toMatchObject({ direction: 'fetch', verdict: 'works' });
  });
});

describe('another engine', () => {
  const asked = 'd@1/fetch/i/strict/question';
  const fetching = deviceWith({ settings: [{ id: 'i', protocol: 'imap', port: 993, security: 'implicit' }] });
  /** Fails strict on containers; on embedded servers unless told otherwise. */
  const playOn = (onEmbedded: Answer) => {
    const answer = (t: Trial) => {
      if (t.mode !== 'strict' || t.role.startsWith('control') || t.change !== undefined) return WORKS;
      return t.engine === 'containers' ? fails('auth-missing') : onEmbedded;
    };
    return play(fetching, answer, { engine: 'containers' });
  };
  test('answers questions; controls and counter-tests stay embedded', () => {
    const records = playOn(fails('auth-missing'));
    const byEngine = Map.groupBy(records, (r) => r.engine);
    expect(new Set(byEngine.get('containers')?.map((r) => r.role))).toEqual(new Set(['question']));
    expect(byEngine.get('embedded')?.map((r) => r.trial)).toEqual([
      'd@1/fetch/i/forgiving/control-forgiving',
      'd@1/fetch/i/forgiving/control-refused',
      'd@1/fetch/i/strict/counter-test-unchanged',
      'd@1/fetch/i/strict/counter-test-auth',
    ]);
  });
  test('a failure that embedded servers share is confirmed by changing one key there', () => {
    const { findings, verdicts } = conclude(playOn(fails('auth-missing')), modes);
    expect(findings.get(asked)).toMatchObject({ cause: 'auth-missing', confidence: 'confirmed' });
    expect(verdicts).toMatchObject([{ engine: 'containers', confidence: 'confirmed' }]);
  });
  test.for<Answer>([
    WORKS,
    { outcome: 'inconclusive', cause: 'never-connected' },
    { outcome: 'inconclusive', cause: 'device-trouble' },
    { outcome: 'not-run', cause: 'not-testable' },
  ])('one that they were not seen to share stays suspected, and nothing is changed: $outcome', (onEmbedded) => {
    const records = playOn(onEmbedded);
    expect(records.filter((r) => r.change !== undefined)).toEqual([]);
    expect(conclude(records, modes).findings.get(asked)).toMatchObject({
      outcome: 'fails',
      cause: 'auth-missing',
      confidence: 'suspected',
    });
  });
});

describe('counter-tests', () => {
  const candidates = fails('connection-dropped', { candidates: ['certificate-dates', 'certificate-untrusted'] });
  const silent = (letsThrough: string | null) => (t: Trial) =>
    t.role === 'question'
      ? candidates
      : t.role === 'counter-test' && t.change?.to !== letsThrough
        ? fails('connection-dropped')
        : WORKS;
  test('the one that lets the device through names the cause', () => {
    const records = play(deviceWith({ trust: 'run-ca' }), silent('valid-from-1950'));
    const { findings, verdicts } = conclude(records, modes);
    expect(findings.get('d@1/submit/s/strict/question')).toMatchObject({
      outcome: 'fails',
      cause: 'certificate-dates',
      confidence: 'confirmed',
    });
    expect(verdicts[0]).toMatchObject({
      verdict: 'fails-already',
      causes: ['certificate-dates'],
      confidence: 'confirmed',
    });
    // The first that works ends the search.
    expect(records.filter((r) => r.of === 'd@1/submit/s/strict/question')).toHaveLength(1);
  });
  test('a root that the device was never given stays inconclusive', () => {
    const { findings, verdicts } = conclude(play(deviceWith({}), silent('factory-root')), modes);
    expect(findings.get('d@1/submit/s/strict/question')).toMatchObject({
      outcome: 'inconclusive',
      cause: 'certificate-untrusted',
    });
    expect(verdicts[0]?.verdict).toBe('unknown');
  });
  test('none lets it through: dropped, suspected, and no verdict of failure from it', () => {
    const { findings, verdicts } = conclude(play(deviceWith({ trust: 'run-ca' }), silent(null)), modes);
    expect(findings.get('d@1/submit/s/strict/question')).toMatchObject({
      cause: 'connection-dropped',
      confidence: 'suspected',
    });
    expect(verdicts[0]?.verdict).toBe('unknown');
  });
  test('a second obstacle behind the first confirms the first; the same again does not', () => {
    const plain = fails('plaintext-only');
    const behind = play(deviceWith({}), (t) =>
      t.mode !== 'strict' ? WORKS : t.role === 'counter-test' ? fails('auth-missing') : plain,
    );
    expect(conclude(behind, modes).findings.get('d@1/submit/s/strict/question')?.confidence).toBe('confirmed');
    const same = play(deviceWith({}), (t) => (t.mode === 'strict' ? plain : WORKS));
    expect(conclude(same, modes).findings.get('d@1/submit/s/strict/question')?.confidence).toBe('suspected');
  });
});

describe('presses, without controls and with few counter-tests', () => {
  const strict = 'd@1/submit/s/strict/question';
  const legacy = 'd@1/submit/s/legacy/question';
  const silent = fails('connection-dropped', { candidates: ['certificate-dates', 'certificate-untrusted'] });
  const all = play(deviceWith({ trust: 'run-ca' }), (t) => (t.role === 'question' ? silent : WORKS));
  const asked = (...trials: readonly string[]) => all.filter((r) => trials.includes(r.trial));
  const dates = `${strict.replace('question', 'counter-test')}-certificate.minted=valid-from-1950`;

  test('what a counter-test named in strict names the same trace elsewhere, suspected', () => {
    const { findings, verdicts } = conclude(asked(strict, legacy, dates), modes);
    expect(findings.get(legacy)).toMatchObject({ cause: 'certificate-dates', confidence: 'suspected' });
    expect(verdicts).toMatchObject([
      { verdict: 'fails-already', causes: ['certificate-dates'], confidence: 'suspected', trials: [strict, legacy] },
    ]);
  });
  test('but not another trace, nor where the mode shows another certificate', () => {
    const other = asked(strict, legacy, dates).map((r) =>
      r.trial === legacy ? { ...r, candidates: ['certificate-key' as const, 'certificate-dates' as const] } : r,
    );
    expect(conclude(other, modes).findings.get(legacy)?.cause).toBe('connection-dropped');
    const renewed = modes.map((m) =>
      m.id === 'legacy' ? { ...m, certificate: { minted: 'ecdsa-p256' as const, names: [] } } : m,
    );
    expect(conclude(asked(strict, legacy, dates), renewed).findings.get(legacy)?.cause).toBe('connection-dropped');
  });
  test('today is answered by legacy only where both are the same to the device', () => {
    const failing = asked(strict, legacy).map((r) => ({
      ...r,
      cause: 'auth-rejected' as const,
      candidates: undefined,
    }));
    expect(conclude(failing, modes).verdicts).toMatchObject([
      { verdict: 'fails-already', confidence: 'confirmed', trials: [strict, legacy] },
    ]);
    const lenient = modes.map((m) => (m.id === 'today' ? { ...m, auth: [...m.auth, 'CRAM-MD5' as const] } : m));
    expect(conclude(failing, lenient).verdicts).toMatchObject([{ verdict: 'unknown' }]);
    const unasked = modes.filter((m) => m.id !== 'today');
    expect(conclude(failing, unasked).verdicts).toMatchObject([{ verdict: 'unknown' }]);
  });
});

describe('several runs and scenarios', () => {
  const candidates = fails('connection-dropped', { candidates: ['certificate-dates'] });
  test('another day’s counter-tests and controls leave this day’s findings alone', () => {
    const device = deviceWith({ trust: 'run-ca' });
    const old = play(device, (t) => (t.role === 'question' ? candidates : WORKS));
    const asked = old.find((r) => r.trial === 'd@1/submit/s/strict/question');
    if (asked === undefined) throw new Error('no question');
    const unseen = {
      ...asked,
      run: 'later',
      outcome: 'inconclusive' as const,
      cause: 'never-connected' as const,
      candidates: undefined,
    };
    const merged = [...old.filter((r) => r.trial !== asked.trial), unseen];
    expect(conclude(merged, modes).findings.get(asked.trial)).toMatchObject({
      outcome: 'inconclusive',
      cause: 'never-connected',
    });
    const rejected = { ...unseen, outcome: 'fails' as const, cause: 'auth-rejected' as const };
    expect(
      conclude([...old.filter((r) => r.trial !== asked.trial), rejected], modes).findings.get(asked.trial)?.cause,
    ).toBe('auth-rejected');
  });
  test('a harder scenario does not turn a working mode into a failure of today', () => {
    const scan = scenarios.find((s) => s.id === 'submit');
    if (scan === undefined) throw new Error('no scenario');
    const device = deviceWith({});
    const submit = play(device, byMode({ strict: fails('version-too-old') }));
    const large = submit
      .filter((r) => r.role === 'question')
      .map((r) => ({
        ...r,
        trial: r.trial.replace('/submit/', '/scan-10mb/'),
        scenario: 'scan-10mb',
        outcome: 'fails' as const,
        cause: 'mail-refused' as const,
      }));
    expect(conclude([...submit, ...large], modes).verdicts).toMatchObject([{ verdict: 'legacy-only' }]);
    const works = play(device, () => WORKS);
    expect(conclude([...works, ...large], modes).verdicts).toMatchObject([{ verdict: 'fails-already' }]);
  });
  test('nobody is told to change a setting that was not seen to fail', () => {
    const device = deviceWith({
      settings: [
        { id: 's', protocol: 'smtp', port: 587, security: 'starttls' },
        { id: 'o', protocol: 'smtp', port: 465, security: 'implicit' },
      ],
    });
    const open: Answer = { outcome: 'inconclusive', cause: 'device-trouble' };
    const records = play(device, (t) => (t.setting.id === 's' && t.mode === 'strict' ? open : WORKS));
    expect(verdictOf(records)).toMatchObject({ verdict: 'unknown', confidence: 'suspected' });
  });
  test('a verdict is as old as the oldest answer that it stands on', () => {
    const records = play(deviceWith({}), byMode({ strict: fails('version-too-old') }));
    const newer = records.map((r) => (r.mode === 'legacy' ? { ...r, startedAt: '2027-04-20T10:00:00.000Z' } : r));
    expect(verdictOf(newer)).toMatchObject({ verdict: 'legacy-only', measuredAt: '2026-05-01T10:00:00.000Z' });
  });
});

describe('verdicts, first row that matches', () => {
  const V = fails('version-too-old');
  test('works', () => {
    expect(verdictOf(play(deviceWith({}), () => WORKS))).toMatchObject({
      verdict: 'works',
      causes: [],
      setting: { id: 's' },
      encrypted: true,
    });
  });
  test('works-after-change takes the smallest change that enforces TLS', () => {
    const device = deviceWith({
      settings: [
        { id: 's', protocol: 'smtp', port: 25, security: 'plaintext' },
        { id: 'opportunistic', protocol: 'smtp', port: 25, security: 'opportunistic' },
        { id: 'starttls', protocol: 'smtp', port: 587, security: 'starttls' },
        { id: 'implicit', protocol: 'smtp', port: 465, security: 'implicit' },
      ],
    });
    const records = play(device, (t) =>
      t.setting.id === 's' && t.mode === 'strict' ? fails('plaintext-only') : WORKS,
    );
    expect(verdictOf(records)).toMatchObject({
      verdict: 'works-after-change',
      setting: { id: 'implicit' },
      remedies: ['setting'],
    });
    const oneField = {
      ...device,
      settings: [
        ...device.settings,
        { id: 'near', protocol: 'smtp' as const, port: 25 as const, security: 'starttls' as const },
      ],
    };
    expect(
      verdictOf(play(oneField, (t) => (t.setting.id === 's' && t.mode === 'strict' ? fails('plaintext-only') : WORKS))),
    ).toMatchObject({ setting: { id: 'near' } });
  });
  test('a relay is no change of a setting: it stands with the remedy', () => {
    const device = deviceWith({
      settings: [
        { id: 's', protocol: 'smtp', port: 587, security: 'starttls' },
        { id: 'via-relay', protocol: 'smtp', port: 465, security: 'implicit', via: 'relay' },
      ],
    });
    const through = play(device, (t) => (t.setting.id === 's' && t.mode === 'strict' ? V : WORKS));
    const verdict = verdictOf(through);
    expect(verdict).toMatchObject({ verdict: 'legacy-only', relay: { id: 'via-relay' } });
    expect(verdict?.remedies).toContain('relay');
    const inVain = verdictOf(play(device, (t) => (t.mode === 'strict' ? V : WORKS)));
    expect(inVain?.verdict).toBe('legacy-only');
    expect(inVain?.relay).toBeUndefined();
  });
  test('works-after-update', () => {
    const device = deviceWith({
      firmware: [
        { version: '1', emulated: { stack: 'node-current' } },
        { version: '2', emulated: { stack: 'node-current' } },
      ],
    });
    const records = play(device, (t) => (t.firmware === '1' && t.mode === 'strict' ? V : WORKS));
    expect(verdictOf(records)).toMatchObject({ verdict: 'works-after-update', update: '2', firmware: '1' });
  });
  test('legacy-only, encrypted or in the clear, until the mode ends', () => {
    expect(verdictOf(play(deviceWith({}), byMode({ strict: V })))).toMatchObject({
      verdict: 'legacy-only',
      encrypted: true,
      until: '2025-05-30',
    });
    const plain = deviceWith({ settings: [{ id: 's', protocol: 'smtp', port: 25, security: 'plaintext' }] });
    const clear = play(plain, (t) => (t.mode === 'strict' && t.role === 'question' ? fails('plaintext-only') : CLEAR));
    expect(verdictOf(clear)).toMatchObject({ verdict: 'legacy-only', encrypted: false });
    const behindTheBack = fails('plaintext-fallback', { encrypted: false });
    expect(
      verdictOf(play(deviceWith({}), byMode({ strict: V, legacy: behindTheBack, today: behindTheBack }))),
    ).toMatchObject({ verdict: 'legacy-only', encrypted: false });
  });
  test('stops-working and fails-already differ in today', () => {
    expect(verdictOf(play(deviceWith({}), byMode({ strict: V, legacy: V })))).toMatchObject({
      verdict: 'stops-working',
      causes: ['version-too-old'],
    });
    expect(verdictOf(play(deviceWith({}), byMode({ strict: V, legacy: V, today: V })))).toMatchObject({
      verdict: 'fails-already',
    });
  });
  test('unknown where anything is open', () => {
    const open: Answer = { outcome: 'not-run', cause: 'not-testable' };
    expect(verdictOf(play(deviceWith({}), byMode({ strict: V, legacy: V, today: open })))).toMatchObject({
      verdict: 'unknown',
    });
    expect(
      verdictOf(play(deviceWith({}), byMode({ strict: { outcome: 'inconclusive', cause: 'device-trouble' } }))),
    ).toMatchObject({ verdict: 'unknown' });
  });
  test('expires after a year, or when a mode begins or ends', () => {
    expect(verdictOf(play(deviceWith({}), () => WORKS))).toMatchObject({
      measuredAt: '2026-05-01T10:00:00.000Z',
      expiresAt: '2027-05-01',
    });
    const later = modes.map((m) => (m.id === 'legacy' ? { ...m, dates: { ...m.dates, until: '2026-09-30' } } : m));
    expect(
      conclude(
        play(deviceWith({}), () => WORKS),
        later,
      ).verdicts[0],
    ).toMatchObject({ expiresAt: '2026-09-30' });
  });
  test('names do not count: scrambled ids and models give the same findings', () => {
    const records = play(deviceWith({}), byMode({ strict: V, legacy: V }));
    const scrambled = records.map((r) => ({ ...r, device: { ...r.device, id: 'zzz', vendor: 'q', model: 'q' } }));
    const strip = (rs: readonly Record[]) => [...conclude(rs, modes).findings.values()];
    expect(strip(scrambled)).toEqual(strip(records));
  });
});
