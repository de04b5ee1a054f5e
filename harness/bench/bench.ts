import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { askEngine } from '../containers/engine.ts';
import { benchAttend } from './attend.ts';
import { benchContainers } from './containers.ts';
import { benchGuests } from './guests.ts';
import { benchLookup } from './lookup.ts';
import { benchMerge } from './merge.ts';
import { benchPredict } from './predict.ts';
import { benchShards } from './shards.ts';
import { benchRegression } from './regression.ts';
import { peakOf } from './run-timed.ts';
import { benchTap } from './tap.ts';

/** One figure; `limit` is what it must stay at or below, or at or above. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: { readonly atMost: number } | { readonly atLeast: number };
}

const CUTOVER = join(import.meta.dirname, '..', 'cli', 'cutover.mjs');
const SCALE = join(import.meta.dirname, 'scale.ts');
const RESULTS = join(import.meta.dirname, '..', '..', 'out', 'bench.json');

/** `npm run bench` measures all, `npm run bench -- attend merge` only these. */
const PARTS: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  tap: benchTap,
  containers: benchContainers,
  fleet: benchFleet,
  'container-fleet': benchContainerFleet,
  guests: benchGuests,
  interrupt: benchInterrupt,
  scale: benchScale,
  regression: benchRegression,
  merge: benchMerge,
  shards: benchShards,
  lookup: benchLookup,
  attend: benchAttend,
  predict: benchPredict,
};
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`);
  process.exit(64);
}

const figures: Figure[] = [];
for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const figure of await part()) {
    figures.push(figure);
    console.log(renderFigure(figure));
  }
}
mkdirSync(join(RESULTS, '..'), { recursive: true });
const machine = {
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? '',
  gigabytes: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};
writeFileSync(RESULTS, `${JSON.stringify({ at: new Date().toISOString(), machine, figures }, null, 2)}\n`);
console.log(`\nresults in ${RESULTS}`);
process.exitCode = figures.every(isWithin) ? 0 : 1;

/** The whole fleet in three modes, warm, without the Allure pages; memory of the harness's own process. */
async function benchFleet(): Promise<readonly Figure[]> {
  return inFolder(async (out) => {
    await runFleet(out);
    const { seconds, peakMegabytes } = await runFleet(out);
    return [
      { name: 'fleet in three modes', value: seconds, unit: 's', limit: { atMost: 60 } },
      { name: 'peak memory of the harness', value: peakMegabytes, unit: 'MB', limit: { atMost: 300 } },
    ];
  });
}

/** The devices in containers against Postfix and Dovecot; nothing where no engine answers. */
async function benchContainerFleet(): Promise<readonly Figure[]> {
  if ((await askEngine()).kind === 'missing') return [];
  return inFolder(async (out) => {
    const { seconds } = await runFleet(out, ['--engine', 'containers', '--device', 'lab-*']);
    return [{ name: 'container fleet in three modes', value: seconds, unit: 's', limit: { atMost: 150 } }];
  });
}

async function runFleet(
  out: string,
  which?: readonly string[],
): Promise<{ readonly seconds: number; readonly peakMegabytes: number }> {
  const begin = performance.now();
  const child = startRun(out, which);
  let peakMegabytes = 0;
  const watch = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid));
  }, 100);
  await once(child, 'exit');
  clearInterval(watch);
  return { seconds: (performance.now() - begin) / 1000, peakMegabytes };
}

/** From Ctrl-C in the middle of a run to the end of the process. */
async function benchInterrupt(): Promise<readonly Figure[]> {
  return inFolder(async (out) => {
    const child = startRun(out);
    await sleep(8_000);
    const begin = performance.now();
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    if (code !== 130) throw new Error(`an interrupted run ended with ${code}, not 130`);
    return [{ name: 'Ctrl-C to exit', value: (performance.now() - begin) / 1000, unit: 's', limit: { atMost: 2 } }];
  });
}

/** Ten times the devices, each time in a process of its own. */
async function benchScale(): Promise<readonly Figure[]> {
  const runs: { readonly devices: number; readonly seconds: number; readonly peakMegabytes: number }[] = [];
  for (const devices of [30, 300, 3_000]) {
    const { stdout } = await promisify(execFile)(process.execPath, [SCALE, String(devices)], { maxBuffer: 1 << 24 });
    runs.push(JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}'));
  }
  return runs.flatMap((run, i) => {
    const before = runs[i - 1];
    const name = `${run.devices} fake devices`;
    const own: Figure[] = [
      { name: `${name}: time`, value: run.seconds, unit: 's' },
      { name: `${name}: peak memory`, value: run.peakMegabytes, unit: 'MB' },
    ];
    if (before === undefined) return own;
    return [
      ...own,
      {
        name: `${name}: time against ${before.devices}`,
        value: run.seconds / before.seconds,
        unit: '×',
        limit: { atMost: 11 },
      },
      {
        name: `${name}: memory against ${before.devices}`,
        value: run.peakMegabytes / before.peakMegabytes,
        unit: '×',
        limit: { atMost: 1.5 },
      },
    ];
  });
}

function startRun(
  out: string,
  which = ['--engine', 'embedded', '--device', 'emu-*'] as readonly string[],
): ChildProcess {
  return spawn(process.execPath, [CUTOVER, 'run', ...which, '--no-html', '--out', out], { stdio: 'ignore' });
}

async function inFolder<T>(work: (out: string) => Promise<T>): Promise<T> {
  const out = mkdtempSync(join(tmpdir(), 'cutover-bench-'));
  try {
    return await work(out);
  } finally {
    rmSync(out, { recursive: true });
  }
}

function isWithin({ value, limit }: Figure): boolean {
  if (limit === undefined) return true;
  return 'atMost' in limit ? value <= limit.atMost : value >= limit.atLeast;
}

function renderFigure(figure: Figure): string {
  const { name, value, unit, limit } = figure;
  const bound =
    limit === undefined ? '' : 'atMost' in limit ? `  (at most ${limit.atMost})` : `  (at least ${limit.atLeast})`;
  const mark = limit === undefined ? ' ' : isWithin(figure) ? '✓' : '✗';
  return `${mark} ${name.padEnd(44)} ${value.toFixed(2).padStart(9)} ${unit}${bound}`;
}
