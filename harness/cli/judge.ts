import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderConfusion } from '../../reports/matrix/confusion.ts';
import { HarnessFault } from '../faults.ts';
import { judge } from '../judge.ts';
import { applyChange } from '../modes/apply-change.ts';
import { readRun, readRuns, type StoredRun } from '../records.ts';
import type { Evidence } from '../vocabulary/evidence.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import { parseConnection } from '../wire/connection.ts';
import { parsePcapng } from '../wire/pcapng.ts';
import { concludeRuns } from './conclusions.ts';
import { EXIT } from './exit.ts';

interface JudgeOptions {
  readonly fromBytes?: boolean;
  readonly confusion?: boolean;
}

/** `cutover judge`: today's rules on stored evidence. Exit 1 when a finding changes, or the confusion is not diagonal. */
export async function judgeAgain(folder: string, options: JudgeOptions): Promise<number> {
  const runs = existsSync(join(folder, 'run.json')) ? [readRun(folder)] : readRuns(folder);
  const changed = runs.flatMap((run) =>
    run.records.flatMap((record) => compare(record, run, options.fromBytes === true)),
  );
  for (const line of changed) console.log(line);
  const count = runs.reduce((n, r) => n + r.records.length, 0);
  console.log(`${count - changed.length} of ${count} findings are the same when judged again.`);
  if (options.confusion !== true) return changed.length === 0 ? EXIT.expected : EXIT.different;
  const devices = runs.flatMap((r) => r.devices);
  const confusion = renderConfusion(concludeRuns(runs).records, devices);
  console.log(`\n${confusion.text}`);
  return changed.length === 0 && confusion.diagonal ? EXIT.expected : EXIT.different;
}

function compare(record: Record, { run, path }: StoredRun, fromBytes: boolean): readonly string[] {
  const mode = run.modes.find((m) => m.id === record.mode);
  if (mode === undefined)
    throw new HarnessFault(
      'unreadable-run',
      `${path}/run.json: has no mode "${record.mode}", which ${record.trial} names`,
    );
  // Nothing was observed, so there is nothing to judge.
  if (record.cause === 'not-in-this-lab') return [];
  const evidence = fromBytes ? withParsedBytes(record, path) : record.evidence;
  const again = judge({ ...record, trust: record.device.trust, evidence }, modeOf(record, mode));
  if (again.outcome === record.outcome && again.cause === record.cause) return [];
  return [
    `${record.trial}: was ${record.outcome} ${record.cause ?? ''}, now ${again.outcome} ${again.cause ?? ''} (${again.because.join(' ')})`,
  ];
}

function modeOf({ change }: Record, mode: Mode): Mode {
  return change === undefined ? mode : applyChange(mode, change.path, change.to).mode;
}

/** Facts are read from the capture anew; what a capture cannot hold (lateness, the tap's port) stays. */
function withParsedBytes(record: Record, runPath: string): Evidence {
  const file = record.attachments.find((a) => a.name === 'wire.pcapng');
  if (file === undefined) return record.evidence;
  const captures = parsePcapng(readFileSync(join(runPath, file.path)));
  const connections = captures.map((capture, i) => {
    const kept = record.evidence.wire.connections[i];
    const parsed = parseConnection(capture);
    return kept === undefined ? parsed : { ...parsed, late: kept.late, tapPort: kept.tapPort };
  });
  return { ...record.evidence, wire: { connections } };
}
