import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { DEVICES } from '../../reports/fixtures/devices.ts';
import { RECORDS } from '../../reports/fixtures/records.ts';
import { MODES, RUN } from '../../reports/fixtures/run.ts';
import { scheduleOf } from '../../reports/phase.ts';
import type { StoredRun } from '../records.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { concludeRuns, policiesOf } from './conclusions.ts';
import { lookUp } from './lookup.ts';

const DURING = new Date('2025-04-01');

function runOf(id: string, modes: readonly Mode[]): StoredRun {
  const records = RECORDS.filter((r) => modes.some((m) => m.id === r.mode)).map((r) => ({ ...r, run: id }));
  const run = { ...RUN, run: id, modes: [...modes] };
  return { path: '/none', run, records, devices: DEVICES, repairs: [] };
}

const [TODAY, STRICT, LEGACY] = [MODES[0]!, MODES[1]!, MODES[2]!];

test('a run without the legacy mode does not end the transition that an older run knows', () => {
  const policies = policiesOf([runOf('1', MODES), runOf('2', [STRICT])]);
  expect(scheduleOf(policies, DURING)).toMatchObject({ phase: 'transition', legacy: { id: 'legacy' } });
});

test('the newest version of each mode holds', () => {
  const moved = { ...LEGACY, dates: { ...LEGACY.dates, until: '2025-12-31' } };
  const policies = policiesOf([runOf('1', MODES), runOf('2', [moved]), runOf('3', [TODAY, STRICT])]);
  expect(policies.map((m) => m.id).sort()).toEqual(['legacy', 'strict', 'today']);
  expect(scheduleOf(policies, DURING).legacyUntil).toBe('2025-12-31');
});

test('a policy that no run asked comes from the files, but never from another provider', () => {
  const files = policiesOf([]);
  expect(files.map((m) => m.id)).toEqual(['today', 'strict', 'legacy']);
  const own = { ...STRICT, provider: files[0]!.provider };
  expect(policiesOf([runOf('1', [own])]).map((m) => m.id)).toEqual(['strict', 'today', 'legacy']);
  const stranger = policiesOf([runOf('1', [STRICT])]);
  expect(stranger.map((m) => m.id)).toEqual(['strict']);
  expect(scheduleOf(stranger, DURING).legacyEnded).toBe(false);
});

test('engines are concluded apart, and the one nearest to a provider gives the verdict', () => {
  const embedded = runOf('1', MODES);
  const [works] = concludeRuns([embedded]).verdicts.filter((v) => v.verdict === 'works');
  const own = embedded.records.filter((r) => r.device.id === works?.device && r.direction === works.direction);
  const records = own.map((r) =>
    r.role === 'question' && r.mode === 'strict'
      ? { ...r, run: '2', engine: 'containers' as const, outcome: 'fails' as const, cause: 'no-shared-cipher' as const }
      : { ...r, run: '2', ...(r.role === 'question' ? { engine: 'containers' as const } : {}) },
  );
  const containers = { ...embedded, run: { ...RUN, run: '2', engine: 'containers' as const }, records };
  // Whichever ran last.
  for (const runs of [
    [embedded, containers],
    [containers, embedded],
  ]) {
    const verdicts = concludeRuns(runs).verdicts.filter(
      (v) => v.device === works?.device && v.direction === works.direction,
    );
    expect(verdicts).toMatchObject([{ engine: 'containers', causes: ['no-shared-cipher'] }]);
    const { outranked } = concludeRuns(runs);
    expect(outranked.filter((v) => v.device === works?.device && v.direction === works.direction)).toEqual([works]);
  }
});

const out = mkdtempSync(join(tmpdir(), 'cutover-lookup-'));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(out, { recursive: true, force: true });
});

function store({ run, records, devices }: StoredRun): void {
  const folder = join(out, 'runs', run.run);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'run.json'), JSON.stringify(run));
  writeFileSync(join(folder, 'records.jsonl'), records.map((r) => `${JSON.stringify(r)}\n`).join(''));
  writeFileSync(join(folder, 'devices.json'), JSON.stringify(devices));
  writeFileSync(join(folder, 'verdicts.json'), '[]');
}

test('a partial run does not hide what is known of a device', async () => {
  const said = vi.spyOn(console, 'log').mockReturnValue();
  const answer = async () => {
    said.mockClear();
    await lookUp(['scan', '300'], { out, asOf: DURING, language: 'de', samples: true });
    return String(said.mock.calls[0]?.[0]);
  };
  store(runOf('1', MODES));
  const before = await answer();
  expect(before).toContain('Senden: nur noch über den Übergangsserver');
  store(runOf('2', [STRICT]));
  expect(await answer()).toBe(before);
});
