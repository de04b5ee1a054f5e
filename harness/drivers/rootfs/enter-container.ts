import type { RunningContainer } from '../../containers/contract.ts';
import { LabFault } from '../../faults.ts';
import { closeWith } from '../close-with.ts';
import type { Fleet } from '../container.ts';
import { createConsole } from '../expect.ts';
import type { Session } from '../session.ts';
import { type EnterOptions, WRITABLE_BYTES } from './enter-chroot.ts';

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
  const end = (): void => opened.end(container.trouble ?? 'its shell has ended');
  terminal.on('error', end);
  terminal.on('end', end);
  terminal.on('close', end);
  return opened.session;
}
