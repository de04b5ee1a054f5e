import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countRecords, runIn, until, writeFakeFleet } from './fake-fleet.ts';
import { cutover, startCutover } from './start-cutover.ts';

/**
 * What other programs rely on, each as a user meets it: 0 as expected, 1 something differs, 2 too much inconclusive,
 * 64 wrong usage, 78 wrong or unreadable files, 130 interrupted; and a message that says what to do.
 */
const folder = mkdtempSync(join(tmpdir(), 'cutover-exit-codes-'));
const at = (...path: readonly string[]) => join(folder, ...path);
afterAll(() => rmSync(folder, { recursive: true }));

/** `fake-01` sends. `unexpected`: its file says that strict takes its mail, and strict does not. */
const devices = writeFakeFleet(at('devices'), 1);
const fake = readFileSync(at('devices', 'fake-01.yaml'), 'utf8');
const deviceFolder = (name: string, change: (text: string) => string) => {
  mkdirSync(at(name));
  writeFileSync(at(name, 'fake-01.yaml'), change(fake));
  return at(name);
};
const unexpected = deviceFolder('unexpected', (text) =>
  text.replace("version: '1'", "version: '1', expect: { strict: { outcome: works } }"),
);
/** It closes at once where `fake-01` sends. */
const changed = deviceFolder('changed', (text) => text.replace('delivers-plaintext', 'closes-at-once'));
const silent = deviceFolder('silent', (text) => text.replace('delivers-plaintext', 'never-connects'));
const broken = deviceFolder('broken', (text) => text.replace('kind: camera', 'kind: cammera'));

const RUN = ['run', '--engine', 'embedded', '--mode', 'strict', '--no-reports', '--devices'];
const baseline = at('baseline.jsonl');

