import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn, type IPty } from 'node-pty';
import { HarnessFault } from '../faults.ts';
import { createConsole, type ConsoleOptions, type OpenConsole } from './expect.ts';
import type { Session } from './session.ts';

export interface PtyOptions extends ConsoleOptions {
  /** Path, or a name that is looked up in PATH. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Added to PATH, TERM and LANG: the program sees nothing else of the caller's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What messages and facts call it; default: the program. */
  readonly name?: string;
  /** Told how the program ended, by itself or not. */
  readonly onEnd?: (reason: string) => void;
}

/** What a program gets to end by itself after SIGHUP. */
const graceMs = 500;

/**
 * Starts a program on a terminal of its own. Disposing it ends everything that it started.
 * Throws HarnessFault `program-not-found` or `program-not-executable`.
 */
export async function openPty(options: PtyOptions): Promise<Session> {
  const { program, args = [], name = program, cols = 80, rows = 24 } = options;
  options.signal?.throwIfAborted();
  const path = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
  const file = findProgram(program, options.env?.['PATH'] ?? path);
  const pty = spawn(file, [...args], {
    cols,
    rows,
    cwd: options.cwd ?? process.cwd(),
    env: { PATH: path, LANG: 'C.UTF-8', TERM: 'xterm', ...options.env },
    // Bytes: characters may be split over chunks.
    encoding: null,
  });
  let ended = false;
  const gone = Promise.withResolvers<void>();
  const opened: OpenConsole = createConsole(
    {
      endpoint: `${name} (pty)`,
      write: (text) => pty.write(text),
      pause: () => pty.pause(),
      close: async () => {
        endProcesses(pty, ended, 'SIGHUP');
        // A paused terminal whose other end is gone never closes, and keeps the event loop busy: read it to its end.
        pty.resume();
        const late = sleep(graceMs, undefined, { ref: false });
        if (!ended) await Promise.race([gone.promise, late]);
        endProcesses(pty, ended, 'SIGKILL');
        await gone.promise;
      },
    },
    { ...options, facts: { carrier: 'pty', program: name, ...options.facts } },
  );
  // With `encoding: null` chunks are Buffers, whatever the declaration says.
  pty.onData((chunk: unknown) => {
    if (Buffer.isBuffer(chunk)) opened.receive(chunk);
  });
  pty.onExit(({ exitCode, signal }) => {
    const reason = signal ? `${name} was ended by signal ${signal}` : `${name} ended with exit code ${exitCode}`;
    opened.end(reason);
    options.onEnd?.(reason);
    ended = true;
    gone.resolve();
  });
  return opened.session;
}

function findProgram(program: string, path: string): string {
  const candidates = program.includes('/') ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  const found = candidates.find(isFile);
  if (found === undefined) {
    throw new HarnessFault('program-not-found', `there is no program "${program}"`, {
      advice: program.includes('/') ? 'Check the path.' : `Install it, or name its path; looked in ${path}.`,
      stage: 'start',
    });
  }
  try {
    accessSync(found, constants.X_OK);
  } catch (cause) {
    throw new HarnessFault('program-not-executable', `"${found}" may not be executed`, {
      advice: `Check its rights: chmod +x ${found}`,
      stage: 'start',
      cause,
    });
  }
  return found;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // It is not there, or in a folder of PATH that we may not enter.
    return false;
  }
}

/**
 * Processes of the terminal's session: an interactive shell puts each job into a group of its own, so a signal to
 * the first group would miss them. Fields of /proc/PID/stat as in proc(5): after the name in brackets come state,
 * ppid, pgrp, session. Empty where there is no /proc.
 */
function sessionProcesses(leader: number): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => readSession(name) === leader)
      .map(Number);
  } catch {
    return [];
  }
}

function readSession(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  } catch {
    // It has ended since the folder was listed.
    return undefined;
  }
}

/** Once the leader is gone its number may be another's: then only what still names it as its session is meant. */
function endProcesses(pty: IPty, leaderGone: boolean, signal: 'SIGHUP' | 'SIGKILL'): void {
  for (const target of [...(leaderGone ? [] : [-pty.pid]), ...sessionProcesses(pty.pid)]) {
    try {
      process.kill(target, signal);
    } catch {
      // It has ended by itself.
    }
  }
}
