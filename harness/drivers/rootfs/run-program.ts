import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { HarnessFault } from '../../faults.ts';

const MAX_TEXT = 1 << 20;
const MAX_LINES = 10;

interface RunOptions {
  readonly signal: AbortSignal;
  /** User and group that it becomes; only root can ask for others than its own. */
  readonly owner?: number | undefined;
  /** File that it reads as its input: opened by us, so that it needs no right to it. */
  readonly input?: string;
  /** Complaints that are none: a failure with no other line is no failure. */
  readonly tolerates?: RegExp;
}

/** Runs a program of this machine to its end. Throws HarnessFault `program-failed` with what it said. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { signal, owner, input, tolerates }: RunOptions,
): Promise<void> {
  signal.throwIfAborted();
  using stdin = input === undefined ? null : openFile(input);
  const child = spawn(program, [...args], {
    stdio: [stdin?.descriptor ?? 'ignore', 'ignore', 'pipe'],
    signal,
    // The other user may not be allowed to enter ours.
    cwd: '/',
    env: { ...process.env, LC_ALL: 'C' },
    ...(owner === undefined ? {} : { uid: owner, gid: owner }),
  });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    if (text.length < MAX_TEXT) text += chunk.toString();
  });
  const ended = Promise.withResolvers<string | null>();
  child.on('error', (fault) => ended.resolve(fault.message));
  child.on('close', (code) => {
    const lines = text.split('\n').filter((line) => line !== '');
    const complaints = lines.filter((line) => tolerates?.test(line) !== true);
    const isFine = code === 0 || (code !== null && lines.length > 0 && complaints.length === 0);
    ended.resolve(isFine ? null : `${complaints.slice(0, MAX_LINES).join('; ')} (exit code ${code})`);
  });
  const why = await ended.promise;
  signal.throwIfAborted();
  if (why !== null) throw new HarnessFault('program-failed', `${program} failed: ${why}`, { stage: 'start' });
}

function openFile(path: string): Disposable & { readonly descriptor: number } {
  const descriptor = openSync(path, 'r');
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}
