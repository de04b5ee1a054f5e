import net from 'node:net';
import { LabFault } from '../../faults.ts';
import { createConsole, type ConsoleOptions } from '../expect.ts';
import type { Session } from '../session.ts';
import { createTelnetReader } from './telnet-reader.ts';

export interface TelnetOptions extends ConsoleOptions {
  readonly host: string;
  readonly port: number;
  /** For the first word of the far end. */
  readonly totalMs: number;
}

/**
 * Opens a console over telnet (RFC 854), once the far end has said something: a forwarded port takes connections before
 * anybody listens behind it. Throws LabFault `telnet-refused`.
 */
export async function openTelnet(options: TelnetOptions): Promise<Session> {
  const { host, port, totalMs, signal } = options;
  const socket = net.connect({ host, port, ...(signal === undefined ? {} : { signal }) });
  const first = Promise.withResolvers<void>();
  const refused = (why: string) => {
    first.reject(new LabFault('telnet-refused', `${host}:${port} takes no telnet: ${why}`, { stage: 'connect' }));
  };
  const opened = createConsole(
    {
      endpoint: `telnet://${host}:${port}`,
      // A line ends with CR NUL where it is not CR LF (RFC 854, page 11).
      write: (text) => void socket.write(text.replaceAll('\r', '\r\0')),
      pause: () => void socket.pause(),
      close: async () => {
        const closed = Promise.withResolvers<void>();
        socket.once('close', () => closed.resolve());
        if (socket.closed) return;
        socket.destroy();
        await closed.promise;
      },
    },
    { ...options, facts: { ...options.facts, carrier: 'telnet' } },
  );
  const read = createTelnetReader((answer) => void socket.write(answer));
  socket.on('data', (bytes) => {
    first.resolve();
    opened.receive(read(bytes));
  });
  socket.on('error', (error) => refused(error.message));
  socket.on('close', () => {
    refused('it was closed');
    opened.end('the connection was closed');
  });
  const late = setTimeout(() => refused(`it said nothing for ${totalMs / 1000} s`), totalMs);
  try {
    await first.promise;
    return opened.session;
  } catch (error) {
    await opened.session[Symbol.asyncDispose]();
    throw error;
  } finally {
    clearTimeout(late);
  }
}
