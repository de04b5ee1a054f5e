import { appendFileSync, copyFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HarnessFault, LabFault } from '../../faults.ts';
import { type GuestFile, renderCpio } from '../../guests/cpio.ts';
import type { ConsoleOptions } from '../expect.ts';
import { openPrivateFolder } from '../guest/private-folder.ts';
import { openWay, type Way, WAY_HOST } from '../guest/way.ts';
import { openPty } from '../pty.ts';
import type { Session } from '../session.ts';
import { chooseAccelerator } from './accelerator.ts';
import { type Monitor, openMonitor } from './monitor.ts';
import type { GuestPlan } from './plan-guest.ts';
import { renderArguments } from './render-arguments.ts';

export interface MachineOptions {
  readonly name: string;
  readonly plan: GuestPlan;
  /** Names of mail hosts that lead a guest of ours to the way out. */
  readonly hosts: readonly string[];
  /** PEM of the root that a guest of ours trusts besides its own. */
  readonly runCa: string | null;
  /** The guest's port that is forwarded. */
  readonly forwarded?: number;
  readonly console: ConsoleOptions;
  readonly signal: AbortSignal;
}

/** A running emulator. Disposing ends it and removes all that it needed. */
export interface GuestMachine extends AsyncDisposable {
  /** The serial line. */
  readonly serial: Session;
  readonly way: Way;
  /** The port of 127.0.0.1 that leads to `forwarded`. */
  forwardedPort(): Promise<number>;
  /** Keeps how the guest stands; false: this machine's state cannot be kept. */
  keepState(): Promise<boolean>;
  /** Back to the kept state, its memory and disks; connections of the guest are as they were then. */
  restoreState(): Promise<void>;
}

/**
 * Starts the emulator. It ends with this process, however that ends: its terminal is then closed, and the SIGHUP ends
 * it (a private folder that is left is removed by the next guest).
 * Throws LabFault `guest-not-started`; HarnessFault `no-room` where the disk is full.
 */
