import type { ClientRecipe, Order } from '../../harness/drivers/recipe.ts';
import type { Session } from '../../harness/drivers/session.ts';
import { LabFault } from '../../harness/faults.ts';
import { quote } from '../shell-steps.ts';
import tinyShell from './tiny-shell.ts';

/** Where the relay takes mail from the device: see devices/containers/images/embedded-tls/relay-to. */
const RELAY = { host: '127.0.0.2', port: 465 } as const;

/**
 * For settings `via: relay`, the owner's relay gets the provider's host and port once, and the device is pointed to the
 * relay with the best encryption that it has.
 */
const relayedShell: ClientRecipe = {
  speaks: 'Small Linux boxes with `mailput` and `mailget`, and a relay beside them that `relay-to` points somewhere.',

  async submit(session, order) {
    return tinyShell.submit(session, await routed(session, order));
  },
};

async function routed(session: Session, order: Order): Promise<Order> {
  if (order.setting.via !== 'relay') return order;
  const { exitCode, output } = await session.run(`relay-to ${quote(order.host)} ${order.port}`);
  if (exitCode !== 0)
    throw new LabFault('relay-not-started', `the relay did not start: ${output.trim().slice(0, 200)}`, {
      stage: 'order',
    });
  return { ...order, ...RELAY, setting: { ...order.setting, port: 465, security: 'implicit' } };
}

export default relayedShell;
