import { randomBytes } from 'node:crypto';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getCompileCacheDir } from 'node:module';
import { HarnessFault, LabFault } from '../faults.ts';
import { type Device, type Firmware, type Reach, speedOf } from '../vocabulary/device.ts';
import type { ConsoleOptions } from './expect.ts';
import type { Session } from './session.ts';

/** PEM bundles that an emulated device can know: its factory's roots, and the CA of this run. */
export interface EmulatedRoots {
  readonly factory: string;
  readonly run: string;
}

export interface EmulatedOptions extends ConsoleOptions {
  readonly device: Device;
  /** Version, one of the device's. */
  readonly firmware: string;
  readonly roots: EmulatedRoots;
  /** Address to which every host name leads on this device. */
  readonly resolve?: string;
  /** Program of the consoles; default: devices/emulated/console.ts. */
  readonly program?: string;
  /** Told the console's password. */
  readonly onSecret?: (secret: string) => void;
}

/** What the program finds as JSON in its environment variable CUTOVER_EMULATED. */
export interface EmulatedTask extends Omit<EmulatedReach, 'driver'> {
  readonly firmware: Firmware;
  readonly login: { readonly user: string; readonly password: string };
  readonly roots: EmulatedRoots;
  readonly resolve: string;
  /** How much faster its clock runs than ours. */
  readonly speed: number;
}

type EmulatedReach = Extract<Reach, { driver: 'emulated' }>;

/**
 * Starts an emulated device as a program of its own and logs in. Over `pty` its console asks `login: ` and
 * `Password: `; over `ssh` it serves one SSH console. The session stands before the console's banner.
 * Login name and password live as long as the session. Throws LabFault `console-program-failed`, and what the carrier
 * throws; HarnessFault for what the device file has wrong.
 */
export async function openEmulated(options: EmulatedOptions): Promise<Session> {
  const { driver: _, ...reach } = emulatedReach(options.device);
  const login = { user: 'admin', password: randomBytes(9).toString('base64url') };
  options.onSecret?.(login.password);
  const task: EmulatedTask = {
    ...reach,
    firmware: findFirmware(options.device, options.firmware),
    login,
    roots: options.roots,
    resolve: options.resolve ?? '127.0.0.1',
    speed: speedOf(options.device),
  };
  const program = options.program ?? fileURLToPath(new URL(CONSOLE_PROGRAM, import.meta.url));
  const start = {
    ...options,
    program: process.execPath,
    args: [program],
    env: renderEnvironment(task),
    secrets: [...(options.secrets ?? []), login.password],
    facts: { ...options.facts, console: reach.console },
  };
  if (reach.over === 'ssh') {
    const { openConsoleProgram } = await import('./ssh/console-program.ts');
    return openConsoleProgram({ ...start, task });
  }
  const { openPty } = await import('./pty.ts');
  const session = await openPty({ ...start, name: `the emulated console ${reach.console}` });
  try {
    await session.expect({ login: /login: $/ });
    session.send(login.user);
    await session.expect({ password: /Password: $/ });
    session.send(login.password, { secret: true });
    return session;
  } catch (error) {
    const { screen } = await session.takeTranscript();
    await session[Symbol.asyncDispose]();
    options.signal?.throwIfAborted();
    throw new LabFault('console-program-failed', `the emulated console did not ask for a login; it said: ${screen}`, {
      stage: 'start',
      cause: error,
    });
  }
}

/** Beside this file's folder, as TypeScript in the source tree and as JavaScript in a build. */
const CONSOLE_PROGRAM = `../../devices/emulated/console${extname(import.meta.url)}`;

function emulatedReach(device: Device): EmulatedReach {
  if (device.reach?.driver === 'emulated') return device.reach;
  throw new HarnessFault('not-emulated', `device ${device.id} has no \`reach\` with driver: emulated`);
}

function findFirmware(device: Device, version: string): Firmware {
  const firmware = device.firmware.find((candidate) => candidate.version === version)?.emulated;
  if (firmware !== undefined) return firmware;
  throw new HarnessFault(
    'no-emulated-firmware',
    `firmware ${version} of device ${device.id} has no \`emulated\` part`,
    {
      advice: 'An emulated device says for each version what it is built from: firmware[].emulated.stack and so on.',
    },
  );
}

/** The harness's own compile cache serves its consoles too: they start in a third of the time. */
function renderEnvironment(task: EmulatedTask): Readonly<Record<string, string>> {
  const cache = getCompileCacheDir();
  return {
    CUTOVER_EMULATED: JSON.stringify(task),
    NODE_NO_WARNINGS: '1',
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
  };
}
