import { setTimeout as sleep } from 'node:timers/promises';
import { createDeadline, renderLimit } from './deadline.ts';
import type { ClientRecipe, Order, Said } from './drivers/recipe.ts';
import type { Session, Transcript } from './drivers/session.ts';
import { LabFault } from './faults.ts';
import { couldCarry } from './judging/mailbox-witness.ts';
import type { Redactor } from './redact.ts';
import type { Account, MailServer, MailStore } from './servers/contract.ts';
import type { Tap } from './tap.ts';
import type { DeviceEvidence, Evidence } from './vocabulary/evidence.ts';
import type { Direction, Scenario, Trial } from './vocabulary/trial.ts';
import { parseConnection } from './wire/connection.ts';
import { renderPcapng } from './wire/pcapng.ts';

/** Where a trial is observed: a rig's stand. */
interface ObservedStand {
  readonly server: MailServer;
  readonly store: MailStore;
  readonly tap: Tap;
  readonly account: Account;
  readonly marker: string;
  readonly host: string;
}

export interface ObserveOptions {
  readonly trial: Trial;
  readonly scenario: Scenario;
  readonly stand: ObservedStand;
  readonly recipe: ClientRecipe;
  /** Opens the device's console, or hands out the open one. */
  readonly session: () => Promise<Session>;
  /** How long nothing may move, and the whole may take. */
  readonly patience: { readonly idleSeconds: number; readonly totalSeconds: number };
  /** Opening the console may take this much longer: what stands behind it is started first. */
  readonly bootMs?: number;
  /** After its first connection the device is watched this long, whatever it says: for what it does later. */
  readonly watchMs?: number;
  /** Blanks every secret known so far: opening a console may add some. */
  readonly redactor: () => Redactor;
  readonly signal: AbortSignal;
}

interface ObservedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

export interface Observation {
  readonly evidence: Evidence;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly files: readonly ObservedFile[];
  /** The console is no longer at its prompt: do not use it again. */
  readonly sessionSpoilt: boolean;
}

/** After the device has answered and its connections are closed, nothing more is expected after this long. */
const QUIET_MS = 60;
/** Many devices are watched at a time, and the start of their programs takes seconds then (4 s, measured). */
const WATCH_UNSEEN_MS = 10_000;
/** A device that says "failed" without a connection has nothing on its way. */
const FAILED_UNSEEN_MS = 250;

/** Lets a device do one order and collects what wire, server and device tell of it. Redacted before anyone sees it. */
export async function observe(options: ObserveOptions): Promise<Observation> {
  const { trial, scenario, stand } = options;
  const startedAt = new Date();
  const begin = performance.now();
  if (trial.direction === 'fetch') {
    stand.store.clearMail(stand.account);
    stand.store.putMail(stand.account, stand.marker, scenario.sizeBytes);
    await stand.store.ready?.();
  }
  const device = await giveOrder(options);
  await (options.watchMs === undefined ? settle(options, device) : watch(options, options.watchMs));
  stand.tap.endTrial();

  const { evidence, files } = collectEvidence(stand, device.evidence, options.redactor(), startedAt);
  if (device.transcript !== null) {
    const redactor = options.redactor();
    const { cast, screen } = device.transcript;
    files.push({ name: 'console.cast', type: 'application/x-asciicast', bytes: Buffer.from(redactor.text(cast)) });
    files.push({ name: 'screen.txt', type: 'text/plain', bytes: Buffer.from(redactor.text(screen)) });
  }
  return {
    evidence,
    startedAt,
    durationMs: performance.now() - begin,
    files,
    sessionSpoilt: device.evidence.trouble !== null,
  };
}

