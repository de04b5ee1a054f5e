import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { packagedHellos } from '../replay/agreement-cases.ts';
import { renderDifferences } from '../replay/measure-agreement.ts';
import { changed, openTestHosts } from '../servers/hosts/open-test-hosts.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { portOf } from '../wire/hand-built.ts';
import { runCommandLine } from './main.ts';
import { replayToHosts } from './replay-hosts.ts';
import type { Replayed } from './replay.ts';

const HELLOS = packagedHellos();
let folder: string;
const printed: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cutover-replay-hosts-'));
  printed.length = 0;
  process.exitCode = 0;
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void printed.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
});

/** The command, on a mode as its operator writes it: a file. JSON is YAML. */
async function replay(
  mode: Mode,
  ...args: readonly string[]
): Promise<{ readonly code: unknown; readonly text: string }> {
  const file = join(folder, `${mode.id}.yaml`);
  writeFileSync(file, JSON.stringify(mode));
  const options = ['--mode', file, '--engine', 'hosts', '--pause', '1', '--corpus', join(folder, 'corpus')];
  await runCommandLine(['replay', ...options, ...args]);
  return { code: process.exitCode, text: printed.join('\n') };
}
const MINE = '--i-operate-these-servers';

test('without the operator saying so nothing is asked', async () => {
  const strict = changed('strict');
  await using hosts = await openTestHosts(strict, [{ address: '127.0.0.2', serves: strict }]);
  const { code, text } = await replay(hosts.mode, '--port', '465');
  expect(code).toBe(64);
  expect(text).toMatch(/--i-operate-these-servers/);
  expect(hosts.connections()).toBe(0);
});

test('servers that do what their mode says, and a listener that was forgotten: each is named', async () => {
  const strict = changed('strict');
  await using hosts = await openTestHosts(strict, [
    { address: '127.0.0.2', serves: strict },
    { address: '::1', serves: changed('today') },
  ]);
  const { code, text } = await replay(hosts.mode, MINE, '--port', '465', '993');
  expect(code).toBe(1);
  const lines = text.split('\n');
  const { smtp, imap } = strict.hosts;
  const n = HELLOS.length;
  const says = (name: string, address: string, port: number) =>
    lines.find((line) => line.startsWith(`strict, ${name} at ${address}, port ${port}: `));
  for (const [name, port] of [[smtp, 465] as const, [imap, 993] as const]) {
    expect(says(name, '127.0.0.2', port)).toContain(`${n} of ${n} as predicted`);
    expect(says(name, '::1', port)).not.toContain(`${n} of ${n} as predicted`);
  }
  // What the forgotten one takes and its mode refuses, and nothing else.
  const differing = lines.filter((line) => line.startsWith('  '));
  expect(differing.length).toBeGreaterThan(4);
  for (const line of differing) {
    expect(line).toMatch(
      / (?:outcome: predicted fails .*; observed works|cause: predicted version-too-old; observed no-shared-\w+)$/,
    );
  }
  expect(differing.some((line) => line.includes('predicted fails version-too-old'))).toBe(true);
  // Nothing was said but hellos: no name, no password, no mail. Closing takes its time on the other side.
  expect(hosts.heard().includes(hosts.account.user)).toBe(false);
  expect(hosts.mostAtOnce()).toBeLessThanOrEqual(2);
});

test('the account, and its password, are not needed; ports that the mode leaves out are not asked', async () => {
  const strict = changed('strict', { ports: [587, 995] });
  await using hosts = await openTestHosts(strict, [{ address: '127.0.0.2', serves: strict }]);
  const { code, text } = await replay(hosts.mode, MINE, '--device', 'lab-busybox', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(text)).toMatchObject([
    { mode: 'strict', port: 587, place: { address: '127.0.0.2' }, differences: [], notCompared: [] },
  ]);
  const none = await replay(hosts.mode, MINE, '--port', '465');
  expect(none.code).toBe(78);
  expect(none.text).toMatch(/on ports 465 there is nothing to ask/);
});

/** All results for a mode whose one host stands here. */
async function resultsOf(mode: Mode): Promise<readonly Replayed[]> {
  const { signal } = new AbortController();
  const names = { addresses: async () => [], exchangers: async () => [] };
  const options = { ports: [465] as const, pauseMs: 0, idleMs: 300, signal, names };
  const results: Replayed[] = [];
  for await (const replayed of replayToHosts(HELLOS, [mode], options)) results.push(replayed);
  return results;
}

test('a certificate with the other kind of key than the mode would mint is found by asking', async () => {
  const strict = changed('strict', { ports: [465] });
  const serves = changed('strict', { 'certificate.minted': 'ecdsa-p256' });
  await using hosts = await openTestHosts(strict, [{ address: '127.0.0.2', serves }]);
  const { agreement } = (await resultsOf(hosts.mode))[0]!;
  expect(renderDifferences(agreement)).toEqual([]);
  expect(agreement).toMatchObject({ compared: HELLOS.length, notCompared: [] });
});

/** A host that is no mail server. */
async function openStranger(act: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    act(socket);
  }).listen(0, '127.0.0.2');
  await once(server, 'listening');
  const strict = changed('strict', { ports: [465] });
  const place = { address: '127.0.0.2', ports: { 465: portOf(server) } };
  return {
    mode: { ...strict, addresses: { [strict.hosts.smtp]: [place] } },
    connections: () => sockets.size,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

test('a host that answers with rubbish is asked once, and has one line', async () => {
  using stranger = await openStranger((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  const { code, text } = await replay(stranger.mode, MINE, '--port', '465');
  expect(code).toBe(2);
  expect(text.split('\n')).toEqual([
    `strict, ${stranger.mode.hosts.smtp} at 127.0.0.2, port 465: no answer to compare`,
    expect.stringMatching(`^  ${HELLOS.length} not compared: it answered with what is no TLS: 5353482d`),
  ]);
  expect(stranger.connections()).toBe(1);
});

test('and so is one that never answers', async () => {
  using stranger = await openStranger(() => {});
  const results = await resultsOf(stranger.mode);
  expect(results).toMatchObject([{ agreement: { compared: 0, differing: [] } }]);
  const whys = results[0]!.agreement.notCompared.map((one) => one.why);
  expect(whys).toEqual(HELLOS.map(() => 'no byte for 300 ms'));
  expect(stranger.connections()).toBe(1);
});
