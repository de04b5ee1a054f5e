import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Record } from '../vocabulary/record.ts';
import { removeHalves } from './whole-file.ts';

/**
 * Mends what a killed process or a full disk left of a run: a torn last line, files written by half. Only for whoever
 * holds the run's lock. Returns what was done, as sentences.
 */
export function repairRun(runPath: string): readonly string[] {
  const halves = removeHalves(runPath).map(
    (name) => `${join(runPath, name)}: was written by half and was removed; the file before it stands.`,
  );
  return [...halves, ...repairLines(join(runPath, 'records.jsonl'))];
}

/**
 * Removes evidence that no record names: what a trial had written before it was cut off. Returns how many files.
 *
 * @param attachments Paths relative to the run's folder, of all its records.
 */
export function removeStrayEvidence(runPath: string, attachments: ReadonlySet<string>): number {
  let removed = 0;
  /** Whether the folder is empty afterwards. */
  const sweep = (path: string): boolean => {
    const kept = readdirSync(join(runPath, path), { withFileTypes: true }).filter((entry) => {
      const own = `${path}/${entry.name}`;
      if (entry.isDirectory()) return !sweep(own);
      if (attachments.has(own)) return true;
      rmSync(join(runPath, own), { force: true });
      removed += 1;
      return false;
    });
    if (kept.length > 0) return false;
    rmdirSync(join(runPath, path));
    return true;
  };
  if (existsSync(join(runPath, 'evidence'))) sweep('evidence');
  return removed;
}

/** A line is written by one call, so only the last one can be torn; after a power cut it can be zeros, with an end. */
function repairLines(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const fd = openSync(file, 'r+');
  try {
    const { size } = fstatSync(fd);
    const last = readLastLine(fd, size);
    if (last === null) return [];
    if (last.complete) {
      if (isJson(last.text)) return [];
    } else if (isRecord(last.text)) {
      writeSync(fd, '\n', size);
      return [`${file}: the last line had lost its end; its record is whole and is kept.`];
    }
    ftruncateSync(fd, last.offset);
    return [`${file}: the last line was torn and was removed; its trial is run again.`];
  } finally {
    closeSync(fd);
  }
}

interface LastLine {
  readonly offset: number;
  readonly text: string;
  /** It has a line end. */
  readonly complete: boolean;
}

const CHUNK = 1 << 16;

/** Read from the end: a file of thousands of records is not read for its last one. */
function readLastLine(fd: number, size: number): LastLine | null {
  let bytes = Buffer.alloc(0);
  let from = size;
  for (;;) {
    const complete = bytes.at(-1) === 0x0a;
    const before = complete ? bytes.length - 2 : bytes.length - 1;
    const start = before < 0 ? -1 : bytes.lastIndexOf(0x0a, before);
    if (start >= 0 || from === 0) {
      if (bytes.length === 0) return null;
      const text = bytes.toString('utf8', start + 1, complete ? bytes.length - 1 : bytes.length);
      return { offset: from + start + 1, text, complete };
    }
    const count = Math.min(CHUNK, from);
    const chunk = Buffer.alloc(count);
    from -= count;
    readSync(fd, chunk, 0, count, from);
    bytes = Buffer.concat([chunk, bytes]);
  }
}

/** A whole line of another version is no torn one: who reads it says what it is. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return text === '';
  }
}

function isRecord(text: string): boolean {
  try {
    return Record.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
