import { LabFault } from '../../faults.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { QemuReach } from '../../vocabulary/guest-reach.ts';
import type { ConsoleOptions } from '../expect.ts';
import { planLogin } from '../login.ts';
import type { OpenContext } from '../open.ts';
import type { Session, Waiting } from '../session.ts';
import { type GuestMachine, openMachine } from './open-machine.ts';
import { type Opening, planShell } from './open-shell.ts';
import { planGuest } from './plan-guest.ts';

/**
 * Boots a guest, plays its boot dialogue on the serial line and its login where its console is. The session's `renew`
 * brings the guest back to how it stood then, `leadTo` leads its way out; closing it ends the emulator.
 *
 * Throws LabFault `guest-not-booted` with what the screen showed, `guest-not-started` when the emulator itself ends;
 * HarnessFault for what the device file has wrong, or what is to be installed or built.
 */
export async function openGuest(
  device: Device,
  reach: QemuReach,
  context: OpenContext,
  consoleOptions: ConsoleOptions,
): Promise<Session> {
  const environment = context.environment ?? process.env;
  const boot = planLogin(device, reach.boot, environment);
  const shell = planShell(device, reach, environment);
  const secrets = [...boot.secrets, ...shell.secrets];
  for (const secret of secrets) context.onSecret?.(secret);
  const plan = await planGuest(reach);
  const options = { ...consoleOptions, secrets: [...(consoleOptions.secrets ?? []), ...secrets] };
  const begin = (): Opening => ({ context, options, remaining: countDown(reach.bootSeconds * 1000) });

  await using unlessReady = new AsyncDisposableStack();
  const machine = unlessReady.use(
    await openMachine({
      name: `guest ${device.id}`,
      plan,
      hosts: context.guestHosts ?? [],
      runCa: device.trust === 'run-ca' ? context.roots.run : null,
      ...(shell.forwarded === undefined ? {} : { forwarded: shell.forwarded }),
      console: options,
      signal: context.signal,
    }),
  );
  const opening = begin();
  const first = await withLastScreen(machine, async () => {
    await boot.play(machine.serial, opening.remaining);
    return unlessReady.use(await shell.open(machine, opening));
  });
  const isKept = plan.keepsState && (await machine.keepState());
  const open = async (): Promise<Session> => shell.open(machine, begin());
  return createGuestSession({ machine, first, open, isKept, parts: unlessReady.move() });
}

/** Limits of the next wait: a guest is silent for long while it boots, so only the whole counts. */
function countDown(totalMs: number): () => Waiting {
  const endsAt = performance.now() + totalMs;
  return () => {
    const leftMs = Math.max(1, Math.ceil(endsAt - performance.now()));
    return { idleMs: leftMs + ROUNDING_MS, totalMs: leftMs };
  };
}

/** Of two timers that end together, either may be told of. */
const ROUNDING_MS = 1000;

async function withLastScreen<T>({ serial }: GuestMachine, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LabFault)) throw error;
    const transcript = await serial.takeTranscript();
    // The last words of a panic are registers; what a person looks for stands above them.
    const panic = /Kernel panic - [^\n]*/.exec(transcript.screen)?.[0];
    const why = panic === undefined ? error.message : `${panic}; ${error.message}`;
    throw new LabFault('guest-not-booted', `the guest did not come to its prompt: ${why} (${error.code})`, {
      stage: 'login',
      cause: error,
      transcript,
    });
  }
}

interface Guest {
  readonly machine: GuestMachine;
  readonly first: Session;
  /** Opens its console once more. */
  readonly open: () => Promise<Session>;
  readonly isKept: boolean;
  readonly parts: AsyncDisposableStack;
}

function createGuestSession({ machine, first, open, isKept, parts }: Guest): Session {
  let shell = first;
  const isSerial = first === machine.serial;
  const renew = async (): Promise<void> => {
    // Then it is booted again for the next trial.
    if (!isKept) throw new LabFault('state-not-kept', 'the guest cannot be brought back to how it stood');
    if (!isSerial) await shell[Symbol.asyncDispose]();
    await machine.restoreState();
    // What it had printed before is of another time.
    if (isSerial) await machine.serial.expect({ 'what is left': /[^]*/ });
    else shell = parts.use(await open());
  };
  return {
    facts: { ...machine.serial.facts, ...first.facts },
    send: (text, options) => shell.send(text, options),
    expect: async (cases, waiting) => shell.expect(cases, waiting),
    run: async (command, waiting) => shell.run(command, waiting),
    takeTranscript: async () => shell.takeTranscript(),
    leadTo: (tap, port) => machine.way.leadTo(tap, port),
    renew,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
