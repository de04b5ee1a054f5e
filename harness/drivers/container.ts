import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerFile, ContainerLab, ContainerNetwork, RunningContainer } from '../containers/contract.ts';
import { createDeadline, renderLimit } from '../deadline.ts';
import { LabFault } from '../faults.ts';
import type { Device, Reach } from '../vocabulary/device.ts';
import { closeWith } from './close-with.ts';
import type { ConsoleOptions } from './expect.ts';
import { planLogin } from './login.ts';
import type { OpenContext } from './open.ts';
import type { Session } from './session.ts';

type ContainerReach = Extract<Reach, { driver: 'container' }>;

/** Devices in containers: each has an address of its own and reaches only this host's `gateway`. */
export interface Fleet extends AsyncDisposable {
  /** Address of this host where the taps of these devices listen. */
  readonly gateway: string;
  /** For drivers that start containers of another kind in the same network. */
  readonly lab: ContainerLab;
  readonly network: ContainerNetwork;
  /** Host names and the addresses that they lead to, inside. */
  readonly hosts: Readonly<Record<string, string>>;
  /**
   * Starts the device's container, fresh, and logs in by SSH. Disposing the session removes the container.
   * Throws LabFault `device-not-started`, and what the SSH driver throws; HarnessFault for what the file has wrong.
   */
  session(device: Device, reach: ContainerReach, context: OpenContext, console?: ConsoleOptions): Promise<Session>;
}

export interface FleetOptions {
  readonly lab: ContainerLab;
  /** Names of mail hosts, of all modes: inside a device they lead to the gateway. */
  readonly hosts: readonly string[];
}

/** Opens the network of the devices; their containers start when their sessions are opened. */
export async function openFleet({ lab, hosts }: FleetOptions): Promise<Fleet> {
  const network = await lab.openNetwork({ name: 'devices', neighbours: false });
  const { gateway } = network;
  const resolved = Object.fromEntries(hosts.map((host) => [host, gateway]));
  return {
    gateway,
    lab,
    network,
    hosts: resolved,
    async session(device, reach, context, console = {}) {
      const { signal, onSecret } = context;
      signal.throwIfAborted();
      const login = planLogin(device, reach.login, context.environment ?? process.env, reach.user);
      const { openSsh } = await import('./ssh/open-ssh.ts');
      const { mintSshKey } = await import('./ssh/mint-key.ts');
      const hostKey = mintSshKey(reach.hostKeyBits);
      const password = randomBytes(12).toString('base64url');
      const clientKey = reach.auth === 'key' ? mintSshKey('ed25519') : null;
      for (const secret of [password, ...login.secrets]) onSecret?.(secret);
      const { image = reach.image, environment = {} } =
        device.firmware.find((f) => f.version === context.firmware)?.container ?? {};
      using boot = createBoot(signal);
      await using unlessReady = new AsyncDisposableStack();
      const container = unlessReady.use(
        await lab.start({
          image,
          name: device.id,
          network,
          hosts: resolved,
          environment,
          files: [
            { target: START_PROGRAM, content: readFileSync(new URL(START_SOURCE, import.meta.url)) },
            { target: '/etc/device/user', content: reach.user },
            { target: '/etc/device/host_key', content: hostKey.privateKey, mode: 0o600 },
            clientKey === null
              ? { target: '/etc/device/password', content: password, mode: 0o600 }
              : { target: '/etc/device/authorized_keys', content: `${clientKey.publicLine}\n` },
            renderProfile(environment),
          ],
          command: ['/bin/sh', START_PROGRAM],
          capabilities: [...SSHD_CAPABILITIES, ...reach.capabilities],
          onLog: boot.log,
          signal,
        }),
      );
      const opened = await whenServing(container, boot, async () =>
        openSsh({
          ...console,
          signal,
          secrets: [...(console.secrets ?? []), password, ...login.secrets],
          facts: { ...console.facts, image, address: container.address },
          host: container.address,
          port: 22,
          user: reach.user,
          auth: reach.auth,
          secret: clientKey?.privateKey ?? password,
          hostKey: hostKey.fingerprint,
          ...(reach.algorithms === undefined ? {} : { algorithms: reach.algorithms }),
        }),
      );
      unlessReady.use(opened);
      await login.play(opened);
      return closeWith(opened, unlessReady.move());
    },
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}

/** Beside the fleet's images, in the source tree and in a build. */
const START_SOURCE = '../../devices/containers/start-device.sh';
const START_PROGRAM = '/etc/device/start-device.sh';
/** OpenSSH ends a login that it cannot tell the kernel's audit of. */
const SSHD_CAPABILITIES = ['AUDIT_WRITE'];

/** Variables reach programs that the SSH login starts only through the profile: SSH servers start with a clean one. */
function renderProfile(environment: Readonly<Record<string, string>>): ContainerFile {
  const lines = Object.entries(environment).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  );
  return { target: '/etc/profile.d/device.sh', content: lines.map((line) => `${line}\n`).join('') };
}

/**
 * Without a word or a listener for this long a device is given up. Dropbear answers 0.2 s after its start; on two cores
 * at a load of 25 some took more than 15 s.
 */
const bootIdleMs = 30_000;
const bootTotalMs = 120_000;
const betweenDialsMs = 50;
const MAX_COMPLAINT = 2000;

interface Boot extends Disposable {
  readonly log: (line: string) => void;
  /** The end of what it said. */
  readonly said: string;
  readonly deadline: ReturnType<typeof createDeadline>;
}

function createBoot(signal: AbortSignal): Boot {
  const deadline = createDeadline({ idleMs: bootIdleMs, totalMs: bootTotalMs, signal });
  let said = '';
  return {
    deadline,
    get said() {
      return said;
    },
    log: (line) => {
      said = `${said}\n${line}`.slice(-MAX_COMPLAINT).trim();
      deadline.moved();
    },
    [Symbol.dispose]: () => deadline[Symbol.dispose](),
  };
}

/** Dials until the device's SSH server listens. */
async function whenServing(container: RunningContainer, boot: Boot, open: () => Promise<Session>): Promise<Session> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof LabFault && error.code === 'ssh-refused')) throw error;
      const { hit } = boot.deadline;
      const over = container.trouble ?? (hit === null ? null : renderLimit(hit));
      if (hit?.limit === 'aborted') throw hit.reason;
      if (over !== null) {
        const said = boot.said === '' ? '' : `; it said: ${boot.said}`;
        throw new LabFault('device-not-started', `no SSH server came up in the device's container: ${over}${said}`, {
          stage: 'start',
          cause: error,
        });
      }
      await sleep(betweenDialsMs);
    }
  }
}
