import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { HarnessFault } from '../../faults.ts';

const MAX_WORDS = 2000;

interface RunOptions {
  readonly signal: AbortSignal;
  /** User and group that it becomes; only root can ask for others than its own. */
  readonly owner?: number | undefined;
  /** File that it reads as its input: opened by us, so that it needs no right to it. */
  readonly input?: string;
}

/** Runs a program of this machine to its end. Throws HarnessFault `program-failed` with what it said. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { signal, owner, input }: RunOptions,
): Promise<void> {
  signal.throwIfAborted();
  using stdin = input === undefined ? null : openFile(input);
  const child = spawn(program, [...args], {
    stdio: [stdin?.descriptor ?? 'ignore', 'ignore', 'pipe'],
    signal,
    ...(owner === undefined ? {} : { uid: owner, gid: owner }),
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-MAX_WORDS);
  });
  const ended = Promise.withResolvers<string | null>();
  child.on('error', (fault) => ended.resolve(fault.message));
  child.on('close', (code) => ended.resolve(code === 0 ? null : `${said.trim()} (exit code ${code})`));
  const why = await ended.promise;
  signal.throwIfAborted();
  if (why !== null) throw new HarnessFault('program-failed', `${program} failed: ${why}`, { stage: 'start' });
}

function openFile(path: string): Disposable & { readonly descriptor: number } {
  const descriptor = openSync(path, 'r');
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}
