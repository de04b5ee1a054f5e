import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { writeFakeFleet } from '../cli/fake-fleet.ts';
import { readRun } from '../records.ts';
import { runScript } from './pipeline.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-ci-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** Of two shards each has one: ids decide that. */
const DEVICES = ['fake-01', 'fake-05'];
const devices = writeFakeFleet(join(folder, 'devices'), 5);
for (const id of ['fake-02', 'fake-03', 'fake-04']) rmSync(join(devices, `${id}.yaml`));
const accepted = join(folder, 'accepted.jsonl');
/** Commands wait for each other, and each is a process of its own. */
const PATIENCE_MS = 300_000;
const OPTIONS = { RUN_OPTIONS: `--engine embedded --mode strict --devices ${devices}` };
const read = (name: string): unknown => parse(readFileSync(join(import.meta.dirname, name), 'utf8'));
const onlyRun = (out: string) => {
  const [name = '', ...more] = readdirSync(join(out, 'runs'));
  expect(more).toEqual([]);
  return readRun(join(out, 'runs', name));
};
const historyOf = (out: string) => readFileSync(join(out, 'allure-history.jsonl'), 'utf8').trim().split('\n');
const workspace = (name: string) => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};

beforeAll(async () => {
  const lines = ['npx cutover run $RUN_OPTIONS --no-reports', `npx cutover baseline accept out --file '${accepted}'`];
  expect(await runScript(lines, workspace('accepted'), OPTIONS)).toMatchObject({ code: 0 });
}, PATIENCE_MS);

describe('GitLab', { timeout: PATIENCE_MS }, () => {
  const Job = z.looseObject({
    script: z.array(z.string()),
    cache: z.array(z.looseObject({ paths: z.array(z.string()) })).optional(),
    artifacts: z.looseObject({ paths: z.array(z.string()), reports: z.looseObject({ junit: z.string() }).optional() }),
  });
  const { variables, shard, result, ...rest } = z
    .looseObject({
      variables: z.record(z.string(), z.string()),
      default: z.looseObject({ before_script: z.array(z.string()) }),
      shard: Job,
      result: Job,
    })
    .parse(read('gitlab-ci.yml'));

  /** A pipeline: each job in a workspace of its own, which gets what the template keeps. */
  async function runPipeline(name: string, kept: string | null, baseline: string | null) {
    const env = { ...variables, ...OPTIONS };
    const path = workspace(name);
    for (const index of ['1', '2']) {
      const ended = await runScript([...rest.default.before_script, ...shard.script], path, {
        ...env,
        SHARD: index,
        CI_NODE_TOTAL: '2',
      });
      expect(ended).toMatchObject({ code: 0 });
    }
    const [, history] = result.cache ?? [];
    if (kept !== null) for (const file of history?.paths ?? []) cpSync(join(kept, file), join(path, file));
    if (baseline !== null) cpSync(baseline, join(path, variables['BASELINE'] ?? ''));
    return { path, ended: await runScript(result.script, path, env) };
  }

  test('the first pipeline asks for a baseline and shows everything; the next one is as accepted, and remembers', async () => {
    const first = await runPipeline('first', null, null);
    expect(first.ended).toMatchObject({ code: 78, stderr: expect.stringContaining('baseline accept RUN') });
    expect(onlyRun(join(first.path, 'out')).devices.map((d) => d.id)).toEqual(DEVICES);
    expect(existsSync(join(first.path, result.artifacts.reports?.junit ?? ''))).toBe(true);
    expect(historyOf(join(first.path, 'out'))).toHaveLength(1);

    const second = await runPipeline('second', first.path, accepted);
    expect(second.ended).toMatchObject({ code: 0 });
    expect(historyOf(join(second.path, 'out'))).toHaveLength(2);
    expect(readFileSync(join(second.path, result.artifacts.reports?.junit ?? ''), 'utf8')).toMatch(
      /<testsuites[^>]* failures="0"/,
    );
    expect(existsSync(join(second.path, 'out', 'changes.md'))).toBe(true);
  });
});

