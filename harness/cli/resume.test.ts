import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countRecords, findingsOf, problemsOf, runIn, until, writeFakeFleet } from './fake-fleet.ts';
import { cutover, startCutover } from './start-cutover.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-resume-'));
const devices = writeFakeFleet(join(folder, 'devices'), 6);
const RUN = ['run', '--devices', devices, '--engine', 'embedded', '--mode', 'strict', 'legacy', '--no-html'];
const undisturbed = join(folder, 'undisturbed');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  expect(await cutover([...RUN, '--out', undisturbed])).toMatchObject({ code: 0 });
});

function runOf(out: string): string {
  return runIn(out) ?? '';
}

/** A run that was ended by `signal` when it had written some records. */
async function cutOff(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<{ out: string; stderr: string }> {
  const out = join(folder, name);
  const { child, ended } = startCutover([...RUN, '--parallel', '2', '--out', out]);
  expect(await until(() => countRecords(out) >= 5, child)).toBe(true);
  child.kill(signal);
  return { out, stderr: (await ended).stderr };
}

describe('a run that was killed', () => {
  test('is gone on with to the findings of an undisturbed one, nothing twice; what is torn is mended and said', async () => {
    const { out } = await cutOff('killed');
    const run = runOf(out);
    const before = findingsOf(run);
    // The power went: a line by half, a file by half, and evidence of a trial that has no record.
    appendFileSync(join(run, 'records.jsonl'), '{"v":1,"run":"x","trial":"fake-01@1/submit/pl');
    writeFileSync(join(run, 'run.json.4711.tmp'), '{ "v": 1, "ru');
    mkdirSync(join(run, 'evidence', 'fake-77@1', 'submit'), { recursive: true });
    writeFileSync(join(run, 'evidence', 'fake-77@1', 'submit', 'wire.pcapng'), 'half');
    const lines = readFileSync(join(run, 'records.jsonl'), 'utf8').split('\n').slice(0, before.length);

    const { code, stderr } = await cutover(['run', '--resume', out, '--no-html']);
    expect(stderr).toMatch(/records\.jsonl: the last line was torn and was removed; its trial is run again\./);
    expect(stderr).toMatch(/run\.json\.4711\.tmp: was written by half and was removed/);
    expect(stderr).toMatch(/\d+ files? of trials that were cut off removed/);
    expect(stderr).toMatch(/[0-5] of 6 devices are done/);
    expect(code).toBe(0);
    // What was there is there still, byte for byte, and comes first.
    expect(readFileSync(join(run, 'records.jsonl'), 'utf8').split('\n').slice(0, lines.length)).toEqual(lines);
    expect(findingsOf(run)).toEqual(findingsOf(runOf(undisturbed)));
    expect(problemsOf(run)).toEqual([]);
    const described = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'));
    expect(described).toMatchObject({ state: 'finished', resumedAt: [expect.any(String)] });
    const verdicts = (of: string) =>
      JSON.parse(readFileSync(join(of, 'verdicts.json'), 'utf8'))
        .map(
          (v: { device: string; verdict: string; causes: string[] }) =>
            `${v.device} ${v.verdict} ${v.causes.join(' ')}`,
        )
        .sort();
    expect(verdicts(run)).toEqual(verdicts(runOf(undisturbed)));
  });

  test('keeps its devices and modes, whatever became of the files', async () => {
    const own = writeFakeFleet(join(folder, 'changing'), 6);
    const mode = join(folder, 'mine.yaml');
    const strict = readFileSync(join(import.meta.dirname, '..', 'modes', 'strict.yaml'), 'utf8');
    writeFileSync(mode, strict.replace(/^id: .*$/m, 'id: mine'));
    const out = join(folder, 'changed');
    const args = ['run', '--devices', own, '--engine', 'embedded', '--mode', mode, '--no-html', '--parallel', '1'];
    const { child, ended } = startCutover([...args, '--out', out]);
    expect(await until(() => countRecords(out) >= 2, child)).toBe(true);
    child.kill('SIGKILL');
    await ended;
    // Another device in the place of one that is not done, another policy under the same name.
    writeFakeFleet(own, 5);
    rmSync(join(own, 'fake-06.yaml'));
    writeFileSync(mode, 'id: mine\n');
    const { code, stderr } = await cutover(['run', '--resume', out, '--no-html']);
    expect(stderr).toContain('the modes leave out "strict"');
    expect(code).toBe(0);
    const found = findingsOf(runOf(out));
    expect(new Set(found.map((line) => line.split('@')[0])).size).toBe(6);
    expect(found).toContain('fake-06@1/submit/plain-25/mine/question #1 fails plaintext-only');
  });

  test('while it still lives it is not resumed, and the process is named', async () => {
    const out = join(folder, 'live');
    const { child, ended } = startCutover([...RUN, '--out', out]);
    expect(await until(() => existsSync(join(runOf(out), 'run.json')), child)).toBe(true);
    child.kill('SIGSTOP');
    try {
      for (const name of [out, runOf(out)]) {
        const { code, stderr } = await cutover(['run', '--resume', name]);
        expect(stderr).toMatch(new RegExp(`run\\.lock: process ${child.pid} is writing this run`));
        expect(code).toBe(78);
      }
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    expect((await cutover(['run', '--resume', out, '--no-html'])).code).toBe(0);
    expect(findingsOf(runOf(out))).toEqual(findingsOf(runOf(undisturbed)));
  });

  test('a lock of another machine stands, because nobody here can tell', async () => {
    const { out } = await cutOff('elsewhere');
    const lock = join(runOf(out), 'run.lock');
    writeFileSync(lock, JSON.stringify({ pid: 4711, started: '1', host: 'another-machine.invalid' }));
    const { code, stderr } = await cutover(['run', '--resume', out, '--no-html']);
    expect(stderr).toMatch(
      /process 4711 of the machine another-machine\.invalid was writing this run[^]*remove that file/,
    );
    expect(code).toBe(78);
  });
});

test('Ctrl-C says how to go on, and going on so ends as undisturbed', async () => {
  const { out, stderr } = await cutOff('interrupted', 'SIGINT');
  const said = /go on with `npx cutover (run --resume (\S+))`/.exec(stderr);
  expect(said?.[2]).toBe(join('', runOf(out)));
  expect((await cutover([...(said?.[1] ?? '').split(' '), '--no-html'])).code).toBe(0);
  expect(findingsOf(runOf(out))).toEqual(findingsOf(runOf(undisturbed)));
  expect(problemsOf(runOf(out))).toEqual([]);
});

test('a finished run has nothing left to ask; its reports are written again', async () => {
  const before = readFileSync(join(runOf(undisturbed), 'records.jsonl'), 'utf8');
  rmSync(join(undisturbed, 'matrix.csv'));
  const { code, stderr } = await cutover([
    'run',
    '--resume',
    undisturbed,
    '--no-html',
    '--parallel',
    '3',
    '--mode',
    'strict',
    'legacy',
  ]);
  expect(stderr).toContain('6 of 6 devices are done');
  expect(code).toBe(0);
  expect(existsSync(join(undisturbed, 'matrix.csv'))).toBe(true);
  expect(readFileSync(join(runOf(undisturbed), 'records.jsonl'), 'utf8')).toBe(before);
});

describe('what is refused', () => {
  test.for([
    [['--device', 'fake-01'], /--device fake-01: it was begun without it/],
    [['--mode', 'strict'], /--mode strict: it was begun with --mode strict legacy/],
    [['--engine', 'hosts', '--i-operate-these-servers'], /--engine hosts: it was begun with --engine embedded/],
    [['--shard', '1/2'], /--shard 1\/2: it was begun without it/],
    [['--keep-bodies'], /--keep-bodies: it was begun without it/],
    [['--out', '/tmp/elsewhere'], /--out \/tmp\/elsewhere: it was begun with --out /],
  ] as const)('%j contradicts what the run was begun with', async ([more, message]) => {
    const { code, stderr } = await cutover(['run', '--resume', undisturbed, ...more]);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('→ Leave these out');
    expect(code).toBe(64);
  });

  test('a folder without runs, a run that was killed before it began, one of another version or another command', async () => {
    const refused = async (path: string, message: RegExp) => {
      const { code, stderr } = await cutover(['run', '--resume', path, '--no-html']);
      expect(stderr).toMatch(message);
      expect(code).toBe(64);
    };
    await refused(join(folder, 'nothing'), /no run of `cutover run` here/);
    const unstarted = join(folder, 'unstarted', 'runs', 'x');
    mkdirSync(unstarted, { recursive: true });
    await refused(unstarted, /was ended before it began/);
    const { out } = await cutOff('older');
    const file = join(runOf(out), 'run.json');
    const run = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...run, cutover: '0.0.9' }));
    await refused(out, /was begun by cutover 0\.0\.9, here is /);
    const { plan: _, ...attended } = run;
    writeFileSync(file, JSON.stringify(attended));
    await refused(runOf(out), /was not begun by `cutover run`/);
  });

  test('records that a person has changed', async () => {
    const { out } = await cutOff('edited');
    const file = join(runOf(out), 'records.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"outcome":', '"outcomes":'));
    const { code, stderr } = await cutover(['run', '--resume', out, '--no-html']);
    expect(stderr).toMatch(/records\.jsonl:1: not a record of version 1/);
    expect(code).toBe(78);
  });
});

