import type { ServerEvidence, ServerSession } from '../vocabulary/evidence.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { Proof } from '../vocabulary/run.ts';
import type { Port } from '../vocabulary/trial.ts';
import type { EngineName } from '../vocabulary/verdict.ts';

/** Throw-away mail account of a run. */
export interface Account {
  readonly user: string;
  readonly password: string;
  readonly address: string;
}

/** Running mail server of one mode, seven listeners. Disposing it closes every connection. */
export interface MailServer extends AsyncDisposable {
  readonly mode: Mode;
  readonly engine: EngineName;
  readonly unspoken: ServerEvidence['unspoken'];
  /** Where a tap (or a client) dials for a canonical port. */
  address(port: Port): { readonly host: string; readonly port: number };
  /** The sessions that came from these source ports, so far; `marker` marks this trial's mails. */
  sessions(peerPorts: readonly number[], marker: string): readonly ServerSession[];
  /** User name of the run's account that the session from this source port logged in to; null: none, or yet. */
  accountOf?(peerPort: number): string | null;
  /** Set when the server can no longer be trusted to answer. */
  readonly trouble: string | null;
  /** What went wrong at any time since then, also if it has been put right. Absent: `trouble` tells all. */
  troubleSince?(startedAt: Date): string | null;
  /**
   * Resolves when all is known of what came from these source ports: a server in another process writes its log and
   * delivers its mail a moment after the connection has ended. Gives up soon. Absent: it is known at once.
   */
  settled?(peerPorts: readonly number[], signal?: AbortSignal): Promise<void>;
  /**
   * The same server as the witness of one listener's connections from now on: a source port may lead to two listeners
   * at a time, and is used again. Absent: there is no log to witness with.
   */
  witness?(port: Port): MailServer;
  /** Its log cannot be read, so that the mailbox alone tells what became of a mail. Absent: `sessions` tells. */
  readonly mailboxOnly?: { fetched(marker: string): boolean };
  /** What this server does otherwise than its mode's words alone would have it. Absent: nothing. */
  readonly peculiarities?: readonly Peculiarity[];
  /** Versions of its programs, e.g. `{postfix: '3.7.11-0+deb12u1'}`. Absent: not known, or those of this process. */
  readonly software?: Readonly<Record<string, string>>;
}

/** A trait of a server's software, which its proof shows: a fact about the server, no contradiction of the mode. */
export interface Peculiarity {
  readonly id: string;
  readonly ports: readonly Port[];
  /** A sentence for people. */
  readonly text: string;
}

/** All mail of a run: one store behind all modes. */
export interface MailStore {
  openAccount(): Account;
  /** Puts a mail with this marker into the account's mailbox, to be fetched. */
  putMail(account: Account, marker: string, sizeBytes: number): void;
  /** Throws away what waits in the account's mailbox: a client that fetches the first mail must find this trial's. */
  clearMail(account: Account): void;
  /** Mails with this marker that came in over SMTP, in any mode. */
  arrived(marker: string): number;
  /** Resolves when what was put and cleared is done. Absent: it is done at once. */
  ready?(): Promise<void>;
}

/** Where the servers of a run's questions come from, and the mail that they share. */
export interface EngineServers extends AsyncDisposable {
  readonly engine: EngineName;
  readonly store: MailStore;
  /** Starts (or names) the server of a mode. Side by side for several modes. It is closed with the engine. */
  start(mode: Mode): Promise<MailServer>;
  /** Where the usual proof would ask too much of servers that work for others. Absent: `proveServer` asks. */
  prove?(mode: Mode): Promise<Proof>;
}
