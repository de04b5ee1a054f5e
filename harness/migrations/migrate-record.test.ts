import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concludeAll } from '../cli/conclusions.ts';
import { judgeRun } from '../cli/judge-run.ts';
import { readRun, type StoredRun } from '../records.ts';
import { RECORD_VERSION } from '../vocabulary/record.ts';
import { migrateRecord } from './migrate-record.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const VERSIONS = globSync('version-*.jsonl', { cwd: GOLDEN }).sort();
const folder = mkdtempSync(join(tmpdir(), 'cutover-migrations-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The golden run as a folder: its lines of one version. */
function goldenRun(lines: string): string {
  const path = mkdtempSync(join(folder, 'run-'));
  for (const name of ['run.json', 'devices.json']) copyFileSync(join(GOLDEN, name), join(path, name));
  copyFileSync(join(GOLDEN, lines), join(path, 'records.jsonl'));
  return path;
}

test('there is a golden run of every version', () => {
  const expected = Array.from({ length: RECORD_VERSION + 1 }, (_, v) => `version-${v}.jsonl`);
  expect(VERSIONS.map((name) => basename(name))).toEqual(expected);
  for (const [v, name] of VERSIONS.entries())
    for (const line of linesOf(name)) expect(JSON.parse(line)).toMatchObject({ v });
});

describe.for(VERSIONS)('%s', (name) => {
  let run: StoredRun;
  beforeAll(() => {
    run = readRun(goldenRun(name));
  });

  test('is read, with the ids and the evidence of now', () => {
    expect(run.records.map((r) => r.v)).toEqual(Array.from({ length: 6 }, () => RECORD_VERSION));
    // Its own key, and the value that a mode of TLS 1.2 was changed to.
    expect(run.records.find((r) => r.role === 'counter-test')?.trial).toMatch(/\/strict\/counter-test-tls\.min=1\.0$/);
    const raw = linesOf(name).map((line): unknown => JSON.parse(line));
    expect(run.records.map(({ evidence }) => ({ evidence }))).toEqual(
      raw.map((record) => ({ evidence: Object(record).evidence })),
    );
  });

  test('is judged as it was', () => {
    const judged = judgeRun(run.path);
    expect(judged).toMatchObject({ count: 6, changes: [] });
  });

  test('gives the verdict of a printer that speaks TLS 1.0 and nothing newer', () => {
    const { verdicts } = concludeAll(run.records, run.run.modes);
    expect(verdicts).toMatchObject([
      { verdict: 'legacy-only', encrypted: true, causes: ['version-too-old'], confidence: 'confirmed' },
    ]);
  });
});

test.for([null, 7, 'v', [], {}, { v: '0' }, { v: -1 }, { v: 0.5 }, { v: RECORD_VERSION }, { v: RECORD_VERSION + 1 }])(
  '%j is given back as it is',
  (line) => expect(migrateRecord(line)).toBe(line),
);

test('a counter-test whose value is not one word keeps its id', () => {
  const trial = 'd@1/submit/s/strict/counter-test-suites';
  expect(migrateRecord({ v: 0, trial, change: { path: 'suites', from: [], to: ['A'] } })).toMatchObject({
    v: RECORD_VERSION,
    trial,
  });
});

function linesOf(name: string): readonly string[] {
  return readFileSync(join(GOLDEN, name), 'utf8').trim().split('\n');
}
