import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { openTap, type Tap, type TapOptions } from './tap.ts';
import { parseConnection } from './wire/connection.ts';
import { bytesOf, portOf, SUBMISSIONS } from './wire/hand-built.ts';

/** For each way to end: a quarter of CUTOVER_TAP_CONNECTIONS, which is 10,000 in CI. */
const CONNECTIONS = Number(process.env['CUTOVER_TAP_CONNECTIONS'] ?? 500) / 4;
const servers: net.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('relaying', () => {
  test('hands on what both sides say, and keeps it with who said it', async () => {
    await using tap = await open(
      await serve((socket) => socket.on('data', (bytes) => socket.write(`<${String(bytes)}>`))),
    );
    const client = connect(tap);
    client.write('hello');
    expect(String((await once(client, 'data'))[0])).toBe('<hello>');
    client.end();
    await once(client, 'close');
    const [capture] = tap.captures();
    expect([bytesOf(capture!, 'client'), bytesOf(capture!, 'server')].map(String)).toEqual(['hello', '<hello>']);
    expect(capture).toMatchObject({ number: 1, endpoint: SUBMISSIONS, late: false });
    expect(capture!.tapPort).toBeGreaterThan(0);
    expect(capture!.events.filter((e) => e.kind !== 'data').map((e) => `${e.kind} ${e.from}`)).toEqual([
      'fin client',
      'fin server',
    ]);
  });

  test('the tap’s port is the one that the server sees', async () => {
    const server = await serve((socket) => socket.end(String(socket.remotePort)));
    await using tap = await open(server);
    const [seen] = await once(connect(tap), 'data');
    expect(tap.captures()[0]?.tapPort).toBe(Number(seen));
  });

  test('a client that has said all still reads the answer', async () => {
    const server = await serve((socket) => socket.on('end', () => socket.end('answer after FIN')));
    await using tap = await open(server);
    const client = net.connect({ port: tap.address.port, host: '127.0.0.1', allowHalfOpen: true });
    client.end('all');
    expect(String((await once(client, 'data'))[0])).toBe('answer after FIN');
  });

  test.for(['client', 'server'] as const)('a reset of the %s reaches the other side as a reset', async (side) => {
    const reset = Promise.withResolvers<unknown>();
    const accepted = Promise.withResolvers<net.Socket>();
    const server = await serve((socket) => accepted.resolve(socket));
    await using tap = await open(server);
    const client = connect(tap);
    const peers = { client, server: await accepted.promise };
    const other = side === 'client' ? peers.server : peers.client;
    other.removeAllListeners('error');
    other.on('error', (error) => reset.resolve(error));
    peers[side].resetAndDestroy();
    expect(await reset.promise).toMatchObject({ code: 'ECONNRESET' });
    await until(tap, () => tap.openConnections === 0);
    expect(parseConnection(tap.captures()[0]!).ended).toMatchObject({ by: side, how: 'reset' });
  });

  test('a server that is not there is the tap’s reset, without a port', async () => {
    const server = await serve(() => {});
    const port = portOf(server);
    server.close();
    await once(server, 'close');
    await using tap = await openTap({
      listen: '127.0.0.1',
      endpoint: SUBMISSIONS,
      upstream: { host: '127.0.0.1', port },
    });
    await closing(connect(tap));
    await until(tap, () => tap.openConnections === 0);
    expect(tap.captures()).toMatchObject([{ tapPort: 0, events: [{ kind: 'reset', from: 'tap' }] }]);
  });

  test('20 MB pass unaltered, and of them the first and the last bytes are kept', async () => {
    const mail = Buffer.alloc(20 * 1024 * 1024);
    for (let at = 0; at < mail.length; at += 4) mail.writeUInt32BE(at, at);
    const hash = createHash('sha256');
    const done = Promise.withResolvers<string>();
    await using tap = await open(
      await serve((socket) =>
        socket.on('data', (b) => hash.update(b)).on('end', () => done.resolve(hash.digest('hex'))),
      ),
      { keepBytes: { head: 1_000, tail: 500 } },
    );
    connect(tap).end(mail);
    expect(await done.promise).toBe(createHash('sha256').update(mail).digest('hex'));
    const { events } = tap.captures()[0]!;
    const fromClient = events.filter((e) => e.from === 'client');
    const kept = bytesOf(tap.captures()[0]!, 'client');
    expect(kept).toEqual(Buffer.concat([mail.subarray(0, 1_000), mail.subarray(-500)]));
    expect(fromClient.filter((e) => e.kind === 'omitted').map((e) => e.count)).toEqual([mail.length - 1_500]);
    expect(parseConnection(tap.captures()[0]!).bytes.client).toBe(mail.length);
  });
});

