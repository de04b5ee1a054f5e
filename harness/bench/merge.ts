import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRun } from '../records.ts';
import { Record } from '../vocabulary/record.ts';
import type { Figure } from './bench.ts';
import { type Template, writeManyRecords } from './many-records.ts';
import { runTimed } from './run-timed.ts';

/** In two shards, without evidence files: what they take is the disk's. */
const RECORDS = [1_000, 10_000, 100_000];
const WITH_EVIDENCE = 10_000;

/** `cutover merge` of as many records as ten thousands of trials leave, each as long as a real one. */
export async function benchMerge(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-bench-merge-'));
  try {
    const template = await recordTemplate(join(folder, 'template'));
    const figures: Figure[] = [];
    let before: number | null = null;
    for (const count of RECORDS) {
      const { seconds, peakMegabytes } = await merge(join(folder, String(count)), { template, count });
      const isMost = count === RECORDS.at(-1);
      figures.push(
        { name: `merge ${count} records`, value: seconds, unit: 's', ...(isMost ? { limit: { atMost: 10 } } : {}) },
        {
          name: `merge ${count} records: peak memory`,
          value: peakMegabytes,
          unit: 'MB',
          ...(isMost ? { limit: { atMost: 500 } } : {}),
        },
      );
      if (before !== null)
        figures.push({
          name: `merge ${count} records: time against a tenth`,
          value: seconds / before,
          unit: '×',
          limit: { atMost: 11 },
        });
      before = seconds;
    }
    const evident = await merge(join(folder, 'evident'), { template, count: WITH_EVIDENCE, withEvidence: true });
    figures.push({ name: `merge ${WITH_EVIDENCE} records with their evidence`, value: evident.seconds, unit: 's' });
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function merge(folder: string, many: Parameters<typeof writeManyRecords>[1]) {
  const parts = [1, 2].map((index) => writeManyRecords(folder, { ...many, shard: { index, of: 2 } }));
  const timed = await runTimed(['merge', ...parts, '--out', join(folder, 'joined'), '--no-reports', '--json']);
  rmSync(folder, { recursive: true });
  return timed;
}

/** A real device's records: fixtures are half as long. */
export async function recordTemplate(out: string): Promise<Template> {
  const device = 'emu-druckwerk-mfp';
  await runTimed(['run', '--engine', 'embedded', '--device', device, '--no-reports', '--out', out]);
  const [name = ''] = readdirSync(join(out, 'runs'));
  const { path, run, devices, records } = readRun(join(out, 'runs', name));
  const [first] = devices;
  if (first === undefined) throw new Error(`${path}: has no device`);
  // In the order of fields in which a run writes them: records that were read have their evidence last.
  return { path, run, device: first, records: records.map((r) => Record.parse(r)) };
}
