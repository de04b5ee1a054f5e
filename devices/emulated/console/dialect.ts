import type { Protocol, Security } from '../../../harness/vocabulary/trial.ts';
import type { Terminal } from './terminal.ts';

/** What was entered into the device, as far as mail is concerned. */
export interface MailOrder {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
  readonly security: Security;
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly to: string;
  /** Subject of the mail. */
  readonly subject: string;
  /** Size of what is mailed (a scan, a picture) in bytes. */
  readonly sizeBytes: number;
}

/** How far the firmware came, as it sees it; a dialect words it for its display. */
export type Stage =
  | 'done'
  | 'queued'
  | 'connect'
  | 'greeting'
  | 'tls'
  | 'certificate'
  | 'auth'
  | 'mail'
  | 'fetch'
  | 'timeout'
  | 'aborted'
  | 'fault';

export interface MailResult {
  readonly ok: boolean;
  readonly stage: Stage;
  /** Detail for a log: the server's reply, or an error code. Printable ASCII, at most 200 characters. */
  readonly text: string;
}

/** Carries out an order: the real TLS stack sends or fetches. */
export type Carry = (order: MailOrder) => Promise<MailResult>;

/**
 * One kind of console: `devices/emulated/consoles/<name>.ts` exports one as default. It prints its banner, and takes
 * commands until the terminal closes (`ConsoleClosed`, which it lets through) or the user leaves.
 */
export type Dialect = (terminal: Terminal, carry: Carry) => Promise<void>;

/** Factory settings, for dialects to start from. */
export const FACTORY_SETTINGS: MailOrder = {
  protocol: 'smtp',
  host: '',
  port: 25,
  security: 'plaintext',
  user: '',
  password: '',
  from: '',
  to: '',
  subject: 'Message from device',
  sizeBytes: 0,
};
