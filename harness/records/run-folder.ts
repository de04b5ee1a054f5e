import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { HarnessFault } from '../faults.ts';
import type { Attachment, Record } from '../vocabulary/record.ts';
import { evidenceFolder } from './evidence-folder.ts';
import { repairRun } from './repair-run.ts';
import { takeRunLock } from './run-lock.ts';
import { makeFolders, PRIVATE_FILE, PRIVATE_FOLDER, writeWhole } from './whole-file.ts';

/** The files of one run below `<out>/runs/<run>`. Only its writer holds one. */
export interface RunFolder extends Disposable {
  readonly run: string;
  readonly path: string;
  /** What had to be mended when it was opened, as sentences: a process was killed here, or the disk was full. */
  readonly repairs: readonly string[];
  /**
   * Appends one line. It outlives this process, however that ends. The system is not asked to put it on the disk at
   * once: of a power cut the last seconds may be lost, and then their trials are run again.
   */
  append(record: Record): void;
  /** Replaces a file as a whole; readers never see half of it. */
  write(name: RunFile, value: unknown): void;
  /** Writes the files that a trial's attempt left, and tells where they are. */
  writeEvidence(trial: string, attempt: number, files: readonly EvidenceFile[]): readonly Attachment[];
}

type RunFile = 'run.json' | 'devices.json' | 'verdicts.json' | 'attend.json' | 'comparison.json';

interface EvidenceFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * Creates a run's folder and its lock; one that is there is gone on with, and mended first.
 *
 * @throws HarnessFault `run-locked` when a live process writes there, `cannot-write` when the disk does not take it.
 */
export function openRunFolder(out: string, run: string): RunFolder {
  const path = join(out, 'runs', run);
  mkdirOrFault(path);
  using unlessReady = new DisposableStack();
  unlessReady.use(takeRunLock(path));
  const repairs = guardDisk(path, () => repairRun(path));
  const lines = unlessReady.use(openLines(join(path, 'records.jsonl')));
  const opened = unlessReady.move();
  return {
    run,
    path,
    repairs,
    append: (record) => guardDisk(path, () => lines.append(`${JSON.stringify(record)}\n`)),
    write: (name, value) => writeRunFile(path, name, value),
    writeEvidence: (trial, attempt, files) =>
      guardDisk(path, () => writeFiles(path, evidenceFolder(trial, attempt), files)),
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** Replaces a file of a run as a whole. Throws HarnessFault `cannot-write` when the disk does not take it. */
export function writeRunFile(runPath: string, name: RunFile, value: unknown): void {
  guardDisk(runPath, () => writeWhole(join(runPath, name), `${JSON.stringify(value, null, 2)}\n`));
}

interface Lines extends Disposable {
  append(text: string): void;
}

/** Opened at the first line. Of a line that the disk does not take as a whole nothing stays: another may be written behind it. */
function openLines(file: string): Lines {
  let fd: number | null = null;
  return {
    append(text) {
      fd ??= openSync(file, 'a', PRIVATE_FILE);
      const { size } = fstatSync(fd);
      try {
        const bytes = Buffer.from(text);
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      } catch (fault) {
        ftruncateSync(fd, size);
        throw fault;
      }
    },
    [Symbol.dispose]: () => {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

function writeFiles(run: string, parts: readonly string[], files: readonly EvidenceFile[]): readonly Attachment[] {
  mkdirSync(join(run, ...parts), { recursive: true, mode: PRIVATE_FOLDER });
  return files.map(({ name, type, bytes }) => {
    writeFileSync(join(run, ...parts, name), bytes, { mode: PRIVATE_FILE });
    return { name, path: posix.join(...parts, name), type, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
}

function mkdirOrFault(path: string): void {
  try {
    makeFolders(dirname(path));
    if (!existsSync(path)) mkdirSync(path, { mode: PRIVATE_FOLDER });
  } catch (cause) {
    throw new HarnessFault('cannot-write', `${path}: cannot be created: ${messageOf(cause)}`, {
      cause,
      advice: 'Choose another folder with --out.',
    });
  }
}

/** A full disk must not look like a device's failure. */
function guardDisk<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw new HarnessFault('cannot-write', `${path}: writing failed: ${messageOf(cause)}`, {
      cause,
      stage: 'record',
      advice: 'What was recorded before is kept. Make room (`cutover purge --older-than 90d`) and run again.',
    });
  }
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
