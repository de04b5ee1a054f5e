import { once } from 'node:events';
import net from 'node:net';
import { openTap } from '../tap.ts';

export interface TapBench {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'MB/s';
  /** Against the same without the tap, in the same run; for times: tap / direct, for speeds: tap / direct. */
  readonly ratio: number;
}

const CONNECTIONS = 300;
const MAIL = Buffer.alloc(20 * 1024 * 1024, 'x');
/** A mail is sent so often, in turns, and the median counts. */
const MAILS = 7;

/** Median time that the tap adds to a connection with one exchange, and the speed of a 20 MB mail through it. */
export async function benchTap(): Promise<readonly TapBench[]> {
  const server = net.createServer({ noDelay: true }, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const upstream = { host: '127.0.0.1', port: bound !== null && typeof bound === 'object' ? bound.port : 0 };
  await using tap = await openTap({
    listen: '127.0.0.1',
    endpoint: { protocol: 'smtp', port: 587, tls: 'starttls' },
    upstream,
  });
  const through = tap.address.port;
  try {
    // The first connections pay for compilation.
    await alternate(50, upstream.port, through, exchange);
    const times = await alternate(CONNECTIONS, upstream.port, through, exchange);
    const speeds = await alternate(MAILS, upstream.port, through, sendMail);
    const [direct, tapped] = [median(times.direct), median(times.tapped)];
    const megabytes = MAIL.length / 1e6;
    const [directSpeed, tappedSpeed] = [speeds.direct, speeds.tapped].map((all) => (megabytes / median(all)) * 1000);
    return [
      { name: 'tap: added time per connection, median', value: tapped - direct, unit: 'ms', ratio: tapped / direct },
      {
        name: 'tap: speed of a 20 MB mail',
        value: tappedSpeed ?? 0,
        unit: 'MB/s',
        ratio: (tappedSpeed ?? 0) / (directSpeed ?? 1),
      },
    ];
  } finally {
    server.close();
  }
}

/** Greets; answers each chunk that ends in a dot line, as a mail server does. */
function answer(socket: net.Socket): void {
  socket.on('error', () => {});
  socket.write('220 bench\r\n');
  socket.on('data', (bytes) => {
    if (bytes.at(-3) === 0x2e) socket.write('250 ok\r\n');
  });
}

/** Both ways in turn, so that what else the machine does meets both alike. Milliseconds each. */
async function alternate(
  count: number,
  direct: number,
  tapped: number,
  run: (port: number) => Promise<void>,
): Promise<{ readonly direct: number[]; readonly tapped: number[] }> {
  const times = { direct: [] as number[], tapped: [] as number[] };
  for (let i = 0; i < count; i += 1) {
    for (const [way, port] of [
      ['direct', direct],
      ['tapped', tapped],
    ] as const) {
      const startedMs = performance.now();
      await run(port);
      times[way].push(performance.now() - startedMs);
    }
  }
  return times;
}

function exchange(port: number): Promise<void> {
  return send(port, Buffer.from('EHLO x\r\n.\r\n'));
}

function sendMail(port: number): Promise<void> {
  return send(port, Buffer.concat([MAIL, Buffer.from('\r\n.\r\n')]));
}

/** Connects, waits for the greeting, sends, and waits for the answer. */
async function send(port: number, bytes: Buffer): Promise<void> {
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'data');
  socket.write(bytes);
  await once(socket, 'data');
  socket.destroy();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
