import type { Excuse } from '../vocabulary/comparison.ts';
import type { State } from './state.ts';

/** The accepted state: what runs are compared with, and who answers for what is not as it should be. */
export interface Baseline {
  readonly state: State;
  /** By key of the question. */
  readonly excuses: ReadonlyMap<string, Excuse>;
  /** The run that was accepted last. */
  readonly run: string;
}
