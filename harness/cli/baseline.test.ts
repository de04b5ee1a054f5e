import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MODES_FOLDER } from '../modes/read-mode.ts';
import { readRecords } from '../records.ts';
import { Comparison } from '../vocabulary/comparison.ts';
import { createFleetOfChanges, emulated, ONLY_SUITE } from './fleet-of-changes.ts';
import { cutover } from './start-cutover.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-baseline-'));
const devices = join(folder, 'devices');
const strict = join(folder, 'strict.yaml');
const file = join(folder, 'baseline.jsonl');
const out = join(folder, 'out');
const KEY = 'suite/submit/implicit-465/strict/question/embedded';
let accepted = '';

/** Strict alone, as its file is now. */
const RUN = ['run', '--engine', 'embedded', '--no-html', '--devices', devices, '--mode', strict, '--out', out];
const run = (...more: readonly string[]) => cutover([...RUN, ...more]);
const newestRun = () => join(out, 'runs', readdirSync(join(out, 'runs')).sort().at(-1) ?? '');
const comparison = () => Comparison.parse(JSON.parse(readFileSync(join(newestRun(), 'comparison.json'), 'utf8')));
const withoutSuite = (policy: string) => policy.replace(`  - ${ONLY_SUITE}\n`, '');

beforeAll(async () => {
  mkdirSync(devices);
  createFleetOfChanges(devices);
  for (const name of readdirSync(devices)) if (!/^(?:steady|suite)\.yaml$/.test(name)) rmSync(join(devices, name));
  copyFileSync(join(MODES_FOLDER, 'strict.yaml'), strict);
  await run();
  await cutover(['baseline', 'accept', out, '--file', file]);
  accepted = readFileSync(file, 'utf8');
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('accepting', () => {
  test('the file has a line a finding, sorted by key, and what they stand on once', () => {
    const lines = accepted.trim().split('\n');
    const keys = lines.flatMap((line) => /^\{"key":"([^"]+)"/.exec(line)?.[1] ?? []);
    expect(keys).toEqual(['steady/submit/implicit-465/strict/question/embedded', KEY]);
    expect(lines[0]).toMatch(/^\{"baseline":1,/);
    expect(lines.filter((l) => l.startsWith('{"device"')).length).toBe(2);
    expect(lines.filter((l) => l.startsWith('{"mode"')).length).toBe(1);
  });

  test('the same run accepted anew changes the first line only, and says that nothing changed', async () => {
    const { code, stdout } = await cutover(['baseline', 'accept', out, '--file', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('2 same');
    const rest = (text: string) => text.split('\n').slice(1);
    expect(rest(readFileSync(file, 'utf8'))).toEqual(rest(accepted));
  });

  test('a run that is not whole is refused with the reason; --partial takes what it answered', async () => {
    const broken = (name: string, edit: (run: Record<string, unknown>) => object) => {
      const path = join(folder, name);
      cpSync(newestRun(), path, { recursive: true });
      writeFileSync(
        join(path, 'run.json'),
        JSON.stringify(edit(JSON.parse(readFileSync(join(path, 'run.json'), 'utf8')))),
      );
      return path;
    };
    const own = join(folder, 'partial.jsonl');
    const cut = broken('cut', (r) => ({ ...r, state: 'interrupted' }));
    expect(await cutover(['baseline', 'accept', cut, '--file', own])).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/cannot be accepted: it was interrupted.*\n.*--partial/),
    });
    const live = broken('live', (r) => r);
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    writeFileSync(join(live, 'run.lock'), JSON.stringify({ pid: process.pid, started }));
    expect(await cutover(['baseline', 'accept', live, '--file', own])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('it is still going on'),
    });
    const partial = await cutover(['baseline', 'accept', cut, '--file', own, '--partial']);
    expect(partial).toMatchObject({ code: 0, stderr: expect.stringContaining('accepted in part: it was interrupted') });
    expect(partial.stdout).toContain('2 answers accepted');
  });

  test('no run, no file, no such question, no such day', async () => {
    expect(await cutover(['baseline', 'accept', join(folder, 'nothing'), '--file', file])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('no run here'),
    });
    expect(await cutover(['baseline', 'compare', out, '--file', join(folder, 'none')])).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/there is no such file.*\n.*baseline accept/),
    });
    const excuse = (key: string, day: string) =>
      cutover(['baseline', 'excuse', key, '--reason', 'r', '--owner', 'o', '--expires', day, '--file', file]);
    expect(await excuse(KEY.replace('strict', 'strickt'), '2099-01-01')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining(`did you mean ${KEY}?`),
    });
    expect(await excuse(KEY, 'soon')).toMatchObject({ code: 64, stderr: expect.stringContaining('YYYY-MM-DD') });
    expect(readFileSync(file, 'utf8')).not.toContain('"excuse"');
  });

  test('a file that was edited wrongly: file, line, column, what to do', async () => {
    const own = join(folder, 'wrong.jsonl');
    const lines = accepted.trim().split('\n');
    const at = lines.findIndex((l) => l.includes(KEY)) + 1;
    const edited = lines.with(at - 1, (lines[at - 1] ?? '').replace('"works"', '"worked"'));
    edited.push('{"excuse":"nobody","reason":"r","owner":"o","expires":"2099-13-01"}', '{"key":');
    writeFileSync(own, edited.join('\n'));
    const { code, stderr } = await run('--baseline', own);
    expect(code).toBe(78);
    const column = (lines[at - 1] ?? '').indexOf('"outcome"') + 1;
    expect(stderr).toContain(
      `wrong.jsonl:${at}:${column}: outcome: "worked" is not possible here; did you mean "works"?`,
    );
    expect(stderr).toMatch(new RegExp(`wrong\\.jsonl:${lines.length + 1}:\\d+: expires: .*YYYY-MM-DD`));
    expect(stderr).toContain(`wrong.jsonl:${lines.length + 2}:8: no JSON`);
  });
});