/** What wire, server and mailbox of a stand tell by now, secrets blanked before anything is parsed. */
export function collectEvidence(
  stand: ObservedStand,
  device: DeviceEvidence,
  redactor: Redactor,
  startedAt = new Date(),
): { readonly evidence: Evidence; readonly files: ObservedFile[] } {
  const captures = stand.tap.captures().map((c) => redactor.capture(c));
  const sessions = stand.server.sessions(portsOf(stand), stand.marker).map((s) => redactor.object(s));
  const log = sessions.flatMap((s) => s.log.map((line) => `[${s.peerPort}] ${line}`)).join('\n');
  return {
    evidence: {
      wire: { connections: captures.map(parseConnection) },
      server: {
        sessions,
        arrived: stand.store.arrived(stand.marker),
        unspoken: stand.server.unspoken,
        // A server that died and was started again has spoilt the trial as well.
        trouble: redactTrouble(stand.server.troubleSince?.(startedAt) ?? stand.server.trouble, redactor),
        ...mailboxOnly(stand),
      },
      device: redactor.object(device),
    },
    files: [
      { name: 'wire.pcapng', type: 'application/x-pcapng', bytes: renderPcapng(captures) },
      { name: 'server.log', type: 'text/plain', bytes: Buffer.from(`${log}\n`) },
    ],
  };
}

/** A program's last words may hold what a device said to it. */
function redactTrouble(trouble: string | null, redactor: Redactor): string | null {
  return trouble === null ? null : redactor.text(trouble);
}

interface DeviceAnswer {
  readonly evidence: DeviceEvidence;
  readonly transcript: Transcript | null;
}

async function giveOrder(options: ObserveOptions): Promise<DeviceAnswer> {
  const { trial, patience, bootMs = 0, signal } = options;
  using deadline = createDeadline({ totalMs: patience.totalSeconds * 1000 + bootMs, signal });
  let session: Session | null = null;
  const work = async (): Promise<Said> => {
    session = await options.session();
    const order = renderOrder(options, session);
    if (trial.direction === 'send') return options.recipe.submit(session, order);
    if (options.recipe.fetch === undefined)
      throw new LabFault('no-fetch', 'its recipe cannot tell it to fetch', { stage: 'order' });
    return options.recipe.fetch(session, order);
  };
  try {
    const raced = await deadline.race(work());
    signal.throwIfAborted();
    if (raced.kind === 'over') return answerTrouble(`The device gave no answer: ${renderLimit(raced.over)}.`, session);
    const { said, text, exitCode } = raced.value;
    return {
      evidence: { said, text: text.slice(0, 2000), exitCode, trouble: null },
      transcript: await takeTranscript(session),
    };
  } catch (fault) {
    signal.throwIfAborted();
    if (!(fault instanceof LabFault)) throw fault;
    return answerTrouble(`${fault.message} (${fault.code})`, session, fault.transcript);
  }
}

/** @param shown By a console that was never opened to the end. */
async function answerTrouble(trouble: string, session: Session | null, shown?: Transcript): Promise<DeviceAnswer> {
  const transcript = shown ?? (await takeTranscript(session));
  const text = transcript?.screen.trimEnd().split('\n').slice(-5).join('\n') ?? '';
  return { evidence: { said: 'nothing', text: text.slice(0, 2000), exitCode: null, trouble }, transcript };
}

async function takeTranscript(session: Session | null): Promise<Transcript | null> {
  return session === null ? null : session.takeTranscript();
}

function renderOrder({ trial, scenario, stand }: ObserveOptions, session: Session): Order {
  const { address } = stand.tap;
  const led = session.leadTo?.(address, trial.setting.port) ?? address;
  return {
    setting: trial.setting,
    // A name leads where the address does.
    host: stand.host === address.host ? led.host : stand.host,
    port: led.port,
    user: stand.account.user,
    password: stand.account.password,
    from: stand.account.address,
    to: stand.account.address,
    marker: stand.marker,
    sizeBytes: scenario.sizeBytes,
    mails: scenario.mails,
  };
}

