import { randomInt } from 'node:crypto';
import { HarnessFault } from './faults.ts';
import { applyChange } from './modes/apply-change.ts';
import { mintPki, type Pki } from './pki/mint.ts';
import type { Account, MailServer } from './servers/contract.ts';
import { startEmbedded } from './servers/embedded/start.ts';
import { createMailStore, type EmbeddedMailStore } from './servers/mail-store.ts';
import { proveServer } from './servers/prove.ts';
import { openTap, type Tap } from './tap.ts';
import type { Mode } from './vocabulary/mode.ts';
import type { Proof } from './vocabulary/run.ts';
import type { Change, Endpoint, Setting, Trial } from './vocabulary/trial.ts';
import { ENDPOINTS } from './vocabulary/trial.ts';

export interface RigOptions {
  /** Every mode that trials name, the control mode among them. */
  readonly modes: readonly Mode[];
  /** Address that servers and taps bind. */
  readonly listen: string;
  /** Of the accounts, which are thrown away with the run. Default: random. */
  readonly newPassword?: () => string;
}

/** The servers of a run, side by side and proven, and a place for each trial. */
export interface Rig extends AsyncDisposable {
  readonly pki: Pki;
  readonly store: EmbeddedMailStore;
  readonly listen: string;
  readonly proofs: readonly Proof[];
  /** Opens the tap of one trial in front of the server of its mode, with the trial's change applied. */
  openStand(trial: Trial, options: { readonly resolvesHosts: boolean }): Promise<Stand>;
}

/** What one trial is run on. Its tap stays open until the stand is disposed of. */
export interface Stand extends AsyncDisposable {
  /** The policy that answers: the trial's mode, changed if the trial changes it. */
  readonly mode: Mode;
  readonly server: MailServer;
  readonly store: EmbeddedMailStore;
  readonly tap: Tap;
  readonly endpoint: Endpoint;
  readonly account: Account;
  /** Ties a mail to the trial. */
  readonly marker: string;
  /** What the device is told. */
  readonly host: string;
}

/**
 * Starts and proves the servers. Throws HarnessFault `mode-contradicted` when a server does not do what its mode says,
 * with every difference: a legacy server that refuses all of TLS 1.0 looks exactly like a strict one.
 */
export async function openRig(options: RigOptions): Promise<Rig> {
  const { listen } = options;
  await using unlessReady = new AsyncDisposableStack();
  // Counter-tests start servers later; they close with the rest.
  const opened = unlessReady.use(new AsyncDisposableStack());
  const pki = mintPki({ hosts: [], addresses: [listen] });
  const store = createMailStore(options.newPassword === undefined ? {} : { newPassword: options.newPassword });
  const start = async (mode: Mode) => opened.use(await startEmbedded({ mode, pki, store, listen }));
  const servers = new Map<string, Promise<MailServer>>(options.modes.map((mode) => [mode.id, start(mode)]));
  const proofs = await Promise.all(
    options.modes.map(async (mode) => proveServer(await serverOf(servers, mode.id), store.openAccount(), store)),
  );
  refuseContradictions(proofs);

  const accounts = new Map<string, Account>();
  const modes = new Map(options.modes.map((m) => [m.id, m]));
  const changed = (mode: Mode, change: Change): Promise<MailServer> => {
    const key = `${mode.id} ${change.path} ${JSON.stringify(change.to)}`;
    const known = servers.get(key) ?? start(applyChange(mode, change.path, change.to).mode);
    servers.set(key, known);
    return known;
  };

  unlessReady.move();
  return {
    pki,
    store,
    listen,
    proofs,
    async openStand(trial, { resolvesHosts }) {
      const mode = modes.get(trial.mode);
      if (mode === undefined)
        throw new HarnessFault('unknown-mode', `${trial.id}: no server runs the mode ${trial.mode}`);
      const server = await (trial.change === undefined ? serverOf(servers, mode.id) : changed(mode, trial.change));
      const endpoint = endpointOf(trial.setting);
      const upstream = trial.role === 'control-refused' ? 'reset' : server.address(endpoint.port);
      const tap = await openTap({ listen, endpoint, upstream });
      const account = accounts.get(trial.device) ?? store.openAccount();
      accounts.set(trial.device, account);
      return {
        mode: server.mode,
        server,
        store,
        tap,
        endpoint,
        account,
        marker: `cutover-${randomLetters(16)}`,
        host: trial.setting.host ?? (resolvesHosts ? mode.hosts[trial.setting.protocol] : listen),
        [Symbol.asyncDispose]: () => tap[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The listener that a setting's port leads to, whatever security the device was told to use there. */
export function endpointOf(setting: Setting): Endpoint {
  const endpoint = ENDPOINTS.find((e) => e.port === setting.port);
  if (endpoint === undefined)
    throw new HarnessFault('unknown-port', `setting ${setting.id}: no listener on port ${setting.port}`);
  return endpoint;
}

async function serverOf(servers: ReadonlyMap<string, Promise<MailServer>>, mode: string): Promise<MailServer> {
  const server = servers.get(mode);
  if (server === undefined) throw new HarnessFault('unknown-mode', `no server runs the mode ${mode}`);
  return server;
}

function refuseContradictions(proofs: readonly Proof[]): void {
  const contradictions = proofs.flatMap((p) => p.contradictions.map((c) => `${p.mode}: ${c}`));
  if (contradictions.length === 0) return;
  throw new HarnessFault(
    'mode-contradicted',
    `servers do not do what their modes say:\n  ${contradictions.join('\n  ')}`,
    {
      stage: 'start',
      advice: 'Nothing was judged. Correct the mode, or the server behind it, and run again.',
    },
  );
}

function randomLetters(count: number): string {
  return Array.from({ length: count }, () => 'abcdefghijklmnopqrstuvwxyz0123456789'[randomInt(36)]).join('');
}
