import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeManyRecords } from '../bench/many-records.ts';
import { readRun, readRuns } from '../records.ts';
import { countRecords, findingsOf, problemsOf, runIn, until, writeFakeFleet } from './fake-fleet.ts';
import { cutover, type Ended, startCutover } from './start-cutover.ts';
import { Run, type RunPlan } from '../vocabulary/run.ts';
import { isOfShard } from './shard.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-merge-'));
const SITES = ['berlin', 'munich'];
const devices = writeFakeFleet(join(folder, 'devices'), 6, (i) => `site: ${SITES[i % 2]}\n`);
const RUN = ['run', '--devices', devices, '--engine', 'embedded', '--mode', 'strict', 'legacy', '--no-html'];
const SHARDS = [1, 2, 3];
const shard = (i: number) => join(folder, `shard-${i}`);
const whole = join(folder, 'whole');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  const ran = await Promise.all([
    cutover([...RUN, '--out', whole]),
    ...SHARDS.map((i) => cutover([...RUN, '--shard', `${i}/3`, '--out', shard(i)])),
  ]);
  expect(ran.map((r) => r.code)).toEqual([0, 0, 0, 0]);
}, 300_000);

function runOf(out: string): string {
  return runIn(out) ?? '';
}

function verdictsOf(run: string): readonly string[] {
  const verdicts: readonly Readonly<Record<string, unknown>>[] = JSON.parse(
    readFileSync(join(run, 'verdicts.json'), 'utf8'),
  );
  return verdicts.map((v) => JSON.stringify({ ...v, measuredAt: '', expiresAt: '' })).sort();
}

/** A copy of a shard's output folder, its run.json changed. */
function changed(i: number, name: string, change: (run: Run, plan: RunPlan | undefined) => object): string {
  const copy = join(folder, name);
  cpSync(shard(i), copy, { recursive: true });
  const file = join(runOf(copy), 'run.json');
  const run = Run.parse(JSON.parse(readFileSync(file, 'utf8')));
  writeFileSync(file, JSON.stringify({ ...run, ...change(run, run.plan) }));
  return copy;
}

describe('shards', () => {
  test('each has its devices by their ids alone, and knows all that were planned', () => {
    const ids = readdirSync(devices).map((name) => name.replace('.yaml', ''));
    for (const i of SHARDS) {
      const { run, devices: own } = readRun(runOf(shard(i)));
      expect(own.map((d) => d.id)).toEqual(ids.filter((id) => isOfShard(id, { index: i, of: 3 })));
      expect(run.plan).toMatchObject({ shard: { index: i, of: 3 }, devices: ids });
    }
  });
  test('joined they are the unsharded run: findings, verdicts, evidence, reports', async () => {
    const out = join(folder, 'joined');
    const { code, stderr, stdout } = await cutover(['merge', ...SHARDS.map(shard), '--out', out, '--no-html']);
    expect(code).toBe(0);
    const run = runOf(out);
    expect(findingsOf(run)).toEqual(findingsOf(runOf(whole)));
    expect(verdictsOf(run)).toEqual(verdictsOf(runOf(whole)));
    expect(problemsOf(run)).toEqual([]);
    expect(readRun(run).devices).toEqual(readRun(runOf(whole)).devices);
    expect(new Set(readRun(run).records.map((r) => r.run))).toEqual(new Set([readRun(run).run.run]));
    expect(readdirSync(out).sort()).toEqual(readdirSync(whole).sort());
    const rows = (path: string) => readFileSync(join(path, 'matrix.csv'), 'utf8').split('\n').length;
    expect(rows(out)).toBe(rows(whole));
    expect(stderr).toContain('3 runs, 6 devices');
    for (const id of ['fake-01', 'fake-06']) expect(stdout).toContain(id);
    // Again, and into a folder that holds a merged run: the same.
    expect((await cutover(['merge', ...SHARDS.map(shard), '--out', out, '--no-reports'])).code).toBe(0);
    expect(readdirSync(join(out, 'runs'))).toHaveLength(1);
    expect(findingsOf(run)).toEqual(findingsOf(runOf(whole)));
  });
  test('a shard that has no device is a run like the others', async () => {
    const own = writeFakeFleet(join(folder, 'one'), 1);
    const outs = [1, 2].map((i) => join(folder, `one-${i}`));
    const ran = await Promise.all(
      outs.map((out, i) =>
        cutover([
          'run',
          '--devices',
          own,
          '--engine',
          'embedded',
          '--mode',
          'strict',
          '--no-html',
          '--shard',
          `${i + 1}/2`,
          '--out',
          out,
        ]),
      ),
    );
    expect(ran.map((r) => r.code)).toEqual([0, 0]);
    expect(outs.map((out) => readRun(runOf(out)).devices.length).sort((a, b) => a - b)).toEqual([0, 1]);
    expect((await cutover(['merge', ...outs, '--out', join(folder, 'one-joined'), '--no-reports'])).code).toBe(0);
  });
  test.for(['0/4', '5/4', '2', '1/0', 'a/b', '2/4/8'])('--shard %s is wrong usage', async (text) => {
    const { code, stderr } = await cutover(['run', '--shard', text]);
    expect(stderr).toMatch(/INDEX\/COUNT/);
    expect(code).toBe(64);
  });
});

