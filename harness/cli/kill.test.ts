import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { countRecords, findingsOf, problemsOf, runIn, until, writeFakeFleet } from './fake-fleet.ts';
import { cutover, startCutover } from './start-cutover.ts';

/**
 * Kill -9 at a hundred points: a run, and each resumption of it, is killed at a point of its own until one reaches the
 * end; then the next run begins. The points follow from the seed; what a machine has done by then does not.
 */
const SEED = 20_260_307;
const KILLS = 100;
/** There are processors for no more. */
const SIDE_BY_SIDE = 2;
const DEVICES = 10;

const folder = mkdtempSync(join(tmpdir(), 'cutover-kill-'));
const devices = writeFakeFleet(join(folder, 'devices'), DEVICES);
const RUN = [
  'run',
  '--devices',
  devices,
  '--engine',
  'embedded',
  '--mode',
  'strict',
  '--parallel',
  '2',
  '--no-reports',
];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where a process is killed: once it has written so many records more, and so long after. Or so long after its start. */
interface Point {
  readonly records: number | null;
  readonly afterMs: number;
}

function* drawPoints(seed: number): Generator<Point, never> {
  const random = mulberry32(seed);
  for (;;) {
    const place = random();
    const afterMs = Math.floor(random() * 120);
    if (place < 0.1) yield { records: null, afterMs: Math.floor(random() * 1_500) };
    else yield { records: place < 0.4 ? 0 : place < 0.8 ? 1 : 2, afterMs };
  }
}

/** Public domain, by Tommy Ettinger. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Chain {
  readonly out: string;
  /** How far the run was at each kill. */
  readonly log: readonly string[];
}

/** Runs of one worker, each ended by itself after its kills; the last one is left alone. */
async function killAgainAndAgain(worker: number): Promise<readonly Chain[]> {
  const points = drawPoints(SEED + worker);
  const chains: Chain[] = [];
  for (let left = KILLS / SIDE_BY_SIDE; left > 0; ) {
    const out = join(folder, `worker-${worker}-run-${chains.length + 1}`);
    const log: string[] = [];
    chains.push({ out, log });
    for (let killed = true; killed; ) {
      const point = left > 0 ? points.next().value : null;
      killed = await startAndKill(out, point, log);
      if (killed) left -= 1;
    }
  }
  return chains;
}

/** true: it was killed. false: it came to its end before its point, or had none. */
async function startAndKill(out: string, point: Point | null, log: string[]): Promise<boolean> {
  const before = countRecords(out);
  const { child, ended } = startCutover(nextCommand(out));
  if (point !== null) {
    const { records } = point;
    if (records !== null) await until(() => isWriting(out, child.pid) && countRecords(out) >= before + records, child);
    await sleep(point.afterMs);
    child.kill('SIGKILL');
  }
  const { code, stderr } = await ended;
  log.push(`${JSON.stringify(point)} from ${before} to ${countRecords(out)} records, exit ${code}`);
  // Whatever happened, nothing that was on disk is gone.
  expect(countRecords(out), `${log.join('\n')}\n${stderr}`).toBeGreaterThanOrEqual(before);
  if (code !== KILLED) expect(code, `${log.join('\n')}\n${stderr}`).toBe(0);
  return code === KILLED;
}

const KILLED = -1;

/** A run that never got so far as to have a run.json is begun anew, as its message says; others are resumed. */
function nextCommand(out: string): readonly string[] {
  return hasBegun(out) ? ['run', '--resume', out, '--no-reports'] : [...RUN, '--out', out];
}

function hasBegun(out: string): boolean {
  return readOrNull(join(runIn(out) ?? out, 'run.json')) !== null;
}

/** The process that a run's lock names. */
function lockHolder(out: string): number | null {
  const text = readOrNull(join(runIn(out) ?? out, 'run.lock'));
  return text === null ? null : Number(JSON.parse(text).pid);
}

function isWriting(out: string, pid: number | undefined): boolean {
  return pid !== undefined && lockHolder(out) === pid && hasBegun(out);
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

test(`killed at ${KILLS} points, runs end as an undisturbed one does: the same findings, none twice`, async () => {
  const undisturbed = join(folder, 'undisturbed');
  await cutover([...RUN, '--out', undisturbed]);
  const expected = findingsOf(runIn(undisturbed) ?? '');
  expect(expected.length).toBeGreaterThan(3 * DEVICES);
  const workers = Array.from({ length: SIDE_BY_SIDE }, (_, i) => i + 1);
  const chains = (await Promise.all(workers.map(killAgainAndAgain))).flat();
  for (const { out, log } of chains) {
    const run = runIn(out) ?? '';
    const context = `seed ${SEED}, ${out}:\n${log.join('\n')}`;
    expect(findingsOf(run), context).toEqual(expected);
    expect(problemsOf(run), context).toEqual([]);
  }
  const kills = chains.flatMap((c) => c.log).filter((line) => line.endsWith(`exit ${KILLED}`));
  expect(kills).toHaveLength(KILLS);
  // Kills of runs that had not written, or had written all, would prove little.
  const amid = kills.filter((line) => ![0, expected.length].some((n) => line.includes(` to ${n} records`)));
  expect(amid.length, kills.join('\n')).toBeGreaterThan(KILLS / 2);
}, 1_800_000);
