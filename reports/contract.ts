import type { Language } from '../harness/cause-texts.ts';
import type { Comparison } from '../harness/vocabulary/comparison.ts';
import type { Device } from '../harness/vocabulary/device.ts';
import type { Mode } from '../harness/vocabulary/mode.ts';
import type { Attachment, Record } from '../harness/vocabulary/record.ts';
import type { Run } from '../harness/vocabulary/run.ts';
import type { Verdict } from '../harness/vocabulary/verdict.ts';
import type { PredictionsOf } from './lookup/predictions.ts';

/** All that a report may read. Nothing is fetched, driven or judged on this side of the record file. */
export interface ReportInput {
  /** Folder that `cutover run --out` was given. */
  readonly out: string;
  /** The day that the texts speak of; default of the command line: now. */
  readonly asOf: Date;
  readonly language: Language;
  /** Oldest first. */
  readonly runs: readonly Run[];
  /** Hosts, dates and names that the texts speak of: each mode once, whichever runs asked for it. */
  readonly policies: readonly Mode[];
  /** The newest record of each trial over all runs. */
  readonly records: readonly Record[];
  readonly verdicts: readonly Verdict[];
  /** Answers of engines that are further from a provider's servers than the one whose verdict stands. */
  readonly outranked: readonly Verdict[];
  /** The runs' snapshot of device files; claims of devices that nobody tested are in here too. */
  readonly devices: readonly Device[];
  /** What recorded hellos say, by device. No verdict comes from it. */
  readonly predictions?: PredictionsOf;
  /** Emulated devices were asked for on the lookup page; default: only while nothing else is known. */
  readonly samples?: boolean;
  /** What is not as accepted, or not as in the run before: of the newest run that was compared with something. */
  readonly comparison?: Comparison | undefined;
  /** Absolute path of an attachment. The file may be gone (`cutover purge`). */
  attachmentPath(record: Record, attachment: Attachment): string;
}

/** One report: records in, files out. */
export interface Report {
  readonly id: string;
  /** Files or folders it leaves directly under `out`; it writes them into the folder it is given, and nothing else. */
  readonly files: readonly string[];
  write(input: ReportInput, folder: string): Promise<void>;
}
