import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openPrivateFolder } from './private-folder.ts';
import { openWay, type Way } from './way.ts';

/** A far end that tells what it got once the near end is done, and then ends itself: half-closed in between. */
async function openEcho(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    void text(socket).then((said) => socket.end(`got ${said}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, [Symbol.asyncDispose]: async () => void server.close() };
}

async function ask({ socket }: Way, line: string): Promise<string> {
  const relay = net.connect({ path: socket, allowHalfOpen: true });
  relay.end(line);
  return text(relay).catch((error: NodeJS.ErrnoException) => error.code ?? '');
}

test('a folder whose sockets would have too long a path is told, and the longest that works does', async () => {
  const own = mkdtempSync('/tmp/cutover-long-');
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(own, { recursive: true });
  });
  using usual = openPrivateFolder();
  // The longest name of a socket in it.
  const room = 107 - '/monitor'.length - basename(usual.path).length - 1;
  for (const [length, works] of [
    [room, true],
    [room + 1, false],
  ] as const) {
    const folder = join(own, 'x'.repeat(length - own.length - 1));
    mkdirSync(folder);
    vi.stubEnv('TMPDIR', folder);
    if (!works) expect(() => openPrivateFolder()).toThrow('its path is too long');
    else {
      using long = openPrivateFolder();
      const server = net.createServer().listen(join(long.path, 'monitor'));
      await once(server, 'listening');
      server.close();
    }
  }
});

test('leads to the tap of the present trial, by its port alone', async () => {
  using folder = openPrivateFolder();
  await using first = await openEcho();
  await using way = await openWay(folder.path);
  expect(await ask(way, '587\nhello')).toBe('');
  expect(way.leadTo({ host: '127.0.0.1', port: first.port }, 587)).toEqual({ host: '10.0.2.100', port: 587 });
  expect(await ask(way, '587\nhello')).toBe('got hello');
  for (const other of ['25\nhello', '0587 \nhello', `${first.port}\nhello`, 'x'.repeat(1000), '\n', '58'])
    expect(await ask(way, other)).toBe('');

  way.leadTo({ host: '127.0.0.1', port: first.port }, 993);
  expect(await ask(way, '587\nhello')).toBe('');
  expect(await ask(way, '993\nhello')).toBe('got hello');
});

test('what was started for a trial that is over does not reach the next, however late it comes', async () => {
  using folder = openPrivateFolder();
  await using echo = await openEcho();
  await using way = await openWay(folder.path);
  const tap = { host: '127.0.0.1', port: echo.port };
  const now = (): bigint => process.hrtime.bigint() / 1_000_000n;
  const before = now() - 1n;
  way.leadTo(tap, 587);
  expect(await ask(way, `587 ${before}\nhello`)).toBe('got hello');
  way.drop();
  expect(await ask(way, `587 ${now()}\nhello`)).toBe('');
  way.leadTo(tap, 587);
  expect(await ask(way, `587 ${before}\nhello`)).toBe('');
  expect(await ask(way, `587 ${now()}\nhello`)).toBe('got hello');
  expect(await dialThrough(way, 587, 'hello from inside')).toBe('got hello from inside');
});

test('a tap that is gone ends the connection', async () => {
  using folder = openPrivateFolder();
  await using way = await openWay(folder.path);
  const gone = await openEcho();
  await gone[Symbol.asyncDispose]();
  way.leadTo({ host: '127.0.0.1', port: gone.port }, 587);
  expect(await ask(way, '587\nhello')).toBe('');
});

test('the relay takes one connection to it and prints nothing of its own', async () => {
  using folder = openPrivateFolder();
  await using echo = await openEcho();
  await using way = await openWay(folder.path);
  way.leadTo({ host: '127.0.0.1', port: echo.port }, 25);
  expect(await dialThrough(way, 25, 'hello from inside')).toBe('got hello from inside');
  expect(await dialThrough(way, 587, 'hello')).toBe('');
});

/** As QEMU does: the relay gets the connection itself as input, output and error output. */
async function dialThrough(way: Way, port: number, said: string): Promise<string> {
  const relay = join(import.meta.dirname, 'relay.mjs');
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const guest = net.connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  const [inside]: net.Socket[] = await once(server, 'connection');
  if (inside === undefined) throw new Error('no connection');
  const child = spawn(process.execPath, [relay, way.socket, String(port)], { stdio: [inside, inside, inside] });
  inside.destroy();
  guest.end(said);
  const [answer] = await Promise.all([text(guest), once(child, 'exit')]);
  server.close();
  return answer;
}

test('closing leaves no file, and ends open connections', async () => {
  let path: string;
  {
    using folder = openPrivateFolder();
    path = folder.path;
    expect(statSync(path).mode & 0o777).toBe(0o700);
    const way = await openWay(folder.path);
    const waiting = net.connect({ path: way.socket });
    await once(waiting, 'connect');
    await Promise.all([once(waiting, 'close'), way[Symbol.asyncDispose]()]);
    expect(readdirSync(path)).toEqual([]);
  }
  expect(existsSync(path)).toBe(false);
});
