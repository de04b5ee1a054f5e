import type { ContainerLab, ContainerNetwork, RunningContainer } from '../../containers/contract.ts';
import { createDeadline, type Deadline, renderLimit } from '../../deadline.ts';
import { LabFault } from '../../faults.ts';
import type { Pki } from '../../pki/mint.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Port } from '../../vocabulary/trial.ts';
import type { MailServer } from '../contract.ts';
import { awaitGreetings, shakeHands } from './await-greetings.ts';
import { faultOfRefusals, faultOfSilentLog, faultOfStart, isComplaint, isStorageTrouble } from './blame-mode.ts';
import { createDovecotReader } from './dovecot-log.ts';
import { renderDovecot } from './dovecot/render.ts';
import { createLogBook, type Scope } from './log-book.ts';
import type { MailFolder } from './mail-folder.ts';
import { planOpenssl } from './openssl-policy.ts';
import { createPostfixReader } from './postfix-log.ts';
import { renderPostfix } from './postfix/render.ts';
import { refusalsOf } from './refusals.ts';
import { CONFIG_FOLDER, SASL_ADDRESS, SHARED_FOLDER, SMTP_PORTS } from './rendering.ts';
import { readSoftware } from './software.ts';
import { type Watch, watchOver } from './watch-over.ts';

