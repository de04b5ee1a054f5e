import { once } from 'node:events';
import net from 'node:net';
import { Worker } from 'node:worker_threads';
import { readModes } from '../modes/read-mode.ts';
import { mintPki } from '../pki/mint.ts';
import { startEmbedded } from '../servers/embedded/start.ts';
import { createMailStore } from '../servers/mail-store.ts';
import { openTap } from '../tap.ts';
import type { Figure } from './bench.ts';

const CONNECTIONS = 300;
const MAIL_BYTES = 20 * 1024 * 1024;
/** A mail is sent so often each way, in turns; the median counts. */
const MAILS = 25;
/** Mails each way before those that count: the first ones pay for compilation and for a heap that still grows. */
const FIRST_MAILS = 5;

/**
 * What the tap costs: the median time that it adds to a connection with one exchange, and the speed of a 20 MB mail
 * over submissions to the embedded server, in percent of the speed without the tap. The client of the mail runs in a
 * thread of its own, as a device does.
 */
export async function benchTap(): Promise<readonly Figure[]> {
  // The mail first: what the connections leave behind would slow it down.
  return [await benchMail(), await benchConnections()];
}

async function benchConnections(): Promise<Figure> {
  const server = net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {}).on('data', () => socket.write('250 ok\r\n'));
    socket.write('220 bench\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const direct = { host: '127.0.0.1', port: bound !== null && typeof bound === 'object' ? bound.port : 0 };
  const endpoint = { protocol: 'smtp', port: 587, tls: 'starttls' } as const;
  try {
    await using tap = await openTap({ listen: '127.0.0.1', endpoint, upstream: direct });
    // The first connections pay for compilation.
    await alternate(50, direct.port, tap.address.port, exchange);
    const times = await alternate(CONNECTIONS, direct.port, tap.address.port, exchange);
    const added = median(times.map(({ tapped, direct: without }) => tapped - without));
    return { name: 'tap: time added to a connection, median', value: added, unit: 'ms', limit: { atMost: 1 } };
  } finally {
    server.close();
  }
}

async function benchMail(): Promise<Figure> {
  const [mode] = readModes(['strict']);
  if (mode === undefined) throw new Error('there is no mode strict');
  const store = createMailStore();
  const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
  await using server = await startEmbedded({ mode, pki, store, listen: '127.0.0.1' });
  const direct = server.address(465);
  const endpoint = { protocol: 'smtp', port: 465, tls: 'implicit' } as const;
  await using tap = await openTap({ listen: '127.0.0.1', endpoint, upstream: direct });
  const { user, password, address } = store.openAccount();
  const worker = new Worker(SENDER, { eval: true, workerData: { user, password, address, bytes: MAIL_BYTES } });
  try {
    const send = async (port: number) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(port);
      const [answer] = await once(worker, 'message');
      if (answer !== 'sent') throw new Error(`the mail was not taken: ${String(answer)}`);
    };
    await alternate(FIRST_MAILS, direct.port, tap.address.port, send);
    const times = await alternate(MAILS, direct.port, tap.address.port, send);
    const percent = 100 * median(times.map(({ tapped, direct: without }) => without / tapped));
    return { name: 'tap: speed of a 20 MB mail against none', value: percent, unit: '%', limit: { atLeast: 80 } };
  } finally {
    await worker.terminate();
  }
}

/** Sends one mail over submissions for each port that it is told; answers `sent`, or the server's refusal. */
const SENDER = `
const { parentPort, workerData } = require('node:worker_threads');
const tls = require('node:tls');
const { user, password, address, bytes } = workerData;
const line = Buffer.alloc(76, 'x').toString() + '\\r\\n';
const mail = Buffer.alloc(bytes, line);
const login = Buffer.from('\\0' + user + '\\0' + password).toString('base64');
const commands = ['EHLO bench', 'AUTH PLAIN ' + login, 'MAIL FROM:<' + address + '>', 'RCPT TO:<' + address + '>', 'DATA'];
parentPort.on('message', (port) => {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  let step = 0;
  let text = '';
  const done = (answer) => { socket.destroy(); parentPort.postMessage(answer); };
  socket.on('error', (error) => done(error.message));
  socket.on('data', (chunk) => {
    text += chunk;
    if (!/^[2-5]\\d\\d (?:.*)\\r\\n$/m.test(text)) return;
    if (/^[45]\\d\\d /m.test(text)) return done(text);
    text = '';
    if (step < commands.length) return socket.write(commands[step++] + '\\r\\n');
    if (step++ > commands.length) return done('sent');
    socket.write(mail);
    socket.write('\\r\\n.\\r\\n');
  });
});
`;

/** Both ways in turn, so that what else the machine does meets both alike. Milliseconds. */
async function alternate(
  count: number,
  direct: number,
  tapped: number,
  run: (port: number) => Promise<void>,
): Promise<readonly { readonly direct: number; readonly tapped: number }[]> {
  const measure = async (port: number) => {
    const startedMs = performance.now();
    await run(port);
    return performance.now() - startedMs;
  };
  const times: { direct: number; tapped: number }[] = [];
  for (let i = 0; i < count; i += 1) times.push({ direct: await measure(direct), tapped: await measure(tapped) });
  return times;
}

/** Connects, waits for the greeting, says one line, and waits for the answer. */
async function exchange(port: number): Promise<void> {
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'data');
  socket.write('EHLO x\r\n');
  await once(socket, 'data');
  socket.destroy();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
