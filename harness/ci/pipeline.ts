import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** For tests: commands of a template, run as its engine does. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const CUTOVER = join(import.meta.dirname, '..', 'cli', 'cutover.mjs');

/**
 * Runs lines in one shell, which ends at the first that fails. `npx cutover` is this checkout; `npm ci` has been done.
 *
 * @param folder The job's working directory.
 */
export function runScript(
  lines: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const PATH = [writePrograms(folder), process.env['PATH']].join(delimiter);
  const child = spawn('bash', ['-eo', 'pipefail', '-c', lines.join('\n')], {
    cwd: folder,
    env: { ...process.env, ...env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

function writePrograms(folder: string): string {
  const bin = join(folder, '.bin');
  mkdirSync(bin, { recursive: true });
  const program = (name: string, text: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('npx', `[ "$1" = cutover ] || exit 127\nshift\nexec '${process.execPath}' '${CUTOVER}' "$@"`);
  program('npm', '[ "$1" = ci ]');
  return bin;
}
