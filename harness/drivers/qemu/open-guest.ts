import { HarnessFault } from '../../faults.ts';
import type { Device } from '../../vocabulary/device.ts';
import type { QemuReach } from '../../vocabulary/guest-reach.ts';
import type { ConsoleOptions } from '../expect.ts';
import type { OpenContext } from '../open.ts';
import type { Session } from '../session.ts';

export async function openGuest(
  device: Device,
  reach: QemuReach,
  context: OpenContext,
  consoleOptions: ConsoleOptions,
): Promise<Session> {
  context.signal.throwIfAborted();
  throw new HarnessFault('no-guest-driver', `${device.id}: ${reach.driver} is not driven yet`, {
    cause: consoleOptions.facts,
  });
}