/** A copy of a run's folder whose records are changed. */
function withRecords(name: string, change: (text: string) => string): string {
  const copy = at(name, 'runs', 'r');
  cpSync(runIn(at('sound')) ?? '', copy, { recursive: true });
  const file = join(copy, 'records.jsonl');
  const text = readFileSync(file, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(file, change(text));
  return at(name);
}

beforeAll(async () => {
  const ran = await Promise.all([
    cutover([...RUN, devices, '--out', at('sound')]),
    cutover([...RUN, changed, '--out', at('other')]),
    cutover([...RUN, silent, '--out', at('trouble')]),
    cutover([...RUN, unexpected, '--out', at('surprise'), '--shard', '1/1']),
  ]);
  expect(ran.map((r) => r.code)).toEqual([0, 0, 2, 1]);
  expect((await cutover(['baseline', 'accept', at('sound'), '--file', baseline])).code).toBe(0);
  writeFileSync(at('broken.jsonl'), '{"baseline":1\n');
  writeFileSync(at('printers.csv'), 'Hersteller,Modell\nFake,Sender 1\n');
  writeFileSync(at('unclear.csv'), 'Hersteller,Modell\nFake,\n');
  writeFileSync(at('no-list.csv'), 'a,b\n1,2\n');
  withRecords('by-hand', (text) => text.replace('"role":', '"rolle":'));
  // As an older rule would have had it: what it never asked for is another cause than that it ended the connection.
  withRecords('other-rules', (text) => text.replaceAll('"cause":"plaintext-only"', '"cause":"connection-dropped"'));
}, 300_000);

interface Case {
  readonly args: () => readonly string[];
  readonly code: number;
  readonly says: RegExp;
}

const of = (code: number, says: RegExp, ...args: readonly (string | (() => string))[]): Case => ({
  args: () => args.map((arg) => (typeof arg === 'string' ? arg : arg())),
  code,
  says,
});
const runOf = (out: string) => () => runIn(at(out)) ?? '';

const CASES: Readonly<Record<string, readonly Case[]>> = {
  run: [
    of(0, /fake-01/, ...RUN, devices, '--out', at('run')),
    of(0, /same/, ...RUN, devices, '--baseline', baseline, '--out', at('run')),
    of(1, /differs: fake-01.*expected works, found fails plaintext-only/, ...RUN, unexpected, '--out', at('run')),
    of(1, /fake-01.*/, ...RUN, changed, '--baseline', baseline, '--out', at('run')),
    of(2, /fake-01.*/, ...RUN, silent, '--out', at('run')),
    of(64, /no device file has the id nobody/, ...RUN, devices, '--device', 'nobody', '--out', at('run')),
    of(78, /fake-01\.yaml:4:7: kind: /, ...RUN, broken, '--out', at('run')),
    of(78, /no such file\n.*baseline accept RUN/, ...RUN, devices, '--baseline', at('none'), '--out', at('run')),
  ],
  diff: [
    of(0, /same/, 'diff', at('sound'), at('sound')),
    of(1, /fake-01/, 'diff', at('sound'), at('other')),
    of(1, /fake-01/, 'diff', baseline, at('other')),
    of(64, /no run here\n.*Name a run folder/, 'diff', at('sound'), at('nothing')),
    of(64, /missing required argument/, 'diff', at('sound')),
    of(78, /broken\.jsonl/, 'diff', at('broken.jsonl'), at('sound')),
    of(78, /records\.jsonl:1: not a record/, 'diff', at('sound'), at('by-hand')),
  ],
  merge: [
    of(0, /fake-01/, 'merge', at('sound'), '--no-reports', '--out', at('merged')),
    of(1, /differs: fake-01/, 'merge', at('surprise'), '--no-reports', '--out', at('merged')),
    of(2, /fake-01/, 'merge', at('trouble'), '--no-reports', '--out', at('merged')),
    of(64, /no runs here\n.*Name run folders/, 'merge', at('nothing'), '--out', at('merged')),
    of(64, /required option '-o, --out/, 'merge', at('sound')),
    of(78, /records\.jsonl:1: not a record/, 'merge', at('by-hand'), '--no-reports', '--out', at('merged')),
  ],
  baseline: [
    of(0, /1 answers accepted/, 'baseline', 'accept', at('sound'), '--file', at('again.jsonl')),
    of(0, /same/, 'baseline', 'compare', at('sound'), '--file', baseline),
    of(1, /fake-01/, 'baseline', 'compare', at('other'), '--file', baseline),
    of(64, /too much of it is inconclusive.*\n.*--partial/, 'baseline', 'accept', at('trouble'), '--file', at('b')),
    of(64, /no run here/, 'baseline', 'compare', at('nothing'), '--file', baseline),
    of(78, /no such file\n.*baseline accept RUN/, 'baseline', 'compare', at('sound'), '--file', at('none')),
    of(78, /broken\.jsonl/, 'baseline', 'compare', at('sound'), '--file', at('broken.jsonl')),
  ],
  judge: [
    of(0, /(\d+) of \1 findings are the same/, 'judge', at('sound')),
    of(1, /now fails plaintext-only, in strict\n {2}was, because: .*\n {2}now, because: /, 'judge', at('other-rules')),
    of(64, /no runs here\n.*Name a run folder/, 'judge', at('nothing')),
    of(64, /unknown option '--fly'/, 'judge', '--fly'),
    of(78, /records\.jsonl:1: not a record of version 1\n.*restore it/, 'judge', runOf('by-hand')),
  ],
  'devices import': [
    of(0, /row 2: created/, 'devices', 'import', at('printers.csv'), '--into', at('imported'), '--dry-run'),
    of(1, /row 2: unclear/, 'devices', 'import', at('unclear.csv'), '--into', at('imported'), '--dry-run'),
    of(64, /missing required argument/, 'devices', 'import'),
    of(78, /no-list\.csv/, 'devices', 'import', at('no-list.csv'), '--into', at('imported'), '--dry-run'),
    of(78, /none\.csv/, 'devices', 'import', at('none.csv'), '--into', at('imported')),
  ],
  report: [
    of(0, /reports in/, 'report', at('sound'), '--no-html'),
    of(64, /YYYY-MM-DD/, 'report', at('sound'), '--as-of', '2025-02-30'),
    of(78, /no runs here\n.*--out/, 'report', at('nothing')),
    of(78, /records\.jsonl:1: not a record/, 'report', at('by-hand'), '--no-html'),
  ],
};

describe.for(Object.entries(CASES))('%s', ([, cases]) => {
  test.for(cases.map((c) => [c.code, c.says.source, c] as const))('%d: %s', async ([, , { args, code, says }]) => {
    const ended = await cutover(args());
    expect(ended).toMatchObject({ code });
    expect(`${ended.stdout}${ended.stderr}`).toMatch(says);
    // What is foreseen is told in sentences.
    expect(ended.stderr).not.toMatch(/^ {4}at /m);
  });
});

test('130: a run that is interrupted is complete for what is done, and says how to go on', async () => {
  const out = at('interrupted');
  const many = writeFakeFleet(at('many'), 30);
  const { child, ended } = startCutover([...RUN, many, '--parallel', '1', '--out', out]);
  expect(await until(() => countRecords(out) >= 2, child)).toBe(true);
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/cutover run --resume /);
  const run = runIn(out) ?? '';
  expect(readdirSync(run)).toEqual(expect.arrayContaining(['records.jsonl', 'run.json', 'verdicts.json']));
  expect(existsSync(join(run, 'run.lock'))).toBe(false);
  // What it was: neither accepted nor merged as if it were whole.
  expect(await cutover(['baseline', 'accept', out, '--file', at('cut.jsonl')])).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('--resume'),
  });
});
