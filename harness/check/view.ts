import type { Cause, Outcome } from '../vocabulary/finding.ts';
import type { Port, Protocol, Security } from '../vocabulary/trial.ts';

/** What is said of an attempt, in one language. */
export interface AttemptWords {
  readonly headline: string;
  /** For the agent: what was seen. */
  readonly facts: readonly string[];
  /** The setting to enter, line by line; empty: no setting helps. */
  readonly enter: readonly string[];
  /** For the agent to read aloud. */
  readonly aloud: readonly string[];
}

/**
 * `code`: the device named it · `claimed`: the agent said so · `likely`: nobody else waits · `maybe`: others do, or it
 * is not known. Only the first two are this ticket's.
 */
export type Tie = 'code' | 'claimed' | 'likely' | 'maybe';

/** One press of the button, as far as can be told: connections to one port, shortly after one another. */
export interface AttemptView {
  readonly id: string;
  readonly tie: Tie;
  /** ISO time of the first connection. */
  readonly at: string;
  readonly endpoint: { readonly protocol: Protocol; readonly port: Port };
  readonly connections: number;
  /** Still talking. */
  readonly live: boolean;
  /** Masked address. */
  readonly from: string;
  /** It came from the same address as what this ticket is known to have sent. */
  readonly sameAddress: boolean;
  readonly ehlo: string | null;
  readonly offered: string | null;
  readonly agreed: string | null;
  readonly outcome: Outcome;
  readonly cause: Cause | null;
  /** Why we ended a connection, or null. */
  readonly cut: string | null;
  readonly mails: readonly { readonly bytes: number; readonly sha256: string }[];
  readonly words: { readonly de: AttemptWords; readonly en: AttemptWords };
}

export interface TicketView {
  readonly id: string;
  /** Spaced for reading aloud. */
  readonly code: string;
  readonly note: string;
  readonly openedAt: string;
  readonly expiresAt: string;
  readonly attempts: readonly AttemptView[];
  /** What may be this customer's, newest first; none once a mail has come through. */
  readonly maybe: readonly AttemptView[];
}

/** All that one agent may see. Texts in it may come from devices: show them as text only. */
export interface AgentView {
  readonly host: string;
  /** Canonical port and the one that is dialled, where they differ. */
  readonly ports: readonly {
    readonly port: Port;
    readonly dialled: number;
    readonly protocol: Protocol;
    readonly security: Security;
  }[];
  readonly tickets: readonly TicketView[];
  /** Tickets of others that wait for a device. */
  readonly othersWaiting: number;
  readonly turnedAway: number;
  /** A fault of the test host itself; nothing that it says can be trusted then. */
  readonly trouble: string | null;
  readonly now: string;
}
