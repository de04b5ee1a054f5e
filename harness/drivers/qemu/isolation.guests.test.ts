import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../session.ts';
import { AT_PROMPT, CONTEXT, guestDevice, hasGuest, leftovers, ownKernel, SHELL } from './guests-of-tests.ts';
import { openGuest } from './open-guest.ts';

const here = await hasGuest('what guests reach');
const folder = mkdtempSync(join(tmpdir(), 'cutover-isolation-'));

/** Says what it got on each connection of this host, so that one that comes through is seen at both ends. */
interface Listener extends AsyncDisposable {
  readonly port: number;
  readonly connections: () => number;
}

async function listen(host: string, answer = (socket: net.Socket) => void socket.end('reached\n')): Promise<Listener> {
  let connections = 0;
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    answer(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

describe.skipIf(!here)('from inside a guest', () => {
  let opened: AsyncDisposableStack;
  let guest: Session;
  let other: Session;
  let loopback: Listener;
  let everywhere: Listener;

  beforeAll(async () => {
    opened = new AsyncDisposableStack();
    loopback = opened.use(await listen('127.0.0.1'));
    everywhere = opened.use(await listen('0.0.0.0'));
    const kernel = { ...(await ownKernel(folder, SHELL, 'small-linux')), ...AT_PROMPT };
    const { device, reach } = guestDevice(kernel);
    const open = async () => opened.use(await openGuest(device, reach, CONTEXT, {}));
    [guest, other] = await Promise.all([open(), open()]);
  });
  afterAll(async () => {
    await opened?.disposeAsync();
    rmSync(folder, { recursive: true });
    expect(leftovers()).toEqual([]);
  });

  const dial = async (host: string, port: number): Promise<string> =>
    (await guest.run(`nc -w 2 ${host} ${port} < /dev/null`)).output;

  test("the tap answers, at the port of its trial, and at the next trial's once that is led", async () => {
    const { port } = loopback;
    expect(guest.leadTo?.({ host: '127.0.0.1', port }, 587)).toEqual({ host: '10.0.2.100', port: 587 });
    expect(await dial('10.0.2.100', 587)).toBe('reached');
    for (const canonical of [25, 465, 143, 993, 110, 995]) expect(await dial('10.0.2.100', canonical)).toBe('');
    guest.leadTo?.({ host: '127.0.0.1', port }, 993);
    expect(await dial('10.0.2.100', 993)).toBe('reached');
    expect(await dial('10.0.2.100', 587)).toBe('');
    expect(loopback.connections()).toBe(2);
  });

  test('no other listener of this host answers, however it is called', async () => {
    const before = loopback.connections();
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const addresses = own.filter(({ family, internal }) => family === 'IPv4' && !internal).map((one) => one.address);
    // The host as QEMU's network calls it, its name server, the way's own address, and the host's real addresses.
    for (const host of ['10.0.2.2', '10.0.2.3', '10.0.2.100', '127.0.0.1', '10.0.2.15', ...addresses])
      for (const { port } of [loopback, everywhere]) expect(await dial(host, port), host).not.toContain('reached');
    expect(loopback.connections()).toBe(before);
    expect(everywhere.connections()).toBe(0);
  });

  test('no datagram gets out, no name is resolved, and there is no second network behind IPv6', async () => {
    const heard: string[] = [];
    const socket = dgram.createSocket('udp4').on('message', (bytes) => heard.push(String(bytes)));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    await guest.run(`for host in 10.0.2.2 10.0.2.3 10.0.2.100; do echo knock | nc -u -w 1 $host ${port}; done`);
    const lookup = await guest.run('timeout 3 nslookup localhost 10.0.2.3');
    const v6 = await guest.run('cat /proc/net/if_inet6; ping -6 -c 1 -W 1 fec0::2');
    socket.close();
    expect(heard).toEqual([]);
    expect(lookup.exitCode).not.toBe(0);
    expect(v6.exitCode).not.toBe(0);
  });

  test('the internet is not there', async () => {
    // Documentation addresses (RFC 5737) and one that answers everywhere else; nothing is sent beyond the emulator.
    for (const host of ['192.0.2.1', '1.1.1.1'])
      expect((await guest.run(`nc -w 2 ${host} 53 < /dev/null`)).exitCode).not.toBe(0);
  });

  test('other guests are not there', async () => {
    await other.run('ip address add 10.0.2.16/24 dev eth0; (while :; do echo reached | nc -l -p 7000; done) &');
    expect((await other.run('nc -w 2 10.0.2.16 7000 < /dev/null')).output).toBe('reached');
    expect(await dial('10.0.2.16', 7000)).not.toContain('reached');
    expect(await dial('10.0.2.15', 7000)).not.toContain('reached');
  });

  test('what a trial leaves behind is gone in the next: files, processes, connections', async () => {
    const { port } = loopback;
    guest.leadTo?.({ host: '127.0.0.1', port }, 110);
    await guest.run('echo old > /tmp/left; cd /tmp; export LEFT=old; sleep 1000 &');
    expect((await guest.run('ls /tmp; pwd; echo $LEFT')).output).toBe('left\n/tmp\nold');
    await guest.renew?.();
    expect((await guest.run('ls /tmp; pwd; echo $LEFT')).output).toBe('/');
    expect((await guest.run("ps | grep -c '[s]leep'")).output).toBe('0');
    // The tap of the trial before is led to no more.
    expect(await dial('10.0.2.100', 110)).toBe('');
    guest.leadTo?.({ host: '127.0.0.1', port }, 110);
    expect(await dial('10.0.2.100', 110)).toBe('reached');
    // Once more: the state that is kept is not used up.
    await guest.run('echo new > /tmp/left');
    await guest.renew?.();
    expect((await guest.run('ls /tmp')).output).toBe('');
    guest.leadTo?.({ host: '127.0.0.1', port }, 110);
    expect(await dial('10.0.2.100', 110)).toBe('reached');
  });

  test("its terminal's questions are answered, and are in no transcript", async () => {
    await guest.run('true');
    const { cast, screen } = await guest.takeTranscript();
    expect(cast).toContain('# ');
    expect(cast).not.toMatch(/6n|\[1;1R/);
    expect(screen).not.toContain('6n');
  });

  test('a guest that opens connections without end has some of them, and the next trial has its own', async () => {
    await using silent = await listen('127.0.0.1', () => {});
    guest.leadTo?.({ host: '127.0.0.1', port: silent.port }, 587);
    await guest.run('for i in $(seq 60); do (sleep 1000 | nc 10.0.2.100 587) & done 2> /dev/null');
    // A relay takes its time to start where processors are busy.
    await guest.run('while netstat -tn | grep -q SYN_SENT; do sleep 1; done', { idleMs: 100_000 });
    const relays = leftovers().filter((line) => line.includes('relay.mjs')).length;
    expect(relays).toBeGreaterThan(10);
    expect(relays).toBeLessThan(64);
    await guest.renew?.();
    guest.leadTo?.({ host: '127.0.0.1', port: loopback.port }, 587);
    expect(await dial('10.0.2.100', 587)).toBe('reached');
  });
});
