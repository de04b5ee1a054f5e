import net from 'node:net';
import { once } from 'node:events';
import { LabFault } from '../../faults.ts';
import type { Port } from '../../vocabulary/trial.ts';

/** One listener of the door. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
}

/**
 * Binds a port for devices that dial it as `canonical`; 0: any free one.
 *
 * @throws LabFault `door-port` with what to do about it.
 */
export async function listenOn(
  where: { readonly address: string; readonly port: number; readonly canonical: Port },
  accept: (socket: net.Socket) => void,
): Promise<Listener> {
  const { address, port, canonical } = where;
  // Half-open connections stay open: a client that has said all (FIN) still reads the answer.
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, accept);
  server.listen({ host: address, port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw bindFault(where, cause);
  }
  // Too many open files: the connection is lost, the listener goes on.
  server.on('error', () => {});
  const bound = server.address();
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : canonical,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

export function bindFault(
  { address, port, canonical }: { readonly address: string; readonly port: number; readonly canonical: Port },
  cause: unknown,
): LabFault {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const what =
    port === canonical || port === 0 ? `port ${port === 0 ? canonical : port}` : `port ${port} (for ${canonical})`;
  const isKept = code === 'EADDRINUSE' && port !== canonical && port !== 0;
  const [why, advice] = isKept
    ? heldByAnother(port)
    : (REASONS[code] ?? [`the system says ${code}`, 'Try mapped ports (--ports mapped).']);
  return new LabFault('door-port', `The door cannot listen on ${address}, ${what}: ${why}.`, {
    advice,
    endpoint: `${address}:${port}`,
    stage: 'start',
    cause,
  });
}

/** It was bound before a restart, and what was entered into devices names it. */
function heldByAnother(port: number): readonly [why: string, advice: string] {
  return [
    'another program has it',
    `Devices were told this number, so it is waited for. See who has it (Linux: ss -tanp "sport = :${port}"; macOS: ` +
      `lsof -i :${port}), end that program or wait until it is done, and go on with --resume again.`,
  ];
}

const REASONS: Readonly<Record<string, readonly [why: string, advice: string]>> = {
  EACCES: [
    'ports below 1024 need rights',
    'Use mapped ports (--ports mapped) and enter the numbers that are shown; or have the firewall redirect to them, ' +
      'which keeps the address of the device (Linux: nft add rule ip nat prerouting tcp dport 587 redirect to :PORT); ' +
      'or let programs bind them: sysctl net.ipv4.ip_unprivileged_port_start=25.',
  ],
  EADDRINUSE: [
    'another program listens there',
    'Stop the mail server that runs on this machine, or use mapped ports (--ports mapped).',
  ],
  EADDRNOTAVAIL: ['the address is not one of this machine', 'Give --listen an address that this machine has.'],
};
