import { existsSync, realpathSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { HarnessFault } from '../faults.ts';
import type { ContainerOptions, RunningContainer } from './contract.ts';
import { ask, askGone, type Engine, leaveToLab, messageOf, socketPlaces, statusOf } from './engine.ts';
import { execIn } from './exec.ts';
import type { Exits } from './exits.ts';
import type { Labels } from './labels.ts';
import { createLogReader } from './log-lines.ts';
import type { OpenNetwork } from './network.ts';
import { renderTar } from './tar.ts';

export interface StartOptions extends Omit<ContainerOptions, 'image' | 'network'> {
  /** Name and tag at the engine. */
  readonly image: string;
  readonly network: OpenNetwork;
  readonly labels: Labels;
  /** Of its name at the engine. */
  readonly prefix: string;
  readonly exits: Exits;
}

/** What sshd, Postfix and Dovecot need to take a port, to become a user, and to lock themselves in. */
const CAPABILITIES = 'CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETGID SETUID SYS_CHROOT'.split(' ');
const MEMORY_BYTES = 512 * 1024 * 1024;
const MOST_PROCESSES = 512;
/** Some daemons close every descriptor that they may have: with the engine's default of 2^30 that takes minutes. */
const MOST_FILES = 8_192;
/** Of its log, to explain an end. */
const LAST_LINES = 5;

/** Creates, fills and starts a container. What was created is removed again when a step fails. */
export async function startContainer(engine: Engine, options: StartOptions): Promise<RunningContainer> {
  const { name, network, signal } = options;
  refuseSocket(options);
  signal?.throwIfAborted();
  await using unlessReady = new AsyncDisposableStack();
  const { sharesNetworkOf: other } = options;
  const address = other?.address ?? network.takeAddress();
  if (other === undefined) unlessReady.defer(() => network.freeAddress(address));
  const container = await createFrom(engine, options, address);
  unlessReady.defer(() => leaveToLab(askGone(`removing ${name}`, container.remove({ force: true, v: true }))));

  const doing = `starting ${name}`;
  if (options.files !== undefined && options.files.length > 0)
    await ask(`copying files into ${name}`, container.putArchive(renderTar(options.files), { path: '/' }));
  const last: string[] = [];
  const onLine = (line: string): void => {
    if (options.quotesLog !== false) last.push(line);
    if (last.length > LAST_LINES) last.shift();
    options.onLog?.(line);
  };
  let trouble: string | null = null;
  let generation = 0;
  const onExit = async (): Promise<void> => {
    const seen = generation;
    const why = await explainEnd(container, name, last);
    if (seen === generation) trouble = why;
  };
  unlessReady.defer(options.exits.watch(container.id, () => void onExit()));
  signal?.throwIfAborted();
  const terminal = options.terminal === undefined ? null : await attachTerminal(container, doing);
  if (terminal === null) await followLog(container, doing, onLine);
  else unlessReady.defer(() => void terminal.destroy());
  await ask(doing, container.start());
  if (options.terminal !== undefined) await resizeTerminal(container, options.terminal);
  const published = await readPublished(container, options);
  signal?.throwIfAborted();

  const opened = unlessReady.move();
  return {
    id: container.id,
    address,
    published,
    ...(terminal === null ? {} : { terminal }),
    get trouble() {
      return trouble;
    },
    exec: (argv) => execIn(container, name, argv),
    async restart() {
      const again = `starting ${name} again`;
      // 304: it does not run, which is why somebody asks.
      await container.stop({ t: 0 }).catch((cause: unknown) => {
        if (statusOf(cause) !== 304) return ask(again, Promise.reject(cause));
        return undefined;
      });
      await followLog(container, again, onLine);
      await ask(again, container.start());
      // What is still on its way tells of the end before this start.
      generation += 1;
      trouble = await explainEnd(container, name, last);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type Container = ReturnType<Engine['getContainer']>;

async function createFrom(engine: Engine, options: StartOptions, address: string): Promise<Container> {
  const { name, labels } = options;
  const joined = joinNetwork(options, address);
  const request = engine.createContainer({
    name: `${options.prefix}-${name}`,
    Image: options.image,
    Labels: { ...labels },
    Env: Object.entries(options.environment ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(options.command === undefined ? {} : { Cmd: [...options.command] }),
    ...(options.terminal === undefined ? {} : { Tty: true, OpenStdin: true, StdinOnce: true }),
    ...joined.top,
    HostConfig: {
      Mounts: (options.mounts ?? []).map(({ source, target, readOnly }) => ({
        Type: 'bind',
        Source: source,
        Target: target,
        ReadOnly: readOnly,
      })),
      ...joined.HostConfig,
      CapDrop: ['ALL'],
      CapAdd: options.capabilities === 'none' ? [] : [...CAPABILITIES, ...(options.capabilities ?? [])],
      ...renderWritable(options),
      SecurityOpt: ['no-new-privileges'],
      Memory: MEMORY_BYTES,
      MemorySwap: MEMORY_BYTES,
      PidsLimit: options.mostProcesses ?? MOST_PROCESSES,
      Ulimits: [{ Name: 'nofile', Soft: MOST_FILES, Hard: MOST_FILES }],
      RestartPolicy: { Name: 'no' },
      // Lines are followed as they are written; nothing is kept on the engine's disk.
      LogConfig: { Type: 'none', Config: {} },
    },
  });
  try {
    return await request;
  } catch (cause) {
    if (statusOf(cause) === 404 && /no such image/i.test(messageOf(cause))) {
      throw new HarnessFault('no-image', `the image ${options.image} of ${name} is no longer at the container engine`, {
        cause,
        advice: 'Build it again: `npx cutover images build`.',
      });
    }
    return ask(`creating ${name}`, Promise.reject(cause));
  }
}

/** The engine's own default for what is in memory is that nothing there can be run. */
function renderWritable({ onlyWritable }: StartOptions) {
  if (onlyWritable === undefined) return {};
  const { folders, bytes } = onlyWritable;
  const options = `rw,exec,nosuid,nodev,size=${bytes},nr_inodes=4096,mode=1777`;
  return { ReadonlyRootfs: true, Tmpfs: Object.fromEntries(folders.map((folder) => [folder, options])) };
}

/** Its place in the network, or in the namespace of another container: then the engine takes no names and no ports. */
function joinNetwork(options: StartOptions, address: string) {
  const { name, network, sharesNetworkOf: other } = options;
  if (other !== undefined) return { top: {}, HostConfig: { NetworkMode: `container:${other.id}` } };
  const ports = (options.publish ?? []).map((port) => `${port}/tcp`);
  return {
    top: {
      Hostname: name.slice(0, 63),
      ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
      NetworkingConfig: {
        EndpointsConfig: {
          [network.engineName]: { IPAMConfig: { IPv4Address: address }, Aliases: [...(options.aliases ?? [])] },
        },
      },
    },
    HostConfig: {
      NetworkMode: network.engineName,
      ExtraHosts: Object.entries(options.hosts ?? {}).map(([host, target]) => `${host}:${target}`),
      PortBindings: Object.fromEntries(ports.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '' }]])),
      // Whatever is not in /etc/hosts or a neighbour's name is unknown. Without this, engines before 26 ask this
      // host's resolver even for a network without a way out (CVE-2024-29018).
      Dns: ['127.0.0.1'],
    },
  };
}

/** Attaches before the start, so that the first line is seen too. A log that breaks off says nothing about the container. */
async function followLog(container: Container, doing: string, onLine: (line: string) => void): Promise<void> {
  const stream = await ask(doing, container.attach({ stream: true, stdout: true, stderr: true }));
  const reader = createLogReader(onLine);
  stream.on('data', (chunk: Buffer) => reader.push(chunk));
  stream.on('error', () => reader.end());
  stream.on('end', () => reader.end());
}

/** Attached before the start, so that nothing of it is missed. */
async function attachTerminal(container: Container, doing: string): Promise<Duplex> {
  const streams = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
  const terminal = await ask(doing, container.attach(streams));
  if (terminal instanceof Duplex) return terminal;
  throw new HarnessFault('engine-refused', `the container engine gave no terminal while ${doing}`);
}

/** One that has ended already has no terminal any more: its end is told by itself. */
async function resizeTerminal(
  container: Container,
  { cols, rows }: NonNullable<StartOptions['terminal']>,
): Promise<void> {
  await container.resize({ w: cols, h: rows }).catch(() => {});
}

async function readPublished(container: Container, { publish = [], name }: StartOptions): Promise<Map<number, number>> {
  if (publish.length === 0) return new Map();
  const { NetworkSettings } = await ask(`looking at ${name}`, container.inspect());
  const ports = publish.map((port): [number, number] => {
    const bound = Number(NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort);
    if (bound > 0) return [port, bound];
    throw new HarnessFault('not-published', `port ${port} of ${name} was not published`, {
      advice: 'Ports are published only from a network with a way out.',
    });
  });
  return new Map(ports);
}

/** null: it runs, somebody started it again meanwhile. */
async function explainEnd(container: Container, name: string, last: readonly string[]): Promise<string | null> {
  try {
    const { State } = await container.inspect();
    if (State.Running) return null;
    const why = State.OOMKilled
      ? `needed more than ${MEMORY_BYTES / 2 ** 20} MB and was killed`
      : `ended with exit code ${State.ExitCode}`;
    const words = last.length === 0 ? '' : `; its last lines: ${last.join(' | ')}`;
    return `The container ${name} ${why}${words}`;
  } catch (cause) {
    return statusOf(cause) === 404
      ? `The container ${name} was removed by somebody else.`
      : `The container engine stopped answering (${messageOf(cause)}).`;
  }
}

/** Whoever reaches the engine's socket owns this host. */
function refuseSocket({ name, mounts = [] }: StartOptions): void {
  const sockets = socketPlaces().filter((place) => existsSync(place));
  for (const { source } of mounts) {
    if (!existsSync(source))
      throw new HarnessFault('no-folder', `${source}: ${name} needs this folder, and it is not there`);
    const real = realpathSync(source);
    const reached = sockets.find((socket) => `${realpathSync(socket)}/`.startsWith(real === '/' ? '/' : `${real}/`));
    if (reached === undefined) continue;
    throw new HarnessFault(
      'socket-mounted',
      `${source}: mounting it would give ${name} the socket of the container engine`,
      {
        advice: 'Mount a folder of your own.',
      },
    );
  }
}
