import { connect, type Socket } from 'node:net';
import { createDeadline } from '../../deadline.ts';
import { LabFault } from '../../faults.ts';

export interface Dialling {
  readonly host: string;
  readonly port: number;
  readonly endpoint: string;
  readonly signal?: AbortSignal;
}

/** A sleeping device wakes within seconds; Linux itself would try for two minutes. */
const connectTimeoutMs = 10_000;

/** Connects. Throws LabFault `ssh-refused`, `ssh-unreachable` or `ssh-timeout`, and the signal's reason. */
export async function dial({ host, port, endpoint, signal }: Dialling): Promise<Socket> {
  signal?.throwIfAborted();
  const socket = connect({ host, port });
  using deadline = createDeadline({ totalMs: connectTimeoutMs, ...(signal === undefined ? {} : { signal }) });
  const connected = new Promise<Error | null>((resolve) => {
    socket.once('connect', () => resolve(null));
    socket.once('error', resolve);
  });
  const raced = await deadline.race(connected);
  if (raced.kind === 'over') {
    socket.destroy();
    signal?.throwIfAborted();
    throw new LabFault('ssh-timeout', `no answer within ${connectTimeoutMs / 1000} s`, {
      advice: 'Is the device switched on and in this network, and does a firewall let port 22 through?',
      stage: 'connect',
      endpoint,
    });
  }
  if (raced.value === null) return socket;
  socket.destroy();
  throw translateDialError(raced.value, endpoint);
}

function translateDialError(cause: NodeJS.ErrnoException, endpoint: string): LabFault {
  const details = { stage: 'connect', endpoint, cause } as const;
  if (cause.code === 'ECONNREFUSED') {
    const advice = 'The device is there, but its SSH is off or on another port. Switch it on, or set `reach.port`.';
    return new LabFault('ssh-refused', 'nothing listens on this port', { ...details, advice });
  }
  if (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN') {
    const advice = 'Check `reach.host`, or write the address instead of the name.';
    return new LabFault('ssh-unreachable', 'the host name is not known', { ...details, advice });
  }
  const advice = 'Is the device switched on and in this network?';
  return new LabFault('ssh-unreachable', `the device cannot be reached (${cause.code ?? cause.message})`, {
    ...details,
    advice,
  });
}
