import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { COMPARISON } from '../../reports/fixtures/comparison.ts';
import { PROVEN_RUN, REAL_DEVICES } from '../../reports/fixtures/real-input.ts';
import { RECORDS } from '../../reports/fixtures/records.ts';
import { readCriteria } from '../../reports/readiness/read-criteria.ts';
import type { Comparison } from '../vocabulary/comparison.ts';
import { runCommandLine } from './main.ts';

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'cutover-readiness-cli-'));
});
afterEach(() => {
  rmSync(out, { recursive: true, force: true });
  process.exitCode = undefined;
});

const IDS = Array.from({ length: readCriteria().go.realDevicesAtLeast }, (_, i) => `nas-${i}`);

interface Odd {
  /** Device that never connects. */
  readonly failing?: string;
  /** Of the first device; default: one that sends rarely. */
  readonly kind?: 'nas' | 'ups';
}

/** A run in which as many real devices as are asked for work in every mode. */
function writeRun({ failing, kind = 'ups' }: Odd, comparison: Comparison | null): void {
  const run = join(out, 'runs', 'run-1');
  rmSync(run, { recursive: true, force: true });
  mkdirSync(run, { recursive: true });
  const [device] = REAL_DEVICES.filter((d) => d.id === 'mw-nas-2');
  const own = RECORDS.filter((r) => r.device.id === 'mw-nas-2');
  const records = IDS.flatMap((id) =>
    own.map((r) => ({
      ...r,
      trial: r.trial.replace('mw-nas-2', id),
      device: { ...r.device, id, emulated: false },
      engine: 'containers',
      ...(id === failing ? { outcome: 'inconclusive', cause: 'never-connected' } : {}),
    })),
  );
  const json = (name: string, value: unknown) => writeFileSync(join(run, name), JSON.stringify(value));
  json('run.json', PROVEN_RUN);
  json(
    'devices.json',
    IDS.map((id, i) => ({ ...device, id, kind: i === 0 ? kind : 'nas' })),
  );
  writeFileSync(join(run, 'records.jsonl'), records.map((r) => `${JSON.stringify(r)}\n`).join(''));
  if (comparison !== null) json('comparison.json', comparison);
}

async function ask(...more: readonly string[]): Promise<{ readonly code: unknown; readonly said: string }> {
  const lines: string[] = [];
  using _ = vi.spyOn(console, 'log').mockImplementation((line: unknown) => lines.push(String(line)));
  await runCommandLine(['readiness', out, '--as-of', '2025-02-03', ...more]);
  return { code: process.exitCode, said: lines.join('\n') };
}

const NOTHING_DIFFERS: Comparison = { ...COMPARISON, differences: [] };

test('an empty folder is no go', async () => {
  const { code, said } = await ask();
  expect(code).toBe(1);
  expect(said).toContain('Recommendation: not yet\n  NOT MET  Real devices tested: none');
});

test('exit code 0 is go, and 1 as soon as one criterion is not met', async () => {
  writeRun({}, NOTHING_DIFFERS);
  const { code, said } = await ask();
  expect([code, said.split('\n')[1]]).toEqual([0, 'Recommendation: go']);
  writeRun({}, null);
  expect(await ask()).toMatchObject({
    code: 1,
    said: expect.stringContaining('NOT MET  Deviations that nobody answers for'),
  });
  writeRun({ failing: 'nas-0' }, NOTHING_DIFFERS);
  expect(await ask()).toMatchObject({ code: 1, said: expect.stringContaining('NOT MET  Alarm panels, UPS') });
  // The catalogue knows alarm panels that nobody has tested: without a single rare sender there is no go.
  writeRun({ kind: 'nas' }, NOTHING_DIFFERS);
  expect(unmet(await ask('--json'))).toEqual([1, ['rare-senders']]);
});

const Answer = z.object({ ready: z.boolean(), criteria: z.array(z.looseObject({ id: z.string(), met: z.boolean() })) });

function unmet({ code, said }: Awaited<ReturnType<typeof ask>>) {
  const { criteria } = Answer.parse(JSON.parse(said));
  return [code, criteria.flatMap((c) => (c.met ? [] : [c.id]))];
}
