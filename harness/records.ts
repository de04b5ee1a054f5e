import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  readSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { HarnessFault } from './faults.ts';
import { currentOwner, isLive, type Owner } from './owner.ts';
import { Device } from './vocabulary/device.ts';
import { type Attachment, Record, RECORD_VERSION } from './vocabulary/record.ts';
import { Run } from './vocabulary/run.ts';
import * as z from 'zod';

/** The files of one run below `<out>/runs/<run>`. Only its writer holds one. */
export interface RunFolder extends Disposable {
  readonly run: string;
  readonly path: string;
  /** Appends one line. What was appended outlives this process. */
  append(record: Record): void;
  /** Replaces a file as a whole; readers never see half of it. */
  write(name: 'run.json' | 'devices.json' | 'verdicts.json' | 'attend.json', value: unknown): void;
  /** Writes the files that a trial's attempt left, and tells where they are. */
  writeEvidence(trial: string, attempt: number, files: readonly EvidenceFile[]): readonly Attachment[];
}

interface EvidenceFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** Creates a run's folder and its lock. Throws HarnessFault `run-locked` when a live process writes there. */
export function openRunFolder(out: string, run: string): RunFolder {
  const path = join(out, 'runs', run);
  mkdirOrFault(path);
  const lock = join(path, 'run.lock');
  takeLock(lock);
  // One write a line: a process that is killed leaves whole lines, and at most one torn at the end of a full disk.
  const append = (file: string, value: unknown) =>
    appendFileSync(join(path, file), `${JSON.stringify(value)}\n`, { mode: PRIVATE_FILE });
  return {
    run,
    path,
    append: (record) => guardDisk(path, () => append('records.jsonl', record)),
    write: (name, value) => guardDisk(path, () => writeWhole(join(path, name), `${JSON.stringify(value, null, 2)}\n`)),
    writeEvidence: (trial, attempt, files) =>
      guardDisk(path, () => writeFiles(path, evidenceFolder(trial, attempt), files)),
    [Symbol.dispose]: () => rmSync(lock, { force: true }),
  };
}

