import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Difference } from '../../harness/vocabulary/comparison.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Record as TrialRecord } from '../../harness/vocabulary/record.ts';
import type { Verdict } from '../../harness/vocabulary/verdict.ts';
import type { ReportInput } from '../contract.ts';
import { COMPARISON } from '../fixtures/comparison.ts';
import { DEVICES } from '../fixtures/devices.ts';
import { proofOf, PROVEN_RUN, REAL_DEVICES, realInput } from '../fixtures/real-input.ts';
import { MODES } from '../fixtures/run.ts';
import { sampleInput } from '../fixtures/sample-input.ts';
import { VERDICTS } from '../fixtures/verdicts.ts';
import { matrix } from '../matrix/matrix.ts';
import { writeAll } from '../write-all.ts';
import { assess } from './assess.ts';
import { readCriteria } from './read-criteria.ts';
import { readiness } from './readiness.ts';

const out = mkdtempSync(join(tmpdir(), 'cutover-readiness-'));
beforeEach(() => {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

const CRITERIA = readCriteria();
const GO = CRITERIA.go;

async function write(input: ReportInput, language: 'de' | 'en' = 'de'): Promise<string> {
  expect(await writeAll(input, [matrix, readiness])).toEqual([
    { report: 'matrix', fault: null },
    { report: 'readiness', fault: null },
  ]);
  return readFileSync(join(out, `readiness.${language}.html`), 'utf8');
}

/** What a reader sees, in lines; tags and line ends are none of it. */
function textOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll(/\s+/g, ' ');
}

function section(page: string, id: string): string {
  const found = page.split('<section').find((part) => part.includes(`<h2 id="${id}">`));
  if (found === undefined) throw new Error(`no section ${id}`);
  return textOf(found.replace(/^[^>]*>/, ''));
}

/** 24 real cameras that work, compared with nothing that differs, proven two days before. */
function goodInput(part: Partial<ReportInput> = {}): ReportInput {
  const [works] = VERDICTS.filter((v) => v.device === 'mw-nas-2');
  const [device] = REAL_DEVICES.filter((d) => d.id === 'mw-cam-7');
  const ids = Array.from({ length: 24 }, (_, i) => `cam-${i}`);
  return realInput(out, {
    verdicts: ids.map((id): Verdict => ({ ...works!, device: id, emulated: false, trials: [] })),
    devices: ids.map((id): Device => ({ ...device!, id, model: `Kamera ${id}` })),
    records: [],
    comparison: { ...COMPARISON, differences: [] },
    ...part,
  });
}

const unmet = (input: ReportInput) =>
  assess(input, CRITERIA)
    .criteria.filter((c) => !c.met)
    .map((c) => c.id);

describe('the recommendation', () => {
  test('is "go" when every criterion is met, and says so', async () => {
    expect(unmet(goodInput())).toEqual([]);
    expect(section(await write(goodInput()), 'decision')).toContain('Empfehlung: umstellen');
    expect(section(await write(goodInput(), 'en'), 'decision')).toContain('Recommendation: go');
  });

  const good = goodInput();
  const [first] = good.verdicts;
  const few = (count: number) => ({ verdicts: good.verdicts.slice(0, count), devices: good.devices.slice(0, count) });
  const rare = (verdict: Verdict['verdict'], more: Partial<Device> = {}): Partial<ReportInput> => ({
    verdicts: [...good.verdicts, { ...first!, device: 'usv', verdict }],
    devices: [...good.devices, { ...good.devices[0]!, id: 'usv', kind: 'ups', ...more }],
  });
  const difference: Difference = { ...COMPARISON.differences.find((d) => d.kind === 'regressed')!, device: 'cam-3' };
  const changed = (d: Difference): Partial<ReportInput> => ({ comparison: { ...COMPARISON, differences: [d] } });
  const proven = (part: object): Partial<ReportInput> => ({ runs: [{ ...PROVEN_RUN, ...part }] });

  test.for<readonly [what: string, part: Partial<ReportInput>, decides: readonly string[]]>([
    ['one device too few', few(GO.realDevicesAtLeast - 1), ['real-devices']],
    [
      'only emulated devices',
      { verdicts: good.verdicts.map((v) => ({ ...v, emulated: true })) },
      ['real-devices', 'unknown', 'stops-working', 'rare-senders'],
    ],
    [
      'only claims',
      { verdicts: good.verdicts.map((v) => ({ ...v, basis: 'claimed' })) },
      ['real-devices', 'unknown', 'stops-working', 'rare-senders'],
    ],
    [
      'two unknown of 24',
      { verdicts: good.verdicts.map((v, i) => (i < 2 ? { ...v, verdict: 'unknown' } : v)) },
      ['unknown'],
    ],
    [
      'results that have expired',
      { verdicts: good.verdicts.map((v) => ({ ...v, expiresAt: '2025-02-02' })) },
      ['unknown'],
    ],
    [
      'devices of a list that nobody tested, and no source knows',
      { devices: [...good.devices, ...['a', 'b'].map((id) => ({ ...good.devices[0]!, id, claims: [] }))] },
      ['unknown'],
    ],
    [
      'a device that no way is left for',
      { verdicts: [...good.verdicts.slice(1), { ...first!, verdict: 'stops-working' }] },
      ['stops-working'],
    ],
    ['a UPS without an answer', rare('unknown'), ['rare-senders']],
    [
      'one that sends rarely and fails already',
      rare('fails-already', { kind: 'camera', sendsRarely: true }),
      ['rare-senders'],
    ],
    [
      'an alarm panel that is known and was not tested',
      { devices: [...good.devices, ...REAL_DEVICES.filter((d) => d.kind === 'alarm-panel')] },
      ['rare-senders'],
    ],
    ['nothing compared', { comparison: undefined }, ['changes']],
    [
      'a comparison with the run before, which nobody accepted',
      { comparison: { ...COMPARISON, against: { ...COMPARISON.against, kind: 'run' }, differences: [] } },
      ['changes'],
    ],
    ['a change that nobody answers for', changed(difference), ['changes']],
    [
      'an excuse that has expired',
      changed({
        ...difference,
        kind: 'same',
        excuse: { reason: 'r', owner: 'o', expires: '2025-01-01' },
        excuseFault: 'expired',
      }),
      ['changes'],
    ],
    ['a flaky device', changed({ ...difference, kind: 'flaky' }), ['changes']],
    ['no proof', proven({ proofs: [] }), ['proof']],
    ['a proof of eight days before', proven({ startedAt: '2025-01-26T09:00:00.000Z' }), ['proof']],
    ['a proof by our own servers', proven({ engine: 'embedded' }), ['proof']],
    [
      'a contradiction',
      proven({
        proofs: MODES.map((m) => proofOf(m.id, { contradictions: m.id === 'strict' ? ['Port 25 took TLS 1.0.'] : [] })),
      }),
      ['proof'],
    ],
    [
      'nothing at all',
      { runs: [], verdicts: [], devices: [], records: [], comparison: undefined },
      ['real-devices', 'unknown', 'stops-working', 'rare-senders', 'changes', 'proof'],
    ],
  ])('is "not yet" for %s', async ([, part, decides]) => {
    const input = goodInput(part);
    expect(unmet(input)).toEqual(decides);
    const decision = section(await write(input), 'decision');
    expect(decision).toContain('Empfehlung: noch nicht umstellen');
    expect(decision).toContain('Ausschlaggebend ist');
  });

  test('a UPS with a proven way, an excuse that holds, a new question and emulated devices stand in nobody’s way', () => {
    const excuse = { reason: 'r', owner: 'o', expires: '2025-03-01' };
    const emulated = DEVICES.filter((d) => d.id === 'mw-fax-1');
    expect(unmet(goodInput(rare('works-after-update')))).toEqual([]);
    expect(unmet(goodInput(changed({ ...difference, excuse })))).toEqual([]);
    // On its last day it holds, the day after it does not, whenever the run was compared.
    const onDay = (day: string) => ({ ...changed({ ...difference, excuse }), asOf: new Date(`${day}T12:00:00Z`) });
    const fresh = { startedAt: '2025-03-01T06:00:00.000Z' };
    expect(unmet(goodInput({ ...onDay('2025-03-01'), ...proven(fresh) }))).toEqual([]);
    expect(unmet(goodInput({ ...onDay('2025-03-02'), ...proven(fresh) }))).toEqual(['changes']);
    expect(unmet(goodInput(changed({ ...difference, kind: 'new' })))).toEqual([]);
    const beside = {
      devices: [...good.devices, ...emulated],
      verdicts: [...good.verdicts, ...VERDICTS.filter((v) => v.device === 'mw-fax-1')],
      comparison: { ...COMPARISON, differences: COMPARISON.differences.filter((d) => d.device === 'mw-fax-1') },
    };
    expect(unmet(goodInput(beside))).toEqual([]);
  });

  test('what needs the transition server has no way left once it has ended', () => {
    const legacy = good.verdicts.map((v): Verdict => ({ ...v, verdict: 'legacy-only', until: '2025-05-30' }));
    const at = (day: string) => {
      const run = { ...PROVEN_RUN, startedAt: `${day}T06:00:00.000Z` };
      return unmet(goodInput({ verdicts: legacy, asOf: new Date(`${day}T10:00:00Z`), runs: [run] }));
    };
    expect(at('2025-05-30')).toEqual([]);
    expect(at('2025-05-31')).toEqual(['stops-working']);
  });
});

test('the day decides how it is phrased', async () => {
  const on = async (day: string) => textOf(await write(goodInput({ asOf: new Date(`${day}T10:00:00Z`) })));
  expect(await on('2025-02-03')).toContain(
    'Die Umstellung ist am 05.03.2025, in 30 Tagen. Dann gilt: Nur TLS 1.2 und 1.3.',
  );
  expect(await on('2025-02-12')).toContain('Heute ist eine angekündigte Testabschaltung.');
  expect(await on('2025-03-04')).toContain('in einem Tag.');
  expect(await on('2025-03-05')).toContain('Die Umstellung ist heute.');
  const later = await on('2025-04-01');
  expect(later).toContain('Seit der Umstellung: nicht alle Kriterien erfüllt');
  expect(later).toContain('Nach der Umstellung: zu alt; Übergangsserver: zu alt');
  expect(later).toContain('Übergangsserver smtp-alt.mail.example');
  expect(await on('2025-06-01')).not.toContain('smtp-alt');
});

test('the golden run: counts with unknowns first, causes with what owners do, rare senders and changes apart', async () => {
  const page = await write(realInput(out, { comparison: COMPARISON }));
  const counts = section(page, 'counts');
  expect(counts).toContain('9 echte Geräte geprüft');
  expect(counts).toContain('2 nur laut Quelle');
  expect(counts).toMatch(
    /ohne klares Ergebnis 1 0 1 .*keine E-Mails mehr über unsere Server 2 0 2 .*funktioniert weiter 2 0 2 .*alle Antworten 9 1 10/,
  );
  expect(section(page, 'unknown')).toContain('Musterwerk Türstation 1');
  const blocks = section(page, 'blocks');
  expect(blocks).toContain('Firmware 2.0 installieren Musterwerk Router X');
  expect(blocks).toContain('SSL/TLS auf Port 465 einstellen Musterwerk Kamera Tür & Hof 7');
  expect(blocks).toContain('smtp-alt.mail.example eintragen (nur bis 30.05.2025)');
  expect(blocks).not.toContain('NAS 2');
  expect(section(page, 'rare')).toMatch(
    /Musterwerk USV 9 .*getestet am 01.02.2025 mit Firmware 1.0 .*Bekannt, aber nicht geprüft: Altwerk Alarm 2/,
  );
  const changes = section(page, 'changes');
  expect(changes).toContain(
    'Verglichen wurde der Lauf run-1 mit dem angenommenen Stand baseline.jsonl vom 18.01.2025.',
  );
  expect(changes).toContain('2 von 4 Versuchen gingen');
  expect(changes).toContain('Firmware: 0.9 → 1.0');
  expect(changes).toContain('Die Ausnahme ist abgelaufen.');
  expect(changes).toContain('QA, bis 31.03.2025: The camera is replaced in March.');
  expect(changes).toContain('neu: Musterwerk Post 3');
  expect(changes).toContain('Richtlinie der Server: suites: entfallen: TLS_RSA_WITH_AES_128_CBC_SHA niemand');
  expect(changes).toMatch(/diesmal nicht gefragt pilot – niemand Musterwerk Router X/);
  expect(changes.indexOf('keine Ursache bekannt')).toBeLessThan(changes.indexOf('Richtlinie der Server'));
  expect(section(page, 'proofs')).toMatch(
    /Übergangsserver tun, was die Richtlinie sagt .*unverschlüsselt: angenommen;/,
  );
  expect(section(page, 'proofs')).toContain(
    'angenommen: TLS 1.2, TLS 1.3; abgelehnt: SSLv3, TLS 1.0, TLS 1.1; unverschlüsselt: abgelehnt',
  );
});

test('emulated devices stand under their banner and nowhere else', async () => {
  const page = await write(sampleInput(out, { comparison: COMPARISON }));
  expect(textOf(page)).toContain('Beispieldaten: Bisher wurden nur nachgebildete Geräte geprüft.');
  const emulated = section(page, 'emulated');
  expect(emulated).toContain('Beispieldaten: Diese Geräte sind nachgebildet.');
  const elsewhere = page.replace(/<section aria-labelledby="emulated">.*?<\/section>/s, '');
  for (const { model } of DEVICES.filter((d) => d.truth !== undefined)) expect(textOf(elsewhere)).not.toContain(model);
});

test('a device file, a record and an excuse write no markup', async () => {
  const hostile = '"><script>alert(1)</script><img src=//evil.example/1>';
  const records = realInput(out).records.map((r): TrialRecord => ({ ...r, device: { ...r.device, vendor: hostile } }));
  const devices = REAL_DEVICES.map((d): Device => ({ ...d, model: hostile }));
  const differences = COMPARISON.differences.map(
    (d): Difference => ({
      ...d,
      because: [{ what: 'device-facts', path: hostile, from: hostile, to: [hostile] }],
      excuse: { reason: hostile, owner: hostile, expires: '2025-03-01' },
    }),
  );
  const against = { ...COMPARISON.against, name: hostile };
  const page = await write(realInput(out, { records, devices, comparison: { ...COMPARISON, against, differences } }));
  expect(page).not.toContain('<script');
  expect(page).not.toContain('<img');
  expect(textOf(page)).toContain(hostile);
});

test('5,000 devices make a page that opens at once', async () => {
  const seen = realInput(out);
  const times = <T>(make: (i: number) => T) => Array.from({ length: 5_000 }, (_, i) => make(i));
  const verdicts = times((i): Verdict => ({ ...seen.verdicts[i % seen.verdicts.length]!, device: `device-${i}` }));
  const devices = times(
    (i): Device => ({ ...REAL_DEVICES[i % 9]!, id: `device-${i}`, sendsRarely: true, model: `Modell ${i}` }),
  );
  const differences = times(
    (i): Difference => ({
      ...COMPARISON.differences[i % 9]!,
      device: `device-${i}`,
      because: [{ what: 'firmware', from: String(i), to: String(i + 1) }],
    }),
  );
  const page = await write(realInput(out, { verdicts, devices, comparison: { ...COMPARISON, differences } }));
  expect(page.length).toBeLessThan(500_000);
  expect(section(page, 'unknown')).toContain('und 475 weitere');
});

describe('every link leads somewhere', () => {
  function followAll(page: string): readonly string[] {
    const addresses = [...page.matchAll(/href="([^"]*)"/g)].map(([, address = '']) => address);
    for (const address of addresses) {
      if (address.startsWith('#')) {
        expect(page).toContain(`id="${address.slice(1)}"`);
        continue;
      }
      const [path = '', id] = address.split('#');
      const file = join(out, decodeURIComponent(path));
      expect([address, existsSync(file)]).toEqual([address, true]);
      if (id !== undefined) expect(readFileSync(join(dirname(file), 'test-results.json'), 'utf8')).toContain(`"${id}"`);
    }
    return addresses;
  }

  function writeRun(): void {
    const run = join(out, 'runs', 'run-1');
    mkdirSync(join(run, 'evidence', 'scan'), { recursive: true });
    for (const file of ['run.json', 'records.jsonl', 'comparison.json']) writeFileSync(join(run, file), '');
  }

  test('before and after the evidence was purged, and without any file', async () => {
    const input = realInput(out, { comparison: COMPARISON });
    expect(followAll(await write(input)).filter((a) => !a.startsWith('#'))).toEqual(
      expect.arrayContaining(['matrix.csv']),
    );
    writeRun();
    const links = followAll(await write(input));
    expect(links).toContain('runs/run-1/evidence/scan/');
    expect(links).toContain('runs/run-1/records.jsonl');
    expect(links).toContain('runs/run-1/comparison.json');
    rmSync(join(out, 'runs', 'run-1', 'evidence'), { recursive: true });
    expect(followAll(await write(input))).not.toContain('runs/run-1/evidence/scan/');
  });

  test('folders of trials whose names hold what an address cannot', async () => {
    writeRun();
    const path = 'evidence/scan%2F%20#1';
    cpSync(join(out, 'runs', 'run-1', 'evidence', 'scan'), join(out, 'runs', 'run-1', path), { recursive: true });
    const records = realInput(out).records.map(
      (r): TrialRecord => ({
        ...r,
        attachments: r.attachments.map((a) => ({ ...a, path: `${path}/${a.name}` })),
      }),
    );
    const links = followAll(await write(realInput(out, { records })));
    expect(links).toContain('runs/run-1/evidence/scan%252F%2520%231/');
    expect(statSync(join(out, 'runs', 'run-1', path)).isDirectory()).toBe(true);
  });
});

test('the criteria are checked, with line and column', () => {
  const file = join(out, 'criteria.yaml');
  const shipped = readFileSync(join(import.meta.dirname, 'criteria.yaml'), 'utf8');
  writeFileSync(file, shipped.replace('realDevicesAtLeast: 20', 'realDevicesAtLeast: 0'));
  expect(() => readCriteria(file)).toThrow(/criteria\.yaml:5:\d+: go\.realDevicesAtLeast/);
  writeFileSync(file, shipped.replace('unknownAtMostPercent: 5', 'unknownAtMostPercent: 100'));
  expect(() => readCriteria(file)).toThrow(/criteria\.yaml:7:\d+: go\.unknownAtMostPercent/);
});
