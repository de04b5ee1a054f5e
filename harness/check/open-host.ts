import { HarnessFault } from '../faults.ts';
import { checkListenAddress } from '../listen-address.ts';
import { mintPki } from '../pki/mint.ts';
import { compareVersions, type Mode } from '../vocabulary/mode.ts';
import { ENDPOINTS, type Port } from '../vocabulary/trial.ts';
import { openGate } from './gate.ts';
import { CHECK_LIMITS, type CheckLimits } from './limits.ts';
import { createNotebook, type Describe } from './notebook.ts';
import { createSources } from './source.ts';
import { startStrictServers } from './strict-servers.ts';
import { createTicketBook, type Ticket } from './tickets.ts';
import type { AgentView } from './view.ts';
import type { Visit } from './visit.ts';

export interface CheckOptions {
  /** A strict policy; whose servers' names customers enter afterwards. */
  readonly mode: Mode;
  readonly listen: string;
  /** Name under which devices reach the test host; default: `listen`. */
  readonly host?: string;
  readonly ports: readonly Port[];
  readonly boundPort: (port: Port) => number;
  readonly describe: Describe;
  readonly limits?: Partial<CheckLimits>;
  /** ms; for tests. */
  readonly now?: () => number;
}

type Opened =
  | { readonly kind: 'opened'; readonly id: string; readonly code: string; readonly expiresAt: string }
  | { readonly kind: 'too-many' };

/** A test host at work. All that an agent asks for is asked with who they are, and answered with what is theirs. */
export interface CheckHost extends AsyncDisposable {
  readonly host: string;
  readonly ports: ReadonlyMap<Port, number>;
  openTicket(agent: string, note: string): Opened;
  /** false: no such ticket of theirs. */
  closeTicket(agent: string, id: string): boolean;
  /** "That was this customer's device." false: no such ticket of theirs, or no such attempt that they may see. */
  claim(agent: string, ticket: string, attempt: string): boolean;
  viewOf(agent: string): AgentView;
  /** Called after changes, a moment later; the result ends it. */
  onChange(changed: () => void): () => void;
  /** Ends what is over; done every second anyway. */
  expire(): void;
}

/** Throws HarnessFault `check-not-strict`, `listen-…` or `check-port`; LabFault `server-start`. */
export async function openCheckHost(options: CheckOptions): Promise<CheckHost> {
  refuseOpenMode(options.mode);
  checkListenAddress(options.listen, [options.mode]);
  const { now = Date.now } = options;
  const limits = { ...CHECK_LIMITS, ...options.limits };
  const host = options.host ?? options.listen;
  const mode: Mode = { ...options.mode, hosts: { smtp: host, imap: host, pop3: host } };
  await using unlessReady = new AsyncDisposableStack();

  const tickets = createTicketBook(limits, now);
  const listeners = new Set<() => void>();
  let pending: NodeJS.Timeout | null = null;
  const changed = () => {
    pending ??= setTimeout(() => {
      pending = null;
      for (const listener of listeners) listener();
    }, CALM_MS);
  };
  // The servers are there before the gate, which needs to know where they are.
  let visitAt: (peerPort: number) => Visit | undefined = () => undefined;
  const servers = unlessReady.use(
    await startStrictServers({
      mode,
      limits,
      ports: options.ports,
      pki: mintPki({ hosts: [host], addresses: [options.listen] }),
      visitorAt(peerPort) {
        const visit = visitAt(peerPort);
        if (visit === undefined) return undefined;
        return {
          identify(name) {
            visit.ticket ??= tickets.redeem(name, visit.facts.source);
            return visit.ticket;
          },
          witnessed: (read) => visit.witnessed(read),
        };
      },
    }),
  );
  const notebook = createNotebook({
    mode,
    wanted: options.mode,
    unspoken: servers.unspoken,
    describe: options.describe,
    now,
  });
  const gate = unlessReady.use(
    await openGate({
      ...options,
      limits,
      now,
      upstream: (port) => servers.address(port),
      sourceOf: createSources(),
      isWanted: () => tickets.all().length > 0,
      onChange(visit) {
        notebook.note(visit, tickets.all());
        changed();
      },
    }),
  );
  visitAt = (peerPort) => gate.visitAt(peerPort);

  const close = (over: readonly Ticket[]) => {
    for (const ticket of over) {
      for (const visit of gate.visits()) if (visit.ticket === ticket) visit.abort('the ticket ended');
      notebook.forget(ticket);
    }
    if (tickets.all().length === 0) {
      for (const visit of gate.visits()) visit.abort('no ticket is open');
      notebook.forgetAll();
    }
    if (over.length > 0) changed();
  };
  const expire = () => {
    close(tickets.expire());
    notebook.expire();
  };
  const sweeping = setInterval(expire, SWEEP_MS);
  unlessReady.defer(() => {
    clearInterval(sweeping);
    if (pending !== null) clearTimeout(pending);
  });
  const ownTicket = (agent: string, id: string) => tickets.all().find((t) => t.id === id && t.agent === agent);
  const opened = unlessReady.move();

  return {
    host,
    ports: gate.ports,
    openTicket(agent, note) {
      expire();
      const ticket = tickets.open(agent, note);
      if (ticket === null) return { kind: 'too-many' };
      changed();
      return {
        kind: 'opened',
        id: ticket.id,
        code: ticket.code,
        expiresAt: new Date(ticket.expiresAtMs).toISOString(),
      };
    },
    closeTicket(agent, id) {
      const ticket = ownTicket(agent, id);
      if (ticket === undefined) return false;
      tickets.close(id);
      close([ticket]);
      return true;
    },
    claim(agent, id, attempt) {
      const ticket = ownTicket(agent, id);
      const claimed = ticket !== undefined && notebook.claim(ticket, attempt);
      if (claimed) changed();
      return claimed;
    },
    viewOf(agent) {
      expire();
      const own = tickets.all().filter((t) => t.agent === agent);
      const waiting = tickets.all().filter((t) => notebook.isWaiting(t));
      return {
        host,
        ports: ENDPOINTS.flatMap(({ port, protocol, tls }) => {
          const dialled = gate.ports.get(port);
          return dialled === undefined ? [] : [{ port, dialled, protocol, security: tls }];
        }),
        tickets: own.map((ticket) => notebook.viewOf(ticket, waiting.length)),
        othersWaiting: waiting.filter((t) => t.agent !== agent).length,
        turnedAway: gate.turnedAway,
        trouble: servers.trouble,
        now: new Date(now()).toISOString(),
      };
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    expire,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Bytes of one handshake come within this; a page needs no picture of each. */
const CALM_MS = 150;
const SWEEP_MS = 1_000;

/** A host that strangers reach must not take what the cutover ends. */
function refuseOpenMode(mode: Mode): void {
  const why = [
    ...(mode.plaintext === 'allowed' ? ['takes logins in the clear'] : []),
    ...(compareVersions(mode.tls.min, '1.2') < 0 ? [`takes TLS ${mode.tls.min}`] : []),
    ...(mode.refusal.version === '421-after-tls' ? ['lets old TLS in to refuse it in words'] : []),
    ...(mode.auth.includes('NONE') ? ['takes mail without a login'] : []),
  ];
  if (why.length === 0) return;
  throw new HarnessFault('check-not-strict', `the mode ${mode.id} ${why.join(', and ')}: a test host is strict only`, {
    exitCode: 64,
    stage: 'configuration',
    advice: 'Give --mode strict, or a mode of your own that refuses plaintext and everything below TLS 1.2.',
  });
}