const whyNoTmpfs = process.getuid?.() === 0 ? null : 'mounting a small file system takes root';
if (whyNoTmpfs !== null) console.log(`skipped: a full disk: ${whyNoTmpfs}`);
test.skipIf(whyNoTmpfs !== null)('a full disk ends the run, and with room it goes on', async () => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
  try {
    const full = await cutover([...RUN, '--out', disk]);
    expect(full.stderr).toMatch(/writing failed: .*ENOSPC/);
    expect(full.stderr).toContain('Make room');
    expect(full.stderr).toContain(`go on with \`npx cutover run --resume ${runOf(disk)}\``);
    expect(full.code).toBe(78);
    const recorded = findingsOf(runOf(disk)).length;
    expect(recorded).toBeLessThan(findingsOf(runOf(undisturbed)).length);
    // Still full: nothing is lost by trying.
    expect((await cutover(['run', '--resume', disk, '--no-html'])).code).toBe(78);
    expect(findingsOf(runOf(disk)).length).toBeGreaterThanOrEqual(recorded);
    execFileSync('mount', ['-o', 'remount,size=64m', disk]);
    expect((await cutover(['run', '--resume', disk, '--no-html'])).code).toBe(0);
    expect(findingsOf(runOf(disk))).toEqual(findingsOf(runOf(undisturbed)));
    expect(problemsOf(runOf(disk))).toEqual([]);
  } finally {
    execFileSync('umount', [disk]);
  }
});
