import { conclude, type ConcludedFinding } from '../conclude.ts';
import { newestOf, newestRecords, type StoredRun } from '../records.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Record } from '../vocabulary/record.ts';
import type { Verdict } from '../vocabulary/verdict.ts';

export interface Conclusions {
  /** Records with the finding that controls and counter-tests left. */
  readonly records: readonly Record[];
  readonly verdicts: readonly Verdict[];
}

/** Concludes device by device, in the order in which devices first appear. */
export function concludeAll(records: readonly Record[], modes: readonly Mode[]): Conclusions {
  const byDevice = Map.groupBy(newestOf(records), (r) => r.device.id);
  const conclusions = [...byDevice.values()].map((own) => ({ own, conclusion: conclude(own, modes) }));
  return {
    records: conclusions.flatMap(({ own, conclusion }) =>
      own.map((r) => withFinding(r, conclusion.findings.get(r.trial))),
    ),
    verdicts: conclusions.flatMap(({ conclusion }) => conclusion.verdicts),
  };
}

/** Over all runs of an output folder: the newest record of each trial, the newest run's modes. */
export function concludeRuns(runs: readonly StoredRun[]): Conclusions {
  const modes = new Map(runs.flatMap((r) => r.run.modes.map((m) => [m.id, m])));
  return concludeAll(newestRecords(runs), [...modes.values()]);
}

/** Evidence is read from disk when it is looked at, so it is passed on unread. */
function withFinding(record: Record, finding: ConcludedFinding | undefined): Record {
  if (finding === undefined) return record;
  const { confidence: _, ...settled } = finding;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy of all the record's own properties
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(record)) as Record;
  return Object.assign(copy, NO_FINDING, settled);
}

const NO_FINDING = { cause: undefined, candidates: undefined, silent: undefined, encrypted: undefined };
