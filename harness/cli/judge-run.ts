import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { judge } from '../judge.ts';
import { applyChange } from '../modes/apply-change.ts';
import { readRunWithoutRecords, readWholeRecords } from '../records.ts';
import type { Evidence } from '../vocabulary/evidence.ts';
import type { Finding } from '../vocabulary/finding.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import { parseConnection } from '../wire/connection.ts';
import { parsePcapng } from '../wire/pcapng.ts';

/** A finding that today's rules do not give. */
export interface ChangedFinding {
  readonly run: string;
  readonly trial: string;
  readonly mode: string;
  readonly was: Finding;
  readonly now: Finding;
}

export interface JudgedRun {
  readonly run: string;
  /** Records in all. */
  readonly count: number;
  readonly changes: readonly ChangedFinding[];
  /** Findings that are the same, and say it in other words. */
  readonly reworded: number;
}

/**
 * Judges what a run's records hold, each alone: no more than one is in memory.
 *
 * @param path The run's folder.
 * @param fromBytes Facts are read from the captures anew.
 * @throws HarnessFault `unreadable-run` where a record names a mode that run.json does not have.
 */
export function judgeRun(path: string, fromBytes = false): JudgedRun {
  const { run } = readRunWithoutRecords(path);
  const modeOf = rememberModes(run.modes, path);
  const changes: ChangedFinding[] = [];
  let [count, reworded] = [0, 0];
  for (const record of readWholeRecords(join(path, 'records.jsonl'))) {
    count += 1;
    const now = judgeRecord(record, modeOf(record), fromBytes ? withParsedBytes(record, path) : record.evidence);
    if (now === null) continue;
    const was = findingOf(record);
    if (!isSame(was, now)) changes.push({ run: run.run, trial: record.trial, mode: record.mode, was, now });
    else if (was.because.join() !== now.because.join()) reworded += 1;
  }
  return { run: run.run, count, changes, reworded };
}

/** null: nothing was observed, so there is nothing to judge. */
function judgeRecord(record: Record, mode: Mode, evidence: Evidence): Finding | null {
  if (record.cause === 'not-in-this-lab') return null;
  return judge({ ...record, trust: record.device.trust, evidence }, mode);
}

function findingOf({ outcome, cause, candidates, silent, encrypted, because }: Record): Finding {
  return {
    outcome,
    because,
    ...(cause === undefined ? {} : { cause }),
    ...(candidates === undefined ? {} : { candidates }),
    ...(silent === undefined ? {} : { silent }),
    ...(encrypted === undefined ? {} : { encrypted }),
  };
}

function isSame(a: Finding, b: Finding): boolean {
  return (
    a.outcome === b.outcome &&
    a.cause === b.cause &&
    a.silent === b.silent &&
    a.encrypted === b.encrypted &&
    a.candidates?.join() === b.candidates?.join()
  );
}

/** The policy that answered a record's trial; a counter-test's is made once for all that change the same. */
function rememberModes(modes: readonly Mode[], path: string): (record: Record) => Mode {
  const changed = new Map<string, Mode>();
  return ({ mode: id, change, trial }) => {
    const mode = modes.find((m) => m.id === id);
    if (mode === undefined)
      throw new HarnessFault('unreadable-run', `${path}/run.json: has no mode "${id}", which ${trial} names`, {
        advice: 'It was changed by hand, or belongs to another run; restore it.',
      });
    if (change === undefined) return mode;
    const key = JSON.stringify([id, change.path, change.to]);
    const known = changed.get(key) ?? applyChange(mode, change.path, change.to).mode;
    changed.set(key, known);
    return known;
  };
}

/** Facts are read from the capture anew; what a capture cannot hold (lateness, the tap's port) stays. */
function withParsedBytes(record: Record, runPath: string): Evidence {
  const file = record.attachments.find((a) => a.name === 'wire.pcapng');
  if (file === undefined) return record.evidence;
  const captures = parsePcapng(readCapture(join(runPath, file.path), record.trial));
  const connections = captures.map((capture, i) => {
    const kept = record.evidence.wire.connections[i];
    const parsed = parseConnection(capture);
    return kept === undefined ? parsed : { ...parsed, late: kept.late, tapPort: kept.tapPort };
  });
  return { ...record.evidence, wire: { connections } };
}

function readCapture(file: string, trial: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new HarnessFault('capture-missing', `${file}: cannot be read, and ${trial} names it`, {
      cause,
      advice: 'Copy the run with its evidence, or judge without --from-bytes: the records hold the facts.',
    });
  }
}
