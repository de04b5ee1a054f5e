import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces, release } from 'node:os';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Session } from '../session.ts';
import { findInterpreter, hasPrivateEntries } from './interpreters.ts';
import { openRoot } from './open-root.ts';
import { openRootArchive, type RootArchive } from './root-archive.ts';
import { type Door, hasRoot, HOST, leftovers, openDoor, ownRoot } from './roots-of-tests.ts';
import { Device } from '../../vocabulary/device.ts';
import { RootfsReach } from '../../vocabulary/root-reach.ts';

const here = await hasRoot('root file systems that are entered');
const signal = new AbortController().signal;

/** A server that says a word to whoever connects. */
async function openServer(host: string, word: string): Promise<number> {
  const server = net.createServer((socket) => socket.on('error', () => {}).end(`${word}\n`));
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return address.port;
}

/** What it hears there in the end; nothing where nobody answers. */
async function dial(session: Session, host: string, port: number): Promise<string> {
  const { output } = await session.run(`nc -w 2 ${host} ${port} </dev/null 2>/dev/null`);
  return output;
}

describe.skipIf(!here).each(['chroot', 'container'] as const)('entered by %s', (kind) => {
  let door: Door;
  let root: Awaited<ReturnType<typeof ownRoot>>;
  let archive: RootArchive;
  let session: Session;
  let before: string;
  beforeAll(async () => {
    root = await ownRoot();
    before = hashTree(root.path);
    const reach = RootfsReach.parse({ driver: 'rootfs', root: root.path, architecture: 'mipsel' });
    archive = await openRootArchive('own-root', reach, signal);
    door = await openDoor(kind);
    session = await door.enter({ archive });
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await door[Symbol.asyncDispose]();
    archive[Symbol.dispose]();
    expect(hashTree(root.path)).toBe(before);
    root[Symbol.dispose]();
    expect(leftovers()).toEqual([]);
  });

  test('its shell runs programs of its processor, on a terminal', async () => {
    const shown = await session.run('uname -m; stty size; echo $((6 * 7))');
    expect(shown).toEqual({ output: expect.stringMatching(/^mips\r?\n24 80\r?\n42$/), exitCode: 0 });
  });

  test('names of mail hosts lead to the tap', async () => {
    const port = await openServer(door.gateway, 'the tap');
    const led = session.leadTo?.({ host: door.gateway, port }, 587) ?? { host: door.gateway, port };
    expect(await dial(session, HOST, led.port)).toBe('the tap');
    expect(await dial(session, led.host, led.port)).toBe('the tap');
  });

  test('nothing else answers: not what listens on this machine, nor what is entered beside it', async () => {
    const loopback = await openServer('127.0.0.1', 'this machine');
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const address = own.find((one) => one.family === 'IPv4' && !one.internal && one.address !== door.gateway)?.address;
    const outside = await openServer('0.0.0.0', 'this machine');
    const dialled = [
      await dial(session, '127.0.0.1', loopback),
      await dial(session, 'localhost', loopback),
      await dial(session, address ?? '127.0.0.1', outside),
      await dial(session, '192.0.2.1', 80),
    ];
    expect(dialled).toEqual(['', '', '', '']);

    await using other = await door.enter({ archive, name: 'other-root' });
    const neighbour = other.facts['address'] ?? '10.0.2.100';
    await other.run('nc -ll -p 2525 -e echo neighbour >/dev/null 2>&1 &');
    const ask = `nc -w 1 ${neighbour} 2525 </dev/null 2>/dev/null`;
    await other.run(`until [ "$(${ask})" = neighbour ]; do sleep 0.1; done`);
    expect(await dial(session, neighbour, 2525)).toBe('');
  });

  test('of the ways out only that of the trial is open', async () => {
    const port = await openServer(door.gateway, 'the tap');
    const led = session.leadTo?.({ host: door.gateway, port }, 587) ?? { host: door.gateway, port };
    const ports = [25, 143, 465, 587, 993, 995, 2525].filter((one) => one !== led.port);
    const heard: string[] = [];
    for (const one of ports) heard.push(await dial(session, led.host, one));
    expect(heard).toEqual(ports.map(() => ''));
  });

  test('it is root of nothing: no capability, and none to be had', async () => {
    const { output } = await session.run('id -u; grep -E "^(CapPrm|CapBnd|NoNewPrivs)" /proc/self/status');
    expect(output.split(/\s+/)).toEqual([
      '0',
      'CapPrm:',
      '0000000000000000',
      'CapBnd:',
      '0000000000000000',
      'NoNewPrivs:',
      '1',
    ]);
    for (const command of ['mount -t tmpfs none /tmp', 'chroot / true', 'mknod /tmp/sda b 8 0', 'ifconfig lo down'])
      expect(await session.run(`busybox ${command}`), command).toMatchObject({ exitCode: 1 });
  });

  test('its devices are those that every program may have', async () => {
    const { output } = await session.run('cd /dev; for n in *; do [ -b $n ] && echo $n; [ -c $n ] && echo $n; done');
    const allowed = [
      'console',
      'full',
      'null',
      'ptmx',
      'random',
      'stderr',
      'stdin',
      'stdout',
      'tty',
      'urandom',
      'zero',
    ];
    expect(output.split(/\s+/).filter((name) => !allowed.includes(name))).toEqual([]);
    expect(await session.run('echo x > /dev/null && head -c 4 /dev/zero | wc -c')).toMatchObject({ output: '4' });
    expect(await session.run('head -c 1 /etc/mem 2>/dev/null')).toMatchObject({ output: '', exitCode: 1 });
  });

  test('it can write where it may, so much, and nowhere else', async () => {
    expect(await session.run('echo x > /etc/hosts')).toEqual({
      exitCode: 1,
      output: expect.stringContaining('Read-only'),
    });
    expect(await session.run('echo x > /bin/sh')).toMatchObject({ exitCode: 1 });
    const { output } = await session.run(
      'dd if=/dev/zero of=/tmp/full bs=1M count=200 2>&1; ls -l /tmp/full; rm /tmp/full',
    );
    expect(Number(/\s(\d{6,})\s/.exec(output)?.[1])).toBeLessThanOrEqual(64 * 2 ** 20);
  });

  test('each session begins clean', async () => {
    await session.run('echo kept > /tmp/kept');
    await using second = await door.enter({ archive, name: 'second-root' });
    expect(await second.run('cat /tmp/kept 2>/dev/null')).toMatchObject({ output: '' });
  });
});

