import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { openMonitor } from './monitor.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-monitor-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { signal } = new AbortController();
const GREETING = '{"QMP": {"version": {}, "capabilities": []}}\n';
const EVENT = '{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "STOP"}\n';

/** An emulator's side of the protocol: greets, agrees to begin, and then says these words, one after each command. */
async function openFake(name: string, answers: readonly string[]): Promise<{ readonly path: string } & Disposable> {
  const path = join(folder, name);
  const server = net.createServer((socket) => {
    const waiting = ['{"return": {}}\n', ...answers];
    socket.write(GREETING);
    createInterface({ input: socket }).on('line', () => {
      const answer = waiting.shift() ?? '';
      if (waiting.length === 0 && !answer.endsWith('\n')) socket.end(answer);
      else socket.write(answer);
    });
  });
  server.listen(path);
  await once(server, 'listening');
  return { path, [Symbol.dispose]: () => void server.close() };
}

test('an answer is that of its command, whatever is told in between', async () => {
  using emulator = await openFake('answers', [`${EVENT}{"return": ""}\n`, '{"return": "no such\\r\\n"}\n']);
  using monitor = await openMonitor(emulator.path, () => null, signal);
  expect(await Promise.all([monitor.command('savevm x'), monitor.command('loadvm y')])).toEqual(['', 'no such\r\n']);
});

test('a command that is refused, and an emulator that ends in the middle of a word, are faults of the guest', async () => {
  using emulator = await openFake('ends', ['{"error": {"class": "GenericError", "desc": "too late"}}\n', '{"retu']);
  using monitor = await openMonitor(emulator.path, () => null, signal);
  await expect(monitor.command('a')).rejects.toMatchObject({
    code: 'guest-monitor',
    message: expect.stringContaining('late'),
  });
  await expect(monitor.command('b')).rejects.toMatchObject({ message: expect.stringContaining('has ended') });
  await expect(monitor.command('c')).rejects.toMatchObject({ message: expect.stringContaining('has ended') });
});

test('an emulator that is ended before it has read a command resets its socket: a fault of the guest, no end of the run', async () => {
  const path = join(folder, 'reset');
  await using server = net.createServer({ pauseOnConnect: true }, (socket) => {
    socket.write(GREETING);
    // By then the command lies there unread.
    setTimeout(() => socket.destroy(), 200);
  });
  server.listen(path);
  await once(server, 'listening');
  await expect(openMonitor(path, () => null, signal)).rejects.toMatchObject({
    code: 'guest-monitor',
    message: expect.stringContaining('has ended'),
  });
});

test('an emulator that has ended before it listened is told with its reason', async () => {
  const opening = openMonitor(join(folder, 'nobody'), () => 'it ended with exit code 1', signal);
  await expect(opening).rejects.toMatchObject({
    code: 'guest-not-started',
    message: expect.stringContaining('exit code 1'),
  });
});