describe('the trial’s end', () => {
  test('connections after it are late', async () => {
    await using tap = await open(await serve((socket) => socket.end('x')));
    await closing(connect(tap));
    tap.endTrial();
    await closing(connect(tap));
    expect(tap.captures().map(({ number, late }) => ({ number, late }))).toEqual([
      { number: 1, late: false },
      { number: 2, late: true },
    ]);
  });

  test('reset mode accepts, keeps what came at once, and resets', async () => {
    await using tap = await openTap({ listen: '127.0.0.1', endpoint: SUBMISSIONS, upstream: 'reset' });
    const client = net.connect({ port: tap.address.port, host: '127.0.0.1' });
    client.write('EHLO x\r\n');
    const [error] = await once(client, 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    await until(tap, () => tap.openConnections === 0);
    expect(tap.captures()[0]).toMatchObject({ tapPort: 0 });
    expect(parseConnection(tap.captures()[0]!).ended).toMatchObject({ by: 'tap', how: 'reset' });
  });

  test('settled waits for silence, gives up at the total, and obeys its signal', async () => {
    await using tap = await open(await serve((socket) => socket.resume()));
    expect(await tap.settled({ idleMs: 5, totalMs: 60_000 })).toBe(true);
    expect(await tap.settled({ idleMs: 60_000, totalMs: 5 })).toBe(false);
    await expect(
      tap.settled({ idleMs: 60_000, totalMs: 60_000, signal: AbortSignal.abort(new Error('stop')) }),
    ).rejects.toThrow('stop');
  });

  test('disposing resets what is open, even while a side does not read', async () => {
    const tap = await open(await serve((socket) => socket.pause()));
    const client = connect(tap);
    client.write(Buffer.alloc(8 * 1024 * 1024));
    await until(tap, () => tap.captures().some((c) => c.events.length > 0));
    const closed = closing(client);
    await tap[Symbol.asyncDispose]();
    await closed;
    expect(tap.openConnections).toBe(0);
    expect(parseConnection(tap.captures()[0]!).ended).toMatchObject({ by: 'tap' });
  });

  test('an address that is not ours is a lab fault that says what to do', async () => {
    await expect(openTap({ listen: '192.0.2.1', endpoint: SUBMISSIONS, upstream: 'reset' })).rejects.toMatchObject({
      code: 'tap-listen',
      advice: expect.stringContaining('--listen'),
    });
  });
});

/** A client in a thread of its own, so that its alert and its end race with the tap as in life. */
const IMPATIENT_CLIENT = `
const { workerData, parentPort } = require('node:worker_threads');
const net = require('node:net');
const alert = Buffer.from('15030300020230', 'hex');
const one = () => new Promise((resolve) => {
  const client = net.connect({ port: workerData.port, host: '127.0.0.1', noDelay: true });
  client.on('error', () => {}).on('close', resolve);
  client.on('connect', () => client.write(Buffer.from('160301000501000001aa', 'hex')));
  client.once('data', () => { client.write(alert); workerData.how === 'reset' ? client.resetAndDestroy() : client.destroy(); });
});
const many = async () => { for (let i = 0; i < workerData.count / 5; i += 1) await one(); };
Promise.all([1, 2, 3, 4, 5].map(many)).then(() => parentPort.postMessage('done'));
`;

describe('a client’s alert, followed at once', () => {
  test.for([
    ['reset', 0],
    ['reset', 20],
    ['close', 0],
    ['close', 20],
  ] as const)(
    `by a %s while the server says %i more things: none of ${CONNECTIONS} is lost`,
    { timeout: 600_000 },
    async ([how, chatter]) => {
      const server = await serve((socket) => {
        socket.once('data', () => {
          socket.write(Buffer.from('1603030005aabbccddee', 'hex'));
          let said = 0;
          const talk = () => {
            if (said++ >= chatter || socket.destroyed) return;
            socket.write(Buffer.alloc(1_000, 0x17));
            setImmediate(talk);
          };
          talk();
        });
        socket.resume();
      });
      let seen = 0;
      let connections = 0;
      // A tap keeps 200 connections; a few taps in turn.
      for (let left = CONNECTIONS; left > 0; left -= 150) {
        await using tap = await open(server);
        const count = 5 * Math.ceil(Math.min(left, 150) / 5);
        const worker = new Worker(IMPATIENT_CLIENT, { eval: true, workerData: { port: tap.address.port, count, how } });
        await once(worker, 'message');
        await worker.terminate();
        await until(tap, () => tap.openConnections === 0);
        connections += count;
        seen += tap
          .captures()
          .filter((c) => bytesOf(c, 'client').includes(Buffer.from('15030300020230', 'hex'))).length;
      }
      expect(seen).toBe(connections);
    },
  );
});

async function open(server: net.Server, options: Partial<TapOptions> = {}): Promise<Tap> {
  return openTap({
    listen: '127.0.0.1',
    endpoint: SUBMISSIONS,
    upstream: { host: '127.0.0.1', port: portOf(server) },
    ...options,
  });
}

async function serve(onConnection: (socket: net.Socket) => void): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onConnection(socket);
    socket.on('end', () => socket.end());
    if (socket.listenerCount('data') === 0 && !socket.isPaused()) socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return server;
}

function connect(tap: Tap): net.Socket {
  const socket = net.connect({ port: tap.address.port, host: '127.0.0.1' });
  socket.on('error', () => {});
  // Paused until a test listens, but never so that its end goes unseen.
  setImmediate(() => socket.resume());
  return socket;
}

function closing(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function until(tap: Tap, condition: (tap: Tap) => boolean): Promise<void> {
  expect(await tap.until(condition, { idleMs: 20_000, totalMs: 20_000 })).toBeTruthy();
}
