import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectEngine } from '../containers/engine.ts';
import { hasEngine } from '../containers/has-engine.ts';
import { buildImages } from '../containers/images.ts';

const CUTOVER = join(import.meta.dirname, 'cutover.mjs');
const DEVICE = 'emu-druckwerk-mfp';

describe.skipIf(!(await hasEngine('runs that are ended')))('a run on containers', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-ended-'));
  beforeAll(async () => void (await buildImages(['postfix', 'dovecot'])), 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('that is killed leaves nothing after the next, and one at the same time is not disturbed', async () => {
    const living = startRun(join(folder, 'living'));
    const killed = startRun(join(folder, 'killed'));
    await until(() => recordsOf(killed.out).length > 0, killed);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(await leftBy(killed)).toMatchObject({ containers: 6, networks: 1, folders: 1 });

    const next = startRun(join(folder, 'next'));
    const codes = await Promise.all([living, next].map(async (run) => (await run.ended, run.child.exitCode)));
    expect(codes, living.text() + next.text()).toEqual([0, 0]);
    for (const run of [killed, living, next])
      expect(await leftBy(run)).toEqual({ containers: 0, networks: 0, folders: 0 });
    // The records that were on disk are whole.
    expect(recordsOf(killed.out).map((line) => JSON.parse(line).engine)).toContain('embedded');
  });

  test.each([
    ['while its servers start', async (run: Run) => (await leftBy(run)).containers > 0],
    ['while its servers prove themselves', async (run: Run) => (await leftBy(run)).containers === 6],
    ['in the middle', async (run: Run) => recordsOf(run.out).length > 1],
  ])('that is interrupted %s ends in order', async (_, isThere) => {
    const run = startRun(join(folder, 'interrupted'));
    await until(() => isThere(run), run);
    run.child.kill('SIGINT');
    await run.ended;
    expect(run.child.exitCode, run.text()).toBe(130);
    expect(await leftBy(run)).toEqual({ containers: 0, networks: 0, folders: 0 });
    const [id = ''] = readdirSync(join(run.out, 'runs'));
    const read = (name: string) => JSON.parse(readFileSync(join(run.out, 'runs', id, name), 'utf8'));
    expect(read('run.json')).toMatchObject({ state: 'interrupted', engine: 'containers' });
    expect(Array.isArray(read('verdicts.json'))).toBe(true);
    expect(existsSync(join(run.out, 'matrix.csv'))).toBe(true);
    rmSync(run.out, { recursive: true });
  });
});

interface Run {
  readonly child: ReturnType<typeof spawn>;
  readonly out: string;
  readonly ended: Promise<unknown>;
  readonly text: () => string;
}

function startRun(out: string): Run {
  const args = ['run', '--engine', 'containers', '--device', DEVICE, '--no-html', '--out', out];
  const child = spawn(process.execPath, [CUTOVER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, out, ended: once(child, 'close'), text: () => text };
}

/** What of a run is still there. Its own: others may run at the same engine. */
async function leftBy({ child }: Run) {
  const { engine } = await connectEngine();
  const isOurs = (owner: string | undefined) => owner?.startsWith(`${child.pid}.`) ?? false;
  const containers = await engine.listContainers({ all: true, filters: { label: ['cutover.owner'] } });
  const networks = await engine.listNetworks({ filters: { label: ['cutover.owner'] } });
  return {
    containers: containers.filter((c) => isOurs(c.Labels['cutover.owner'])).length,
    networks: networks.filter((n) => isOurs(n.Labels?.['cutover.owner'])).length,
    folders: readdirSync(tmpdir()).filter((name) => name.startsWith(`cutover-lab-${child.pid}.`)).length,
  };
}

function recordsOf(out: string): readonly string[] {
  const runs = join(out, 'runs');
  const [id] = existsSync(runs) ? readdirSync(runs) : [];
  const file = join(runs, id ?? '', 'records.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

async function until(isThere: () => boolean | Promise<boolean>, run: Run): Promise<void> {
  while (!(await isThere())) {
    if (run.child.exitCode !== null) throw new Error(`it ended too early: ${run.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
