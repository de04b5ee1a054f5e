import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ModeFile } from '../../harness/modes/mode-file.ts';
import { readModes } from '../../harness/modes/read-mode.ts';
import { readStyles, renderStyledMode } from '../../harness/modes/read-style.ts';
import type { Connection } from '../../harness/vocabulary/evidence.ts';
import { Record } from '../../harness/vocabulary/record.ts';
import type { ReportInput } from '../contract.ts';
import { clearConnection, evidenceOf, tlsConnection } from '../fixtures/evidence.ts';
import { RECORDS } from '../fixtures/records.ts';
import { RUN } from '../fixtures/run.ts';
import { sampleInput } from '../fixtures/sample-input.ts';
import { writeAll } from '../write-all.ts';
import { compareRecords } from './comparison.ts';
import { refusals } from './refusals.ts';
import { renderRefusals } from './terminal.ts';

const out = mkdtempSync(join(tmpdir(), 'cutover-refusals-'));
afterAll(() => rmSync(out, { recursive: true }));

const [today, strict] = readModes(['today', 'strict']);
const MODES = [today!, ...readStyles(['alert', 'silent', 'brown-out']).map((s) => renderStyledMode(strict!, s))];
const WATCH = { seconds: 600, emulatedSpeed: 60 };
const STARTED = Date.UTC(2025, 1, 1, 9);

type Try = 'refused' | 'delivered' | 'clear';

/** A device's record: `tries` at so many seconds of its own clock after the first. */
function watched(
  device: string,
  mode: string,
  tries: readonly (readonly [seconds: number, what: Try])[],
  said = 'failed',
) {
  const template = RECORDS.find((r) => r.device.id === device && r.mode === 'strict' && r.role === 'question');
  const connections = tries.map(([seconds, what], i) => ({
    ...(what === 'clear' ? IN_CLEAR : tlsConnection('1.0', what === 'delivered')),
    number: i + 1,
    tapPort: 40_000 + i,
    startedAt: new Date(STARTED + (seconds * 1000) / WATCH.emulatedSpeed).toISOString(),
  }));
  const evidence = evidenceOf(connections, said === 'failed' ? 'failed' : 'sent');
  const delivered = [{ bytes: 10, sha256: '', markerSeen: true }];
  const sessions = evidence.server.sessions.map((s, i) => (tries[i]?.[1] === 'delivered' ? { ...s, delivered } : s));
  const arrived = tries.filter(([, what]) => what === 'delivered').length;
  return Record.parse({
    ...template,
    trial: `${device}@1.0/refusal/${template?.setting.id}/${mode}/question`,
    scenario: 'refusal',
    mode,
    outcome: arrived > 0 ? 'works' : 'fails',
    evidence: { ...evidence, server: { ...evidence.server, sessions, arrived } },
  });
}

const IN_CLEAR: Connection = {
  ...clearConnection(),
  dialogue: [
    { from: 'client', text: 'EHLO pbx', atMs: 1 },
    { from: 'client', text: 'AUTH PLAIN ****', atMs: 2 },
    { from: 'server', text: '530 5.7.0 Must issue a STARTTLS command first', atMs: 3 },
  ],
};
const EACH_MINUTE = [0, 60, 120, 180, 240, 300].map((s) => [s, 'refused'] as const);
const EACH_FOUR_MINUTES = [0, 240, 480].map((s) => [s, 'refused'] as const);
const ON_TIME = [[0, 'delivered']] as const;

const RECORDED = [
  ...['mw-scan-300', 'mw-router-x', 'mw-fax-1', 'mw-nas-2'].map((d) => watched(d, 'today', ON_TIME, 'sent')),
  watched('mw-usv-9', 'today', [[0, 'refused']]),
  // Gives up after five minutes and never says so.
  watched('mw-scan-300', 'strict.alert', EACH_MINUTE, 'sent'),
  watched('mw-scan-300', 'strict.silent', EACH_MINUTE, 'sent'),
  watched(
    'mw-scan-300',
    'strict.brown-out',
    [...EACH_MINUTE.slice(0, 3), [180, 'delivered'], [240, 'delivered']],
    'sent',
  ),
  // Trusts an alert, and goes to the clear when a server only hangs up.
  watched('mw-router-x', 'strict.alert', [[0, 'refused']]),
  watched('mw-router-x', 'strict.silent', [
    [0, 'refused'],
    [1, 'clear'],
  ]),
  watched('mw-router-x', 'strict.brown-out', [
    [0, 'refused'],
    [240, 'delivered'],
  ]),
  watched('mw-fax-1', 'strict.alert', EACH_FOUR_MINUTES, 'sent'),
  watched('mw-fax-1', 'strict.silent', EACH_FOUR_MINUTES, 'sent'),
  watched('mw-fax-1', 'strict.brown-out', [
    [0, 'refused'],
    [10, 'delivered'],
  ]),
  ...MODES.slice(1).map((m) => watched('mw-nas-2', m.id, ON_TIME, 'sent')),
  ...MODES.slice(1).map((m) => watched('mw-usv-9', m.id, [])),
];

