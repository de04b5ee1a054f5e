import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openPty } from './pty.ts';
import type { Session } from './session.ts';

const SHELLS = [
  { name: 'sh', program: 'sh', args: ['-i'] },
  { name: 'bash with line editing', program: 'bash', args: ['--norc', '-i'] },
  { name: 'busybox ash', program: 'busybox', args: ['ash', '-i'] },
];

for (const { name, program, args } of SHELLS) {
  const here = (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
  if (!here) console.log(`skipped: run() on ${name}: there is no ${program} on this machine`);
  describe.skipIf(!here)(`run() on ${name}`, () => {
    const open = async (): Promise<Session> =>
      openPty({ program, args, env: { PS1: 'dev:output> ', HOME: '/nonexistent' } });

    test('tells output and exit code apart', async () => {
      await using session = await open();
      expect(await session.run('echo one; echo two')).toEqual({ output: 'one\ntwo', exitCode: 0 });
      expect(await session.run('printf "no line end"; (exit 7)')).toEqual({ output: 'no line end', exitCode: 7 });
      expect(await session.run('false')).toEqual({ output: '', exitCode: 1 });
    });

    test('keeps quotes, comments and several lines, and the shell behind them', async () => {
      await using session = await open();
      expect(await session.run(`printf '%s|' "it's" 'a  b' "$((6 * 7))" # comment`)).toEqual({
        output: "it's|a  b|42|",
        exitCode: 0,
      });
      expect(await session.run('cd /\nfor word in a b; do\n  echo $word\ndone')).toEqual({
        output: 'a\nb',
        exitCode: 0,
      });
      expect(await session.run('pwd')).toEqual({ output: '/', exitCode: 0 });
    });

    test('survives a command that is no shell language', async () => {
      await using session = await open();
      expect((await session.run('if')).exitCode).not.toBe(0);
      expect(await session.run('echo still here')).toEqual({ output: 'still here', exitCode: 0 });
    });

    test('is not misled by the echo of a line that wraps at column 80, nor without echo', async () => {
      await using session = await open();
      for (let width = 1; width < 100; width += 7) {
        const word = 'w'.repeat(width);
        expect(await session.run(`echo ${word}`)).toEqual({ output: word, exitCode: 0 });
      }
      await session.run('stty -echo');
      expect(await session.run('echo quiet')).toEqual({ output: 'quiet', exitCode: 0 });
    });
  });
}

test('a command that no console can take is refused before it is typed', async () => {
  await using session = await openPty({ program: 'cat' });
  await expect(session.run('echo\ta')).rejects.toMatchObject({ code: 'command-not-typeable' });
  await expect(session.run(`echo ${'a'.repeat(5000)}`)).rejects.toMatchObject({ code: 'command-not-typeable' });
});

test('a program that floods is stopped and can still be closed', async () => {
  await using session = await openPty({ program: 'yes' });
  await expect(session.expect({ never: /never/ })).rejects.toMatchObject({ code: 'console-flood' });
  expect((await session.takeTranscript()).screen).toContain('[output omitted: ');
});

test('a program that ends tells its exit code', async () => {
  await using session = await openPty({ program: 'sh', args: ['-c', 'echo last words; exit 3'] });
  await session.expect({ words: /last words\n/ });
  await expect(session.expect({ prompt: /# $/ })).rejects.toMatchObject({
    code: 'console-ended',
    message: expect.stringContaining('sh ended with exit code 3'),
  });
});

test('closing ends all that the program started, also jobs of their own group that ignore the hangup', async () => {
  await using session = await openPty({ program: 'sh', args: ['-i'], env: { PS1: '# ' } });
  session.send(`sh -c 'trap "" HUP; sleep 1000 & echo deaf $! $$; wait' &`);
  const deaf = await session.expect({ deaf: /deaf (\d+) (\d+)\n/ });
  session.send('sleep 1001 & echo hears $! $$');
  const hears = await session.expect({ hears: /hears (\d+) (\d+)\n/ });
  const pids = [...deaf.match.slice(1), ...hears.match.slice(1)].map(Number);
  expect(pids.map(isAlive)).toEqual([true, true, true, true]);
  await session[Symbol.asyncDispose]();
  await expect.poll(() => pids.filter(isAlive)).toEqual([]);
});

test('a program that ignores the hangup is ended, and leaves no zombie', async () => {
  const session = await openPty({
    program: 'sh',
    args: ['-c', 'trap "" HUP; echo pid $$; while :; do sleep 1000; done'],
  });
  const { match } = await session.expect({ pid: /pid (\d+)\n/ });
  await session[Symbol.asyncDispose]();
  // Our own child: gone for good, not waiting for us.
  expect(existsSync(`/proc/${match[1]}`)).toBe(false);
});

test('closing twice, and after the end, does nothing more', async () => {
  const session = await openPty({ program: 'true' });
  await expect(session.expect({ never: /never/ })).rejects.toMatchObject({ code: 'console-ended' });
  await session[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
  session.send('nobody reads this');
});

test('a program sees none of the caller’s environment', async () => {
  process.env['CUTOVER_TEST_TOKEN'] = 'do-not-leak';
  try {
    await using session = await openPty({ program: 'env', env: { GIVEN: 'yes', PATH: '/usr/bin:/bin' } });
    await expect(session.expect({ never: /never/ })).rejects.toMatchObject({ code: 'console-ended' });
    const { screen } = await session.takeTranscript();
    const names = screen.split('\n').map((line) => line.split('=')[0]);
    expect(new Set(names)).toEqual(new Set(['GIVEN', 'LANG', 'PATH', 'PWD', 'TERM']));
  } finally {
    delete process.env['CUTOVER_TEST_TOKEN'];
  }
});

test('a program that is not there, or may not be run, is named', async () => {
  await expect(openPty({ program: 'no-such-program' })).rejects.toMatchObject({
    name: 'HarnessFault',
    code: 'program-not-found',
    message: 'there is no program "no-such-program"',
  });
  const file = join(mkdtempSync(join(tmpdir(), 'cutover-')), 'console');
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o600);
  await expect(openPty({ program: file })).rejects.toMatchObject({ code: 'program-not-executable' });
});

/** Not counting what has ended and waits for its parent (a container's init may take its time) to notice. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
