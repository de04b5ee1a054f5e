import type { Cause } from '../../harness/vocabulary/finding.ts';
import type { Direction, Security, Port } from '../../harness/vocabulary/trial.ts';

/**
 * What recorded hellos say of a device: how the handshake would end in each policy. Predicted, never measured; it stands
 * beside an answer and is no part of it.
 */
export interface DevicePrediction {
  readonly directions: readonly Direction[];
  /** All of which the same holds. */
  readonly recordings: readonly RecordingName[];
  /** In the order of the policies. */
  readonly modes: readonly PredictedMode[];
}

export interface PredictedMode {
  readonly mode: string;
  /** `works`: the handshake succeeds. Certificate, login and mail come after it. */
  readonly outcome: 'works' | 'fails' | 'cannot-be-predicted';
  readonly cause?: Cause;
}

/** Where a recording comes from, for people. */
export interface RecordingName {
  readonly kind: 'run' | 'capture' | 'testssl' | 'list';
  /** Day that it was made, or that its list has: YYYY-MM-DD. */
  readonly on: string;
  /** Of a list of clients: what the client is called there. */
  readonly name?: string;
  /** Of the device's own recordings. */
  readonly firmware?: string;
  readonly port?: Port;
  readonly security?: Security;
}

export type PredictionsOf = Readonly<Record<string, readonly DevicePrediction[]>>;
