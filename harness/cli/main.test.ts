import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { afterAll, describe, expect, test } from 'vitest';
import { readRecords } from '../records.ts';
import { Verdict } from '../vocabulary/verdict.ts';
import { cutover as startedCutover, type Ended } from './start-cutover.ts';

const CUTOVER = join(import.meta.dirname, 'cutover.mjs');
const folder = mkdtempSync(join(tmpdir(), 'cutover-cli-'));
const out = join(folder, 'out');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs take embedded servers, whatever this machine has, unless they say otherwise. */
function onEmbedded(args: readonly string[]): readonly string[] {
  return args[0] === 'run' && !args.includes('--engine') ? [...args, '--engine', 'embedded'] : args;
}

function cutover(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return startedCutover(onEmbedded(args), env);
}

const FLEET_RUN = ['run', '--engine', 'embedded', '--device', 'emu-*', '--no-html', '--parallel', '2'];

/** A device file of its own folder; returns the folder. */
function deviceFile(name: string, yaml: string): string {
  const own = mkdtempSync(join(folder, 'devices-'));
  writeFileSync(join(own, `${name}.yaml`), yaml);
  return own;
}

const SSH_DEVICE = `id: far-away
vendor: Test
model: Unreachable
kind: camera
firmware: [{ version: '1' }]
settings: [{ id: s, protocol: smtp, port: 587, security: starttls }]
reach: { driver: ssh, host: 127.0.0.1, port: 1, user: admin, secretEnv: FAR_AWAY_PASSWORD }
client: camera-keys
patience: { idleSeconds: 2, totalSeconds: 5 }
`;

describe('usage', () => {
  test('--help teaches by example', async () => {
    const { code, stdout } = await cutover(['run', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n.*npx cutover run/);
    expect(stdout).toContain('Exit codes:');
  });
  test.for([
    [['fly'], /unknown command 'fly'/],
    [['run', '--fly'], /unknown option '--fly'/],
    [['run', '--as-of', '2025-02-30'], /YYYY-MM-DD/],
    [['run', '--parallel', '0'], /whole number/],
    [['run', '--device', 'nobody'], /no device file has the id nobody/],
    [['run', '--mode', 'nothing'], /There is no mode "nothing". The modes are: /],
    [['run', '--scenario', 'nothing'], /There is no scenario "nothing"/],
    [['run', '--listen', 'mail'], /not an IP address/],
    [['run', '--listen', '203.0.113.5'], /today, legacy, forgiving take plaintext or old TLS/],
    [['purge', '--older-than', 'long'], /90d/],
  ] as const)('%j is wrong usage', async ([args, message]) => {
    const { code, stderr, stdout } = await cutover([...args, ...(args[0] === 'run' ? ['--out', out] : [])]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(64);
  });
});

describe('files that are wrong', () => {
  test('a device file: file, line, column, what, why, what to do', async () => {
    const own = deviceFile(
      'broken',
      'id: broken\nvendor: Test\nmodel: X\nkind: cammera\nfirmware: [{ version: 1 }]\nsettings: 7\n',
    );
    const { code, stderr } = await cutover(['run', '--devices', own, '--out', out]);
    expect(code).toBe(78);
    expect(stderr).toMatch(/broken\.yaml:4:7: kind: /);
    expect(stderr).toMatch(/broken\.yaml:5:\d+: firmware\[0\]\.version: /);
    expect(stderr).toMatch(/broken\.yaml:6:\d+: settings: /);
    expect(stderr).not.toMatch(/ at .*\.ts:\d+/);
  });
  test('a mode file', async () => {
    const mode = join(folder, 'mine.yaml');
    writeFileSync(mode, 'id: mine\ntls: { min: 1.5, max: 1.3 }\n');
    const { code, stderr } = await cutover(['run', '--mode', mode, '--out', out]);
    expect(code).toBe(78);
    expect(stderr).toMatch(/mine\.yaml:2:13: tls\.min: /);
  });
  test('no runs, and a folder that cannot be written', async () => {
    expect(await cutover(['report', join(folder, 'nothing')])).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('no runs here'),
    });
    writeFileSync(join(folder, 'a-file'), '');
    for (const bad of [join(folder, 'a-file', 'out'), '/proc/nope']) {
      const { code, stderr } = await cutover(['run', '--device', 'emu-augenblick-cam', '--out', bad]);
      expect([bad, code]).toEqual([bad, 78]);
      expect(stderr).toContain(`${bad}/runs`);
      expect(stderr).toMatch(/cannot be created.*\n.*Choose another folder with --out/);
    }
  });
  test('a record file that was changed by hand is refused, a torn last line is left out and said', async () => {
    const own = join(folder, 'torn');
    await cutover(['run', '--device', 'emu-augenblick-cam', '--no-html', '--out', own]);
    const [run = ''] = readdirSync(join(own, 'runs'));
    const file = join(own, 'runs', run, 'records.jsonl');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(0, -200));
    const { repairs, records } = readRecords(file);
    expect(repairs[0]).toMatch(/records\.jsonl:\d+: the last line is torn/);
    expect(records.length).toBe(text.trim().split('\n').length - 1);
    expect((await cutover(['report', own, '--no-html'])).stderr).toContain('the last line is torn');
    writeFileSync(file, text.replace('"role":', '"rolle":'));
    expect(await cutover(['report', own])).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/records\.jsonl:1: not a record/),
    });
    writeFileSync(file, text.replace('{"v":1', '{"v":2'));
    expect(await cutover(['report', own])).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/records\.jsonl:1: a record of version 2, .*newer Cutover.*\n.*Update/),
    });
  });
});

