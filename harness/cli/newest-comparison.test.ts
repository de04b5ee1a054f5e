import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { COMPARISON } from '../../reports/fixtures/comparison.ts';
import { DEVICES } from '../../reports/fixtures/devices.ts';
import { RECORDS } from '../../reports/fixtures/records.ts';
import { RUN } from '../../reports/fixtures/run.ts';
import type { StoredRun } from '../records.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Run } from '../vocabulary/run.ts';
import { newestComparison } from './newest-comparison.ts';

const out = mkdtempSync(join(tmpdir(), 'cutover-newest-comparison-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const works = (r: Record): Record => ({ ...r, outcome: 'works', cause: undefined });

/** A run of the golden records, of which some may have been answered otherwise. */
function stored(name: string, part: Partial<Run> = {}, change = (r: Record): Record => r): StoredRun {
  const path = join(out, name);
  mkdirSync(path, { recursive: true });
  const records = RECORDS.map((r) => ({ ...change(r), run: name, engine: part.engine ?? r.engine }));
  return { path, run: { ...RUN, run: name, ...part }, records, devices: DEVICES, repairs: [] };
}

const changed = (runs: readonly StoredRun[]) => {
  const found = newestComparison(runs);
  return found && [found.against.kind, found.against.name, found.run, found.differences.map((d) => [d.device, d.kind])];
};
const faxWorked = (r: Record) => (r.device.id === 'mw-fax-1' && r.mode === 'strict' ? works(r) : r);

test('without a comparison the newest run is held against the one before', () => {
  expect(changed([stored('a', {}, faxWorked), stored('b')])).toEqual(['run', 'a', 'b', [['mw-fax-1', 'regressed']]]);
  expect(changed([stored('a')])).toBeUndefined();
  expect(changed([])).toBeUndefined();
});

test('other servers, a run that was cut off and a comparison of refusals are no run before', () => {
  const others: readonly Partial<Run>[] = [
    { engine: 'containers' },
    { state: 'interrupted' },
    { watch: { seconds: 600, emulatedSpeed: 60 } },
  ];
  for (const part of others) expect(changed([stored('a', part, faxWorked), stored('b')])).toBeUndefined();
  // Nor are they compared themselves.
  for (const part of others.slice(1))
    expect(changed([stored('a', {}, faxWorked), stored('b'), stored('c', part)])?.slice(0, 3)).toEqual([
      'run',
      'a',
      'b',
    ]);
});

test('the newest file counts, and one that is torn is told', () => {
  const runs = ['c', 'd', 'e'].map((name) => stored(name));
  for (const name of ['c', 'd']) {
    writeFileSync(join(out, name, 'comparison.json'), JSON.stringify({ ...COMPARISON, run: name }));
  }
  expect(newestComparison(runs)).toEqual({ ...COMPARISON, run: 'd' });
  writeFileSync(join(out, 'd', 'comparison.json'), '{"v":1,');
  expect(() => newestComparison(runs)).toThrow(/d\/comparison\.json: is no comparison of this version/);
});
