import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { askEngine } from './engine.ts';

const before = process.env['DOCKER_HOST'];
afterEach(() => {
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
});

test('a socket that is not there is said', async () => {
  process.env['DOCKER_HOST'] = 'unix:///nonexistent/engine.sock';
  expect(await askEngine()).toMatchObject({
    kind: 'missing',
    why: expect.stringContaining('/nonexistent/engine.sock'),
  });
});

test.for(['tcp://203.0.113.7:2375', 'ssh://host', 'nonsense'])('%s is not on this machine', async (host) => {
  process.env['DOCKER_HOST'] = host;
  expect(await askEngine()).toMatchObject({ kind: 'missing', why: expect.stringContaining(host) });
});

test.for([
  ['garbage', 'what?\r\n\r\n'],
  ['another web server', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
  ['no end', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(1 << 18)}`],
  ['nothing', ''],
] as const)('%s is no engine', async ([, answer]) => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-engine-'));
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end(answer));
  });
  try {
    server.listen(join(folder, 'sock'));
    await once(server, 'listening');
    process.env['DOCKER_HOST'] = `unix://${join(folder, 'sock')}`;
    expect(await askEngine()).toMatchObject({ kind: 'missing' });
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});
