import { randomInt } from 'node:crypto';
import { HarnessFault } from './faults.ts';
import { applyChange } from './modes/apply-change.ts';
import { mintPki, type Pki, type RunCa } from './pki/mint.ts';
import type { Account, EngineServers, MailServer, MailStore } from './servers/contract.ts';
import { openBrownOut } from './servers/brown-out.ts';
import { startEmbedded } from './servers/embedded/start.ts';
import { createMailStore } from './servers/mail-store.ts';
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
  /** Further addresses that devices dial: the certificates of the run carry them. */
  readonly addresses?: readonly string[];
  /**
   * Opens the engine that answers questions about policies. Absent: embedded. Controls and counter-tests are answered
   * by embedded servers in any case.
   */
  readonly openEngine?: (pki: Pki) => Promise<EngineServers>;
  /** Of the accounts, which are thrown away with the run. Default: random. */
  readonly newPassword?: () => string;
  /** The embedded servers let any user name and password in, and keep neither: see createMailStore. */
  readonly acceptsAnyLogin?: boolean;
  /** The root that devices were given before a restart. Default: a new one, whose key is in memory only. */
  readonly runCa?: RunCa;
}

/** The servers of a run, side by side and proven, and a place for each trial. */
export interface Rig extends AsyncDisposable {
  readonly pki: Pki;
  readonly listen: string;
  readonly proofs: readonly Proof[];
  readonly modes: readonly Mode[];
  /** Opens the tap of one trial in front of the server of its mode, with the trial's change applied. */
  openStand(trial: Trial, options: StandOptions): Promise<Stand>;
  /** For whoever leads the connections himself: the embedded server of a mode, started when it is first asked for. */
  serverOf(mode: string, change?: Change): Promise<MailServer>;
  /** The account of a device at the embedded servers. */
  accountOf(device: string): Account;
}

export interface StandOptions {
  /** The mode's host names lead the device to its tap. Otherwise it is given the address. */
  readonly resolvesHosts: boolean;
  /** Address that the tap binds. Default: that of the rig. */
  readonly listen?: string;
  /** How much faster the device's clock runs than ours: a brown-out is measured by it. Default 1. */
  readonly speed?: number;
}

/** What one trial is run on. Its tap stays open until the stand is disposed of. */
export interface Stand extends AsyncDisposable {
  /** The policy that answers: the trial's mode, changed if the trial changes it. */
  readonly mode: Mode;
  readonly server: MailServer;
  readonly store: MailStore;
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
  const { runCa } = options;
  const addresses = [listen, ...(options.addresses ?? [])];
  const pki = mintPki({ hosts: [], addresses, ...(runCa === undefined ? {} : { runCa }) });
  const { newPassword, acceptsAnyLogin = false } = options;
  const store = createMailStore({ acceptsAnyLogin, ...(newPassword === undefined ? {} : { newPassword }) });
  const start = async (mode: Mode) => opened.use(await startEmbedded({ mode, pki, store, listen }));
  const embedded = createSide({ store, start });
  const asked = options.openEngine === undefined ? embedded : createSide(opened.use(await options.openEngine(pki)));
  const proofs = await Promise.all(
    options.modes.map((mode) => (mode.purpose === 'policy' ? asked : embedded).prove(mode)),
  );
  refuseContradictions(proofs);

  const modes = new Map(options.modes.map((m) => [m.id, m]));
  const modeOf = (id: string, trial = ''): Mode => {
    const mode = modes.get(id);
    if (mode === undefined) throw new HarnessFault('unknown-mode', `${trial}no server runs the mode ${id}`);
    return mode;
  };
  const openServer = async (side: Side, mode: Mode, trial: Trial, speed: number): Promise<MailServer> => {
    const { until } = mode.refusal;
    if (until === undefined) return side.serverOf(mode, trial.change);
    const then = modeOf(until.mode, `${mode.id}: `);
    // Of its own: sessions are told apart by source port, and one port may lead to two servers of other trials.
    const [refusing, later] = await Promise.all([side.start(mode), side.start(then)]);
    return openBrownOut({ mode, refusing, later, durationMs: (until.seconds * 1000) / speed });
  };
  unlessReady.move();
  return {
    pki,
    listen,
    proofs,
    modes: options.modes,
    serverOf: async (mode, change) => embedded.serverOf(modeOf(mode), change),
    accountOf: (device) => embedded.accountOf(device),
    async openStand(trial, { resolvesHosts, listen: address = listen, speed = 1 }) {
      const mode = modeOf(trial.mode, `${trial.id}: `);
      const side = trial.engine === 'embedded' ? embedded : asked;
      const server = await openServer(side, mode, trial, speed);
      const endpoint = endpointOf(trial.setting);
      // A brown-out's servers change from one connection to the next.
      const isFixed = mode.refusal.until === undefined;
      const upstream = isFixed ? server.address(endpoint.port) : () => server.address(endpoint.port);
      const tap = await openTap({
        listen: address,
        endpoint,
        upstream: trial.role === 'control-refused' ? 'reset' : upstream,
      });
      return {
        get mode() {
          return server.mode;
        },
        server: server.witness?.(endpoint.port) ?? server,
        store: side.store,
        tap,
        endpoint,
        account: side.accountOf(trial.device),
        marker: newMarker(),
        host: trial.setting.host ?? (resolvesHosts ? mode.hosts[trial.setting.protocol] : address),
        [Symbol.asyncDispose]: () => tap[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The servers of one engine, each started when it is first asked for, and an account for each device. */
interface Side {
  readonly store: MailStore;
  serverOf(mode: Mode, change?: Change): Promise<MailServer>;
  /** Another server of the mode, where the engine can. */
  start(mode: Mode): Promise<MailServer>;
  accountOf(device: string): Account;
  prove(mode: Mode): Promise<Proof>;
}

function createSide({ store, start, prove }: Pick<EngineServers, 'store' | 'start' | 'prove'>): Side {
  const servers = new Map<string, Promise<MailServer>>();
  const accounts = new Map<string, Account>();
  const serverOf = (mode: Mode, change?: Change): Promise<MailServer> => {
    const key = change === undefined ? mode.id : `${mode.id} ${change.path} ${JSON.stringify(change.to)}`;
    const known =
      servers.get(key) ?? start(change === undefined ? mode : applyChange(mode, change.path, change.to).mode);
    servers.set(key, known);
    return known;
  };
  return {
    store,
    serverOf,
    start,
    accountOf(device) {
      const account = accounts.get(device) ?? store.openAccount();
      accounts.set(device, account);
      return account;
    },
    prove: async (mode) => prove?.(mode) ?? proveServer(await serverOf(mode), store.openAccount(), store),
  };
}

/** The listener that a setting's port leads to, whatever security the device was told to use there. */
export function endpointOf(setting: Setting): Endpoint {
  const endpoint = ENDPOINTS.find((e) => e.port === setting.port);
  if (endpoint === undefined)
    throw new HarnessFault('unknown-port', `setting ${setting.id}: no listener on port ${setting.port}`);
  return endpoint;
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

/** Ties a mail to its trial; findMarkers knows its shape. */
export function newMarker(): string {
  const letters = Array.from({ length: 16 }, () => 'abcdefghijklmnopqrstuvwxyz0123456789'[randomInt(36)]);
  return `cutover-${letters.join('')}`;
}
