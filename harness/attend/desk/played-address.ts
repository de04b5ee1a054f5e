import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

/** Where a played device dials instead of the door. */
export interface PlayedAddress extends AsyncDisposable {
  readonly port: number;
}

/**
 * Gives a played device an address of its own, as on a LAN: what dials `port` on 127.0.0.1 reaches the door from `from`
 * (any of 127.0.0.0/8), byte for byte.
 */
export async function openPlayedAddress(from: string, door: { host: string; port: number }): Promise<PlayedAddress> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (device) => {
    const out = net.connect({ ...door, localAddress: from, allowHalfOpen: true });
    for (const [one, other] of [
      [device, out],
      [out, device],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.resetAndDestroy());
      one.on('close', () => sockets.delete(one));
      one.pipe(other);
    }
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server that listens
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
