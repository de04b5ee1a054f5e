import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ContainerLab, ContainerNetwork, ContainerOptions, RunningContainer } from './contract.ts';
import { connectEngine } from './engine.ts';
import { hasEngine } from './has-engine.ts';
import { buildImages } from './images.ts';
import { openContainerLab } from './open-lab.ts';

const here = await hasEngine('the container lab');

describe.skipIf(!here)('a container lab', () => {
  let lab: ContainerLab;
  let apart: ContainerNetwork;
  let together: ContainerNetwork;
  beforeAll(async () => {
    await buildImages(['probe']);
    lab = await openContainerLab();
    apart = await lab.openNetwork({ name: 'apart', neighbours: false });
    together = await lab.openNetwork({ name: 'together', neighbours: true });
  }, 300_000);
  afterAll(async () => lab[Symbol.asyncDispose]());

  const start = (name: string, script: string, options: Partial<ContainerOptions> = {}): Promise<RunningContainer> =>
    lab.start({ image: 'probe', name, network: apart, command: ['bash', '-c', script], ...options });

  test('gives every line of both outputs, from the first, and cuts what has no end', async () => {
    const lines: string[] = [];
    const script = 'echo first; echo second >&2; head -c 100000 /dev/zero | tr "\\0" x; echo; echo last; sleep 600';
    await using _ = await start('talker', script, { onLog: (line) => lines.push(line) });
    await vi.waitFor(() => expect(lines).toContain('last'), 30_000);
    expect(lines.toSorted().map((l) => l.slice(0, 8))).toEqual(['first', 'last', 'second', 'xxxxxxxx']);
    expect(Math.max(...lines.map((l) => l.length))).toBe(8192);
  });

  test('puts files, names and folders where they were asked for', async () => {
    writeFileSync(join(lab.folder, 'mail'), 'from this host\n');
    await using a = await start('a', 'sleep 600', {
      network: together,
      files: [{ target: '/etc/new/run', content: '#!/bin/sh\necho ran\n', mode: 0o755 }],
      hosts: { 'mail.example.test': together.gateway },
      environment: { SAID: 'as told' },
      mounts: [{ source: lab.folder, target: '/host', readOnly: true }],
    });
    await using b = await start('b', 'sleep 600', { network: together, aliases: ['friend'] });
    const tell = async (script: string) => (await a.exec(['bash', '-c', script])).output.trim();
    expect(await tell('/etc/new/run; cat /host/mail; echo $SAID; hostname')).toBe('ran\nfrom this host\nas told\na');
    expect(await tell('getent hosts mail.example.test')).toMatch(new RegExp(`^${together.gateway}\\s`));
    expect(await tell('getent hosts friend')).toMatch(new RegExp(`^${b.address}\\s`));
    expect(await a.exec(['bash', '-c', 'echo x > /host/mail; exit 7'])).toMatchObject({ exitCode: 7 });
    expect(await tell('cat /host/mail')).toBe('from this host');
  });

  test('mounts a folder of files, with what else is mounted below it', async () => {
    writeFileSync(join(lab.folder, 'own'), 'own\n');
    await using a = await start('laid', 'sleep 600', {
      files: [
        { target: '/etc/laid/key', content: 'secret\n', mode: 0o600 },
        { target: '/etc/laid/sub/run', content: '#!/bin/sh\necho ran\n', mode: 0o755 },
      ],
      filesFolder: '/etc/laid',
      mounts: [{ source: lab.folder, target: '/etc/laid/own', readOnly: true }],
    });
    const tell = async (script: string) => (await a.exec(['bash', '-c', script])).output.trim();
    expect(
      await tell('cat /etc/laid/key /etc/laid/own/own; /etc/laid/sub/run; stat -c %a /etc/laid /etc/laid/key'),
    ).toBe('secret\nown\nran\n755\n600');
    expect(await tell('echo x 2>&1 > /etc/laid/key || cat /etc/laid/key')).toMatch(/Read-only[^]*secret$/);
  });

  test('lets a container reach listeners of the gateway and nothing else', async () => {
    const greet =
      'perl -MIO::Socket -e \'$s = IO::Socket::INET->new(LocalPort => 7000, Listen => 5, ReuseAddr => 1); while ($c = $s->accept) { print $c "hello\\n"; close $c }\'';
    const server = net.createServer((socket) => void socket.on('error', () => {}).end('hello\n'));
    server.listen(0, apart.gateway);
    // What else this host listens on, at an address that is not the network's.
    const elsewhere = net.createServer((socket) => void socket.on('error', () => {}).end('hello\n'));
    elsewhere.listen(0, together.gateway);
    await Promise.all([once(server, 'listening'), once(elsewhere, 'listening')]);
    try {
      await using a = await start('a', 'sleep 600');
      await using b = await start('b', greet);
      await using c = await start('c', greet, { network: together });
      await using d = await start('d', 'sleep 600', { network: together });
      const reach = async (from: RunningContainer, host: string, port: number): Promise<string> =>
        (await from.exec(['timeout', '3', 'bash', '-c', `cat < /dev/tcp/${host}/${port}`])).output.trim();
      // The listener answers this host and its neighbours: so what follows is no broken listener.
      await vi.waitFor(async () => expect(await dial(b.address, 7000)).toBe('hello\n'), 30_000);
      await vi.waitFor(async () => expect(await reach(d, c.address, 7000)).toBe('hello'), 30_000);
      expect(await reach(a, apart.gateway, portOf(server))).toBe('hello');

      expect(await reach(a, b.address, 7000)).not.toBe('hello');
      expect(await reach(a, c.address, 7000)).not.toBe('hello');
      expect(await reach(d, together.gateway, portOf(elsewhere))).toBe('hello');
      expect(await reach(a, together.gateway, portOf(elsewhere))).not.toBe('hello');
      expect(await a.exec(['getent', 'hosts', 'c'])).toMatchObject({ output: '' });
      expect(await d.exec(['getent', 'hosts', 'c'])).toMatchObject({ output: expect.stringContaining(c.address) });
    } finally {
      server.close();
      elsewhere.close();
    }
  });

  test('gives a container few rights', async () => {
    await using a = await start('a', 'sleep 600');
    const { output } = await a.exec(['cat', '/proc/1/status']);
    expect(output).toMatch(/^NoNewPrivs:\t1$/m);
    const [, effective = ''] = /^CapEff:\t([0-9a-f]+)$/m.exec(output) ?? [];
    // capability.h: CAP_NET_ADMIN 12, CAP_NET_RAW 13, CAP_SYS_ADMIN 21, CAP_MKNOD 27.
    for (const bit of [12, 13, 21, 27]) expect((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n).toBe(0n);
  });

  test.for(['/', '/var/run', '/run', '/var/run/docker.sock'])('%s is not mounted', async (source) => {
    await expect(start('greedy', 'true', { mounts: [{ source, target: '/x', readOnly: true }] })).rejects.toMatchObject(
      {
        code: 'socket-mounted',
      },
    );
  });

  test('tells why a container ended, and starts it again under its address', async () => {
    const lines: string[] = [];
    const script =
      'echo "about to fail"; until [ -e /end ]; do sleep 0.1; done; rm /end; echo "disk on fire" >&2; exit 9';
    await using a = await start('a', script, { onLog: (line) => lines.push(line) });
    expect(a.trouble).toBeNull();
    await a.exec(['touch', '/end']);
    await vi.waitFor(() => expect(a.trouble).not.toBeNull(), 30_000);
    expect(a.trouble).toMatch(/The container a ended with exit code 9; .*disk on fire/);
    // Another one must not get the address meanwhile.
    await using b = await start('b', 'sleep 600');
    await a.restart();
    expect(a.trouble).toBeNull();
    expect(b.address).not.toBe(a.address);
    expect((await a.exec(['hostname', '-I'])).output.trim()).toBe(a.address);
    await vi.waitFor(() => expect(lines.filter((l) => l === 'about to fail')).toHaveLength(2), 30_000);
    // One that still runs is started anew as well, and its end is not taken for trouble.
    await a.restart();
    expect((await a.exec(['true'])).exitCode).toBe(0);
    expect(a.trouble).toBeNull();
  });

  test('publishes a port on loopback only, from a network with a way out', async () => {
    await using out = await lab.openNetwork({ name: 'out', neighbours: false, wayOut: true });
    const greet =
      'perl -MIO::Socket -e \'$s = IO::Socket::INET->new(LocalPort => 993, Listen => 5); while ($c = $s->accept) { print $c "hello\\n"; close $c }\'';
    await using a = await start('a', greet, { network: out, publish: [993] });
    const bound = a.published.get(993) ?? 0;
    await vi.waitFor(async () => expect(await dial('127.0.0.1', bound)).toBe('hello\n'), 30_000);
    await expect(dial(together.gateway, bound)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('an image that is not built, or not there, is said before anything is started', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutover-images-'));
    try {
      mkdirSync(join(folder, 'try-unbuilt'));
      writeFileSync(join(folder, 'try-unbuilt', 'Dockerfile'), 'FROM scratch\n');
      await using own = await openContainerLab({ images: [folder] });
      await using network = await own.openNetwork({ name: 'n', neighbours: false });
      const attempt = (image: string) => own.start({ image, name: 'x', network });
      await expect(attempt('try-unbuilt')).rejects.toMatchObject({
        code: 'no-image',
        advice: expect.stringContaining('npx cutover images build try-unbuilt'),
      });
      await expect(attempt('nonsense')).rejects.toMatchObject({ code: 'unknown-image' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('leaves nothing when it is closed', async () => {
    const own = await openContainerLab();
    const network = await own.openNetwork({ name: 'n', neighbours: false });
    const a = await own.start({ image: 'probe', name: 'a', network, command: ['sleep', '600'] });
    const { engine } = await connectEngine();
    const { NetworkSettings } = await engine.getContainer(a.id).inspect();
    const [id = ''] = Object.values(NetworkSettings.Networks).map((n) => n.NetworkID);
    await engine.getNetwork(id).inspect();
    await own[Symbol.asyncDispose]();
    await expect(engine.getContainer(a.id).inspect()).rejects.toMatchObject({ statusCode: 404 });
    await expect(engine.getNetwork(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect(a.trouble).toBeNull();
  });
});

async function dial(host: string, port: number): Promise<string> {
  const socket = net.connect({ host, port });
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(socket, 'close');
  return text;
}

function portOf(server: net.Server): number {
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
}
