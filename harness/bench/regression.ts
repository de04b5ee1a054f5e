import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './bench.ts';
import { type Template, writeManyRecords } from './many-records.ts';
import { recordTemplate } from './merge.ts';
import { runTimed } from './run-timed.ts';

const RECORDS = [1_000, 10_000, 100_000];
/** Of so many devices one has another answer in the second run. */
const ONE_IN = 100;

/** Two runs of thousands of records: their difference, judging one again, accepting one, comparing the other with that. */
export async function benchRegression(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-bench-regression-'));
  try {
    const template = await recordTemplate(join(folder, 'template'));
    const rounds: (readonly Round[])[] = [];
    for (const count of RECORDS) rounds.push(await measure(join(folder, String(count)), template, count));
    return rounds.flatMap((round, i) => round.flatMap((r, j) => figuresOf(r, rounds[i - 1]?.[j])));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Round {
  readonly name: string;
  readonly count: number;
  readonly seconds: number;
  readonly peakMegabytes: number;
}

async function measure(folder: string, template: Template, count: number): Promise<readonly Round[]> {
  const before = writeManyRecords(join(folder, 'before'), { template, count });
  const after = writeManyRecords(join(folder, 'after'), { template, count, change: breakToday });
  const file = join(folder, 'baseline.jsonl');
  const rounds: Round[] = [];
  const time = async (name: string, args: readonly string[], code: number) => {
    rounds.push({ name, count, ...(await runTimed(args, code)) });
  };
  await time('diff', ['diff', before, after], 1);
  await time('judge', ['judge', before], 0);
  await time('accept', ['baseline', 'accept', before, '--file', file], 0);
  await time('compare with a baseline', ['baseline', 'compare', after, '--file', file], 1);
  rmSync(folder, { recursive: true });
  return rounds;
}

function breakToday(line: string, device: number): string {
  if (device % ONE_IN !== 0 || !line.includes('/today/question"')) return line;
  return line.replace('"outcome":"works"', '"outcome":"fails","cause":"mail-lost"');
}

/** Limits stand at the largest, and on how time grows. */
function figuresOf({ name, count, seconds, peakMegabytes }: Round, tenth: Round | undefined): readonly Figure[] {
  const isMost = count === RECORDS.at(-1);
  const what = `${name}, ${count} records`;
  return [
    { name: what, value: seconds, unit: 's', ...(isMost ? { limit: { atMost: 10 } } : {}) },
    { name: `${what}: peak memory`, value: peakMegabytes, unit: 'MB', ...(isMost ? { limit: { atMost: 500 } } : {}) },
    ...(tenth === undefined
      ? []
      : [
          {
            name: `${what}: time against a tenth`,
            value: seconds / tenth.seconds,
            unit: '×',
            limit: { atMost: 11 },
          },
        ]),
  ];
}
