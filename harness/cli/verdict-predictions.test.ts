import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readRun } from '../records.ts';
import type { Record } from '../vocabulary/record.ts';
import { Verdict } from '../vocabulary/verdict.ts';
import { concludeAll } from './conclusions.ts';

// One printer with TLS 1.0 and no other fault: what it sends is taken in every mode but the strict one.
const folder = mkdtempSync(join(tmpdir(), 'cutover-verdict-predictions-'));
afterAll(() => rmSync(folder, { recursive: true }));
const golden = join(import.meta.dirname, '../migrations/golden');
for (const file of ['run.json', 'devices.json']) cpSync(join(golden, file), join(folder, file));
cpSync(join(golden, 'version-1.jsonl'), join(folder, 'records.jsonl'));
const { records, run } = readRun(folder);

function verdictOf(change: (record: Record) => Partial<Record>) {
  const changed = records.map((record) => ({ ...record, ...change(record) }));
  const [verdict] = concludeAll(changed, run.modes).verdicts;
  return Verdict.parse(verdict);
}

const isAsked = ({ role }: Record) => role === 'question' || role === 'control-forgiving';

test('a verdict tells how many results are as predicted from the hellos beside them', () => {
  const asked = records.filter(isAsked).length;
  expect(asked).toBe(4);
  expect(verdictOf(() => ({}))).toMatchObject({
    verdict: 'legacy-only',
    predictions: { agree: asked, of: asked, notPredicted: 0 },
  });
});

test('a measurement that is otherwise stands, and is counted against', () => {
  const verdict = verdictOf(({ role, mode }) =>
    role === 'question' && mode === 'strict' ? { outcome: 'works', encrypted: true, cause: undefined } : {},
  );
  expect(verdict).toMatchObject({ verdict: 'works', predictions: { agree: 3, of: 4, notPredicted: 0 } });
});

test('what is decided behind the hello is not predicted, and not counted as agreement', () => {
  const verdict = verdictOf((record) =>
    isAsked(record) && record.mode !== 'strict' ? { outcome: 'fails', cause: 'auth-rejected' } : {},
  );
  expect(verdict.predictions).toEqual({ agree: 1, of: 1, notPredicted: 3 });
});

test('of servers whose rules nobody knows, and without a hello, a verdict says nothing of it', () => {
  expect(verdictOf(() => ({ engine: 'hosts' })).predictions).toBeUndefined();
  const unheard = verdictOf(({ evidence }) => ({ evidence: { ...evidence, wire: { connections: [] } } }));
  expect(unheard.predictions).toBeUndefined();
});

test('all else in a verdict is as without it', () => {
  const { predictions: told, ...rest } = verdictOf(() => ({}));
  expect(told).toBeDefined();
  expect(verdictOf(() => ({ engine: 'hosts' }))).toEqual({ ...rest, engine: 'hosts' });
});
