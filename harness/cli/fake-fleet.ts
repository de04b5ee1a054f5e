import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRun } from '../records.ts';

/** For tests of runs as processes: fakes in device files, and the command line as a user starts it. */
const SCRIPTS = ['delivers-plaintext', 'delivers-plaintext', 'closes-at-once', 'delivers-plaintext', 'never-connects'];

/** Else a few devices of which one never connects would be too much trouble for a lab. */
const NEVER = '{ strict: { outcome: inconclusive, cause: never-connected } }';

/** Writes device files of fakes, `fake-01` on, that send, give up, or never connect. Returns the folder. */
export function writeFakeFleet(folder: string, count: number, more: (i: number) => string = () => ''): string {
  mkdirSync(folder, { recursive: true });
  for (let i = 1; i <= count; i += 1) {
    const id = `fake-${String(i).padStart(2, '0')}`;
    const script = SCRIPTS[i % SCRIPTS.length];
    writeFileSync(
      join(folder, `${id}.yaml`),
      `id: ${id}
vendor: Fake
model: Sender ${i}
kind: camera
firmware: [{ version: '1'${script === 'never-connects' ? `, expect: ${NEVER}` : ''} }]
settings: [{ id: plain-25, protocol: smtp, port: 25, security: plaintext }]
reach: { driver: scripted, script: ${script} }
client: fake
${more(i)}`,
    );
  }
  return folder;
}

/** The run folder below an output folder, or null while there is none. Ones that were killed before they began do not count if another did. */
export function runIn(out: string): string | null {
  const runs = join(out, 'runs');
  const paths = (existsSync(runs) ? readdirSync(runs).sort() : []).map((name) => join(runs, name));
  return paths.find((path) => existsSync(join(path, 'run.json'))) ?? paths.at(-1) ?? null;
}

/** Lines of records so far. */
export function countRecords(out: string): number {
  const file = join(runIn(out) ?? out, 'records.jsonl');
  return existsSync(file) ? readFileSync(file).filter((byte) => byte === 0x0a).length : 0;
}

/** Waits until the condition holds, or the process has ended. Returns whether it holds. */
export async function until(holds: () => boolean, child: ChildProcess): Promise<boolean> {
  while (!holds()) {
    if (child.exitCode !== null || child.signalCode !== null) return holds();
    await sleep(2);
  }
  return true;
}

/** Every finding of a run with the attempt that it was, sorted: what two runs must agree in. */
export function findingsOf(run: string): readonly string[] {
  return readRun(run)
    .records.map((r) => `${r.trial} #${r.attempt} ${r.outcome} ${r.cause ?? ''}`)
    .sort();
}

/** What is wrong with the files of a run, apart from its findings: lines, attachments, files that nobody names. */
export function problemsOf(run: string): readonly string[] {
  const { records, repairs } = readRun(run);
  const attached = records.flatMap((r) => r.attachments);
  const wrong = attached.filter(({ path, sha256 }) => {
    const file = join(run, path);
    return !existsSync(file) || createHash('sha256').update(readFileSync(file)).digest('hex') !== sha256;
  });
  const evidence = join(run, 'evidence');
  const files = (existsSync(evidence) ? readdirSync(evidence, { recursive: true, encoding: 'utf8' }) : [])
    .map((path) => `evidence/${path}`)
    .filter((path) => statSync(join(run, path)).isFile());
  const named = new Set(attached.map((a) => a.path));
  const left = readdirSync(run).filter((name) => /\.tmp$|run\.lock/.test(name));
  return [
    ...repairs,
    ...wrong.map(({ path }) => `not as its record says: ${path}`),
    ...files.filter((path) => !named.has(path)).map((path) => `named by no record: ${path}`),
    ...left.map((name) => `left behind: ${name}`),
  ];
}