export interface ContainerServerOptions {
  readonly mode: Mode;
  readonly pki: Pki;
  readonly lab: ContainerLab;
  /** Of the servers alone: Postfix asks Dovecot for logins. */
  readonly network: ContainerNetwork | Promise<ContainerNetwork>;
  readonly folder: MailFolder;
  /** Tells two servers of the same mode apart. Default: the mode's id. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/**
 * Starts Postfix (25, 587, 465) and Dovecot (143, 993, 110, 995) of one mode, a container each, and waits until all
 * seven ports greet.
 *
 * @throws HarnessFault `mode-unspeakable` when they cannot do as the mode says, `mode-rejected` when one of them does
 *   not start with it; LabFault `server-start` when one starts and does not answer.
 */
export async function startContainerServer(options: ContainerServerOptions): Promise<MailServer> {
  const { mode, pki, lab, folder, name = mode.id } = options;
  const refused = refusalsOf(mode);
  if (refused.length > 0) throw faultOfRefusals(mode, refused);
  const certificate = pki.certificate(mode);
  const common = { mode, certificate, mailOwner: folder.owner };
  const renderings = {
    postfix: renderPostfix({ ...common, dovecotHost: SASL_ADDRESS }),
    dovecot: renderDovecot(common),
  };

  const network = await options.network;

  const book = createLogBook(folder);
  const readers = {
    postfix: createPostfixReader({ book, refusesPlaintext: unloggedRefusal(mode) }),
    dovecot: createDovecotReader({ book }),
  };
  const last = { postfix: [] as string[], dovecot: [] as string[] };
  let lastMovedAtMs = performance.now();
  let moved = Promise.withResolvers<void>();
  let watch: Watch | null = null;
  const onLog = (server: ServerName) => (line: string) => {
    // One that is started again and again, and dies each time, does not move.
    if (!isComplaint(line)) lastMovedAtMs = performance.now();
    last[server].push(line);
    if (last[server].length > LAST_LINES) last[server].shift();
    readers[server](line);
    if (isStorageTrouble(line))
      watch?.note(
        `${server} has no room for mail: the disk of its container or of this host's temporary folder is full.`,
      );
    moved.resolve();
    moved = Promise.withResolvers();
  };

  const own =
    mode.configuration === undefined ? [] : [{ source: mode.configuration, target: OVERRIDE_FOLDER, readOnly: true }];
  await using unlessReady = new AsyncDisposableStack();
  const running: RunningContainer[] = [];
  // Together: a run closes six of them.
  unlessReady.defer(async () => void (await Promise.all(running.map((one) => one[Symbol.asyncDispose]()))));
  const run = async (server: ServerName, beside?: RunningContainer): Promise<RunningContainer> => {
    const container = await lab.start({
      image: server,
      name: `${name}-${server}`,
      network,
      ...(beside === undefined ? {} : { sharesNetworkOf: beside }),
      files: renderings[server].files,
      filesFolder: CONFIG_FOLDER,
      mounts: [{ source: folder.path, target: SHARED_FOLDER, readOnly: false }, ...own],
      onLog: onLog(server),
      // Its last lines may tell of another device's login.
      quotesLog: false,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    running.push(container);
    return container;
  };
  const postfix = await run('postfix');
  const dovecot = await run('dovecot', postfix);
  const containers = { postfix, dovecot };
  const serverOf = (port: Port): ServerName => (SMTP_PORTS.includes(port) ? 'postfix' : 'dovecot');
  const heard = async (isThere: () => boolean, deadline: Deadline): Promise<boolean> => {
    while (!isThere()) if ((await deadline.race(moved.promise)).kind === 'over') return isThere();
    return true;
  };
  const greet = (signal?: AbortSignal) =>
    awaitGreetings({
      address: (port) => containers[serverOf(port)].address,
      server: serverOf,
      trouble: () => postfix.trouble ?? dovecot.trouble,
      lastMovedAtMs: () => lastMovedAtMs,
      ...(signal === undefined ? {} : { signal }),
    });

  const greeting = await greet(options.signal);
  if (greeting.kind === 'died') {
    const server = postfix.trouble === null ? 'dovecot' : 'postfix';
    throw faultOfStart(mode, server, greeting.why, last[server]);
  }
  if (greeting.kind === 'silent') {
    const ports = greeting.ports.join(', ');
    const culprit = greeting.ports.map(serverOf).find((server) => last[server].some(isComplaint));
    if (culprit !== undefined) throw faultOfStart(mode, culprit, `no greeting on ${ports}`, last[culprit]);
    const words = greeting.ports.flatMap((port) => last[serverOf(port)].slice(-3));
    throw new LabFault('server-start', `Mode "${mode.id}": no greeting on ${ports}: ${renderLimit(greeting.over)}.`, {
      stage: 'start',
      advice: `The servers' last words: ${[...new Set(words)].join(' | ') || 'none'}`,
    });
  }
  // Dovecot reads its TLS settings when the first client comes, and then closes each connection.
  for (const port of [465, 993] as const) {
    const server = serverOf(port);
    const { shook, peerPort } = await shakeHands(containers[server].address, port);
    if (!shook) {
      using deadline = createDeadline({ totalMs: COMPLAINT_MS });
      // Without a complaint it is the mode that takes no client like this one: the proof tells.
      if (await heard(() => last[server].some(isComplaint), deadline))
        throw faultOfStart(mode, server, `no handshake on ${port}`, last[server]);
    }
    using deadline = createDeadline({
      totalMs: TOLD_MS,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const isTold = await heard(() => book.read([peerPort], '').length > 0, deadline);
    options.signal?.throwIfAborted();
    // Every device would seem to lose its mail.
    if (!isTold && peerPort !== 0) throw faultOfSilentLog(mode, server);
  }
  const [ofPostfix, ofDovecot] = await Promise.all([readSoftware(postfix), readSoftware(dovecot)]);
  const watched = unlessReady.use(watchOver(containers, greet));
  watch = watched;
  const opened = unlessReady.move();
  const view = (scope?: Scope): MailServer => ({
    mode,
    engine: 'containers',
    unspoken: planOpenssl(mode).unspoken,
    peculiarities: [...renderings.postfix.peculiarities, ...renderings.dovecot.peculiarities],
    software: { ...ofPostfix, ...ofDovecot },
    address: (port) => ({ host: containers[serverOf(port)].address, port }),
    sessions: (peerPorts, marker) => book.read(peerPorts, marker, scope),
    async settled(peerPorts, signal) {
      using deadline = createDeadline({ totalMs: SETTLE_MS, ...(signal === undefined ? {} : { signal }) });
      while (!book.isComplete(peerPorts, scope)) {
        if ((await deadline.race(moved.promise)).kind === 'over') break;
      }
      signal?.throwIfAborted();
    },
    witness: (port) => view({ port, sinceMs: performance.now() }),
    get trouble() {
      return watched.trouble;
    },
    troubleSince: (startedAt) => watched.troubleSince(startedAt),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  });
  return view();
}

type ServerName = 'postfix' | 'dovecot';

/** Where the images' start programs look for a provider's own configuration. */
const OVERRIDE_FOLDER = '/etc/cutover/override';
/** A line of a log comes within milliseconds of what it tells of; a mail leaves the queue some ten later. */
const SETTLE_MS = 3_000;
const COMPLAINT_MS = 1_000;
/** A connection is in the log within milliseconds; on a machine that is busy with many starts it takes seconds. */
const TOLD_MS = 15_000;
const LAST_LINES = 30;

/** Postfix logs no refusal of a command before STARTTLS, only that the command did not succeed. */
function unloggedRefusal(mode: Mode): string | null {
  if (mode.plaintext === 'allowed') return null;
  return { '530': '530 5.7.0', '504': '504 5.5.4', '554': '504 5.5.4' }[mode.refusal.plaintext];
}
