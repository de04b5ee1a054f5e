import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningContainer } from '../../containers/contract.ts';
import { LabFault } from '../../faults.ts';
import { closeWith } from '../close-with.ts';
import type { Fleet } from '../container.ts';
import { createConsole } from '../expect.ts';
import type { Session } from '../session.ts';
import { type EnterOptions, MOST_PROCESSES, WRITABLE_BYTES } from './enter-chroot.ts';

/**
 * Enters a root file system as a container whose first program is its shell, on a terminal: no capability, no network
 * but the fleet's, nothing mounted in. Disposing the session removes the container. Throws LabFault
 * `device-not-started`, and HarnessFault for what the engine refuses.
 */
export async function enterContainer(options: EnterOptions, fleet: Fleet): Promise<Session> {
  const { name, archive, signal } = options;
  const { cols = 80, rows = 24 } = options.console;
  signal.throwIfAborted();
  await using unlessReady = new AsyncDisposableStack();
  const image = await fleet.lab.importRoot({ name: archive.name, path: archive.path, signal });
  const container = unlessReady.use(
    await fleet.lab.start({
      image,
      name,
      network: fleet.network,
      hosts: fleet.hosts,
      environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', TERM: 'xterm' },
      command: [options.shell],
      capabilities: 'none',
      mostProcesses: MOST_PROCESSES,
      onlyWritable: { folders: options.writable, bytes: WRITABLE_BYTES },
      terminal: { cols, rows },
      signal,
    }),
  );
  const session = unlessReady.use(carry(container, options));
  return closeWith(session, unlessReady.move());
}

function carry(container: RunningContainer, { name, archive, console }: EnterOptions): Session {
  const { terminal } = container;
  if (terminal === undefined) throw new LabFault('device-not-started', `the container of ${name} has no terminal`);
  const opened = createConsole(
    {
      endpoint: `${name} (container)`,
      write: (text) => void terminal.write(text),
      pause: () => void terminal.pause(),
      close: async () => void terminal.destroy(),
    },
    {
      ...console,
      facts: { ...console.facts, carrier: 'container', architecture: archive.architecture, address: container.address },
    },
  );
  terminal.on('data', (bytes: Buffer) => opened.receive(bytes));
  const end = async (): Promise<void> => opened.end(await whyEnded(container));
  for (const event of ['error', 'end', 'close']) terminal.on(event, () => void end());
  return opened.session;
}

/** The engine tells why a moment after the terminal has ended. */
const TELLS_WITHIN_MS = 5_000;
const BETWEEN_LOOKS_MS = 50;

async function whyEnded(container: RunningContainer): Promise<string> {
  const until = performance.now() + TELLS_WITHIN_MS;
  while (container.trouble === null && performance.now() < until)
    await sleep(BETWEEN_LOOKS_MS, undefined, { ref: false });
  return container.trouble ?? 'its terminal has ended';
}
