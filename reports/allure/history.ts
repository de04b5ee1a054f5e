import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Run } from '../../harness/vocabulary/run.ts';

/** Kept in the out folder, a line a run: CI keeps this file from one job to the next, and needs no older run for it. */
export const HISTORY_FILE = 'allure-history.jsonl';

/** Allure's charts show as many, its rule for flaky looks at 5, and its page holds the history of each result. */
const RUNS = 10;

/** As much of Allure's history data point as we touch. `name` is the run, `timestamp` when it started, in ms. */
const Point = z.looseObject({
  uuid: z.string(),
  name: z.string(),
  timestamp: z.number(),
  knownTestCaseIds: z.array(z.string()),
  testResults: z.record(z.string(), z.looseObject({ id: z.string(), status: z.string() })),
});
export type HistoryPoint = z.infer<typeof Point>;

/**
 * The runs before this one, oldest first. Writing the page of a run again must not make it its own past. A line that
 * is torn, or was never a data point, is left out: the file comes from a cache.
 */
export function readHistory(path: string, run: Run | undefined): readonly HistoryPoint[] {
  const before = run === undefined ? Number.POSITIVE_INFINITY : Date.parse(run.startedAt);
  return readPoints(path)
    .filter((p) => p.timestamp < before)
    .sort((a, b) => a.timestamp - b.timestamp);
}

/** What Allure appended to the copy that it was given; null: nothing. */
export function readAppended(path: string, before: readonly HistoryPoint[]): HistoryPoint | null {
  const points = readPoints(path);
  return points.length > before.length ? (points.at(-1) ?? null) : null;
}

export async function writeHistory(path: string, points: readonly HistoryPoint[]): Promise<void> {
  await writeFile(path, points.map((p) => `${JSON.stringify(p)}\n`).join(''));
}

/** One point for a run, also where its pages are several. */
export function joinPoints(parts: readonly HistoryPoint[], run: Run): HistoryPoint | null {
  const [first] = parts;
  if (first === undefined) return null;
  return {
    ...first,
    // Of the same run there is one point, whoever wrote its page.
    uuid: run.run,
    name: run.run,
    timestamp: Date.parse(run.startedAt),
    knownTestCaseIds: parts.flatMap((p) => p.knownTestCaseIds),
    testResults: Object.fromEntries(
      parts.flatMap((p) => Object.entries(p.testResults).map(([id, r]) => [id, slim(r)])),
    ),
  };
}

/** Nine tenths of an entry are labels and messages, which the page shows of the newest run only. */
function slim({ labels: _labels, message: _message, trace: _trace, ...rest }: HistoryPoint['testResults'][string]) {
  return rest;
}

export function newestPoints(points: readonly HistoryPoint[]): readonly HistoryPoint[] {
  return points.slice(-RUNS);
}

function readPoints(path: string): readonly HistoryPoint[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const parsed = Point.safeParse(parseJson(line));
      return parsed.success ? [parsed.data] : [];
    });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
