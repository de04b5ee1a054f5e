import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RECORDS } from '../reports/fixtures/records.ts';
import { evidenceFolder, isBeingWritten, openRunFolder, readRecords, readRuns, withFields } from './records.ts';

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'cutover-records-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(out, { recursive: true });
});

test.for(['d@../../../../x/s/t/strict/question', 'd@1/../../../../x', 'd@\u0007\\..\\x/.', '', `d@${'ü'.repeat(200)}`])(
  'evidence of the trial %j stays in the folder of its run',
  (trial) => {
    using folder = openRunFolder(out, 'r');
    const [file] = folder.writeEvidence(trial, 1, [{ name: 'a.log', type: 'text/plain', bytes: Buffer.from('a') }]);
    const path = join(folder.path, file?.path ?? '', '..');
    expect(statSync(join(path, 'a.log')).size).toBe(1);
    expect(relative(join(out, 'runs', 'r', 'evidence'), path)).toMatch(/^(?!\.\.)[\w.@=+%~/-]+$/);
  },
);

test('different trials have different folders', () => {
  const trials = ['a/b', 'a%2Fb', 'a b', 'a%20b', '.', '..', '%2E', ''];
  expect(new Set(trials.map((t) => evidenceFolder(t, 1).join('/'))).size).toBe(trials.length);
});

test.for(['../../../etc/passwd', '/etc/passwd', 'evidence/../../x', '..\\x'])('an attachment %s is refused', (path) => {
  const [record] = RECORDS;
  const bad = { ...record, attachments: [{ name: 'x', path, type: 'text/plain', sha256: 'a'.repeat(64) }] };
  const file = join(out, 'records.jsonl');
  writeFileSync(file, `${JSON.stringify(bad)}\n`);
  expect(() => readRecords(file)).toThrow(/records\.jsonl:1: the attachment .* is outside the run/);
});

test('a record with other fields keeps its evidence on disk until it is looked at', () => {
  const file = join(out, 'records.jsonl');
  const text = RECORDS.slice(0, 3)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');
  writeFileSync(file, text);
  const read = readRecords(file).records;
  rmSync(file);
  const changed = read.map((record) => withFields(withFields(record, { silent: true }), { because: ['it is so'] }));
  expect(() => changed[0]?.evidence).toThrow(/ENOENT/);
  writeFileSync(file, text);
  const expected = RECORDS.slice(0, 3).map((record) => ({ ...record, silent: true, because: ['it is so'] }));
  expect(JSON.parse(JSON.stringify(changed))).toEqual(JSON.parse(JSON.stringify(expected)));
});

test('nobody else can read a run', () => {
  using folder = openRunFolder(out, 'r');
  folder.write('devices.json', []);
  const [file] = folder.writeEvidence('d@1/s/x', 1, [{ name: 'a.log', type: 'text/plain', bytes: Buffer.from('a') }]);
  const mode = (name: string) => statSync(join(folder.path, name)).mode & 0o777;
  expect(['.', 'devices.json', file?.path ?? '', 'run.lock'].map(mode)).toEqual([0o700, 0o600, 0o600, 0o600]);
});

test('a run that a live process writes is locked; a dead one’s lock is taken over', () => {
  using folder = openRunFolder(out, 'r');
  expect(isBeingWritten(folder.path)).toBe(true);
  expect(() => openRunFolder(out, 'r')).toThrow(/is writing this run/);
  // This process's id, started at another time: the id was used again.
  writeFileSync(join(folder.path, 'run.lock'), JSON.stringify({ pid: process.pid, started: '1' }));
  expect(isBeingWritten(folder.path)).toBe(false);
  using again = openRunFolder(out, 'r');
  expect(isBeingWritten(again.path)).toBe(true);
});

test('a run that cannot be read is left out and said; only if there is no other it is a fault', () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  mkdirSync(join(out, 'runs', 'a'), { recursive: true });
  writeFileSync(join(out, 'runs', 'a', 'run.json'), '{');
  expect(() => readRuns(out)).toThrow(/run\.json: cannot be read/);
  using folder = openRunFolder(out, 'b');
  folder.write('devices.json', []);
  folder.write('run.json', {
    v: 1,
    run: 'b',
    cutover: '1',
    node: 'v24.12.0',
    openssl: '3',
    engine: 'embedded',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
    state: 'running',
    modes: [],
    proofs: [],
    listen: '127.0.0.1',
  });
  expect(readRuns(out).map((r) => r.run.run)).toEqual(['b']);
  expect(said.mock.calls.flat().join('\n')).toMatch(/the run a cannot be read and was left out/);
});