describe('a run', () => {
  test('--json prints the verdicts and nothing else on stdout', async () => {
    const { code, stdout } = await cutover([
      'run',
      '--device',
      'emu-augenblick-cam',
      '--no-html',
      '--json',
      '--out',
      out,
    ]);
    expect(code).toBe(0);
    expect(z.array(Verdict).parse(JSON.parse(stdout))).toMatchObject([
      { device: 'emu-augenblick-cam', verdict: 'works', basis: 'measured', emulated: true },
    ]);
  });
  test('a device that cannot be reached is inconclusive, not incompatible', async () => {
    const own = deviceFile('far-away', SSH_DEVICE);
    const args = ['run', '--devices', own, '--no-html', '--json', '--out', join(folder, 'far')];
    const { code, stdout } = await cutover(args, { FAR_AWAY_PASSWORD: 'secret-of-the-camera' });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject([{ device: 'far-away', verdict: 'unknown', emulated: false }]);
  });
  test('a password that is not there is named, with its device file', async () => {
    const { code, stderr } = await cutover([
      'run',
      '--devices',
      deviceFile('far-away', SSH_DEVICE),
      '--no-html',
      '--out',
      join(folder, 'far2'),
    ]);
    expect(code).toBe(78);
    expect(stderr).toMatch(/FAR_AWAY_PASSWORD/);
  });
  test('a device file starts no program unless that is allowed', async () => {
    const marker = join(folder, 'started');
    const own = deviceFile(
      'far-away',
      SSH_DEVICE.replace(/reach: .*/, `reach: { driver: pty, program: [touch, '${marker}'] }`),
    );
    const { code, stderr } = await cutover(['run', '--devices', own, '--no-html', '--out', join(folder, 'far3')]);
    expect(code).toBe(78);
    expect(stderr).toContain('--allow-programs');
    expect(existsSync(marker)).toBe(false);
  });
  test('Ctrl-C leaves complete records, verdicts, table, matrix and FAQ of what is done, and no process', async () => {
    const own = join(folder, 'interrupted');
    const child = spawn(process.execPath, [CUTOVER, ...FLEET_RUN, '--out', own], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (d: Buffer) => (stdout += d.toString()));
    const answered = new Promise<void>((resolve) => {
      child.stderr.on('data', (d: Buffer) => {
        stderr += d.toString();
        if ((stderr.match(/legacy {2}question/g) ?? []).length >= 2) resolve();
      });
    });
    await answered;
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
    expect(stderr).toContain('SIGINT: closing');
    const [run = ''] = readdirSync(join(own, 'runs'));
    const path = join(own, 'runs', run);
    const { records, repairs } = readRecords(join(path, 'records.jsonl'));
    expect(repairs).toEqual([]);
    expect(records.length).toBeGreaterThan(8);
    const verdicts = z.array(Verdict).parse(JSON.parse(readFileSync(join(path, 'verdicts.json'), 'utf8')));
    expect(new Set(verdicts.map((v) => v.device))).toEqual(new Set(records.map((r) => r.device.id)));
    expect(verdicts.some((v) => v.verdict !== 'unknown')).toBe(true);
    for (const { device } of verdicts) expect(stdout).toContain(device);
    expect(readFileSync(join(own, 'matrix.csv'), 'utf8')).toContain(verdicts[0]?.device);
    expect(existsSync(join(own, 'faq', 'faq.de.html'))).toBe(true);
    expect(JSON.parse(readFileSync(join(path, 'run.json'), 'utf8'))).toMatchObject({ state: 'interrupted' });
    expect(existsSync(join(path, 'run.lock'))).toBe(false);
    expect(childrenOf(own)).toEqual([]);
  });
});

