import { setTimeout as sleep } from 'node:timers/promises';
import { HarnessFault } from '../../faults.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Account } from '../contract.ts';
import { askListener, type ListenerFacts } from './ask-listener.ts';
import { findListeners, type NameService, openNameService } from './find-listeners.ts';
import { type HostFinding, judgeHosts, type ModeAnswers } from './findings.ts';

export interface ProveHostsOptions {
  readonly modes: readonly Mode[];
  /** ms between the end of a listener's connection and the next one. Default 200. */
  readonly pauseMs?: number;
  /** ms without a byte from the server. Default 10,000: a greeting may wait for a name service. */
  readonly idleMs?: number;
  readonly names?: NameService;
  /** Where the accounts' passwords are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Told of each listener that was asked. */
  readonly onListener?: (facts: ListenerFacts, done: number, all: number) => void;
  readonly now?: () => Date;
}

export interface HostsProof {
  readonly answers: readonly ModeAnswers[];
  readonly findings: readonly HostFinding[];
}

/**
 * Asks servers that exist whether they do what their modes say: every address × port × name, one connection at a time.
 *
 * @throws HarnessFault `account-password` when a test account's variable is empty; the signal's reason when it aborts.
 */
export async function proveHosts(options: ProveHostsOptions): Promise<HostsProof> {
  const names = options.names ?? openNameService();
  const accounts = options.modes.map((mode) => readAccount(mode, options.environment));
  const found = await Promise.all(options.modes.map((mode) => findListeners(mode, names)));
  const all = found.reduce((sum, { listeners }) => sum + listeners.length, 0);
  let done = 0;
  const pace = async () => {
    await sleep(options.pauseMs ?? PAUSE_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
  };
  const answers: ModeAnswers[] = [];
  for (const [at, mode] of options.modes.entries()) {
    const { listeners, unresolved, unanswered } = found[at] ?? { listeners: [], unresolved: [], unanswered: [] };
    let account = accounts[at] ?? null;
    const facts: ListenerFacts[] = [];
    for (const listener of listeners) {
      options.signal?.throwIfAborted();
      const { idleMs = IDLE_MS, signal } = options;
      const asked = await askListener(listener, { mode, account, idleMs, pace, signal });
      // What a connection of ours that was cut looked like is no answer.
      signal?.throwIfAborted();
      // One wrong login tells all there is to tell; the next ones would only be counted (fail2ban).
      if (typeof asked.login === 'object') account = null;
      facts.push(asked);
      done += 1;
      options.onListener?.(asked, done, all);
    }
    answers.push({ mode, listeners: facts, unresolved, unanswered });
  }
  return { answers, findings: judgeHosts(answers, options.now?.() ?? new Date()) };
}

const PAUSE_MS = 200;
const IDLE_MS = 10_000;

/** The operator's own test account, or null where the mode names none. */
export function readAccount(mode: Mode, environment: ProveHostsOptions['environment']): Account | null {
  if (mode.account === undefined) return null;
  const { user, passwordEnv, address } = mode.account;
  const password = environment[passwordEnv];
  if (password === undefined || password === '') {
    throw new HarnessFault('account-password', `Mode "${mode.id}": the environment variable ${passwordEnv} is empty.`, {
      advice: `It holds the password of the test account ${user}: ${passwordEnv}=… npx cutover prove …`,
      stage: 'configuration',
    });
  }
  return { user, password, address };
}
