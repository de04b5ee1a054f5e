import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { parseRecordedHello } from '../corpus/parse-recorded.ts';
import { helloId, type RecordedHello } from '../corpus/recorded-hello.ts';
import type { Endpoint } from '../vocabulary/trial.ts';
import { clientHello, handshakeMessage, portOf, serverHello, tlsRecord, uint16, vector } from '../wire/hand-built.ts';
import { packagedHellos } from './agreement-cases.ts';
import { planFlight } from './render-flight.ts';
import { inParallel } from './replay-all.ts';
import { replayHello } from './replay-hello.ts';

const IMPLICIT: Endpoint = { protocol: 'smtp', port: 465, tls: 'implicit' };
const STARTTLS: Endpoint = { protocol: 'smtp', port: 587, tls: 'starttls' };
const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});

/** A server that does as it is told with each connection; what it heard first is kept. */
async function serverThat(act: (socket: Socket) => void): Promise<{ readonly port: number; readonly heard: Buffer[] }> {
  const sockets = new Set<Socket>();
  const heard: Buffer[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (chunk: Buffer) => heard.push(chunk));
    act(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return { port: portOf(server), heard };
}

function helloOf(bytes: Buffer): RecordedHello {
  const parsed = parseRecordedHello(bytes);
  if (parsed.kind !== 'hello') throw new Error(parsed.kind);
  return parsed.hello;
}

const HELLO = helloOf(tlsRecord(22, 0x0301, clientHello({ suites: [0xc02f] })));

async function answerTo(act: (socket: Socket) => void, endpoint = IMPLICIT, hello = HELLO, idleMs = 20_000) {
  const { port } = await serverThat(act);
  const replayed = await replayHello(planFlight(hello, 'mail.example'), { endpoint, host: '127.0.0.1', port, idleMs });
  return replayed.answer;
}

const onHello = (bytes: Buffer) => (socket: Socket) => void socket.once('data', () => socket.write(bytes));

describe('whatever a server does is an answer', () => {
  const hello = tlsRecord(22, 0x0303, serverHello(0x0303, 0x002f));
  const done = tlsRecord(22, 0x0303, handshakeMessage(14, Buffer.alloc(0)));
  const retry = serverHello(
    0x0303,
    0x1301,
    [
      [43, uint16(0x0304)],
      [51, uint16(29)],
    ],
    Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex'),
  );

  test.each<[string, (socket: Socket) => void, object]>([
    ['an answer', onHello(Buffer.concat([hello, done])), { kind: 'hello', serverHello: { version: '1.2' } }],
    ['an alert', onHello(Buffer.from('15030100020228', 'hex')), { kind: 'alert', number: 40 }],
    [
      'a warning before the answer',
      onHello(Buffer.concat([Buffer.from('15030100020170', 'hex'), hello, done])),
      { kind: 'hello' },
    ],
    ['an end without a word', (s) => void s.once('data', () => s.end()), { kind: 'closed', how: 'fin' }],
    ['a reset', (s) => void s.once('data', () => s.resetAndDestroy()), { kind: 'closed', how: 'reset' }],
    ['half a hello and an end', (s) => void s.once('data', () => s.end(hello.subarray(0, 20))), { kind: 'rubbish' }],
    ['text', onHello(Buffer.from('554 no TLS here\r\n')), { kind: 'rubbish', why: expect.stringContaining('no TLS') }],
    ['SSL 2.0', onHello(Buffer.from('802e0400010002', 'hex')), { kind: 'rubbish' }],
    ['encrypted data', onHello(tlsRecord(23, 0x0303, Buffer.alloc(9))), { kind: 'rubbish' }],
    ['another message', onHello(tlsRecord(22, 0x0303, handshakeMessage(11, Buffer.alloc(3)))), { kind: 'rubbish' }],
    [
      'a hello without content',
      onHello(tlsRecord(22, 0x0303, handshakeMessage(2, Buffer.alloc(0)))),
      { kind: 'rubbish' },
    ],
    ['a huge message', onHello(tlsRecord(22, 0x0303, Buffer.from('02ffffff', 'hex'))), { kind: 'rubbish' }],
    ['a question that a TLS 1.2 client cannot answer', onHello(tlsRecord(22, 0x0303, retry)), { kind: 'rubbish' }],
  ])('%s', async (_, act, answer) => {
    expect(await answerTo(act)).toMatchObject(answer);
  });

  test('nothing, until it is tired of waiting', async () => {
    expect(await answerTo(() => {}, IMPLICIT, HELLO, 50)).toMatchObject({ kind: 'silence' });
  });

  test('without end', async () => {
    const flood = tlsRecord(22, 0x0303, Buffer.concat([serverHello(0x0303, 0x002f), Buffer.from('0b03ffff', 'hex')]));
    const answer = await answerTo((socket) => {
      socket.once('data', () => {
        socket.write(flood);
        const pour = () => {
          if (!socket.destroyed) socket.write(tlsRecord(22, 0x0303, Buffer.alloc(16_000)), pour);
        };
        pour();
      });
    });
    expect(answer).toMatchObject({ kind: 'rubbish' });
  });

  test('nobody listens', async () => {
    const { port } = await serverThat(() => {});
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
    const target = { endpoint: IMPLICIT, host: '127.0.0.1', port, idleMs: 5_000 };
    expect((await replayHello(planFlight(HELLO, ''), target)).answer).toEqual({
      kind: 'unreachable',
      why: 'ECONNREFUSED',
    });
  });

  test('an interruption ends the wait', async () => {
    const { port } = await serverThat(() => {});
    const target = { endpoint: IMPLICIT, host: '127.0.0.1', port, idleMs: 60_000 };
    const interrupt = new AbortController();
    const waiting = replayHello(planFlight(HELLO, ''), target, interrupt.signal);
    interrupt.abort();
    expect((await waiting).answer.kind).toBe('silence');
  });

  test.each([
    ['no greeting', (s: Socket) => void s.write('554 go away\r\n'), /greeting: 554/],
    ['no STARTTLS', dialogue('220 hi\r\n', '250 plain\r\n', '502 what?\r\n'), /STARTTLS: 502/],
    ['an end in between', (s: Socket) => void s.end('220 hi\r\n'), /before TLS/],
  ])('a dialogue with %s', async (_, act, why) => {
    expect(await answerTo(act, STARTTLS)).toMatchObject({ kind: 'no-tls', why: expect.stringMatching(why) });
  });

  test('a dialogue in single bytes', async () => {
    const answer = await answerTo((socket) => {
      const say = (text: Buffer) => [...text].forEach((byte) => socket.write(Buffer.from([byte])));
      const lines = ['250-mail\r\n250 STARTTLS\r\n', '220 go\r\n'];
      say(Buffer.from('220 hi\r\n'));
      socket.on('data', () => {
        const line = lines.shift();
        say(line === undefined ? Buffer.concat([hello, done]) : Buffer.from(line));
      });
    }, STARTTLS);
    expect(answer).toMatchObject({ kind: 'hello' });
  });
});

function dialogue(...lines: readonly string[]): (socket: Socket) => void {
  return (socket) => {
    const rest = [...lines];
    socket.write(rest.shift() ?? '');
    socket.on('data', () => socket.write(rest.shift() ?? ''));
  };
}

describe('what is sent', () => {
  test('is what was recorded, with new random and keys', async () => {
    const { port, heard } = await serverThat((socket) => void socket.once('data', () => socket.end()));
    const target = { endpoint: IMPLICIT, host: '127.0.0.1', port, idleMs: 20_000 };
    for (const hello of packagedHellos()) {
      const flight = planFlight(hello, 'smtp.example');
      await replayHello(flight, target);
      await replayHello(flight, target);
      const [one, other] = heard.slice(-2);
      expect(helloId(helloOf(one!))).toBe(helloId(hello));
      expect(helloId(helloOf(other!))).toBe(helloId(hello));
      expect(one!.equals(other!)).toBe(false);
      const says = hello.extensions?.some(({ code }) => code === 0) === true;
      expect(one!.includes('smtp.example')).toBe(says);
    }
  });

  test('a hello of 64 kB goes out in several records', async () => {
    const long = clientHello({ suites: [0xc02f], extensions: [[0x1234, Buffer.alloc(65_000)]] });
    const records = [0, 1, 2, 3].map((n) => tlsRecord(22, 0x0301, long.subarray(n * 16_384, (n + 1) * 16_384)));
    const hello = helloOf(Buffer.concat(records));
    let held = Buffer.alloc(0);
    const { port } = await serverThat((socket) => {
      socket.on('data', (chunk) => {
        held = Buffer.concat([held, chunk]);
        if (parseRecordedHello(held).kind === 'hello') socket.end();
      });
    });
    const target = { endpoint: IMPLICIT, host: '127.0.0.1', port, idleMs: 20_000 };
    await replayHello(planFlight(hello, 'x'.repeat(600)), target);
    expect(helloId(helloOf(held))).toBe(helloId(hello));
  });

  test('a second hello answers what the server asks for', async () => {
    const tls13 = packagedHellos().find((h) => h.extensions?.some(({ code }) => code === 51) === true)!;
    const cookie = vector(2, Buffer.from('biscuit'));
    const ask = serverHello(
      0x0303,
      0x1301,
      [
        [43, uint16(0x0304)],
        [51, uint16(24)],
        [44, cookie],
      ],
      Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex'),
    );
    const answer = serverHello(0x0303, 0x1301, [
      [43, uint16(0x0304)],
      [51, Buffer.concat([uint16(24), vector(2, Buffer.alloc(97))])],
    ]);
    const hellos: Buffer[] = [];
    const replayed = await answerTo(
      (socket) => {
        socket.on('data', (chunk: Buffer) => {
          hellos.push(chunk);
          socket.write(tlsRecord(22, 0x0303, hellos.length === 1 ? ask : answer));
        });
      },
      IMPLICIT,
      tls13,
    );
    expect(replayed).toMatchObject({
      kind: 'hello',
      serverHello: { version: '1.3', group: 'secp384r1', retried: true },
    });
    expect(hellos[1]!.includes('biscuit')).toBe(true);
    // RFC 8446 section 4.1.2: the same random and session id as before.
    expect(hellos[1]!.subarray(11, 76)).toEqual(hellos[0]!.subarray(11, 76));
  });
});

test('many are taken a few at a time, and all results come', async () => {
  let running = 0;
  let most = 0;
  const results: number[] = [];
  const numbers = Array.from({ length: 50 }, (_, i) => i);
  for await (const result of inParallel(numbers, 7, async (n) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return n * 2;
  })) {
    results.push(result);
  }
  expect(results.sort((a, b) => a - b)).toEqual(numbers.map((n) => n * 2));
  expect(most).toBe(7);
});