function inputOf(part: Partial<ReportInput> = {}): ReportInput {
  const runs = [{ ...RUN, run: 'run-1', modes: MODES, watch: WATCH }];
  return sampleInput(out, { runs, policies: MODES, records: RECORDED, verdicts: [], ...part });
}

const compared = compareRecords(inputOf());
const of = (device: string, mode: string) =>
  compared.watched.find((w) => w.device === device && w.mode === `strict.${mode}`);

test('the modes of the fixtures are policies', () => {
  expect(MODES.flatMap((m) => ModeFile.safeParse(m).error ?? [])).toEqual([]);
});

test('without a device that works today there is no answer, and none is claimed', () => {
  const said = renderRefusals(inputOf({ records: [] }), { columns: 100, color: false });
  expect(said).toContain('Es wurde kein Gerät beobachtet, dessen E-Mail heute pünktlich ankommt');
});

describe('what a record witnesses', () => {
  test('a mail that is lost, one that is still tried, and who says so', () => {
    expect(of('mw-scan-300', 'alert')).toMatchObject({ fate: 'lost-silently', message: 'sent', connections: 6 });
    expect(of('mw-router-x', 'alert')).toMatchObject({ fate: 'lost-told', message: 'failed' });
    expect(of('mw-fax-1', 'alert')?.fate).toBe('waiting');
    expect(of('mw-usv-9', 'alert')?.fate).toBe('not-seen');
  });

  test('a mail that comes twice, late, or at the next version at once', () => {
    expect(of('mw-scan-300', 'brown-out')).toMatchObject({ fate: 'doubled', lateSeconds: 180, connections: 4 });
    expect(of('mw-router-x', 'brown-out')).toMatchObject({ fate: 'late', lateSeconds: 240, connections: 2 });
    expect(of('mw-fax-1', 'brown-out')?.fate).toBe('on-time');
  });

  test('five connections without a mail in ten minutes lock out, four do not', () => {
    expect(of('mw-scan-300', 'alert')).toMatchObject({ refusedPer10Minutes: 6, isLockedOut: true });
    const four = watched('mw-scan-300', 'strict.alert', EACH_MINUTE.slice(0, 4));
    expect(compareRecords(inputOf({ records: [four] })).watched[0]).toMatchObject({ isLockedOut: false });
  });

  test('a shorter window is extrapolated, and says so; what comes after it does not count', () => {
    const runs = [{ ...RUN, run: 'run-1', modes: MODES, watch: { ...WATCH, seconds: 150 } }];
    const [short] = compareRecords(
      inputOf({ runs, records: [watched('mw-scan-300', 'strict.alert', EACH_MINUTE)] }),
    ).watched;
    expect(short).toMatchObject({ refusedPer10Minutes: 12, isExtrapolated: true, fate: 'waiting' });
  });

  test('one that tried and gave up is not extrapolated: nothing it did not do is counted', () => {
    const runs = [{ ...RUN, run: 'run-1', modes: MODES, watch: { ...WATCH, seconds: 20 } }];
    const records = [
      watched('mw-scan-300', 'strict.alert', [[0, 'refused']]),
      watched('mw-scan-300', 'strict.silent', [
        [0, 'refused'],
        [0.2, 'refused'],
        [0.4, 'refused'],
      ]),
    ];
    const short = compareRecords(inputOf({ runs, records })).watched;
    expect(short.map((w) => [w.refusedPer10Minutes, w.isLockedOut, w.isExtrapolated])).toEqual([
      [1, false, false],
      [3, false, false],
    ]);
  });

  test('in a longer window, the worst ten minutes decide', () => {
    const runs = [{ ...RUN, run: 'run-1', modes: MODES, watch: { ...WATCH, seconds: 3600 } }];
    const [long] = compareRecords(
      inputOf({ runs, records: [watched('mw-scan-300', 'strict.alert', EACH_MINUTE)] }),
    ).watched;
    expect(long).toMatchObject({ refusedPer10Minutes: 6, isLockedOut: true, isExtrapolated: false });
  });

  test('a password in the clear is seen where AUTH carries it, not where the server stops it before', () => {
    expect(of('mw-router-x', 'silent')).toMatchObject({ fallsBack: true, isPasswordInClear: true });
    expect(of('mw-router-x', 'alert')).toMatchObject({ fallsBack: false, isPasswordInClear: false });
    const asked = watched('mw-router-x', 'strict.silent', [[0, 'clear']]);
    const [connection] = asked.evidence.wire.connections;
    for (const [said, readable] of [
      ['AUTH LOGIN', false],
      ['AUTH PLAIN', false],
      ['AUTH CRAM-MD5', false],
      ['AUTH PLAIN ****', true],
    ] as const) {
      const dialogue = [{ from: 'client', text: said, atMs: 1 } as const];
      const wire = { connections: [{ ...connection!, dialogue }] };
      const [seen] = compareRecords(
        inputOf({ records: [{ ...asked, evidence: { ...asked.evidence, wire } }] }),
      ).watched;
      expect([said, seen?.isPasswordInClear]).toEqual([said, readable]);
    }
  });
});

