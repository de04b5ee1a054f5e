import type { Side } from '../vocabulary/evidence.ts';
import type { Endpoint } from '../vocabulary/trial.ts';

/**
 * One thing the tap saw. `omitted`: bytes carried but not kept, because a side sent more than is kept, or because
 * redaction took a mail out; then `note` says what stood there.
 */
export type CaptureEvent =
  | { readonly kind: 'data'; readonly from: Side; readonly atMs: number; readonly bytes: Buffer }
  | {
      readonly kind: 'omitted';
      readonly from: Side;
      readonly atMs: number;
      readonly count: number;
      readonly note?: string;
    }
  | { readonly kind: 'fin' | 'reset'; readonly from: Side | 'tap'; readonly atMs: number };

/** One TCP connection through a tap, in order of time. `atMs` counts from `startedAt`. */
export interface Capture {
  readonly number: number;
  readonly endpoint: Endpoint;
  readonly startedAt: Date;
  readonly client: { readonly address: string; readonly port: number };
  /** Source port towards the server; 0 when it was never dialled. */
  readonly tapPort: number;
  readonly late: boolean;
  readonly events: readonly CaptureEvent[];
}
