import { execFile } from 'node:child_process';
import { registerHooks } from 'node:module';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const folder = mkdtempSync(join(tmpdir(), 'cutover-ci-lint-'));
afterAll(() => rmSync(folder, { recursive: true }));
const textOf = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');

describe('GitLab: its own schema, and a run of its parser', () => {
  const TOOL = join(import.meta.dirname, '..', '..', 'node_modules', 'gitlab-ci-local', 'dist', 'index.js');
  const listJobs = async (text: string): Promise<readonly { readonly name: string; readonly stage: string }[]> => {
    const own = mkdtempSync(join(folder, 'gitlab-'));
    await promisify(execFile)('git', ['init', '-q', own]);
    writeFileSync(join(own, '.gitlab-ci.yml'), text);
    const args = [TOOL, '--home', own, '--list-json'];
    return JSON.parse((await promisify(execFile)(process.execPath, args, { cwd: own })).stdout);
  };

  test('a job a shard, then the result', async () => {
    const jobs = await listJobs(textOf('gitlab-ci.yml'));
    expect(jobs.map(({ name, stage }) => `${stage} ${name}`).sort()).toEqual([
      'result result',
      ...[1, 2, 3, 4].map((i) => `shards shard: [${i}]`),
    ]);
  });
  test.for([
    ['a stage that is not there', 'stage: result', 'stage: results', /stage:results not found for result/],
    ['a job that is not there', 'needs: [shard]', 'needs: [shards]', /needs: \[shards\]|shards/],
    ['a word that is none', 'when: always\n    paths: [out/]', 'when: allways\n    paths: [out/]', /allways|when/],
  ] as const)('refuses %s', async ([, from, to, message]) => {
    const text = textOf('gitlab-ci.yml');
    expect(text).toContain(from);
    await expect(listJobs(text.replace(from, to))).rejects.toThrow(message);
  });
});

/** The package imports its JSON as bundlers do, without saying that it is. */
async function importParser() {
  using _ = hooked();
  return await import('@actions/workflow-parser');
}

function hooked(): Disposable {
  const hooks = registerHooks({
    load: (url, context, next) =>
      next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
  });
  return { [Symbol.dispose]: () => hooks.deregister() };
}

describe("GitHub: the parser of GitHub's own runners and editors", () => {
  const problemsOf = async (content: string): Promise<readonly string[]> => {
    const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await importParser();
    const { context, value } = parseWorkflow({ name: 'cutover.yml', content }, new NoOperationTraceWriter());
    if (value !== undefined) await convertWorkflowTemplate(context, value);
    return context.errors.getErrors().map((e) => e.message);
  };

  test('is sound', async () => expect(await problemsOf(textOf('github-actions.yml'))).toEqual([]));
  test.for([
    ['a job that is not there', 'needs: shard', 'needs: shards'],
    ['a context that is not there', 'matrix.shard }}\n          SHARDS', 'matrixx.shard }}\n          SHARDS'],
    ['a key that is none', 'fail-fast:', 'failfast:'],
  ] as const)('refuses %s', async ([, from, to]) => {
    const text = textOf('github-actions.yml');
    expect(text).toContain(from);
    expect(await problemsOf(text.replace(from, to))).not.toEqual([]);
  });
});

describe('Kubernetes: the schemas of its API', () => {
  test.for(['shards.yaml', 'result.yaml'])('%s', (name) => {
    const job: unknown = parse(textOf(`kubernetes/${name}`));
    expect(Job.is(job)).toBe(true);
    if (Job.is(job)) new Job(job).validate();
  });
  test('volume.yaml', () => {
    const claim: unknown = parse(textOf('kubernetes/volume.yaml'));
    expect(PersistentVolumeClaim.is(claim)).toBe(true);
    if (PersistentVolumeClaim.is(claim)) new PersistentVolumeClaim(claim).validate();
  });
  test('refuses a number that is text, a key that is missing', () => {
    const text = textOf('kubernetes/shards.yaml');
    for (const [from, to] of [
      ['completions: 4', "completions: 'four'"],
      ['operator: In, ', ''],
    ] as const) {
      expect(text).toContain(from);
      const job: unknown = parse(text.replace(from, to));
      expect(() => (Job.is(job) ? new Job(job).validate() : undefined)).toThrow();
    }
  });
});
