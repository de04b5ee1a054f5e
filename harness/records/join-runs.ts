import { closeSync, copyFileSync, existsSync, linkSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { type Attachment, RECORD_VERSION } from '../vocabulary/record.ts';
import { readLines, readRecords } from './record-lines.ts';
import type { RecordHead } from './record-parts.ts';
import type { RunFolder } from './run-folder.ts';
import { PRIVATE_FILE, PRIVATE_FOLDER } from './whole-file.ts';

/** The folder of a run that others are joined to. */
export interface Joining {
  /**
   * Appends records and evidence of a run, which stays as it is. Evidence is linked, or copied where the file system
   * cannot. Returns its records, of which `keep` says what is held.
   *
   * @throws HarnessFault `evidence-missing` with the first files that records name and that are not there.
   */
  add(part: RunPart, keep: (head: RecordHead) => RecordHead): ReturnType<typeof readRecords>;
}

/** A run whose records and evidence become part of another. */
interface RunPart {
  readonly path: string;
  readonly run: { readonly run: string };
}

/**
 * Empties a run's folder for records of others. Until run.json is written, which the caller does last, nobody takes it
 * for a run: a joining that is cut off is simply done again.
 */
export function startJoining(folder: RunFolder): Joining {
  for (const name of ['run.json', 'verdicts.json', 'comparison.json', 'devices.json', 'records.jsonl', 'evidence'])
    rmSync(join(folder.path, name), { recursive: true, force: true });
  return {
    add(part, keep) {
      const evidence = openEvidence(part.path, folder.path);
      const read = readRecords(join(part.path, 'records.jsonl'), (head) => {
        evidence.link(head.attachments);
        return keep(head);
      });
      const { missing } = evidence;
      if (missing.length > 0)
        throw new HarnessFault(
          'evidence-missing',
          `${part.path}: ${missing.length} files that records name are missing:\n  ${missing.slice(0, SHOWN).join('\n  ')}`,
          { advice: 'Copy the run folder with everything that is in it, then merge again.' },
        );
      if (read.records.length > 0) joinLines(part, join(folder.path, 'records.jsonl'), folder.run);
      return read;
    },
  };
}

/** More would hide the first. */
const SHOWN = 5;

function openEvidence(from: string, into: string) {
  const missing: string[] = [];
  const made = new Set<string>();
  return {
    missing,
    link(attachments: readonly Attachment[]): void {
      for (const { path } of attachments) {
        const to = join(into, path);
        const folder = dirname(to);
        if (!made.has(folder)) mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
        made.add(folder);
        if (!linkOrCopy(join(from, path), to)) missing.push(join(from, path));
      }
    },
  };
}

/** false: there is no such file. */
function linkOrCopy(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    // Another file system, or one without links.
    if (!existsSync(from)) return false;
    copyFileSync(from, to);
    return true;
  }
}

const BATCH = 1 << 20;

function joinLines(part: RunPart, file: string, run: string): void {
  const fd = openSync(file, 'a', PRIVATE_FILE);
  try {
    let batch: Buffer[] = [];
    let size = 0;
    for (const { bytes } of readLines(join(part.path, 'records.jsonl'))) {
      const line = renameRun(bytes, part.run.run, run);
      batch.push(line);
      size += line.length;
      if (size < BATCH) continue;
      writeFileSync(fd, Buffer.concat(batch));
      batch = [];
      size = 0;
    }
    writeFileSync(fd, Buffer.concat(batch));
  } finally {
    closeSync(fd);
  }
}

const LINE_END = Buffer.from('\n');

/** With its line end. One that we wrote begins with its version and its run; any other is written anew. */
function renameRun(line: Buffer, from: string, to: string): Buffer {
  const start = startOf(from);
  if (!line.subarray(0, start.length).equals(start))
    return Buffer.from(`${JSON.stringify({ ...JSON.parse(line.toString()), run: to })}\n`);
  return Buffer.concat([startOf(to), line.subarray(start.length), LINE_END]);
}

function startOf(run: string): Buffer {
  return Buffer.from(`{"v":${RECORD_VERSION},"run":${JSON.stringify(run)},`);
}
