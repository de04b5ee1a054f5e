import { HarnessFault } from '../../faults.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { RootfsReach } from '../../vocabulary/root-reach.ts';
import type { ConsoleOptions } from '../expect.ts';
import type { OpenContext } from '../open.ts';
import type { Session } from '../session.ts';

export async function openRoot(
  device: Device,
  reach: RootfsReach,
  context: OpenContext,
  console: ConsoleOptions,
): Promise<Session> {
  context.signal.throwIfAborted();
  throw new HarnessFault('no-way-into-root', `${device.id}: ${reach.driver} is not driven yet`, { cause: console });
}
