import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For tests: a program that records packets of this machine, as a person starts it. */
export interface Recorder extends AsyncDisposable {
  /** Ctrl-C. Exit code and what it said. */
  stop(): Promise<{ readonly code: number | null; readonly said: string }>;
}

/** How tcpdump and dumpcap say that from now on no packet is missed. */
const RECORDS = /listening on \S+|^File: /m;

/** Resolves when it records. Throws with its own words where it does not. */
export async function startRecorder(program: string, args: readonly string[]): Promise<Recorder> {
  const child = spawn(program, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', (error) => {
      said += error.message;
      resolve(null);
    });
  });
  let said = '';
  const records = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (RECORDS.test(said)) resolve();
    });
  });
  await Promise.race([records, ended]);
  if (!RECORDS.test(said)) throw new Error(`${program} does not record: ${said.trim().split('\n').at(-1)}`);
  const stop = async () => {
    child.kill('SIGINT');
    return { code: await ended, said };
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

/** Whether all of these can record here. Where nothing may be skipped, one that cannot is a failure. */
export async function canRecord(what: string, programs: readonly string[]): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-recorder-'));
  try {
    for (const program of programs) {
      // oxlint-disable-next-line no-await-in-loop -- the first that cannot ends it
      const recorder = await startRecorder(program, ['-i', 'lo', '-w', join(folder, `${program}.pcap`)]);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await recorder.stop();
    }
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    console.log(`skipped: ${what}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