test('a closed terminal (hang-up twice, no output any more) leaves verdicts and reports', async () => {
  const own = join(folder, 'hung-up');
  const child = spawn(process.execPath, [CUTOVER, ...FLEET_RUN, '--out', own], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (d: Buffer) => {
      stderr += d.toString();
      if (/legacy {2}question/.test(stderr)) resolve();
    });
  });
  child.stdout.destroy();
  child.stderr.destroy();
  child.kill('SIGHUP');
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(130);
  const [run = ''] = readdirSync(join(own, 'runs'));
  const verdicts = z.array(Verdict).parse(JSON.parse(readFileSync(join(own, 'runs', run, 'verdicts.json'), 'utf8')));
  expect(verdicts.length).toBeGreaterThan(0);
  expect(existsSync(join(own, 'matrix.csv'))).toBe(true);
  expect(existsSync(join(own, 'faq', 'faq.de.html'))).toBe(true);
});

describe('house-keeping', () => {
  test('purge deletes runs that were killed, with a lock or before they wrote anything, and spares live ones', async () => {
    const own = join(folder, 'purge-killed');
    const locked = (name: string, lock: object) => {
      mkdirSync(join(own, 'runs', name), { recursive: true });
      writeFileSync(join(own, 'runs', name, 'run.lock'), JSON.stringify(lock));
    };
    mkdirSync(join(own, 'runs', 'empty'), { recursive: true });
    locked('killed', { pid: process.pid, started: '1' });
    const stat = readFileSync('/proc/self/stat', 'utf8');
    locked('live', { pid: process.pid, started: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] });
    expect((await cutover(['purge', own, '--older-than', '0h'])).stdout).toContain('2 runs deleted');
    expect(readdirSync(join(own, 'runs'))).toEqual(['live']);
  });
  test('without strict a run says that there is no verdict', async () => {
    const own = join(folder, 'no-strict');
    const args = ['run', '--device', 'emu-augenblick-cam', '--mode', 'legacy', '--no-html', '--out', own];
    expect((await cutover(args)).stderr).toContain('no verdict');
  });
  test('purge deletes old runs and spares the rest', async () => {
    const own = join(folder, 'purge');
    await cutover(['run', '--device', 'emu-augenblick-cam', '--no-html', '--out', own]);
    expect((await cutover(['purge', own, '--older-than', '1h'])).stdout).toContain('0 runs deleted');
    expect((await cutover(['purge', own, '--older-than', '0h'])).stdout).toContain('1 runs deleted');
    expect(readdirSync(join(own, 'runs'))).toEqual([]);
  });
  test('devices lint counts what is sound and shows what is not', async () => {
    expect(await cutover(['devices', 'lint'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+ device files are sound/),
    });
    const own = deviceFile('bad', 'id: other\n');
    expect((await cutover(['devices', 'lint', own])).code).toBe(78);
    mkdirSync(join(folder, 'empty'));
    expect((await cutover(['devices', 'lint', join(folder, 'empty')])).stdout).toContain('0 device files');
  });
  test('doctor says what is here', async () => {
    const { code, stdout } = await cutover(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/here +Node +v\d+/);
  });
});

/** Command lines of live processes that emulate devices for this folder's run: consoles carry no path, so all count. */
function childrenOf(_own: string): readonly string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        // Orphans are adopted by process 1.
        return parent === 1 && line.includes('devices/emulated') ? [line] : [];
      } catch {
        return [];
      }
    });
}
