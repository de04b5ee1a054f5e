import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { Port } from '../../vocabulary/trial.ts';
import { openTestServer } from './open-test-server.ts';
import { createSessionBook } from './sessions.ts';

const MARKER = 'cutover-aaaaaaaaaaaaaaaa';
const mail = (marker: string) => ({ bytes: 5, sha256: 'ab', markers: [marker] });

test('markers are told of the trial that asks, and of nobody else', () => {
  const book = createSessionBook();
  const witness = book.open(4001);
  witness.delivered(mail(MARKER));
  witness.delivered(mail('cutover-bbbbbbbbbbbbbbbb'));
  witness.fetched(MARKER);
  const [mine] = book.read([4001], MARKER);
  expect(mine).toMatchObject({ delivered: [{ markerSeen: true }, { markerSeen: false }], fetched: true });
  const [another] = book.read([4001], 'cutover-cccccccccccccccc');
  expect(another).toMatchObject({ delivered: [{ markerSeen: false }, { markerSeen: false }], fetched: false });
});

test('a port that is used again begins a new session; ports that never came have none', () => {
  const book = createSessionBook();
  book.open(4001).refused('530 5.7.0', 'rule');
  const again = book.open(4001);
  expect(book.read([4000, 4001], MARKER)).toMatchObject([{ peerPort: 4001, refusal: null, log: [] }]);
  again.refused('554 5.7.1', 'rule');
  expect(book.read([4001], MARKER)).toMatchObject([{ refusal: '554 5.7.1' }]);
});

test('an error of order never hides a refusal by rule, and success undoes both', () => {
  const book = createSessionBook();
  const witness = book.open(1);
  const refusal = () => book.read([1], MARKER)[0]?.refusal;
  witness.refused('503 5.5.1', 'order');
  expect(refusal()).toBe('503 5.5.1');
  witness.refused('530 5.7.0', 'rule');
  witness.refused('503 5.5.1', 'order');
  expect(refusal()).toBe('530 5.7.0');
  witness.secured({ version: '1.2', suite: 'TLS_RSA_WITH_AES_128_CBC_SHA' });
  expect(refusal()).toBeNull();
  witness.authenticated({ mechanism: 'PLAIN', accepted: false, note: 'wrong password' });
  witness.refused('535 5.7.8', 'rule');
  expect(refusal()).toBe('535 5.7.8');
});

test('what was read stays as it was', () => {
  const book = createSessionBook();
  const witness = book.open(1);
  const [before] = book.read([1], MARKER);
  witness.log('later');
  witness.delivered(mail(MARKER));
  expect(before).toMatchObject({ log: [], delivered: [] });
});

test('the oldest sessions are forgotten, not the newest', () => {
  const book = createSessionBook();
  for (let port = 1; port <= 10_000; port++) book.open(port);
  expect(book.read([1], MARKER)).toEqual([]);
  expect(book.read([10_000], MARKER)).toHaveLength(1);
});

test('one source port to two listeners at a time is two sessions, and each listener tells of its own', async () => {
  await using t = await openTestServer('today');
  const from = await freePort();
  const refused = (port: Port) =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect({ ...t.address(port), localAddress: '127.0.0.1', localPort: from });
      socket.on('error', reject);
      socket.once('data', () => socket.write(port === 25 ? 'RCPT TO:<a@b.example>\r\n' : 'USER nobody\r\nPASS x\r\n'));
      socket.on('data', (chunk: Buffer) => /^(?:5|-ERR)/m.test(chunk.toString('latin1')) && resolve(socket));
    });
  const sockets = [await refused(25), await refused(110)];
  expect(t.server.witness?.(25).sessions([from], MARKER)).toMatchObject([{ peerPort: from, auth: null }]);
  expect(t.server.witness?.(110).sessions([from], MARKER)).toMatchObject([{ auth: { accepted: false } }]);
  expect(t.server.sessions([from], MARKER)).toHaveLength(2);
  for (const socket of sockets) socket.destroy();
});

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
