import type { Device } from '../../../harness/vocabulary/device.ts';
import type { Mode } from '../../../harness/vocabulary/mode.ts';
import type { Bilingual, Direction } from '../../../harness/vocabulary/trial.ts';
import type { Verdict } from '../../../harness/vocabulary/verdict.ts';
import type { Coverage } from '../../coverage.ts';
import type { DevicePrediction } from '../predictions.ts';

/** What the page loads first: enough to search, filter and list every device. Details come one by one. */
export interface SiteIndex {
  /** Changes with every build, so that no browser shows yesterday's details. */
  readonly build: string;
  /** Only while nothing but emulated devices is known, or because they were asked for. */
  readonly sample: boolean;
  readonly coverage: Coverage;
  /** Hosts and dates; the texts for the day are made from them in the browser. */
  readonly policies: readonly Mode[];
  /** How often claims and predictions agree with measurements, one sentence each; none while nothing can be compared. */
  readonly agreement: readonly Bilingual[];
  readonly rows: readonly Row[];
}

export interface Row {
  readonly id: string;
  readonly vendor: string;
  readonly model: string;
  readonly modelEn?: string;
  readonly kind: Device['kind'];
  readonly aliases?: readonly string[];
  /** Texts and codes that the device shows. */
  readonly errors?: readonly string[];
  /** Ids of the systems that its answer depends on. */
  readonly systems?: readonly string[];
  readonly emulated?: true;
  /** Each answer that the device can get, once. */
  readonly answers: readonly RowAnswer[];
}

/** `until` only where no policy tells the last day of the transition. */
export type RowAnswer = Pick<Verdict, 'direction' | 'verdict' | 'basis' | 'until'>;

/** What a device shows when mail fails. */
export type ErrorEntry = Pick<Device, 'id' | 'vendor' | 'model' | 'aliases' | 'errors'>;

/** All that the page shows of one device. */
export interface Detail {
  /** Without what only the lab needs. */
  readonly device: Device;
  /** Measured and predicted ones; what follows from claims is concluded in the browser. */
  readonly verdicts: readonly Verdict[];
  readonly outcomes: readonly ModeOutcome[];
  readonly evidence: readonly TrialEvidence[];
  /** Absent where nothing is recorded. */
  readonly predictions?: readonly DevicePrediction[];
}

/** What one policy did with the device as its owner has it configured: measured. */
export interface ModeOutcome {
  readonly direction: Direction;
  readonly mode: string;
  readonly outcome: 'works' | 'fails' | 'inconclusive' | 'not-run';
  readonly encrypted?: boolean;
}

export interface TrialEvidence {
  readonly trial: string;
  readonly direction: Direction;
  readonly mode: string;
  /** Relative to the folder that the run was written to. */
  readonly files: readonly string[];
}
