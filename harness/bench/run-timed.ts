import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Timed {
  readonly seconds: number;
  /** As far as it was looked at in time, see `peakOf`. */
  readonly peakMegabytes: number;
}

const CUTOVER = join(import.meta.dirname, '..', 'cli', 'cutover.mjs');

/** One command line of cutover as a process of its own. Throws when it ends with another exit code than expected. */
export async function runTimed(args: readonly string[], expected = 0): Promise<Timed> {
  const begin = performance.now();
  const child = spawn(process.execPath, [CUTOVER, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2_000)));
  let peakMegabytes = 0;
  const watch = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid));
  }, 20);
  const [code] = await once(child, 'exit');
  clearInterval(watch);
  if (code !== expected) throw new Error(`cutover ${args.join(' ')} ended with ${code}:\n${stderr}`);
  return { seconds: (performance.now() - begin) / 1000, peakMegabytes };
}

/** Highest resident size so far (proc(5), VmHWM), in MB; 0 once the process is gone. */
export function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
