import { setTimeout as sleep } from 'node:timers/promises';
import { LabFault } from '../../faults.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { QemuReach } from '../../vocabulary/guest-reach.ts';
import type { ConsoleOptions } from '../expect.ts';
import { type Environment, type Login, planLogin, readSecret } from '../login.ts';
import type { OpenContext } from '../open.ts';
import type { Session, Waiting } from '../session.ts';
import type { GuestMachine } from './open-machine.ts';

type SshConsole = Extract<QemuReach['console'], { over: 'ssh' }>;

/** Where a guest is told what to do, once it has booted. */
export interface Shell {
  readonly secrets: readonly string[];
  /** The guest's port that is forwarded. */
  readonly forwarded?: number;
  /** Opens it and logs in; on the serial line, which is open, it only logs in. Throws what its carrier throws. */
  open(machine: GuestMachine, opening: Opening): Promise<Session>;
}

export interface Opening {
  readonly context: OpenContext;
  readonly options: ConsoleOptions;
  /** What is left of the time to boot. */
  readonly remaining: () => Waiting;
}

/** Throws HarnessFault `secret-missing`, and what `planLogin` throws. */
export function planShell(device: Device, reach: QemuReach, environment: Environment): Shell {
  const { console: shell } = reach;
  const login = planLogin(device, reach.login, environment, 'user' in shell ? shell.user : undefined);
  if (shell.over === 'ssh') {
    const secret = readSecret(device, shell.secretEnv, environment);
    return {
      secrets: [secret, ...login.secrets],
      forwarded: shell.port,
      open: async (machine, opening) => logIn(await dialSsh(shell, secret, machine, opening), login),
    };
  }
  if (shell.over === 'telnet') {
    return {
      secrets: login.secrets,
      forwarded: shell.port,
      open: async (machine, opening) => logIn(await dialTelnet(machine, opening), login),
    };
  }
  return {
    secrets: login.secrets,
    open: async ({ serial }, { remaining }) => {
      // Without a boot dialogue the first question of the login says that it has booted; then it is a console like others.
      let isUp = reach.boot.length > 0;
      await login.play(serial, () => {
        const limits = isUp ? {} : remaining();
        isUp = true;
        return limits;
      });
      return serial;
    },
  };
}

async function logIn(session: Session, login: Login): Promise<Session> {
  try {
    await login.play(session);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

async function dialSsh(
  { user, auth, hostKey, algorithms }: SshConsole,
  secret: string,
  machine: GuestMachine,
  opening: Opening,
): Promise<Session> {
  const { openSsh } = await import('../ssh/open-ssh.ts');
  const { onUnknownHostKey } = opening.context;
  const port = await machine.forwardedPort();
  return untilTaken(opening, async () =>
    openSsh({
      ...opening.options,
      host: '127.0.0.1',
      port,
      user,
      auth,
      secret,
      ...(hostKey === undefined ? {} : { hostKey }),
      ...(algorithms === undefined ? {} : { algorithms }),
      ...(onUnknownHostKey === undefined ? {} : { onUnknownHostKey }),
    }),
  );
}

async function dialTelnet(machine: GuestMachine, opening: Opening): Promise<Session> {
  const { openTelnet } = await import('./open-telnet.ts');
  const port = await machine.forwardedPort();
  return untilTaken(opening, async () =>
    openTelnet({ ...opening.options, host: '127.0.0.1', port, totalMs: opening.remaining().totalMs ?? 0 }),
  );
}

const BETWEEN_DIALS_MS = 250;
/** The forwarded port is bound before the guest listens behind it: a connection to it is accepted, and then closed. */
const NOT_YET: ReadonlySet<string> = new Set([
  'ssh-refused',
  'ssh-failed',
  'ssh-unreachable',
  'ssh-timeout',
  'telnet-refused',
]);

/** Dials until somebody answers, or the time to boot is over. */
async function untilTaken({ remaining, context }: Opening, open: () => Promise<Session>): Promise<Session> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof LabFault && NOT_YET.has(error.code))) throw error;
      if ((remaining().totalMs ?? 0) <= BETWEEN_DIALS_MS) throw error;
      await sleep(BETWEEN_DIALS_MS, undefined, { signal: context.signal });
    }
  }
}
