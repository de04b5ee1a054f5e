import { HarnessFault, LabFault } from '../faults.ts';
import type { Device, Reach } from '../vocabulary/device.ts';
import type { QemuReach } from '../vocabulary/guest-reach.ts';
import type { RootfsReach } from '../vocabulary/root-reach.ts';
import type { Fleet } from './container.ts';
import type { EmulatedRoots } from './emulated.ts';
import type { ConsoleOptions } from './expect.ts';
import { openFakeDevice } from './fake-device.ts';
import { type Environment, type Login, planLogin, readSecret } from './login.ts';
import type { Session, Transcript } from './session.ts';
import type { HostKeyQuestion } from './ssh/host-key.ts';
import type { TextRedactor } from './transcript.ts';

/** What a run lets its drivers do and know. */
export interface OpenContext {
  /** Version, one of the device's. */
  readonly firmware: string;
  readonly signal: AbortSignal;
  /** Device files may start programs of this machine. */
  readonly allowPrograms: boolean;
  /** Roots that emulated devices can know. */
  readonly roots: EmulatedRoots;
  /** Devices in containers; absent: there is no container engine. */
  readonly fleet?: Fleet;
  /** Names of mail hosts, of all modes: inside a guest of ours they lead to its way out. */
  readonly guestHosts?: readonly string[];
  /** Where secrets are looked up; default: this process's environment. */
  readonly environment?: Environment;
  /** Asked before an SSH host key that no device file pins is believed. Absent: refused. */
  readonly onUnknownHostKey?: (question: HostKeyQuestion) => Promise<boolean>;
  /** Blanked in every transcript, besides those that drivers know themselves. */
  readonly secrets?: readonly string[];
  readonly redactor?: TextRedactor;
  /** Told every secret that a driver uses, so that it is blanked everywhere else too. */
  readonly onSecret?: (secret: string) => void;
}

/**
 * Opens a device's console and logs in. Drivers are loaded when a device needs them.
 * Throws HarnessFault for what the device file has wrong, LabFault for what the device or the network does.
 */
// oxlint-disable-next-line typescript/consistent-return -- every driver has a case; the compiler checks it
export async function openSession(device: Device, context: OpenContext): Promise<Session> {
  const { reach } = device;
  context.signal.throwIfAborted();
  if (reach === undefined) {
    throw new HarnessFault('not-reachable', `device ${device.id} has no \`reach\`: it is not in this lab`);
  }
  switch (reach.driver) {
    case 'ssh':
      return openSshDevice(device, reach, context);
    case 'pty':
      return openProgram(device, reach, context);
    case 'emulated':
      return openEmulatedDevice(device, context);
    case 'container':
      return openContainerDevice(device, reach, context);
    case 'qemu':
      return openGuestDevice(device, reach, context);
    case 'rootfs':
      return openRootDevice(device, reach, context);
    case 'button':
      throw new HarnessFault('needs-a-person', `device ${device.id} has no console: a person presses its button`, {
        advice: 'Run it with `npx cutover attend`.',
        stage: 'configuration',
      });
    case 'scripted':
      return openFakeDevice(reach.script, consoleOptions(device, context));
  }
}

type SshReach = Extract<Reach, { driver: 'ssh' }>;
type ContainerReach = Extract<Reach, { driver: 'container' }>;
type PtyReach = Extract<Reach, { driver: 'pty' }>;

async function openSshDevice(device: Device, reach: SshReach, context: OpenContext): Promise<Session> {
  const environment = context.environment ?? process.env;
  const secret = readSecret(device, reach.secretEnv, environment);
  const login = planLogin(device, reach.login, environment, reach.user);
  for (const one of [secret, ...login.secrets]) context.onSecret?.(one);
  const { openSsh } = await import('./ssh/open-ssh.ts');
  const session = await openSsh({
    ...consoleOptions(device, context, [secret, ...login.secrets]),
    host: reach.host,
    port: reach.port,
    user: reach.user,
    auth: reach.auth,
    secret,
    ...(reach.hostKey === undefined ? {} : { hostKey: reach.hostKey }),
    ...(reach.algorithms === undefined ? {} : { algorithms: reach.algorithms }),
    ...(context.onUnknownHostKey === undefined ? {} : { onUnknownHostKey: context.onUnknownHostKey }),
  });
  return logIn(session, login);
}

async function openProgram(device: Device, reach: PtyReach, context: OpenContext): Promise<Session> {
  const [program, ...args] = reach.program;
  if (program === undefined || !context.allowPrograms) {
    throw new HarnessFault('programs-not-allowed', `device ${device.id} starts a program: ${reach.program.join(' ')}`, {
      advice: 'If you trust its file, allow it with --allow-programs.',
      stage: 'configuration',
    });
  }
  const login = planLogin(device, reach.login, context.environment ?? process.env);
  for (const one of login.secrets) context.onSecret?.(one);
  const { openPty } = await import('./pty.ts');
  return logIn(await openPty({ ...consoleOptions(device, context, login.secrets), program, args }), login);
}

async function openEmulatedDevice(device: Device, context: OpenContext): Promise<Session> {
  const { openEmulated } = await import('./emulated.ts');
  const { firmware, roots, onSecret } = context;
  return openEmulated({
    ...consoleOptions(device, context),
    device,
    firmware,
    roots,
    ...(onSecret === undefined ? {} : { onSecret }),
  });
}

async function openContainerDevice(device: Device, reach: ContainerReach, context: OpenContext): Promise<Session> {
  if (context.fleet === undefined) {
    throw new HarnessFault('no-container-engine', `device ${device.id} runs in a container, and no engine answers`, {
      advice: 'Start a container engine, or leave the device out. `npx cutover doctor` says what is missing.',
      stage: 'configuration',
    });
  }
  return context.fleet.session(device, reach, context, consoleOptions(device, context));
}

async function openGuestDevice(device: Device, reach: QemuReach, context: OpenContext): Promise<Session> {
  const { openGuest } = await import('./qemu/open-guest.ts');
  return openGuest(device, reach, context, consoleOptions(device, context));
}

async function openRootDevice(device: Device, reach: RootfsReach, context: OpenContext): Promise<Session> {
  const login = planLogin(device, reach.login, context.environment ?? process.env);
  for (const one of login.secrets) context.onSecret?.(one);
  const { openRoot } = await import('./rootfs/open-root.ts');
  const console = consoleOptions(device, context, login.secrets);
  return openRoot({ device, reach, context, console, logIn: async (session) => logIn(session, login) });
}

async function logIn(session: Session, login: Login): Promise<Session> {
  try {
    await login.play(session);
    return session;
  } catch (error) {
    const fault = error instanceof LabFault ? withTranscript(error, await session.takeTranscript()) : error;
    await session[Symbol.asyncDispose]();
    throw fault;
  }
}

/** The screen of a console that is closed again is evidence of why. */
function withTranscript(fault: LabFault, transcript: Transcript): LabFault {
  const { code, message, stage, endpoint, advice, cause } = fault;
  const known = Object.fromEntries(Object.entries({ stage, endpoint, advice }).filter(([, v]) => v !== undefined));
  return new LabFault(code, message, { ...known, cause, transcript });
}

function consoleOptions(device: Device, context: OpenContext, secrets: readonly string[] = []): ConsoleOptions {
  const { idleSeconds, totalSeconds } = device.patience;
  return {
    signal: context.signal,
    secrets: [...(context.secrets ?? []), ...secrets],
    waiting: { idleMs: idleSeconds * 1000, totalMs: totalSeconds * 1000 },
    ...(context.redactor === undefined ? {} : { redactor: context.redactor }),
  };
}
