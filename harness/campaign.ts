import PQueue from 'p-queue';
import { keepConsole } from './drivers/keep-console.ts';
import { openSession, type OpenContext } from './drivers/open.ts';
import type { ClientRecipe } from './drivers/recipe.ts';
import { nextTrial, type Plan } from './next-trial.ts';
import { collectEvidence, observe } from './observe.ts';
import type { RunFolder } from './records.ts';
import { nothingObserved, renderRecord } from './render-record.ts';
import type { Rig, Stand, StandOptions } from './rig.ts';
import { bootSecondsOf, type Device, speedOf } from './vocabulary/device.ts';
import { isSample } from './vocabulary/emulated.ts';
import type { Record } from './vocabulary/record.ts';
import type { Trial } from './vocabulary/trial.ts';
import { createRedactor, type Redactor } from './redact.ts';

/** Where a campaign runs, and whom it tells. */
export interface Lab {
  readonly rig: Rig;
  readonly folder: RunFolder;
  readonly recipeOf: (device: Device) => Promise<ClientRecipe>;
  /** Why this lab cannot run a firmware, or null: its trials are then recorded as not run. */
  readonly whyMissing: (device: Device, firmware: string) => string | null;
  /** What is asked next, from the records so far. Default: nextTrial. */
  readonly choose?: (plan: Plan, records: readonly Record[]) => Trial | null;
  /** Where the taps of a device listen. Default: the rig's address. */
  readonly listenFor?: (device: Device) => string;
  readonly keepBodies: boolean;
  readonly signal: AbortSignal;
  /** Called when a trial's record is on disk. */
  readonly onRecord: (record: Record) => void;
  readonly openContext: Omit<OpenContext, 'firmware' | 'signal'>;
}

/**
 * Runs the devices of a campaign side by side, each device's trials in order. A device that hangs holds only its own
 * place. Rejects with the first HarnessFault, or when the signal aborts; what was recorded stays recorded.
 *
 * @param known Records of an earlier process of this run, by device: their trials are not asked again.
 */
export async function runPlans(
  plans: readonly Plan[],
  lab: Lab,
  parallel: number,
  known: ReadonlyMap<string, readonly Record[]> = new Map(),
): Promise<void> {
  const queue = new PQueue({ concurrency: parallel });
  const failed = new AbortController();
  const signal = AbortSignal.any([lab.signal, failed.signal]);
  const outcomes = await Promise.allSettled(
    plans.map((plan) =>
      queue.add(async () => {
        signal.throwIfAborted();
        try {
          // Its records are not passed on: until the last device is done, those of thousands would be held.
          await runDevice(plan, { ...lab, signal }, known.get(plan.device.id));
        } catch (fault) {
          failed.abort(fault);
          throw fault;
        }
      }),
    ),
  );
  const rejected = outcomes.find((o) => o.status === 'rejected');
  if (failed.signal.aborted) throw failed.signal.reason;
  if (rejected !== undefined) throw rejected.reason;
}

/** Asks one device until there is nothing more to learn. Returns its records. */
export async function runDevice(plan: Plan, lab: Lab, known: readonly Record[] = []): Promise<readonly Record[]> {
  const records: Record[] = [...known];
  const { device } = plan;
  const { choose = nextTrial } = lab;
  const recipe = await lab.recipeOf(device);
  const keep = (record: Record) => {
    lab.folder.append(record);
    records.push(record);
    lab.onRecord(record);
  };
  await using stands = new AsyncDisposableStack();
  const secrets = createSecrets(lab.keepBodies);
  await using console = keepConsole(async (firmware, signal) =>
    openSession(device, {
      ...lab.openContext,
      firmware,
      signal: AbortSignal.any([lab.signal, signal]),
      onSecret: secrets.add,
      redactor: { text: (text) => secrets.redactor().text(text) },
    }),
  );
  const done: { readonly trial: Trial; readonly stand: Stand; readonly record: Record }[] = [];
  for (;;) {
    lab.signal.throwIfAborted();
    const trial = choose(plan, records);
    if (trial === null) break;
    const scenario = plan.scenarios.find((s) => s.id === trial.scenario);
    if (scenario === undefined) throw new Error(`${trial.id}: no such scenario in the plan`);
    const stand = stands.use(await lab.rig.openStand(trial, standFor(device, lab)));
    secrets.add(stand.account.password);
    const missing = lab.whyMissing(device, trial.firmware);
    const observation =
      missing === null
        ? await observe({
            trial,
            scenario,
            stand,
            recipe,
            session: () => console.open(trial.firmware),
            patience: device.patience,
            bootMs: bootSecondsOf(device) * 1000,
            ...(plan.watchSeconds === undefined ? {} : { watchMs: (plan.watchSeconds * 1000) / speedOf(device) }),
            redactor: secrets.redactor,
            signal: lab.signal,
          })
        : nothingObserved(stand);
    const attempt = 1 + records.filter((r) => r.trial === trial.id).length;
    const record = renderRecord({ trial, attempt, device, stand, observation, missing }, lab.folder);
    keep(record);
    done.push({ trial, stand, record });
    if (observation.sessionSpoilt) await console.close();
  }
  for (const { trial, stand, record } of done) {
    if (!cameLater(stand, record)) continue;
    const attempt = 1 + records.filter((r) => r.trial === trial.id).length;
    keep(renderLate(trial, stand, record, device, lab, secrets.redactor(), attempt));
  }
  return records;
}

/** The secrets of one device: its mail account's, its console's. */
interface Secrets {
  readonly add: (secret: string) => void;
  readonly redactor: () => Redactor;
}

function createSecrets(keepBodies: boolean): Secrets {
  const known = new Set<string>();
  let redactor = createRedactor([], { keepBodies });
  return {
    add: (secret) => {
      if (known.has(secret)) return;
      known.add(secret);
      redactor = createRedactor([...known], { keepBodies });
    },
    redactor: () => redactor,
  };
}

function cameLater({ tap, store, marker }: Stand, { evidence }: Record): boolean {
  return tap.captures().some((c) => c.late) || store.arrived(marker) > evidence.server.arrived;
}

/**
 * What came after a trial had ended is evidence too: a second attempt of its record, with what is known by then. Mail
 * that arrived late contradicts a failure that was judged too early.
 */
function renderLate(
  trial: Trial,
  stand: Stand,
  record: Record,
  device: Device,
  lab: Lab,
  redactor: Redactor,
  attempt: number,
): Record {
  const { evidence, files } = collectEvidence(stand, record.evidence.device, redactor);
  const observation = { evidence, files, startedAt: new Date(), durationMs: record.durationMs, sessionSpoilt: false };
  return renderRecord({ trial, attempt, device, stand, observation, missing: null }, lab.folder);
}

function standFor(device: Device, { rig, listenFor }: Lab): StandOptions {
  const { listen } = rig;
  return { resolvesHosts: resolvesHosts(device), listen: listenFor?.(device) ?? listen, speed: speedOf(device) };
}

/** Emulated devices, in containers or not, live in a lab whose name service leads every mail host to the tap. */
function resolvesHosts(device: Device): boolean {
  const { reach } = device;
  return isSample(device) || (reach !== undefined && 'resolvesHosts' in reach && reach.resolvesHosts);
}
