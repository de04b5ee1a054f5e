import { HarnessFault } from '../../faults.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { RootfsReach } from '../../vocabulary/root-reach.ts';
import type { ConsoleOptions } from '../expect.ts';
import type { OpenContext } from '../open.ts';
import type { Session } from '../session.ts';
import { enterChroot } from './enter-chroot.ts';
import { enterContainer } from './enter-container.ts';
import { findEntry } from './find-entry.ts';
import { openRootArchive, type RootArchive } from './root-archive.ts';

interface OpenRootOptions {
  readonly device: Device;
  readonly reach: RootfsReach;
  readonly context: OpenContext;
  readonly console: ConsoleOptions;
  /** Plays the login of the device file; closes the session where it fails. */
  readonly logIn: (session: Session) => Promise<Session>;
}

/**
 * Enters a root file system: in a container where the run has a fleet and the engine can run its programs, else in
 * namespaces of its own. Its shell is on a terminal of the session's; `renew` enters it afresh. Throws HarnessFault
 * `no-way-into-root` where neither can be had, and what the two throw.
 */
export async function openRoot({ device, reach, context, console, logIn }: OpenRootOptions): Promise<Session> {
  await using unlessReady = new AsyncDisposableStack();
  const archive = unlessReady.use(await openRootArchive(device.id, reach, context.signal));
  const enter = async (): Promise<Session> => logIn(await enterOnce(device, reach, context, console, archive));
  const first = await enter();
  return createRenewable(first, enter, unlessReady.move());
}

async function enterOnce(
  device: Device,
  { shell, writable }: RootfsReach,
  { fleet, signal, guestHosts: hosts = [] }: OpenContext,
  console: ConsoleOptions,
  archive: RootArchive,
): Promise<Session> {
  const entry = findEntry(archive.architecture, fleet !== undefined);
  const options = { name: device.id, archive, shell, writable, hosts, console, signal };
  if (entry.kind === 'container' && fleet !== undefined) return enterContainer(options, fleet);
  if (entry.kind === 'chroot') return enterChroot(options, entry.line);
  const { why, advice } = entry.kind === 'none' ? entry : { why: 'there is no container engine', advice: '' };
  throw new HarnessFault('no-way-into-root', `device ${device.id}: ${why}`, { advice, stage: 'configuration' });
}

/** What it wrote and what it started is gone with the session before. */
function createRenewable(first: Session, enter: () => Promise<Session>, parts: AsyncDisposableStack): Session {
  let current = first;
  let isClosed = false;
  return {
    facts: first.facts,
    send: (text, options) => current.send(text, options),
    expect: async (cases, waiting) => current.expect(cases, waiting),
    run: async (command, waiting) => current.run(command, waiting),
    takeTranscript: async () => current.takeTranscript(),
    ...(first.leadTo === undefined ? {} : { leadTo: (tap, port) => current.leadTo?.(tap, port) ?? tap }),
    async renew() {
      await current[Symbol.asyncDispose]();
      const next = await enter();
      current = next;
      // Nobody waited for it any more.
      if (isClosed) await next[Symbol.asyncDispose]();
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await using _ = parts;
      await current[Symbol.asyncDispose]();
    },
  };
}