describe('what is no whole', () => {
  const refused = async (runs: readonly string[], ...messages: readonly RegExp[]) => {
    const out = join(folder, 'refused');
    const { code, stderr, stdout } = await cutover(['merge', ...runs, '--out', out]);
    for (const message of messages) expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(64);
    expect(existsSync(out)).toBe(false);
  };
  const idsOf = (i: number) => readRun(runOf(shard(i))).devices.map((d) => d.id);

  test('missing shards and devices are named', async () => {
    await refused(
      [shard(1), shard(3)],
      /missing: shard 2\/3\n/,
      new RegExp(`missing: devices? ${idsOf(2).join(', ')}\n`),
    );
  });
  test('what is there twice is named', async () => {
    const copy = changed(1, 'twice', () => ({}));
    await refused(
      [...SHARDS.map(shard), copy],
      new RegExp(`twice, in .*shard-1.* and in .*twice.*: ${idsOf(1).join(', ')}`),
    );
    // Named twice, it is still one.
    const out = join(folder, 'named-twice');
    expect((await cutover(['merge', ...SHARDS.map(shard), runOf(shard(1)), '--out', out, '--no-reports'])).code).toBe(
      0,
    );
  });
  test('another engine, version, mode or cut', async () => {
    const others = [shard(1), shard(3)];
    await refused(
      [...others, changed(2, 'engine', () => ({ engine: 'containers' }))],
      /has engine containers, .* has embedded/,
    );
    await refused([...others, changed(2, 'version', () => ({ cutover: '9.9.9' }))], /has cutover 9\.9\.9, /);
    await refused(
      [
        ...others,
        changed(2, 'mode', ({ modes }) => ({
          modes: modes.map((m) => (m.id === 'strict' ? { ...m, plaintext: 'allowed' } : m)),
        })),
      ],
      /differ in the mode strict: plaintext/,
    );
    await refused(
      [...others, changed(2, 'cut', (_run, plan) => ({ plan: { ...plan, shard: { index: 2, of: 4 } } }))],
      /shards of 3 and of 4: all must be cut alike/,
    );
    await refused(
      [...others, changed(2, 'planned', (_run, plan) => ({ plan: { ...plan, devices: ['fake-99'] } }))],
      /were not planned over the same devices: .*fake-99/,
      /missing: device fake-99/,
    );
    await refused([...others, changed(2, 'attended', () => ({ plan: undefined }))], /was not begun by `cutover run`/);
  });
  test('a run that is not finished, or that a process still writes', async () => {
    const out = join(folder, 'unfinished');
    const { child, ended } = startCutover([...RUN, '--shard', '2/3', '--out', out]);
    expect(await until(() => countRecords(out) >= 1, child)).toBe(true);
    child.kill('SIGSTOP');
    const live = await cutover(['merge', shard(1), shard(3), out, '--out', join(folder, 'refused')]);
    expect(live.stderr).toMatch(new RegExp(`process ${child.pid} is writing this run`));
    expect(live.code).toBe(78);
    child.kill('SIGKILL');
    await ended;
    await refused(
      [shard(1), shard(3), out],
      new RegExp(`is not finished: go on with \`npx cutover run --resume ${runOf(out)}\``),
    );
    expect((await cutover(['run', '--resume', out, '--no-html'])).code).toBe(0);
    const joined = join(folder, 'resumed-and-joined');
    expect((await cutover(['merge', shard(1), shard(3), out, '--out', joined, '--no-reports'])).code).toBe(0);
    expect(findingsOf(runOf(joined))).toEqual(findingsOf(runOf(whole)));
  });
  test('evidence that was not copied along, folders without runs, no --out', async () => {
    const copy = changed(2, 'no-evidence', () => ({}));
    rmSync(join(runOf(copy), 'evidence'), { recursive: true });
    const bare = await cutover(['merge', shard(1), shard(3), copy, '--out', join(folder, 'bare')]);
    expect(bare.stderr).toMatch(/\d+ files that records name are missing:\n.*no-evidence.*wire\.pcapng/);
    expect(bare.code).toBe(78);
    await refused([folder], /no runs here/);
    expect((await cutover(['merge', shard(1)])).code).toBe(64);
  });
  test('records that were not copied along, or torn on the way', async () => {
    const others = [shard(1), shard(3), '--no-reports', '--out', join(folder, 'lost')];
    const copy = changed(2, 'cut-records', () => ({}));
    const file = join(runOf(copy), 'records.jsonl');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(0, -20));
    const torn = await cutover(['merge', copy, ...others]);
    expect(torn.stderr).toMatch(/its records are not all there:\n.*torn/s);
    expect(torn.code).toBe(78);
    rmSync(file);
    const bare = await cutover(['merge', copy, ...others]);
    for (const id of idsOf(2)) expect(bare.stderr).toContain(`no record of ${id}`);
    expect(bare.code).toBe(78);
    expect(readRuns(join(folder, 'lost'))).toEqual([]);
  });
  test('a merged run is not joined to itself', async () => {
    const out = join(folder, 'itself');
    await cutover(['merge', ...SHARDS.map(shard), '--out', out, '--no-reports']);
    const run = runOf(out);
    const { code, stderr } = await cutover(['merge', run, '--out', out, '--no-reports']);
    expect(stderr).toMatch(/would be joined to itself/);
    expect(code).toBe(64);
    expect(findingsOf(run)).toEqual(findingsOf(runOf(whole)));
  });
});

