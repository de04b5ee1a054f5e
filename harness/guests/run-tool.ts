import { spawn } from 'node:child_process';
import { HarnessFault } from '../faults.ts';

/** Enough to see what a tool complained about, without its progress. */
const KEEP_BYTES = 1_048_576;

/** What a tool that is part of a Debian system answered. */
export interface ToolAnswer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of this machine to its end, in English. Throws HarnessFault `tool-missing` where it is not installed;
 * another exit code than 0 is for the caller to read. Aborted: the program is ended.
 */
export async function runTool(program: string, args: readonly string[], signal?: AbortSignal): Promise<ToolAnswer> {
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
    ...(signal === undefined ? {} : { signal }),
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] = (texts[name] + text).slice(-KEEP_BYTES);
    });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw missing(program, cause);
  });
  return { exitCode, ...texts };
}

function missing(program: string, cause: unknown): HarnessFault {
  const because = cause instanceof Error ? cause.message : String(cause);
  return new HarnessFault('tool-missing', `${program} cannot be started: ${because}`, {
    advice: 'Images of guests are made from Debian packages: build them on Debian, or where apt-get and dpkg-deb are.',
    cause,
  });
}