export async function openMachine(options: MachineOptions): Promise<GuestMachine> {
  const { name, plan, signal, forwarded } = options;
  await using unlessReady = new AsyncDisposableStack();
  const { path } = unlessReady.use(openPrivateFolder());
  const way = unlessReady.use(await openWay(path));
  const accelerator = await chooseAccelerator(plan, signal);
  const place = {
    accelerator,
    monitorSocket: join(path, 'monitor'),
    stateFile: join(path, 'state'),
    relay: (port: number) => [process.execPath, RELAY, way.socket, String(port)],
    ...(forwarded === undefined ? {} : { forwarded }),
    ...(plan.isOurs && plan.initrd !== undefined ? { initrd: join(path, 'initrd') } : {}),
  };
  withRoom(path, () => {
    writeFileSync(place.stateFile, '');
    truncateSync(place.stateFile, STATE_BYTES);
    if (place.initrd !== undefined && plan.initrd !== undefined) layBehind(plan.initrd, place.initrd, options);
  });

  let ended: string | null = null;
  const serial = unlessReady.use(
    await openPty({
      ...options.console,
      rows: SERIAL_ROWS,
      program: 'sh',
      args: ['-c', BOUNDED, plan.emulator, ...renderArguments(plan, place)],
      // Its temporary files have no names, and need room.
      env: { TMPDIR: path },
      name,
      facts: {
        ...options.console.facts,
        carrier: 'serial',
        machine: plan.machine,
        accelerator,
        emulator: plan.emulator,
      },
      onEnd: (reason) => {
        ended = reason;
      },
    }),
  );
  const monitor = unlessReady.use(await openMonitorOf(serial, place.monitorSocket, () => ended, signal));
  if (place.initrd !== undefined) rmSync(place.initrd);
  const parts = unlessReady.move();
  return {
    serial,
    way,
    forwardedPort: async () => parseForwardedPort(await monitor.command('info usernet')),
    keepState: () => keepState(monitor),
    restoreState: async () => {
      refuseWords('loadvm', await monitor.command(`loadvm ${STATE}`));
      way.drop();
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Of the emulator: it has 20 of its own, and one for each connection of the guest, which is a relay in our memory. */
const MOST_FILES = 64;
/** In each of its temporary files: its memory, and what the guest has written. */
const MOST_WRITTEN_BYTES = 8 * 2 ** 30;
/**
 * What a guest takes of this machine has an end: beyond it connections are refused, and its disks have errors. `ulimit`
 * counts files in blocks of 512 bytes (POSIX). A limit that is lower already stays.
 */
const BOUNDED = `trap '' XFSZ; for limit in '-n ${MOST_FILES}' '-f ${MOST_WRITTEN_BYTES / 512}' '-c 0'; do ulimit $limit 2>/dev/null || :; done; exec "$0" "$@"`;

/** A serial line has no size: as many as the last words of a kernel that panics take, with what it said before. */
const SERIAL_ROWS = 100;
const RELAY = join(import.meta.dirname, '..', 'guest', 'relay.mjs');
/** What is kept lies behind the end of it, in the emulator's own temporary file; only its name and kind matter. */
const STATE_BYTES = 1024 * 1024;
const STATE = 'clean';

function withRoom(folder: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')))
      throw cause;
    throw new HarnessFault('no-room', `a guest cannot be started: the disk of ${folder} is full`, {
      advice: 'Free 200 MB there for each guest, or name another folder in TMPDIR.',
      stage: 'start',
      cause,
    });
  }
}

/** A kernel unpacks every archive of its initrd, so our init finds these files among its own (devices/guests). */
function layBehind(initrd: string, target: string, { hosts, runCa, forwarded }: MachineOptions): void {
  const files: GuestFile[] = [
    { path: 'etc/cutover/hosts', content: hosts.map((host) => `${WAY_HOST} ${host}\n`).join('') },
    ...(forwarded === undefined ? [] : [{ path: 'etc/cutover/ssh', content: '' }]),
    ...(runCa === null ? [] : [{ path: 'etc/cutover/run-ca.pem', content: runCa }]),
  ];
  copyFileSync(initrd, target);
  appendFileSync(target, renderCpio(files));
}

/** An emulator that refuses its arguments says why on its terminal. */
async function openMonitorOf(
  serial: Session,
  socket: string,
  whyEnded: () => string | null,
  signal: AbortSignal,
): Promise<Monitor> {
  try {
    return await openMonitor(socket, whyEnded, signal);
  } catch (error) {
    if (!(error instanceof LabFault)) throw error;
    const transcript = await serial.takeTranscript();
    const said = transcript.screen.trim().split('\n').slice(-3).join(' ');
    throw new LabFault(error.code, `${error.message}${said === '' ? '' : `; it said: ${said}`}`, {
      stage: 'start',
      transcript,
      cause: error,
    });
  }
}

/**
 * What the guest has printed must have arrived, and our answers must have been read: they would be printed, and wait to
 * be read, after each restoring once more.
 */
const QUIET_MS = 200;

async function keepState(monitor: Monitor): Promise<boolean> {
  await sleep(QUIET_MS);
  return (await monitor.command(`savevm ${STATE}`)) === '';
}

function refuseWords(command: string, words: string): void {
  if (words !== '') throw new LabFault('guest-monitor', `the emulator refuses ${command}: ${words.trim()}`);
}

/** A line of `info usernet`: `  TCP[HOST_FORWARD]  13       127.0.0.1 36921       10.0.2.15    22     0     0`. */
function parseForwardedPort(words: string): number {
  const found = /TCP\[HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)/.exec(words)?.[1];
  if (found === undefined) throw new LabFault('guest-monitor', `the emulator forwards no port: ${words.trim()}`);
  return Number(found);
}
