import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** For tests: how a command line that was started as a user does has ended. */
export interface Ended {
  /** -1: ended by a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const CUTOVER = join(import.meta.dirname, 'cutover.mjs');

/** `env`: beside this process's own variables. */
export function startCutover(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [CUTOVER, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ['', ''];
  // As text at once: a letter may lie across two chunks.
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
  return { child, ended };
}

export function cutover(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return startCutover(args, env).ended;
}
