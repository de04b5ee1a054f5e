import { closeSync, copyFileSync, existsSync, linkSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import type { Record } from '../vocabulary/record.ts';
import { readLines } from './record-lines.ts';
import type { RunFolder } from './run-folder.ts';
import { PRIVATE_FILE, PRIVATE_FOLDER } from './whole-file.ts';

/** A run whose records and evidence become part of another. */
export interface RunPart {
  readonly path: string;
  readonly run: { readonly run: string };
  readonly records: readonly Record[];
}

/**
 * Writes records and evidence of several runs into the folder of one, in place of what is there. Evidence is linked,
 * or copied where the file system cannot; the parts stay as they are. Until run.json is written, which the caller does
 * last, nobody takes the folder for a run: a joining that is cut off is simply done again.
 *
 * @throws HarnessFault `evidence-missing` with the first files that records name and that are not there.
 */
export function joinRuns(parts: readonly RunPart[], folder: RunFolder): void {
  for (const name of ['run.json', 'verdicts.json', 'comparison.json', 'devices.json', 'records.jsonl', 'evidence'])
    rmSync(join(folder.path, name), { recursive: true, force: true });
  const made = new Set<string>();
  const missing = parts.flatMap((part) => joinEvidence(part, folder.path, made));
  if (missing.length > 0)
    throw new HarnessFault(
      'evidence-missing',
      `${missing.length} files that records name are missing:\n  ${missing.slice(0, SHOWN).join('\n  ')}`,
      { advice: 'Copy the run folders with everything that is in them, then merge again.' },
    );
  joinLines(parts, join(folder.path, 'records.jsonl'), folder.run);
}

/** More would hide the first. */
const SHOWN = 5;

function joinEvidence({ path, records }: RunPart, into: string, made: Set<string>): readonly string[] {
  const missing: string[] = [];
  for (const { attachments } of records) {
    for (const attachment of attachments) {
      const [from, to] = [join(path, attachment.path), join(into, attachment.path)];
      const folder = dirname(to);
      if (!made.has(folder)) mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
      made.add(folder);
      if (!linkOrCopy(from, to)) missing.push(from);
    }
  }
  return missing;
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

function joinLines(parts: readonly RunPart[], file: string, run: string): void {
  const fd = openSync(file, 'a', PRIVATE_FILE);
  try {
    const batch = Buffer.alloc(2 * BATCH);
    let size = 0;
    const flush = () => {
      for (let done = 0; done < size; ) done += writeSync(fd, batch, done, size - done);
      size = 0;
    };
    for (const part of parts) {
      if (part.records.length === 0) continue;
      for (const { bytes } of readLines(join(part.path, 'records.jsonl'))) {
        const line = renameRun(bytes, part.run.run, run);
        if (size + line.length + 1 > batch.length) flush();
        if (line.length + 1 > batch.length) {
          for (let done = 0; done < line.length; ) done += writeSync(fd, line, done);
          size += batch.write('\n', 0);
          continue;
        }
        size += line.copy(batch, size);
        size += batch.write('\n', size);
      }
    }
    flush();
  } finally {
    closeSync(fd);
  }
}

/** A line that we wrote begins with its version and its run; any other is written anew. */
function renameRun(line: Buffer, from: string, to: string): Buffer {
  const start = Buffer.from(`{"v":1,"run":${JSON.stringify(from)},`);
  if (!line.subarray(0, start.length).equals(start))
    return Buffer.from(JSON.stringify({ ...JSON.parse(line.toString()), run: to }));
  return Buffer.concat([Buffer.from(`{"v":1,"run":${JSON.stringify(to)},`), line.subarray(start.length)]);
}
