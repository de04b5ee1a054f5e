import { HarnessFault } from '../../faults.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { RootfsReach } from '../../vocabulary/root-reach.ts';
import type { ConsoleOptions } from '../expect.ts';
import type { OpenContext } from '../open.ts';
import type { Session } from '../session.ts';
import { enterChroot } from './enter-chroot.ts';
import { enterContainer } from './enter-container.ts';
import { findEntry } from './find-entry.ts';
import { openRootArchive } from './root-archive.ts';

/**
 * Enters a root file system: in a container where the run has a fleet and the engine can run its programs, else in
 * namespaces of its own. Its shell is on a terminal of the session's. Throws HarnessFault `no-way-into-root` where
 * neither can be had, and what the two throw.
 */
export async function openRoot(
  device: Device,
  reach: RootfsReach,
  context: OpenContext,
  console: ConsoleOptions,
): Promise<Session> {
  const { fleet, signal, guestHosts: hosts = [] } = context;
  using archive = await openRootArchive(device.id, reach, signal);
  const entry = findEntry(archive.architecture, fleet !== undefined);
  const { shell, writable } = reach;
  const options = { name: device.id, archive, shell, writable, hosts, console, signal };
  if (entry.kind === 'container' && fleet !== undefined) return enterContainer(options, fleet);
  if (entry.kind === 'chroot') return enterChroot(options, entry.line);
  const { why, advice } = entry.kind === 'none' ? entry : { why: 'there is no container engine', advice: '' };
  throw new HarnessFault('no-way-into-root', `device ${device.id}: ${why}`, { advice, stage: 'configuration' });
}