describe('the comparison', () => {
  test('counts devices that are touched; what fails today already and what works anyway say nothing', () => {
    expect(compared.affected).toEqual(['mw-scan-300', 'mw-router-x', 'mw-fax-1']);
    expect(compared.untouched).toEqual(['mw-nas-2']);
    expect(compared.setAside).toEqual(['mw-usv-9']);
  });

  test('ranks by the worst first: no password in the clear, then nothing lost silently', () => {
    expect(compared.styles.map((s) => [s.rank, s.mode.id])).toEqual([
      [1, 'strict.brown-out'],
      [2, 'strict.alert'],
      [3, 'strict.silent'],
    ]);
    expect(compared.styles[2]).toMatchObject({ passwordsInClear: 1, lostSilently: 1, lockedOut: 1, watched: 3 });
  });

  test('equal ways share a rank', () => {
    const records = RECORDED.filter((r) => r.device.id !== 'mw-router-x');
    expect(compareRecords(inputOf({ records })).styles.map((s) => s.rank)).toEqual([1, 2, 2]);
  });
});

describe.for(['de', 'en'] as const)('the files in %s', (language) => {
  const input = inputOf({
    language,
    devices: inputOf().devices.map((d) => (d.id === 'mw-scan-300' ? { ...d, model: '<script>alert(1)</script>' } : d)),
  });

  test('say who was measured, what is kindest for good, and that a brown-out ends', async () => {
    expect(await writeAll(input, [refusals])).toEqual([{ report: 'refusals', fault: null }]);
    const page = readFileSync(join(out, 'refusals.html'), 'utf8');
    const text = readFileSync(join(out, 'refusals.md'), 'utf8');
    const said =
      language === 'de' ? '5 nachgebildete Geräte gemessen, 0 echte.' : '5 emulated devices measured, 0 real.';
    const kindest =
      language === 'de'
        ? 'Am schonendsten auf Dauer: „TLS-Fehlermeldung und 530“'
        : 'Kindest for good: “TLS alert and 530”';
    for (const file of [page, text, renderRefusals(input, { columns: 1_000, color: false })]) {
      expect(file).toContain(said);
      expect(file).toContain(kindest);
    }
    expect(page).not.toContain('<script');
    expect(text).not.toContain('<script>');
  });

  test('the table keeps to the width of the terminal', () => {
    for (const columns of [200, 80, 40]) {
      const lines = renderRefusals(input, { columns, color: false }).split('\n');
      expect(lines.filter((l) => l.length > columns && l.includes(' '))).toEqual([]);
    }
  });
});

test('the spreadsheet has a row for each device and way', async () => {
  await writeAll(inputOf(), [refusals]);
  const rows = readFileSync(join(out, 'refusals.csv'), 'utf8').trim().split('\r\n');
  expect(rows).toHaveLength(1 + RECORDED.length);
  expect(rows.find((r) => r.includes('strict.brown-out') && r.startsWith('mw-scan-300'))).toMatch(
    /,doubled,180,4,600,/,
  );
});

test('records of other runs are left alone', () => {
  expect(compareRecords(sampleInput(out)).watched).toEqual([]);
});