describe('GitHub', { timeout: PATIENCE_MS }, () => {
  const Step = z.looseObject({
    run: z.string().optional(),
    env: z.record(z.string(), z.string()).optional(),
    uses: z.string().optional(),
    with: z.looseObject({}).optional(),
  });
  const Job = z.looseObject({ steps: z.array(Step) });
  const { env, jobs } = z
    .looseObject({ env: z.record(z.string(), z.string()), jobs: z.strictObject({ shard: Job, result: Job }) })
    .parse(read('github-actions.yml'));
  const scriptOf = ({ steps }: z.infer<typeof Job>) => steps.flatMap(({ run }) => run ?? []);

  test('what is not as accepted fails the run, stands in its summary and in JUnit', async () => {
    const path = workspace('github');
    const summary = join(path, 'summary.md');
    const own: Readonly<Record<string, string>> = { ...env, ...OPTIONS, GITHUB_STEP_SUMMARY: summary };
    // What an expression stands for in a matrix of two.
    const given = jobs.shard.steps.find((s) => s.env !== undefined)?.env;
    expect(given).toEqual({ SHARD: '${{ matrix.shard }}', SHARDS: '${{ strategy.job-total }}' });
    cpSync(accepted, join(path, own['BASELINE'] ?? ''));
    const file = join(devices, 'fake-01.yaml');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('delivers-plaintext');
    writeFileSync(file, text.replace('delivers-plaintext', 'closes-at-once'));
    try {
      for (const SHARD of ['1', '2'])
        expect(await runScript(scriptOf(jobs.shard), path, { ...own, SHARD, SHARDS: '2' })).toMatchObject({ code: 0 });
    } finally {
      writeFileSync(file, text);
    }
    expect(await runScript(scriptOf(jobs.result), path, own)).toMatchObject({ code: 1 });
    expect(readFileSync(summary, 'utf8')).toContain('fake-01');
    const uses = (name: string) => jobs.result.steps.find((s) => s.uses?.startsWith(name))?.with;
    const junit = readFileSync(join(path, String(uses('mikepenz/action-junit-report')?.['report_paths'])), 'utf8');
    expect(junit).toMatch(/<testcase classname="cutover\.fake-01"[\s\S]*?<failure type="changed"/);
    for (const action of ['actions/cache/restore', 'actions/cache/save'])
      expect(existsSync(join(path, String(uses(action)?.['path'])))).toBe(true);
  });
});

describe('Kubernetes', { timeout: PATIENCE_MS }, () => {
  const Env = z.array(z.looseObject({ name: z.string(), value: z.string().optional() }));
  const Container = z.looseObject({
    command: z.tuple([z.literal('bash'), z.literal('-ec')]),
    args: z.tuple([z.string()]),
    env: Env,
  });
  const Job = z.looseObject({
    spec: z.looseObject({ template: z.looseObject({ spec: z.looseObject({ containers: z.tuple([Container]) }) }) }),
  });
  const containerOf = (name: string) => Job.parse(read(`kubernetes/${name}`)).spec.template.spec.containers[0];
  const envOf = ({ env }: z.infer<typeof Container>) =>
    Object.fromEntries(env.map(({ name, value }) => [name, value ?? '']));

  test('pods fill the volume, one that is started again goes on, and the result is in `out`', async () => {
    const data = workspace('data');
    const [shards, result] = [containerOf('shards.yaml'), containerOf('result.yaml')];
    const runPod = (index: number) =>
      runScript(shards.args, workspace(`pod-${readdirSync(folder).length}`), {
        ...envOf(shards),
        ...OPTIONS,
        DATA: data,
        JOB: 'a-uid',
        SHARDS: '2',
        JOB_COMPLETION_INDEX: String(index),
      });
    for (const index of [0, 1]) expect(await runPod(index)).toMatchObject({ code: 0 });
    expect(await runPod(1)).toMatchObject({ code: 0, stderr: expect.stringMatching(/(\d+) of \1 devices are done/) });

    const ended = await runScript(result.args, workspace('pod-result'), {
      ...envOf(result),
      DATA: data,
      BASELINE: accepted,
    });
    expect(ended).toMatchObject({ code: 0 });
    expect(onlyRun(join(data, 'out')).devices.map((d) => d.id)).toEqual(DEVICES);
    expect(existsSync(join(data, 'shards'))).toBe(false);
    for (const name of ['junit.xml', 'changes.md', 'allure-history.jsonl'])
      expect(existsSync(join(data, 'out', name))).toBe(true);
  });
});
