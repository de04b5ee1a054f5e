import type { Setting } from '../vocabulary/trial.ts';
import type { Session } from './session.ts';

/** What a device is told to do in one trial. */
export interface Order {
  readonly setting: Setting;
  /** As a customer would type it. */
  readonly host: string;
  /** The tap's bound port: canonical only on engines that bind the real ones. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly to: string;
  /** Goes into the subject, or where the device lets one put text. Ties the mail to the trial. */
  readonly marker: string;
  readonly sizeBytes: number;
  readonly mails: number;
}

/** What the device said afterwards; never a witness. `text`: its own words. */
export interface Said {
  readonly said: 'sent' | 'failed' | 'nothing';
  readonly text: string;
  readonly exitCode: number | null;
}

/**
 * How a kind of console is told to send or fetch: `devices/clients/<id>.ts` exports one as default.
 * The session is logged in and at its prompt, and is left there.
 */
export interface ClientRecipe {
  /** One sentence: which consoles speak so. */
  readonly speaks: string;
  submit(session: Session, order: Order): Promise<Said>;
  /** Absent: such devices do not fetch. */
  fetch?(session: Session, order: Order): Promise<Said>;
}
