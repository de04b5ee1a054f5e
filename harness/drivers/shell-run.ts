import { randomBytes } from 'node:crypto';
import { HarnessFault } from '../faults.ts';
import type { Session, Waiting } from './session.ts';

/**
 * Runs a command on a console that is a POSIX shell at its prompt. The command's output stands between two random
 * markers that the shell prints; in the typed line each marker is broken by a pair of quotes, so that its echo never
 * matches, however a terminal wraps it. (The idea is labgrid's ShellDriver.)
 * `output` has no line ends at its end, like `$(…)`. Throws what `expect` throws, and HarnessFault
 * `command-not-typeable` for a command that cannot be typed on a console.
 */
export async function runInShell(
  session: Pick<Session, 'send' | 'expect'>,
  command: string,
  waiting: Waiting,
): Promise<{ readonly output: string; readonly exitCode: number }> {
  const left = randomBytes(6).toString('hex');
  const right = randomBytes(6).toString('hex');
  // `command` takes from eval the special built-in's right to end the line's processing on a syntax error (POSIX 2.14).
  const line = `echo ${left}''${right}; command eval '${command.replaceAll("'", `'\\''`)}'; echo ${right}''${left}:$?`;
  if (UNTYPEABLE.test(command) || Buffer.byteLength(line) > MAX_LINE_BYTES) {
    throw new HarnessFault('command-not-typeable', 'the command has control characters or is too long for a console', {
      advice: `Keep it under ${MAX_LINE_BYTES} bytes without tabs; send longer input line by line.`,
      stage: 'order',
    });
  }
  session.send(line);
  await session.expect({ 'the command to start': new RegExp(`${left}${right}\r*\n`) }, waiting);
  const end = await session.expect({ 'the command to end': new RegExp(`${right}${left}:(\\d+)\r*\n`) }, waiting);
  return { output: end.before.replace(/[\r\n]+$/, ''), exitCode: Number(end.match[1]) };
}

/** A tab completes a name in most shells; the others edit the line. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNTYPEABLE = /[\0-\x09\x0b-\x1f\x7f]/;
/** Kernels cut a terminal's line at 4,096 bytes (N_TTY_BUF_SIZE in Linux, MAX_INPUT elsewhere). */
const MAX_LINE_BYTES = 4000;