describe('sites', () => {
  const site = (name: string) => join(folder, name);
  const atSite = (name: string, more: readonly string[] = []) =>
    cutover([...RUN, '--site', name, ...more, '--out', site(name)]);

  test('each lab runs its devices, and the labs are joined', async () => {
    expect((await Promise.all(SITES.map((name) => atSite(name)))).map((r: Ended) => r.code)).toEqual([0, 0]);
    for (const name of SITES) {
      const own = readRun(runOf(site(name))).devices;
      expect(own).toHaveLength(3);
      expect(new Set(own.map((d) => d.site))).toEqual(new Set([name]));
    }
    const out = join(folder, 'sites');
    expect((await cutover(['merge', ...SITES.map(site), '--out', out, '--no-reports'])).code).toBe(0);
    expect(findingsOf(runOf(out))).toEqual(findingsOf(runOf(whole)));
    expect(readRun(runOf(out)).run.merged?.map((m) => m.site)).toEqual(SITES);
  });
  test('what all were restricted to restricts them together, and what one could not start was not meant', async () => {
    const narrow = (name: string, leftOut: readonly string[]) => {
      const copy = join(folder, `narrow-${name}`);
      cpSync(site(name), copy, { recursive: true });
      const file = join(runOf(copy), 'run.json');
      const run = Run.parse(JSON.parse(readFileSync(file, 'utf8')));
      const selection = { ...run.plan?.selection, device: ['fake-*'] };
      writeFileSync(file, JSON.stringify({ ...run, plan: { ...run.plan, selection, leftOut } }));
      return copy;
    };
    const out = join(folder, 'narrow');
    const parts = [narrow('berlin', []), narrow('munich', ['fake-77'])];
    expect((await cutover(['merge', ...parts, '--out', out, '--no-reports'])).code).toBe(0);
    const { plan } = readRun(runOf(out)).run;
    expect(plan?.selection.device).toEqual(['fake-*']);
    expect(plan?.selection.site).toBeUndefined();
    expect(plan?.leftOut).toEqual(['fake-77']);
  });
  test('a site that no device file names', async () => {
    const { code, stderr } = await cutover([...RUN, '--site', 'hamburg', '--out', join(folder, 'refused')]);
    expect(stderr).toMatch(/no device file has the site hamburg\n.*The sites are: berlin, munich\./);
    expect(code).toBe(64);
  });
});

describe('cut off', () => {
  test('a merge that is killed is no run, and is done again', async () => {
    const template = readRun(runOf(whole));
    const [device] = template.devices;
    if (device === undefined) throw new Error('the whole run has no device');
    const records = template.records.filter((r) => r.device.id === device.id);
    const many = { template: { ...template, device, records }, count: 1_500, withEvidence: true };
    const parts = [1, 2].map((index) => writeManyRecords(join(folder, 'many'), { ...many, shard: { index, of: 2 } }));
    const out = join(folder, 'many-joined');
    const joins = () => existsSync(join(runOf(out), 'evidence'));
    const { child, ended } = startCutover(['merge', ...parts, '--out', out, '--no-reports']);
    expect(await until(joins, child)).toBe(true);
    child.kill('SIGKILL');
    expect((await ended).code).toBe(-1);
    // Killed in the middle, as the test means it.
    expect(existsSync(join(runOf(out), 'run.json'))).toBe(false);
    expect(readRuns(out)).toEqual([]);
    expect((await cutover(['run', '--resume', runOf(out)])).stderr).toMatch(/ended before it began/);

    expect((await cutover(['merge', ...parts, '--out', out, '--no-reports'])).code).toBe(0);
    expect(problemsOf(runOf(out))).toEqual([]);
    expect(findingsOf(runOf(out))).toEqual(parts.flatMap(findingsOf).sort());
  });
  test('a run that is killed while it writes its reports has them after it is resumed', async () => {
    const out = join(folder, 'killed-at-reports');
    const { child, ended } = startCutover([...RUN, '--out', out]);
    expect(await until(() => existsSync(join(runOf(out), 'verdicts.json')), child)).toBe(true);
    child.kill('SIGKILL');
    await ended;
    const { code, stderr } = await cutover(['run', '--resume', out, '--no-html']);
    expect(stderr).toContain('6 of 6 devices are done');
    expect(code).toBe(0);
    expect(readdirSync(out).sort()).toEqual(readdirSync(whole).sort());
    expect(findingsOf(runOf(out))).toEqual(findingsOf(runOf(whole)));
  });
});
