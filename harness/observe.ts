import { createHash } from 'node:crypto';
import { createDeadline, renderLimit } from './deadline.ts';
import type { ClientRecipe, Order, Said } from './drivers/recipe.ts';
import type { Session, Transcript } from './drivers/session.ts';
import { LabFault } from './faults.ts';
import { createRedactor } from './redact.ts';
import type { Account, MailServer, MailStore } from './servers/contract.ts';
import type { Tap } from './tap.ts';
import type { DeviceEvidence, Evidence } from './vocabulary/evidence.ts';
import type { Scenario, Trial } from './vocabulary/trial.ts';
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
  readonly keepBodies: boolean;
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
/** A device that says "failed" without a connection has nothing on its way. */
const FAILED_UNSEEN_MS = 250;

/** Lets a device do one order and collects what wire, server and device tell of it. Redacted before anyone sees it. */
export async function observe(options: ObserveOptions): Promise<Observation> {
  const { trial, scenario, stand, patience, signal } = options;
  const startedAt = new Date();
  const begin = performance.now();
  if (trial.direction === 'fetch') {
    stand.store.clearMail(stand.account);
    stand.store.putMail(stand.account, stand.marker, scenario.sizeBytes);
  }
  const device = await giveOrder(options);
  await settle(stand.tap, device, patience.idleSeconds * 1000, patience.totalSeconds * 1000, signal);
  stand.tap.endTrial();

  const redactor = createRedactor([stand.account.password], { keepBodies: options.keepBodies });
  const captures = stand.tap.captures().map((c) => redactor.capture(c));
  const sessions = stand.server.sessions(
    captures.map((c) => c.tapPort).filter((p) => p !== 0),
    stand.marker,
  );
  const evidence: Evidence = {
    wire: { connections: captures.map(parseConnection) },
    server: {
      sessions: sessions.map((s) => redactor.object(s)),
      arrived: stand.store.arrived(stand.marker),
      unspoken: stand.server.unspoken,
      trouble: stand.server.trouble,
    },
    device: { ...device.evidence, text: redactor.text(device.evidence.text) },
  };
  const log = sessions.flatMap((s) => s.log.map((line) => `[${s.peerPort}] ${redactor.text(line)}`)).join('\n');
  const files: ObservedFile[] = [
    { name: 'wire.pcapng', type: 'application/x-pcapng', bytes: renderPcapng(captures) },
    { name: 'server.log', type: 'text/plain', bytes: Buffer.from(`${log}\n`) },
  ];
  if (device.transcript !== null) {
    files.push({
      name: 'console.cast',
      type: 'application/x-asciicast',
      bytes: Buffer.from(redactor.text(device.transcript.cast)),
    });
    files.push({ name: 'screen.txt', type: 'text/plain', bytes: Buffer.from(redactor.text(device.transcript.screen)) });
  }
  return {
    evidence,
    startedAt,
    durationMs: performance.now() - begin,
    files,
    sessionSpoilt: device.evidence.trouble !== null,
  };
}

interface DeviceAnswer {
  readonly evidence: DeviceEvidence;
  readonly transcript: Transcript | null;
}

async function giveOrder(options: ObserveOptions): Promise<DeviceAnswer> {
  const { trial, patience, signal } = options;
  using deadline = createDeadline({ totalMs: patience.totalSeconds * 1000, signal });
  let session: Session | null = null;
  const work = async (): Promise<Said> => {
    session = await options.session();
    const order = renderOrder(options);
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
    return answerTrouble(`${fault.message} (${fault.code})`, session);
  }
}

async function answerTrouble(trouble: string, session: Session | null): Promise<DeviceAnswer> {
  const transcript = await takeTranscript(session);
  const text = transcript?.screen.trimEnd().split('\n').slice(-5).join('\n') ?? '';
  return { evidence: { said: 'nothing', text: text.slice(0, 2000), exitCode: null, trouble }, transcript };
}

async function takeTranscript(session: Session | null): Promise<Transcript | null> {
  return session === null ? null : session.takeTranscript();
}

function renderOrder({ trial, scenario, stand }: ObserveOptions): Order {
  return {
    setting: trial.setting,
    host: stand.host,
    port: stand.tap.address.port,
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
async function settle(
  tap: Tap,
  device: DeviceAnswer,
  idleMs: number,
  totalMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (device.evidence.trouble === null) {
    const unseenMs = device.evidence.said === 'failed' ? Math.min(FAILED_UNSEEN_MS, idleMs) : idleMs;
    await tap.until((t) => t.captures().length > 0, { idleMs: unseenMs, totalMs, signal });
    await tap.until((t) => t.openConnections === 0, { idleMs, totalMs, signal });
  }
  await tap.settled({ idleMs: QUIET_MS, totalMs: QUIET_MS * 20, signal });
}

/** SHA-256 in hex, for attachments. */
export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
