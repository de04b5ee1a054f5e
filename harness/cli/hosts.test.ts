import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readRecords } from '../records.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { changed, createDeliveringStore, openTestHosts } from '../servers/hosts/open-test-hosts.ts';

const CUTOVER = join(import.meta.dirname, 'cutover.mjs');
const folder = mkdtempSync(join(tmpdir(), 'cutover-prove-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The program with everything that it prints so far. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}, command = 'prove') {
  const child: ChildProcess = spawn(process.execPath, [CUTOVER, command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => void child.on('close', resolve));
  return { child, said, ended };
}

async function prove(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { said, ended } = start(args, env);
  return { code: await ended, ...said };
}

/** JSON is YAML. */
function modeFile(mode: Mode): string {
  const path = join(folder, `${mode.id}.yaml`);
  writeFileSync(path, JSON.stringify(mode));
  return path;
}

const strict = changed('strict', { ports: [993] });

test('without the operator saying so nothing is asked', async () => {
  await using hosts = await openTestHosts(strict, [{ address: '127.0.0.2', serves: strict }]);
  const { code, stderr, stdout } = await prove(['--mode', modeFile(hosts.mode)], hosts.environment);
  expect(code).toBe(64);
  expect(stderr).toMatch(/--i-operate-these-servers/);
  expect([stdout, hosts.connections()]).toEqual(['', 0]);
});

test('a test account without its password is wrong configuration', async () => {
  await using hosts = await openTestHosts(strict, [{ address: '127.0.0.2', serves: strict }]);
  const { code, stderr } = await prove(['--i-operate-these-servers', '--mode', modeFile(hosts.mode)]);
  expect(code).toBe(78);
  expect(stderr).toMatch(/TEST_PASSWORD is empty/);
  expect(hosts.connections()).toBe(0);
});

test('what is as it should be, and what is not', async () => {
  const old = changed('strict', { ports: [993], 'tls.min': '1.0' });
  await using good = await openTestHosts(strict, [{ address: '127.0.0.2', serves: strict }]);
  const args = ['--i-operate-these-servers', '--pause', '1', '--mode'];
  const right = await prove([...args, modeFile(good.mode)], good.environment);
  expect(right.stdout).toBe(
    `strict: TLS 1.2 to 1.3, plaintext refused\n` +
      `  imap.variomedia.de 127.0.0.2 993: TLS 1.2 1.3 · login accepted\n` +
      `  ✓ strict: every listener does what the mode says.\n`,
  );
  expect(right.code).toBe(0);

  await using bad = await openTestHosts(strict, [{ address: '127.0.0.3', serves: old }]);
  const wrong = await prove([...args, modeFile(bad.mode)], bad.environment);
  expect(wrong.stdout).toMatch(/✗ imap\.variomedia\.de, port 993 at 127\.0\.0\.3, accepts TLS 1\.0, 1\.1, .* → Apply/);
  expect(wrong.code).toBe(1);

  const json = await prove([...args, modeFile(bad.mode), '--json'], bad.environment);
  const parsed = JSON.parse(json.stdout);
  expect(parsed).toMatchObject({
    findings: [{ mode: 'strict', kind: 'versions', places: [{ address: '127.0.0.3' }] }],
  });
  expect(json.stdout).not.toContain(bad.account.password);
});

test('--watch prints only what changed, until it is stopped', async () => {
  const hosts = await openTestHosts(strict, [{ address: '127.0.0.2', serves: strict }]);
  const args = ['--i-operate-these-servers', '--pause', '1', '--mode', modeFile(hosts.mode), '--watch', '0.002'];
  const { child, said, ended } = start(args, hosts.environment);
  const printed = async (text: string) => {
    while (!said.stdout.includes(text)) await new Promise((resolve) => child.stdout?.once('data', resolve));
  };
  await printed('every listener does what the mode says');
  const first = said.stdout;
  await hosts[Symbol.asyncDispose]();
  await printed('cannot be used by a good client');
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  const after = said.stdout.slice(first.length);
  expect(after).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d - imap\.variomedia\.de 127\.0\.0\.2 993: TLS 1\.2 1\.3/m);
  expect(after).toMatch(/ \+ imap\.variomedia\.de 127\.0\.0\.2 993: nothing listens there$/m);
  expect(after).not.toMatch(/plaintext refused/);
});

describe('run --engine hosts', () => {
  const out = join(folder, 'out');
  const args = ['--engine', 'hosts', '--out', out, '--no-html', '--json', '--mode'];

  test('asks first', async () => {
    await using hosts = await openTestHosts(strict, [{ address: '127.0.0.2', serves: strict }]);
    const { said, ended } = start([...args, modeFile(hosts.mode)], hosts.environment, 'run');
    expect([await ended, hosts.connections()]).toEqual([64, 0]);
    expect(said.stderr).toMatch(/--i-operate-these-servers/);
  });

  test('an old printer and a good one, with the mailbox as the only witness', { timeout: 120_000 }, async () => {
    const mode = changed('strict', { ports: [587, 465, 993] });
    await using hosts = await openTestHosts(
      mode,
      [{ address: '127.0.0.2', serves: mode }],
      {},
      createDeliveringStore(),
    );
    const devices = ['--device', 'emu-druckwerk-mfp', 'emu-augenblick-cam', '--scenario', 'submit'];
    const { said, ended } = start(
      [...args, modeFile(hosts.mode), '--i-operate-these-servers', ...devices],
      hosts.environment,
      'run',
    );
    await ended;
    const [run = ''] = readdirSync(join(out, 'runs'));
    const { records } = readRecords(join(out, 'runs', run, 'records.jsonl'));
    const questions = records.filter(({ role }) => role === 'question');
    expect(questions.map(({ device, engine, outcome, cause }) => [device.id, engine, outcome, cause])).toEqual([
      ['emu-augenblick-cam', 'hosts', 'works', undefined],
      ['emu-druckwerk-mfp', 'hosts', 'fails', 'version-too-old'],
    ]);
    expect(questions.every(({ evidence }) => evidence.server.mailboxOnly !== undefined)).toBe(true);
    expect(hosts.store.mailbox(hosts.account).list()).toEqual([]);
    expect(said.stdout + said.stderr).not.toContain(hosts.account.password);
    for (const { name, parentPath } of readdirSync(out, { recursive: true, withFileTypes: true }).filter((e) =>
      e.isFile(),
    ))
      expect([name, readFileSync(join(parentPath, name)).includes(hosts.account.password)]).toEqual([name, false]);
  });

  test('a mode without a test account leaves no run behind', async () => {
    const empty = join(folder, 'no-run');
    const { said, ended } = start(
      ['--engine', 'hosts', '--i-operate-these-servers', '--out', empty, '--mode', 'strict'],
      {},
      'run',
    );
    expect(await ended).toBe(78);
    expect(said.stderr).toMatch(/names no test account/);
    expect(existsSync(empty)).toBe(false);
  });
});
