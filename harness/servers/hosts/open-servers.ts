import { randomBytes } from 'node:crypto';
import { HarnessFault } from '../../faults.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Proof } from '../../vocabulary/run.ts';
import type { Port } from '../../vocabulary/trial.ts';
import { unspokenBy } from '../embedded/secure-context.ts';
import type { Account, EngineServers, MailServer } from '../contract.ts';
import { NoAnswer, openEncrypted, type Target } from '../proof/client.ts';
import { carryMail } from '../proof/dialogue.ts';
import { helloOfGoodClient } from '../proof/hello.ts';
import { type AccountMail, openAccountMail } from './account-mail.ts';
import { findListeners, type Listener, type NameService, openNameService } from './find-listeners.ts';
import { openImapVisit } from './imap-visit.ts';
import { type ProveHostsOptions, proveHosts, readAccount } from './prove-hosts.ts';

export interface HostsServersOptions extends Pick<ProveHostsOptions, 'environment' | 'pauseMs' | 'onListener'> {
  /** Policies of the run. All of them name the same test account, whose mailbox tells what arrived. */
  readonly modes: readonly Mode[];
  readonly names?: NameService;
  readonly signal?: AbortSignal;
}

/**
 * The engine `hosts`: servers that exist, with the operator's own test account. Trials are to run one at a time: they
 * share its mailbox. Nothing is started, and closing it removes only mails of this run.
 *
 * @throws HarnessFault `account-missing`, `accounts-differ`, `account-password`; `no-address`; `mailbox-unusable`.
 */