function writeFiles(run: string, parts: readonly string[], files: readonly EvidenceFile[]): readonly Attachment[] {
  mkdirSync(join(run, ...parts), { recursive: true, mode: PRIVATE_FOLDER });
  return files.map(({ name, type, bytes }) => {
    writeFileSync(join(run, ...parts, name), bytes, { mode: PRIVATE_FILE });
    return { name, path: posix.join(...parts, name), type, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
}

/** Captures hold passwords of test accounts and addresses of the network: nobody else's business. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

/** Parts of the path below the run's folder. Whatever the trial's id holds, none of them leads out of it. */
export function evidenceFolder(trial: string, attempt: number): readonly string[] {
  return ['evidence', ...trial.split('/').map(encodeSegment), ...(attempt > 1 ? [`attempt-${attempt}`] : [])];
}

/** Bytes of a file name that every common file system takes are 255; an encoded letter needs up to 12. */
const MAX_SEGMENT = 200;

function encodeSegment(segment: string): string {
  const encoded = /^\.{0,2}$/.test(segment)
    ? `%${segment.replaceAll('.', '2E')}`
    : segment.replaceAll(/[^A-Za-z0-9._@=+-]/gu, (c) =>
        [...Buffer.from(c)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
      );
  if (encoded.length <= MAX_SEGMENT) return encoded;
  return `${encoded.slice(0, MAX_SEGMENT - 17)}~${createHash('sha256').update(segment).digest('hex').slice(0, 16)}`;
}

/** A run as its files tell it. */
export interface StoredRun {
  readonly path: string;
  readonly run: Run;
  readonly records: readonly Record[];
  readonly devices: readonly Device[];
  /** What had to be left out, as sentences; empty for a sound run. */
  readonly repairs: readonly string[];
}

/** Reads one run folder. A torn last line (power cut, full disk) is left out and said. */
export function readRun(path: string): StoredRun {
  const { records, repairs } = readRecords(join(path, 'records.jsonl'));
  return {
    path,
    run: readJson(join(path, 'run.json'), Run),
    records,
    devices: readJson(join(path, 'devices.json'), z.array(Device)),
    repairs,
  };
}

/** Every run under an output folder, oldest first. One that cannot be read is said and left out; if all, it throws. */
export function readRuns(out: string): readonly StoredRun[] {
  const folder = join(out, 'runs');
  if (!existsSync(folder)) {
    throw new HarnessFault('no-runs', `${folder}: no runs here`, {
      advice: 'Name the folder that was given to `cutover run --out`.',
    });
  }
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'run.json')));
  const faults: unknown[] = [];
  const runs = names.sort().flatMap((name) => {
    try {
      return [readRun(join(folder, name))];
    } catch (fault) {
      faults.push(fault);
      console.error(`cutover: the run ${name} cannot be read and was left out: ${messageOf(fault)}`);
      console.error(`  → Restore its files, or move ${join(folder, name)} away.`);
      return [];
    }
  });
  // Reports over nothing would replace the ones that there are.
  if (runs.length === 0 && faults.length > 0) throw faults[0];
  return runs;
}

/** Whether a live process writes this run. */
export function isBeingWritten(runPath: string): boolean {
  const lock = readLock(join(runPath, 'run.lock'));
  return lock !== null && isLive(lock);
}

/** The newest record of each trial over several runs. */
export function newestRecords(runs: readonly StoredRun[]): readonly Record[] {
  return newestOf(runs.flatMap((r) => r.records));
}

/** The newest record of each trial: a repeated attempt stands for the one before. */
export function newestOf(records: readonly Record[]): readonly Record[] {
  const newest = new Map<string, Record>();
  for (const record of records) {
    const known = newest.get(record.trial);
    if (known === undefined || known.startedAt <= record.startedAt) newest.set(record.trial, record);
  }
  return [...newest.values()];
}

/**
 * Reads records.jsonl. Evidence, most of a record, stays on disk and is read when it is looked at: the memory that
 * thousands of trials need would be a hundred times as much.
 */
export function readRecords(file: string): {
  readonly records: readonly Record[];
  readonly repairs: readonly string[];
} {
  if (!existsSync(file)) return { records: [], repairs: [] };
  const records: Record[] = [];
  const repairs: string[] = [];
  for (const line of readLines(file)) {
    const parsed = parseLine(line.text);
    if (parsed !== null) {
      refuseOutside(parsed, `${file}:${line.number}`);
      records.push(withoutEvidence(parsed, file, line));
    } else if (!line.complete)
      repairs.push(`${file}:${line.number}: the last line is torn and was left out; its trial will be run again.`);
    else
      throw new HarnessFault('bad-record', `${file}:${line.number}: not a record of version ${RECORD_VERSION}`, {
        advice: 'The file was changed by hand or by another version; restore it.',
      });
  }
  return { records, repairs };
}

/** Reports copy and link attachments: a record must not make them take a file from elsewhere. */
function refuseOutside({ attachments }: Record, where: string): void {
  const outside = attachments.find(
    ({ path }) => /[\\\0]/.test(path) || posix.isAbsolute(path) || posix.normalize(path).split('/')[0] === '..',
  );
  if (outside === undefined) return;
  throw new HarnessFault(
    'unreadable-run',
    `${where}: the attachment ${JSON.stringify(outside.path)} is outside the run`,
    {
      advice: 'The file was changed by hand or made by a harmful device file; do not use this run.',
    },
  );
}

interface Line {
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  readonly text: string;
  /** false: the file ends within it. */
  readonly complete: boolean;
}

/** Lines of a file of any size; a chunk and a line are in memory at a time. */
function* readLines(file: string): Generator<Line> {
  const fd = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(1 << 16);
    let rest: Buffer = Buffer.alloc(0);
    let offset = 0;
    let number = 0;
    for (let count = readSync(fd, chunk); count > 0; count = readSync(fd, chunk)) {
      rest = Buffer.concat([rest, chunk.subarray(0, count)]);
      let start = 0;
      for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a, start)) {
        number += 1;
        const text = rest.toString('utf8', start, end);
        if (text !== '') yield { number, offset: offset + start, length: end - start, text, complete: true };
        start = end + 1;
      }
      rest = rest.subarray(start);
      offset += start;
    }
    if (rest.length > 0)
      yield { number: number + 1, offset, length: rest.length, text: rest.toString('utf8'), complete: false };
  } finally {
    closeSync(fd);
  }
}

