import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createDeadline, renderLimit } from '../../deadline.ts';
import { LabFault } from '../../faults.ts';
import type { Reach } from '../../vocabulary/device.ts';
import type { ConsoleOptions } from '../expect.ts';
import type { Session } from '../session.ts';
import { closeWith } from '../close-with.ts';
import { openSsh } from './open-ssh.ts';

type EmulatedReach = Extract<Reach, { driver: 'emulated' }>;

export interface ConsoleProgramOptions extends ConsoleOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly task: Pick<EmulatedReach, 'auth' | 'algorithms'> & {
    readonly login: { readonly user: string; readonly password: string };
  };
}

/** The one line with which such a program says that it serves. */
const Serving = z.object({ port: z.int(), hostKey: z.string(), clientKey: z.string().optional() });

/** To its line. Minting a 2048-bit key on a busy machine takes some seconds. */
const startTimeoutMs = 30_000;
/** To end by itself after its stdin was closed. */
const graceMs = 1000;
const MAX_LINE = 64 * 1024;

/**
 * Starts a program that serves one SSH console on 127.0.0.1 until its stdin closes, and logs in, pinning the host key
 * that the program tells. Disposing the session ends the program.
 * Throws LabFault `console-program-failed`, and what `openSsh` throws.
 */
export async function openConsoleProgram(options: ConsoleProgramOptions): Promise<Session> {
  const { task, signal } = options;
  signal?.throwIfAborted();
  const path = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
  const child = spawn(options.program, [...options.args], {
    env: { PATH: path, LANG: 'C.UTF-8', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in the harness's terminal must not end devices before their trials are closed.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve());
  });
  await using unlessReady = new AsyncDisposableStack();
  unlessReady.defer(async () => endProgram(child, exited));
  const serving = await readServing(child, signal);
  const secret = task.auth === 'key' ? (serving.clientKey ?? '') : task.login.password;
  const session = unlessReady.use(
    await openSsh({
      ...options,
      host: '127.0.0.1',
      port: serving.port,
      user: task.login.user,
      auth: task.auth,
      secret,
      hostKey: serving.hostKey,
      ...(task.algorithms === undefined ? {} : { algorithms: task.algorithms }),
    }),
  );
  return closeWith(session, unlessReady.move());
}

async function readServing(child: ChildProcess, signal: AbortSignal | undefined): Promise<z.infer<typeof Serving>> {
  using deadline = createDeadline({ totalMs: startTimeoutMs, ...(signal === undefined ? {} : { signal }) });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT);
  });
  const line = new Promise<string>((resolve) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      if (text.length <= MAX_LINE) text += more;
      const end = text.indexOf('\n');
      if (end >= 0 || text.length > MAX_LINE) resolve(text.slice(0, Math.max(0, end)));
    });
    child.once('error', (error) => {
      complaint += error.message;
      resolve('');
    });
    child.once('close', () => resolve(text));
  });
  const raced = await deadline.race(line);
  if (raced.kind === 'over') {
    signal?.throwIfAborted();
    throw fail(renderLimit(raced.over), complaint);
  }
  try {
    return Serving.parse(JSON.parse(raced.value));
  } catch (cause) {
    throw fail('it did not say where it serves', complaint, cause);
  }
}

const MAX_COMPLAINT = 2000;

function fail(why: string, complaint: string, cause?: unknown): LabFault {
  const said = complaint.trim() === '' ? '' : `; it said: ${complaint.trim()}`;
  return new LabFault('console-program-failed', `the emulated SSH console did not start: ${why}${said}`, {
    stage: 'start',
    cause,
  });
}

async function endProgram(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.stdin?.on('error', () => {});
  child.stdin?.end();
  const late = new AbortController();
  const timer = sleep(graceMs, undefined, { signal: late.signal }).then(
    () => killGroup(child),
    () => {},
  );
  await exited;
  late.abort();
  await timer;
}

/** With what it has started itself. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
