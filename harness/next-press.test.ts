import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CAUSE_RULES, isTrouble } from './causes.ts';
import { madeUpRecord } from './cli/attend/simulate-causes.ts';
import { conclude } from './conclude.ts';
import { causeUndoneBy } from './judging/counter-tests.ts';
import { readModes } from './modes/read-mode.ts';
import { nextPress, type Press, type PressPlan } from './next-press.ts';
import { readScenarios } from './scenario-files.ts';
import { MAX_PRESSES } from './vocabulary/attend.ts';
import { Device } from './vocabulary/device.ts';
import type { Connection } from './vocabulary/evidence.ts';
import { type Cause, CAUSES, type Finding } from './vocabulary/finding.ts';
import type { Record } from './vocabulary/record.ts';
import type { Setting, Trial } from './vocabulary/trial.ts';

const modes = readModes(['today', 'strict', 'legacy']);
const scenarios = await readScenarios();

const STARTTLS: Setting = { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' };
const IMPLICIT: Setting = { id: 'implicit-465', protocol: 'smtp', port: 465, security: 'implicit' };
const PLAIN: Setting = { id: 'plaintext-25', protocol: 'smtp', port: 25, security: 'plaintext' };
const IF_AVAILABLE: Setting = { id: 'opportunistic-25', protocol: 'smtp', port: 25, security: 'opportunistic' };

function planFor(settings: readonly Setting[], more: object = {}): PressPlan {
  const [configured = STARTTLS, ...others] = settings;
  const own = Device.parse({
    id: 'd',
    vendor: 'v',
    model: 'm',
    kind: 'mfp',
    firmware: [{ version: '1' }],
    settings: [configured],
    ...more,
  });
  return { device: own, direction: 'send', modes, scenarios, others };
}

type Answer = Omit<Finding, 'because'>;
const WORKS: Answer = { outcome: 'works', encrypted: true };
const fails = (cause: Cause, more: Partial<Answer> = {}): Answer => ({ outcome: 'fails', cause, ...more });
const SILENT = fails('connection-dropped', {
  candidates: ['certificate-name', 'certificate-dates', 'certificate-untrusted'],
});
const NEVER: Answer = { outcome: 'inconclusive', cause: 'never-connected' };

interface Played {
  readonly presses: readonly Press[];
  readonly records: readonly Record[];
}

/** Presses until nothing more is asked, against a device that answers as told. */
function play(plan: PressPlan, answer: (trial: Trial) => Answer | Record): Played {
  const presses: Press[] = [];
  const records: Record[] = [];
  for (let press = nextPress(plan, records); press !== null; press = nextPress(plan, records)) {
    const { trial } = press;
    const told = answer(trial);
    const attempt = 1 + records.filter((r) => r.trial === trial.id).length;
    records.push({ ...('evidence' in told ? told : madeUpRecord(plan.device, trial, told)), attempt });
    presses.push(press);
    if (presses.length > 20) throw new Error('no end');
  }
  return { presses, records };
}

/** By mode as configured; `change`: what a counter-test must undo; `setting`: what another setting gives in strict. */
function device(answers: { readonly [key: string]: Answer | undefined }, cause?: Cause) {
  return (trial: Trial): Answer => {
    if (trial.change !== undefined && causeUndoneBy(trial.change) === cause) return WORKS;
    return answers[trial.setting.id] ?? answers[trial.mode] ?? WORKS;
  };
}

const reasons = ({ presses }: Played) => presses.map((p) => p.reason);
const verdictOf = ({ records }: Played) => {
  const [verdict] = conclude(records, modes).verdicts;
  return [verdict?.verdict, verdict?.causes[0], verdict?.confidence];
};

/** A device that sent one hello, with these suites; given a name, it sends it and sees a certificate for these names. */
function withHello(
  record: Record,
  suites: readonly string[],
  sni: string | null = null,
  names: readonly string[] | null = null,
): Record {
  const connection: Connection = {
    number: 1,
    startedAt: record.startedAt,
    tapPort: 1,
    late: false,
    dialogue: [],
    starttls: 'accepted',
    helloBeforeStarttls: false,
    hello: {
      format: 'tls',
      recordVersion: '1.0',
      helloVersion: '1.0',
      maxVersion: '1.0',
      versions: ['1.0'],
      suites: [...suites],
      groups: null,
      signatures: null,
      sni,
      alpn: [],
      extensions: [],
      fallbackScsv: false,
      ja3: null,
      ja3Hash: null,
      ja4: null,
      lengthBytes: 100,
    },
    serverHello: null,
    certificate:
      names === null
        ? null
        : {
            subject: 'CN=x',
            issuer: 'CN=y',
            names: [...names],
            notBefore: '2026-01-01',
            notAfter: '2027-01-01',
            key: 'RSA 2048',
            signature: 'sha256WithRSAEncryption',
            sha256: '00',
            chainLength: 2,
          },
    alerts: [],
    handshake: 'started',
    applicationBytes: { client: 0, server: 0 },
    bytes: { client: 100, server: 7 },
    ended: { by: 'server', how: 'fin', atMs: 1 },
    oddities: [],
  };
  return { ...record, evidence: { ...record.evidence, wire: { connections: [connection] } } };
}

describe('presses', () => {
  test('one where strict works', () => {
    const played = play(planFor([STARTTLS, IMPLICIT]), device({}));
    expect(played.presses).toMatchObject([
      { number: 1, reason: 'first', trial: { mode: 'strict', engine: 'embedded' } },
    ]);
    expect(verdictOf(played)).toEqual(['works', undefined, 'confirmed']);
  });

  test('a cause that stands in the hello needs legacy and no counter-test', () => {
    const played = play(planFor([STARTTLS]), device({ strict: fails('version-too-old') }));
    expect(reasons(played)).toEqual(['first', 'legacy']);
    expect(verdictOf(played)).toEqual(['legacy-only', 'version-too-old', 'confirmed']);
  });

  test('mail that goes out in the clear on the legacy host is an answer, too', () => {
    const inTheClear = fails('plaintext-fallback', { encrypted: false });
    const played = play(planFor([STARTTLS]), device({ strict: fails('no-shared-cipher'), legacy: inTheClear }));
    expect(reasons(played)).toEqual(['first', 'legacy']);
    expect(verdictOf(played)).toEqual(['legacy-only', 'no-shared-cipher', 'confirmed']);
  });

  test('today is the same policy to it: no press for that', () => {
    const rejected = fails('auth-rejected');
    const played = play(planFor([STARTTLS]), device({ strict: rejected, legacy: rejected, today: rejected }));
    expect(reasons(played)).toEqual(['first', 'legacy']);
    expect(verdictOf(played)).toEqual(['fails-already', 'auth-rejected', 'confirmed']);
  });

  test.for([
    { today: WORKS, verdict: 'stops-working' },
    { today: fails('no-shared-cipher'), verdict: 'fails-already' },
    { today: { outcome: 'not-run', cause: 'not-testable' } as const, verdict: 'unknown' },
  ])('today is asked where it lists what the hello offers and legacy does not: $verdict', ({ today, verdict }) => {
    const plan = planFor([STARTTLS]);
    const answer = device({ strict: fails('version-too-old'), legacy: fails('no-shared-cipher'), today });
    const played = play(plan, (trial) =>
      withHello(madeUpRecord(plan.device, trial, answer(trial)), ['TLS_RSA_WITH_3DES_EDE_CBC_SHA']),
    );
    expect(reasons(played)).toEqual(['first', 'legacy', 'today']);
    expect(verdictOf(played).slice(0, 2)).toEqual([verdict, 'version-too-old']);
  });

  test('a hello without what they differ in is not asked of today', () => {
    const plan = planFor([STARTTLS]);
    const answer = device({ strict: fails('version-too-old'), legacy: fails('no-shared-cipher') });
    const played = play(plan, (trial) =>
      withHello(madeUpRecord(plan.device, trial, answer(trial)), ['TLS_RSA_WITH_RC4_128_SHA']),
    );
    expect(reasons(played)).toEqual(['first', 'legacy']);
    expect(verdictOf(played)[0]).toBe('fails-already');
  });
});

describe('counter-tests', () => {
  const always = { strict: SILENT, legacy: SILENT, today: SILENT };

  test('a name that the certificate has not is tried first, and names the cause in every mode', () => {
    const played = play(
      planFor([{ ...STARTTLS, host: 'mail.kunde.example' }], { trust: 'run-ca' }),
      device(always, 'certificate-name'),
    );
    expect(played.presses.map((p) => p.trial.change?.path ?? p.trial.mode)).toEqual([
      'strict',
      'legacy',
      'certificate.names',
    ]);
    expect(verdictOf(played)).toEqual(['fails-already', 'certificate-name', 'suspected']);
  });

  test.for([
    { seen: ['smtp.variomedia.de', 'smtp-legacy.variomedia.de'], asked: ['strict', 'legacy', 'valid-from-1950'] },
    // TLS 1.3 hides it: the legacy hosts' certificate may not have the name, and today's has it.
    { seen: null, asked: ['strict', 'legacy', 'today', 'valid-from-1950'] },
  ])('a name that the certificate has is not tried: $seen', ({ seen, asked }) => {
    const plan = planFor([STARTTLS], { trust: 'run-ca' });
    const answer = device(always, 'certificate-dates');
    const played = play(plan, (trial) =>
      withHello(madeUpRecord(plan.device, trial, answer(trial)), [], 'smtp.variomedia.de', seen),
    );
    expect(played.presses.map((p) => p.trial.change?.to ?? p.trial.mode)).toEqual(asked);
    expect(verdictOf(played).slice(0, 2)).toEqual(['fails-already', 'certificate-dates']);
  });

  test('a root that it was never given gives no verdict, and after it nothing is asked', () => {
    const open: Answer = { ...SILENT, outcome: 'inconclusive' };
    const plan = planFor([STARTTLS], {
      reach: { driver: 'emulated', console: 'c', over: 'pty' },
      client: 'c',
      truth: { built: 'x', verdict: {} },
    });
    const played = play(plan, device({ strict: open, legacy: open, today: open }, 'certificate-untrusted'));
    expect(played.presses.map((p) => p.trial.change?.to ?? p.trial.mode)).toEqual(['strict', 'factory-root']);
    expect(verdictOf(played)).toEqual(['unknown', 'certificate-untrusted', 'suspected']);
  });

  test('what legacy takes with the same certificate is not the certificate', () => {
    const played = play(planFor([STARTTLS], { trust: 'run-ca' }), device({ strict: SILENT }));
    expect(reasons(played)).toEqual(['first', 'legacy']);
    expect(verdictOf(played)).toEqual(['legacy-only', 'connection-dropped', 'suspected']);
  });

  test('none lets it through: honestly unknown', () => {
    const host = { ...STARTTLS, host: 'mail.kunde.example' };
    const played = play(planFor([host], { trust: 'run-ca' }), device(always));
    expect(reasons(played)).toEqual(['first', 'legacy', 'counter-test', 'counter-test']);
    expect(verdictOf(played)[0]).toBe('unknown');
  });
});

describe('another setting', () => {
  test('comes before legacy where it may help, the recommended one first', () => {
    const plan = planFor([PLAIN, IF_AVAILABLE, STARTTLS, IMPLICIT]);
    const played = play(plan, (t) => (t.setting.id === PLAIN.id ? fails('plaintext-only') : WORKS));
    expect(played.presses.map((p) => `${p.reason} ${p.trial.mode} ${p.trial.setting.id}`)).toEqual([
      'first strict plaintext-25',
      'setting strict implicit-465',
    ]);
    expect(verdictOf(played)).toEqual(['works-after-change', 'plaintext-only', 'confirmed']);
  });

  test('that ends at the hello is not followed by a third', () => {
    const played = play(
      planFor([PLAIN, IMPLICIT, STARTTLS]),
      device({ 'implicit-465': fails('version-too-old'), strict: fails('plaintext-only') }),
    );
    expect(reasons(played)).toEqual(['first', 'setting', 'legacy']);
    expect(verdictOf(played).slice(0, 2)).toEqual(['legacy-only', 'plaintext-only']);
  });

  test('leaves a press for legacy', () => {
    const never = fails('wrong-tls-mode');
    const plan = planFor([{ ...STARTTLS, port: 465 }, IMPLICIT, STARTTLS, { ...STARTTLS, id: 'third', port: 25 }]);
    expect(reasons(play(plan, () => never))).toEqual(['first', 'setting', 'setting', 'legacy']);
  });

  test.for<Setting>([
    IF_AVAILABLE,
    { ...IMPLICIT, port: 587, id: 'wrong' },
    { ...IMPLICIT, id: 'relay', via: 'relay' },
  ])('is never $id', (other) => {
    const played = play(planFor([PLAIN, other]), device({ strict: fails('plaintext-only') }));
    expect(reasons(played)).toEqual(['first', 'legacy']);
  });

  test('does not help a hello that is too old', () => {
    const played = play(planFor([STARTTLS, IMPLICIT]), device({ strict: fails('version-too-old') }));
    expect(reasons(played)).toEqual(['first', 'legacy']);
  });

  test('on another port is the last thing to try when nobody knows why it was dropped', () => {
    const played = play(
      planFor([STARTTLS, IMPLICIT]),
      device({ 'starttls-587': fails('connection-dropped'), 'implicit-465': WORKS }),
    );
    expect(reasons(played)).toEqual(['first', 'legacy', 'setting']);
    expect(verdictOf(played)[0]).toBe('works-after-change');
  });
});

describe('trouble', () => {
  test('of the lab is pressed once more, and counts', () => {
    const broken: Answer = { outcome: 'inconclusive', cause: 'server-trouble' };
    const played = play(planFor([STARTTLS]), () => broken);
    expect(played.presses.map((p) => `${p.number} ${p.reason}`)).toEqual(['1 first', '2 again']);
    expect(verdictOf(played)[0]).toBe('unknown');
  });

  test('a press that nobody saw is for the person to repeat; then it goes on', () => {
    const plan = planFor([STARTTLS]);
    const { records } = play(plan, () => NEVER);
    expect(records).toHaveLength(1);
    const seen = records.map((r) => ({
      ...r,
      outcome: 'fails' as const,
      cause: 'version-too-old' as const,
      attempt: 2,
    }));
    expect(nextPress(plan, [...records, ...seen])).toMatchObject({ reason: 'legacy', number: 2 });
  });

  test('what came late is no press', () => {
    const plan = planFor([STARTTLS]);
    const { records } = play(plan, (t) => (t.mode === 'strict' ? fails('version-too-old') : WORKS));
    const [strict] = records;
    if (strict === undefined) throw new Error('no record');
    expect(nextPress(plan, [strict, { ...strict, attempt: 2 }])?.number).toBe(2);
  });

  test('a device without a setting for the direction is a mistake in its file', () => {
    expect(() => nextPress({ ...planFor([STARTTLS]), direction: 'fetch' }, [])).toThrow(/no setting to fetch/);
  });
});

test('a run goes on from any point', () => {
  const plan = planFor([{ ...STARTTLS, host: 'mail.kunde.example' }], { trust: 'run-ca' });
  const { records } = play(plan, device({ strict: SILENT, legacy: SILENT }, 'certificate-dates'));
  for (let n = 0; n <= records.length; n += 1)
    expect(nextPress(plan, records.slice(0, n))?.trial.id).toBe(records[n]?.trial);
});

describe('whatever a device does', () => {
  const failing = CAUSES.flatMap((cause) => CAUSE_RULES[cause].outcomes.map((outcome) => ({ outcome, cause })));
  const finding = fc
    .record({
      kind: fc.constantFrom(WORKS, { outcome: 'works', encrypted: false } as const, ...failing),
      candidates: fc.uniqueArray(fc.constantFrom(...CAUSES), { minLength: 1, maxLength: 4 }),
    })
    .map(
      ({ kind, candidates }): Answer =>
        'cause' in kind && kind.cause === 'connection-dropped' ? { ...kind, candidates } : kind,
    );
  const plans = fc
    .record({
      settings: fc.uniqueArray(fc.constantFrom(STARTTLS, IMPLICIT, PLAIN, IF_AVAILABLE), { minLength: 1 }),
      trust: fc.constantFrom('none', 'run-ca'),
    })
    .map(({ settings, trust }) => planFor(settings, { trust }));

  test('at most four presses, no trial twice but for the lab’s trouble, and an end', () => {
    fc.assert(
      fc.property(plans, fc.array(finding, { minLength: 1, maxLength: 8 }), (plan, findings) => {
        let asked = 0;
        const { presses, records } = play(plan, () => findings[asked++ % findings.length] ?? WORKS);
        expect(presses.length).toBeLessThanOrEqual(MAX_PRESSES);
        expect(presses.map((p) => p.number)).toEqual(presses.map((_, i) => i + 1));
        for (const [i, { trial, reason }] of presses.entries()) {
          const earlier = records.slice(0, i).filter((r) => r.trial === trial.id);
          expect(earlier.length).toBe(reason === 'again' ? 1 : 0);
          expect(earlier.every((r) => isTrouble(r.cause))).toBe(true);
        }
        if (records[0]?.outcome === 'works') expect(presses).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  test('the same records give the same press, in whatever order they are read', () => {
    fc.assert(
      fc.property(plans, fc.array(finding, { minLength: 1, maxLength: 4 }), (plan, findings) => {
        let asked = 0;
        const { records } = play(plan, () => findings[asked++ % findings.length] ?? WORKS);
        const some = records.slice(0, -1).filter((r) => r.attempt === 1);
        expect(nextPress(plan, some.toReversed())?.trial.id).toBe(nextPress(plan, some)?.trial.id);
      }),
      { numRuns: 100 },
    );
  });
});