function withoutEvidence(record: Record, file: string, { offset, length }: Line): Record {
  const { evidence: _, ...rest } = record;
  return leaveOnDisk(rest, { file, offset, length });
}

/** The record with other fields in place of its own. Evidence that is on disk stays there unread. */
export function withFields(record: Record, fields: Partial<Omit<Record, 'evidence'>>): Record {
  if (!isOnDisk(record)) return { ...record, ...fields };
  const rest = Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(record)).flatMap(([key, { value }]) =>
      key === 'evidence' ? [] : [[key, value]],
    ),
  );
  return leaveOnDisk({ ...rest, ...fields }, record[PLACE]);
}

interface Place {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

const PLACE = Symbol('where the record lies');

function isOnDisk(record: object): record is { readonly [PLACE]: Place } {
  return PLACE in record;
}

function leaveOnDisk(rest: object, place: Place): Record {
  Object.defineProperty(rest, PLACE, { value: place });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all of a record but its evidence, which follows
  return Object.defineProperty(rest, 'evidence', EVIDENCE) as Record;
}

/** One getter for all: with one each, V8 keeps every record as a hash table, 1.5 KB more for each of 18,000. */
const EVIDENCE: PropertyDescriptor = {
  enumerable: true,
  configurable: true,
  get(this: object) {
    return isOnDisk(this) ? readAgain(this[PLACE]).evidence : undefined;
  },
};

function readAgain({ file, offset, length }: Place): Record {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    readSync(fd, bytes, 0, length, offset);
    return Record.parse(JSON.parse(bytes.toString('utf8')));
  } finally {
    closeSync(fd);
  }
}

/** Writes beside the target and renames: a reader, or a crash, finds the old file or the new one. */
function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const half = `${file}.${process.pid}.tmp`;
  try {
    const fd = openSync(half, 'w', PRIVATE_FILE);
    try {
      writeFileSync(fd, text);
      // Renaming first would leave an empty file after a power cut.
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(half, file);
  } catch (fault) {
    rmSync(half, { force: true });
    throw fault;
  }
}

function parseLine(line: string): Record | null {
  try {
    return Record.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function readJson<T>(file: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new HarnessFault('unreadable-run', `${file}: cannot be read: ${messageOf(cause)}`, {
      cause,
      advice: 'A run folder needs run.json and devices.json as `cutover run` wrote them.',
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HarnessFault(
    'unreadable-run',
    `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown form'}`,
    { advice: 'It was written by another version or changed by hand.' },
  );
}

/** One by one: Node's recursive mkdir tries for ever where a file system refuses with ENOENT, as /proc does. */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  mkdirSync(path);
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

function takeLock(file: string): void {
  const mine = currentOwner();
  const write = () => writeFileSync(file, `${JSON.stringify(mine)}\n`, { flag: 'wx', mode: PRIVATE_FILE });
  try {
    write();
  } catch (cause) {
    if (!existsSync(file)) throw cause;
    const held = readLock(file);
    if (held !== null && isLive(held)) {
      throw new HarnessFault('run-locked', `${file}: process ${held.pid} is writing this run`, {
        advice: 'Wait for it to end, or choose another --out.',
      });
    }
    rmSync(file, { force: true });
    write();
  }
}

function readLock(file: string): Owner | null {
  try {
    return z.object({ pid: z.int(), started: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