describe('a run with a baseline', () => {
  test('what is new is listed apart, and is 0; with --json the comparison goes to stderr', async () => {
    const own = join(folder, 'half.jsonl');
    writeFileSync(own, accepted.replace(/^\{"(?:key|device)":"suite.*\n/gm, ''));
    const { code, stdout, stderr } = await run('--baseline', own, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(stderr).toMatch(/Against baseline .*: 1 same, 1 new\nnew, not yet accepted: 1 questions of suite\n/);
    expect(comparison()).toMatchObject({ counts: { same: 1, new: 1, missing: 0 }, differences: [{ key: KEY }] });
  }, 180_000);

  test('nothing changed: 0, and a comparison that says so', async () => {
    const { code, stdout } = await cutover(['baseline', 'compare', out, '--file', file]);
    expect([code, stdout.trim().endsWith(': 2 same')]).toEqual([0, true]);
    expect(comparison()).toMatchObject({ counts: { same: 2, new: 0, missing: 0 }, differences: [] });
  });

  test('too much inconclusive: 2', async () => {
    const own = mkdtempSync(join(folder, 'far-'));
    const far = emulated('steady', '  - { version: "1" }')
      .replace(/^reach: .*$/m, 'reach: { driver: ssh, host: 127.0.0.1, port: 1, user: a, secretEnv: PATH }')
      .replace(/^truth: .*\n/m, '')
      .replace('idleSeconds: 10, totalSeconds: 40', 'idleSeconds: 2, totalSeconds: 5');
    writeFileSync(join(own, 'steady.yaml'), far);
    const { code, stdout } = await run('--devices', own, '--device', 'steady', '--baseline', file);
    expect(code).toBe(2);
    // Its control ended in trouble, so its question was not put: that is no regression.
    expect(stdout).toMatch(/changed +steady\/submit\/implicit-465\/strict +works → inconclusive \(device-trouble\)/);
    const refused = await cutover(['baseline', 'accept', out, '--file', file]);
    expect(refused).toMatchObject({ code: 64, stderr: expect.stringContaining('too much of it is inconclusive') });
  }, 180_000);
});

describe('excuses', () => {
  const compare = (...more: readonly string[]) => cutover(['baseline', 'compare', out, '--file', file, ...more]);

  test('a difference fails the run until somebody answers for it, and again from the day after', async () => {
    writeFileSync(file, accepted);
    writeFileSync(strict, withoutSuite(readFileSync(strict, 'utf8')));
    const { code, stdout } = await run('--baseline', file, '--device', 'suite');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /regressed +suite\/submit\/implicit-465\/strict .*strict: suites lost TLS_RSA_WITH_AES_128_CBC_SHA/,
    );
    const by = ['--reason', 'replaced in March', '--owner', 'Support', '--file', file];
    expect((await cutover(['baseline', 'excuse', KEY, ...by, '--expires', '2099-03-31'])).code).toBe(0);
    expect(await compare()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('excused by Support until 2099-03-31'),
    });
    expect((await compare('--as-of', '2099-03-31')).code).toBe(0);
    expect(await compare('--as-of', '2099-04-01')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        `excuse: the excuse for ${KEY} (Support: replaced in March) expired on 2099-03-31`,
      ),
    });
  }, 180_000);

  test('an excuse for another cause is for nothing', async () => {
    const excused = readFileSync(file, 'utf8');
    writeFileSync(file, excused.replace('"expires":"2099-03-31"', '"expires":"2099-03-31","cause":"mail-lost"'));
    expect(await compare()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('matches nothing: it is for mail-lost, found was no-shared-cipher'),
    });
    const late = ['--reason', 'r', '--owner', 'o', '--expires', '2020-02-03', '--file', file];
    expect(await cutover(['baseline', 'excuse', KEY, ...late])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('2020-02-03 has passed, so the excuse fails the next run'),
    });
    writeFileSync(file, excused);
  });

  test('what works again ends its excuse, and is asked three times more before that', async () => {
    copyFileSync(join(MODES_FOLDER, 'strict.yaml'), strict);
    const { code, stdout } = await run('--baseline', file, '--device', 'suite');
    expect(code).toBe(1);
    expect(stdout).toContain(`the excuse for ${KEY} (Support: replaced in March) is for something that works again`);
    const { records } = readRecords(join(newestRun(), 'records.jsonl'));
    expect(records.filter((r) => r.role === 'question').map((r) => r.repeat ?? 0)).toEqual([0, 1, 2, 3]);
    // It was asked of one device only: the other is not missing.
    expect(comparison().counts).toMatchObject({ same: 1, missing: 0 });
    // Nothing is different, but an excuse is an error.
    expect(await cutover(['diff', file, out])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(': 1 same\n'),
    });
  }, 180_000);

  test('a device that is gone: missing, and its excuse matches nothing', async () => {
    rmSync(join(devices, 'suite.yaml'));
    const whole = await run('--baseline', file);
    expect(whole.code).toBe(1);
    expect(whole.stdout).toMatch(/missing +suite\/submit\/implicit-465\/strict +works → not asked/);
    expect(whole.stdout).toContain('matches nothing: the question is not asked any more; remove it');
  }, 180_000);

  test('accepting anew takes the excuse away with the question, and says so', async () => {
    const { code, stdout } = await cutover(['baseline', 'accept', out, '--file', file]);
    expect(code).toBe(0);
    expect(stdout).toContain(`excuse removed: ${KEY}`);
    expect(readFileSync(file, 'utf8')).not.toContain('suite/');
    expect((await compare()).code).toBe(0);
  });
});