/** Waits for what may still be on its way: a queued mail, a retry, the end of an open connection. */
async function settle({ stand, trial, patience, signal }: ObserveOptions, device: DeviceAnswer): Promise<void> {
  const { tap } = stand;
  const waiting = { idleMs: patience.idleSeconds * 1000, totalMs: patience.totalSeconds * 1000, signal };
  if (device.evidence.trouble === null) {
    const hasFailed = device.evidence.said === 'failed';
    const unseenMs = hasFailed ? Math.min(FAILED_UNSEEN_MS, waiting.idleMs) : waiting.idleMs;
    await tap.until((t) => t.captures().length > 0, { ...waiting, idleMs: unseenMs });
    await tap.until((t) => t.openConnections === 0, waiting);
    await hearServer(stand, trial.direction, signal);
    // A device that says "sent" may have queued the mail and try again; one that says "failed" has given up.
    const isDone = () => hasFailed || trial.role === 'control-refused' || isSettled(stand, trial);
    const heard = portsOf(stand).join(' ');
    await tap.until((t) => t.openConnections === 0 && isDone(), waiting);
    if (portsOf(stand).join(' ') !== heard) await hearServer(stand, trial.direction, signal);
  }
  await tap.settled({ idleMs: QUIET_MS, totalMs: QUIET_MS * 20, signal });
}

/** A server in another process tells, and delivers, a moment after the connection has ended. */
async function hearServer(stand: ObservedStand, direction: Direction, signal: AbortSignal): Promise<void> {
  const ports = portsOf(stand);
  // Asked for once, so that a mailbox knows what is looked for.
  stand.server.sessions(ports, stand.marker);
  if (stand.server.mailboxOnly !== undefined && !couldServe(stand, direction)) return;
  await stand.server.settled?.(ports, signal);
}

/** A mailbox need not be watched for what no connection can have carried. */
function couldServe({ tap }: ObservedStand, direction: Direction): boolean {
  return tap.captures().some((capture) => couldCarry(parseConnection(capture), direction));
}

function portsOf({ tap }: ObservedStand): number[] {
  return tap
    .captures()
    .map((c) => c.tapPort)
    .filter((port) => port !== 0);
}

function mailboxOnly({ server, marker }: ObservedStand): Pick<Evidence['server'], 'mailboxOnly'> {
  return server.mailboxOnly === undefined ? {} : { mailboxOnly: { fetched: server.mailboxOnly.fetched(marker) } };
}

/** Sees the device's window through: what was refused may be tried again, what was sent may be sent once more. */
async function watch({ stand, trial, patience, signal }: ObserveOptions, watchMs: number): Promise<void> {
  const { tap } = stand;
  const waiting = { idleMs: patience.idleSeconds * 1000, totalMs: patience.totalSeconds * 1000, signal };
  await tap.until((t) => t.captures().length > 0, { ...waiting, idleMs: Math.max(waiting.idleMs, WATCH_UNSEEN_MS) });
  const first = tap.captures()[0];
  if (first === undefined) return;
  const leftMs = first.startedAt.getTime() + watchMs - Date.now();
  if (leftMs > 0) await sleep(leftMs, undefined, { signal });
  await tap.until((t) => t.openConnections === 0, waiting);
  await hearServer(stand, trial.direction, signal);
  await tap.settled({ idleMs: QUIET_MS, totalMs: QUIET_MS * 20, signal });
}

/** The mail came, or was given out: nothing more is expected. */
function isSettled(stand: ObservedStand, trial: Trial): boolean {
  const { mailboxOnly: mailbox } = stand.server;
  if (mailbox !== undefined) {
    return trial.direction === 'send' ? stand.store.arrived(stand.marker) > 0 : mailbox.fetched(stand.marker);
  }
  const sessions = stand.server.sessions(portsOf(stand), stand.marker);
  return sessions.some((s) => (trial.direction === 'send' ? s.delivered.length > 0 : s.fetched));
}