export async function openHostsServers(options: HostsServersOptions): Promise<EngineServers> {
  const account = accountOf(options);
  const names = options.names ?? openNameService();
  const listeners = new Map<string, readonly Listener[]>();
  for (const mode of options.modes) {
    const { listeners: found, unresolved, unanswered } = await findListeners(mode, names);
    // Where one of A and AAAA is known the proof goes on, and tells of the other.
    const silent = unanswered.filter(({ name }) => !found.some((listener) => listener.name === name));
    const without = [...unresolved, ...silent.map(({ name }) => name)];
    const missing = Object.values(mode.hosts).find((host) => without.includes(host));
    if (missing !== undefined) throw noAddress(mode, missing, silent.find(({ name }) => name === missing)?.why);
    listeners.set(mode.id, found);
  }
  const store = await openMailbox(options.modes, listeners, account);
  let proving: Promise<unknown> = Promise.resolve();
  const start = (mode: Mode): MailServer => hostsServer(mode, listeners.get(mode.id) ?? [], store);
  return {
    engine: 'hosts',
    store,
    start: async (mode) => start(mode),
    prove(mode) {
      // One mode after the other: they may be the same machines.
      const proof = proving.then(() => proveMode(start(mode), account, store, { ...options, names }));
      proving = proof.catch(() => {});
      return proof;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function hostsServer(mode: Mode, listeners: readonly Listener[], store: AccountMail): MailServer {
  return {
    mode,
    engine: 'hosts',
    // Nothing is known of what they cannot speak: they have been proven to speak what the mode says.
    // What our own OpenSSL cannot speak nobody could show of these servers: a device that needs it is not testable.
    unspoken: unspokenBy(mode),
    address(port) {
      const found = listeners.find(({ endpoint, kind }) => kind === 'host' && endpoint.port === port);
      // A port that the mode does not name is not asked, not even by a device: nobody can listen on port 0.
      return found === undefined ? { host: '127.0.0.1', port: 0 } : { host: found.address, port: found.dialled };
    },
    sessions(_peerPorts, marker) {
      // Asking makes the marker known: its mails are looked for from now on.
      store.arrived(marker);
      return [];
    },
    mailboxOnly: { fetched: (marker) => store.fetched(marker) },
    get trouble() {
      return store.trouble;
    },
    async settled(peerPorts, signal) {
      if (peerPorts.length > 0) await store.settled(signal);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** The one test account of all modes. @throws HarnessFault `account-missing`, `accounts-differ`, `account-password` */
export function accountOf({ modes, environment }: Pick<HostsServersOptions, 'modes' | 'environment'>): Account {
  const missing = modes.find((mode) => mode.account === undefined);
  const [first] = modes;
  if (first === undefined || missing !== undefined) {
    throw new HarnessFault('account-missing', `Mode "${missing?.id ?? ''}" names no test account.`, {
      advice: 'Give it `account: {user, passwordEnv, address}`: an account of your own, with an empty mailbox.',
      stage: 'configuration',
    });
  }
  const accounts = modes.flatMap((mode) => readAccount(mode, environment) ?? []);
  const [account] = accounts;
  if (account === undefined || accounts.some((other) => !isSame(other, account))) {
    throw new HarnessFault('accounts-differ', 'The modes name different test accounts.', {
      advice: 'One mailbox tells what arrived, whichever mode took it: name one account that all of them serve.',
      stage: 'configuration',
    });
  }
  return account;
}

function isSame(a: Account, b: Account): boolean {
  return a.user === b.user && a.address === b.address && a.password === b.password;
}

async function openMailbox(
  modes: readonly Mode[],
  listeners: ReadonlyMap<string, readonly Listener[]>,
  account: Account,
): Promise<AccountMail> {
  for (const mode of modes) {
    const target = targetOf(mode, listeners.get(mode.id) ?? [], [993, 143]);
    if (target === null) continue;
    try {
      return await openAccountMail(account, () => openImapVisit(target, mode, account));
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      throw new HarnessFault('mailbox-unusable', `The mailbox of ${account.user} cannot be read: ${error.message}`, {
        advice: `It is read over IMAP with TLS from ${target.serverName}. Check user and password of \`account\`.`,
        stage: 'start',
        endpoint: `${target.host}:${target.port}`,
      });
    }
  }
  throw new HarnessFault('mailbox-unusable', 'No mode offers IMAP, so nobody could tell what arrived.', {
    advice: 'Offer port 993 or 143 in the `ports` of a mode.',
    stage: 'configuration',
  });
}

function targetOf(mode: Mode, listeners: readonly Listener[], ports: readonly Port[]): Target | null {
  for (const port of ports) {
    const found = listeners.find(({ endpoint, kind }) => kind === 'host' && endpoint.port === port);
    if (found === undefined || (found.endpoint.tls === 'starttls' && mode.starttls === 'hidden')) continue;
    const { endpoint, address, dialled, name } = found;
    return { endpoint, host: address, port: dialled, serverName: name, idleMs: IDLE_MS };
  }
  return null;
}

const IDLE_MS = 10_000;

/** Everything that `cutover prove` asks, and one mail to oneself. */
async function proveMode(
  server: MailServer,
  account: Account,
  store: AccountMail,
  options: HostsServersOptions & { readonly names: NameService },
): Promise<Proof> {
  const { mode } = server;
  const { answers, findings } = await proveHosts({ ...options, modes: [mode] });
  const facts = answers.flatMap(({ listeners }) => listeners).filter(({ kind }) => kind === 'host');
  const lost = await deliverOne(mode, facts, account, store);
  const texts = (weight: 'differs' | 'note') =>
    findings.filter((finding) => finding.weight === weight).map(({ text, advice }) => `${text} ${advice}`);
  return {
    mode: mode.id,
    ports: [...Map.groupBy(facts, ({ endpoint }) => endpoint.port)].map(([port, at]) => ({
      port,
      accepted: at[0]?.withName?.accepted.slice() ?? [],
      refused: at[0]?.withName?.refused.slice() ?? [],
      suites: at[0]?.suites.slice() ?? [],
      plaintext: at.some(({ clear }) => clear?.login === 'allowed') ? 'allowed' : 'refused',
      delivers: lost === null && at.every(({ login }) => login === 'accepted'),
    })),
    unspoken: server.unspoken,
    contradictions: [...texts('differs'), ...(lost === null ? [] : [lost])],
    peculiarities: texts('note'),
  };
}

/** null: it arrived. */
async function deliverOne(
  mode: Mode,
  listeners: readonly Listener[],
  account: Account,
  store: AccountMail,
): Promise<string | null> {
  const target = targetOf(mode, listeners, [465, 587, 25]);
  if (target === null) return null;
  const marker = `cutover-${randomBytes(8).toString('hex')}`;
  store.arrived(marker);
  try {
    const attempt = await openEncrypted(target, helloOfGoodClient(mode, '1.3'));
    if (attempt.kind !== 'open') throw new NoAnswer(attempt.kind, attempt.why);
    using talk = attempt.talk;
    await carryMail(talk, 'smtp', { account, auth: mode.auth, marker });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return `${target.serverName}, port ${target.endpoint.port}, does not take a mail of the test account to itself: ${error.message}.`;
  }
  await store.settled();
  if (store.arrived(marker) > 0) return null;
  return (
    `A mail of the test account to itself was taken by ${target.serverName}, port ${target.endpoint.port}, and did not ` +
    `show up in its inbox${store.trouble === null ? '' : `: ${store.trouble}`}. Check filters and folders of the account.`
  );
}

/** `why`: what the name service said instead of an answer. */
function noAddress(mode: Mode, host: string, why: string | undefined): HarnessFault {
  const said = why === undefined ? `${host} has no address.` : `no name server told the address of ${host} (${why}).`;
  return new HarnessFault('no-address', `Mode "${mode.id}": ${said}`, {
    advice: "Check its A and AAAA records, or name its addresses in the mode's `addresses`.",
    stage: 'start',
  });
}
