import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { posix } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { migrateRecord } from '../migrations/migrate-record.ts';
import { Record, RECORD_VERSION } from '../vocabulary/record.ts';
import { parseParts, type RecordHead } from './record-parts.ts';

/**
 * Reads records.jsonl. Evidence, most of a record, stays on disk and is read and checked when it is looked at: the
 * memory that thousands of trials need would be a hundred times as much, and the time three times.
 *
 * @param keep What is held of each record beside its evidence. Default: all.
 */
export function readRecords(
  file: string,
  keep: (head: RecordHead) => RecordHead = (head) => head,
): {
  readonly records: readonly Record[];
  readonly repairs: readonly string[];
} {
  if (!existsSync(file)) return { records: [], repairs: [] };
  const records: Record[] = [];
  const repairs: string[] = [];
  for (const line of readLines(file)) {
    const parsed = parseHead(line.bytes);
    if (parsed !== null) {
      refuseOutside(parsed, `${file}:${line.number}`);
      const { number, offset, length } = line;
      records.push(leaveOnDisk(keep(parsed), { file, number, offset, length }));
    } else if (!line.complete)
      repairs.push(`${file}:${line.number}: the last line is torn and was left out; its trial will be run again.`);
    else throw notARecord(`${file}:${line.number}`, line.bytes);
  }
  return { records, repairs };
}

/**
 * Every record with its evidence, one in memory at a time. A torn last line is left out: `readRecords` says it.
 *
 * @throws HarnessFault `bad-record` at a line that is none.
 */
export function* readWholeRecords(file: string): Generator<Record> {
  if (!existsSync(file)) return;
  for (const { bytes, number, complete } of readLines(file)) {
    const record = parseWhole(bytes);
    if (record !== null) {
      refuseOutside(record, `${file}:${number}`);
      yield record;
    } else if (complete) throw notARecord(`${file}:${number}`, bytes);
  }
}

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Of its first byte in the file. */
  readonly offset: number;
  /** In bytes, without the line end. */
  readonly length: number;
  /** Without the line end. Only until the next line is asked for. */
  readonly bytes: Buffer;
  /** false: the file ends within it. */
  readonly complete: boolean;
}

/** Lines of a file of any size, without the empty ones; a chunk and a line are in memory at a time. */
export function* readLines(file: string): Generator<Line> {
  const fd = openSync(file, 'r');
  try {
    let chunk = Buffer.alloc(CHUNK);
    /** Bytes of the chunk that are read and not yet passed on: the beginning of a line. */
    let held = 0;
    let offset = 0;
    let number = 0;
    for (;;) {
      if (held === chunk.length) chunk = Buffer.concat([chunk, Buffer.alloc(chunk.length)]);
      const count = readSync(fd, chunk, held, chunk.length - held, null);
      if (count === 0) break;
      const filled = held + count;
      let start = 0;
      for (let end = chunk.indexOf(LINE_END, held); end >= 0 && end < filled; end = chunk.indexOf(LINE_END, start)) {
        number += 1;
        const bytes = chunk.subarray(start, end);
        if (end > start) yield { number, offset: offset + start, length: end - start, bytes, complete: true };
        start = end + 1;
      }
      chunk.copyWithin(0, start, filled);
      held = filled - start;
      offset += start;
    }
    if (held > 0) yield { number: number + 1, offset, length: held, bytes: chunk.subarray(0, held), complete: false };
  } finally {
    closeSync(fd);
  }
}

const CHUNK = 1 << 18;
const LINE_END = 0x0a;

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

/** Reads the evidence later, without holding the rest of the record until then. */
export function evidenceOf(record: Record): () => Record['evidence'] {
  return isOnDisk(record) ? evidenceAt(record[PLACE]) : () => record.evidence;
}

/** In a function of its own: a closure holds all that any closure of its function speaks of. */
function evidenceAt(place: Place): () => Record['evidence'] {
  return () => readAgain(place).evidence;
}

/** Quotes inside of strings are escaped, so none of these is text of a device: they are keys. */
const VERSION_KEY = '{"v":';
const CURRENT = `${VERSION_KEY}${RECORD_VERSION},`;
const EVIDENCE_KEY = ',"evidence":{';
const ATTACHMENTS_KEY = ',"attachments":[';

/**
 * All of a record but its evidence, or null. A line that we wrote has it second to last, and it is not even decoded;
 * another is parsed whole.
 */
function parseHead(line: Buffer): RecordHead | null {
  const from = line.indexOf(EVIDENCE_KEY);
  const to = line.lastIndexOf(ATTACHMENTS_KEY);
  // A record within a record: a torn line that another was written behind.
  const isOurs = from > 0 && to > from && line.indexOf(CURRENT) === 0 && line.indexOf(VERSION_KEY, 1) < 0;
  try {
    if (isOurs) return parseParts(line.toString('utf8', 0, from), line.toString('utf8', to));
  } catch {
    return null;
  }
  const record = parseWhole(line);
  if (record === null) return null;
  const { evidence: _, ...head } = record;
  return head;
}

/** Of any version that there was. */
function parseWhole(line: Buffer): Record | null {
  try {
    return Record.parse(migrateRecord(JSON.parse(line.toString())));
  } catch {
    return null;
  }
}

/** Reports copy and link attachments: a record must not make them take a file from elsewhere. */
function refuseOutside({ attachments }: RecordHead, where: string): void {
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

function notARecord(where: string, line: Buffer): HarnessFault {
  const version = Number(/^\{"v":(\d{1,6}),/.exec(line.toString('utf8', 0, 16))?.[1] ?? 0);
  if (version > RECORD_VERSION)
    return new HarnessFault('newer-record', `${where}: a record of version ${version}, which a newer Cutover wrote`, {
      advice: `Update: this one reads versions up to ${RECORD_VERSION}.`,
    });
  return new HarnessFault('bad-record', `${where}: not a record of version ${RECORD_VERSION}`, {
    advice: 'The file was changed by hand or by another version; restore it.',
  });
}

interface Place extends Pick<Line, 'number' | 'offset' | 'length'> {
  readonly file: string;
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

function readAgain({ file, number, offset, length }: Place): Record {
  const bytes = Buffer.alloc(length);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, bytes, 0, length, offset);
  } finally {
    closeSync(fd);
  }
  const record = parseWhole(bytes);
  if (record === null) throw notARecord(`${file}:${number}`, bytes);
  return record;
}