test.skipIf(!here)(
  'a processor that this machine has not registered is registered inside, where kernels can',
  async () => {
    const found = findInterpreter('mipsel', { mayBePrivate: true, registered: '/nowhere' });
    expect(found.kind).toBe(hasPrivateEntries(release()) ? 'private' : 'missing');
    if (found.kind !== 'private') return;
    using root = await ownRoot();
    const reach = RootfsReach.parse({ driver: 'rootfs', root: root.path, architecture: 'mipsel' });
    using archive = await openRootArchive('own-root', reach, signal);
    const before = readdirSync(REGISTERED);
    await using session = await (await openDoor('chroot', found.line)).enter({ archive });
    // The machine's own entry names another program.
    expect(await session.run('ps')).toMatchObject({ output: expect.stringContaining('/qemu-mipsel-static /bin/sh') });
    expect(readdirSync(REGISTERED)).toEqual(before);
  },
);

const REGISTERED = '/proc/sys/fs/binfmt_misc';

test.skipIf(!here)('what a device file names is entered afresh for each trial', async () => {
  using root = await ownRoot();
  const reach = RootfsReach.parse({ driver: 'rootfs', root: root.path, architecture: 'mipsel' });
  const device = Device.parse({ id: 'own-root', vendor: 'Test', model: 'Root', kind: 'camera' });
  const context = { firmware: '1.0', signal, allowPrograms: false, roots: { factory: '', run: '' } };
  {
    await using session = await openRoot({ device, reach, context, console: {}, logIn: async (entered) => entered });
    await session.run('echo kept > /tmp/kept; sleep 1000 &');
    await session.renew?.();
    expect(await session.run('cat /tmp/kept || ps | grep "[s]leep 1000"')).toMatchObject({ exitCode: 1 });
  }
  expect(leftovers()).toEqual([]);
});

/** Of names, kinds, rights, times and contents. */
function hashTree(folder: string): string {
  const tar = execFileSync('tar', ['--create', '--sort=name', `--directory=${folder}`, '.'], { maxBuffer: 2 ** 28 });
  return createHash('sha256').update(tar).digest('hex');
}
