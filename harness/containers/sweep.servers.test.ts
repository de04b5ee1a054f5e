import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { connectEngine, socketPlaces } from './engine.ts';
import { hasEngine } from './has-engine.ts';
import { buildImages } from './images.ts';
import { openContainerLab } from './open-lab.ts';

const here = await hasEngine('what killed runs leave');

const Left = z.object({ folder: z.string(), containers: z.array(z.string()) });

describe.skipIf(!here)('a run that ends badly', { timeout: 180_000 }, () => {
  beforeAll(async () => void (await buildImages(['probe'])), 300_000);

  test('leaves nothing after the next one began, and a living one is not disturbed', async () => {
    const { engine } = await connectEngine();
    await using living = await openContainerLab();
    await using network = await living.openNetwork({ name: 'living', neighbours: false });
    const mine = await living.start({ image: 'probe', name: 'mine', network });

    const run = startRun(HOLD, {});
    const left = Left.parse(JSON.parse(await run.line));
    expect(left.containers).toHaveLength(2);
    const networks = await Promise.all(left.containers.map(async (id) => networkOf(id)));
    expect(existsSync(left.folder)).toBe(true);
    run.child.kill('SIGKILL');
    await run.ended;

    const told: string[] = [];
    await using next = await openContainerLab({ onSwept: (line) => told.push(line) });
    for (const id of left.containers) {
      await expect(engine.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
    }
    for (const id of networks) await expect(engine.getNetwork(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect(existsSync(dirname(left.folder))).toBe(false);
    // Another run of somebody else may have swept first: then there is nothing to tell.
    expect(told.join()).toMatch(/^$|2 containers, 1 networks, 1 folders/);
    expect((await mine.exec(['true'])).exitCode).toBe(0);
    expect(existsSync(living.folder) && existsSync(next.folder)).toBe(true);

    async function networkOf(id: string): Promise<string> {
      const { NetworkSettings } = await engine.getContainer(id).inspect();
      return Object.values(NetworkSettings.Networks)[0]?.NetworkID ?? '';
    }
  });

  test('because the engine went away says so, and hides nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutover-engine-'));
    // An engine that can be taken away, without taking it from everybody.
    const open = new Set<net.Socket>();
    const front = net.createServer({ allowHalfOpen: true }, (socket) => {
      const back = net.connect({ path: enginePath(), allowHalfOpen: true });
      for (const each of [socket, back]) open.add(each.on('error', () => {}));
      socket.pipe(back).pipe(socket);
    });
    front.listen(join(folder, 'sock'));
    await once(front, 'listening');
    try {
      const run = startRun(OUTLIVE, { DOCKER_HOST: `unix://${join(folder, 'sock')}` });
      expect(await run.line).toBe('ready');
      rmSync(join(folder, 'sock'), { force: true });
      front.close();
      for (const socket of open) socket.destroy();
      run.child.stdin.end('gone\n');
      await run.ended;
      const [trouble, fault, closed] = run.text().trim().split('\n').slice(1);
      expect(trouble).toMatch(/The container engine stopped answering/);
      expect(fault).toMatch(/^(engine-gone|no-engine): /);
      expect(closed).toBe('closed');
      expect(run.errors()).toContain('left for the next to sweep');
    } finally {
      front.close();
      rmSync(folder, { recursive: true, force: true });
      // What the run could not remove.
      await using _ = await openContainerLab();
    }
  });
});

const LAB = JSON.stringify(join(import.meta.dirname, 'open-lab.ts'));

const HOLD = `
import { openContainerLab } from ${LAB};
const lab = await openContainerLab();
const network = await lab.openNetwork({ name: 'held', neighbours: true });
const start = (name) => lab.start({ image: 'probe', name, network });
const containers = await Promise.all([start('a'), start('b')]);
console.log(JSON.stringify({ folder: lab.folder, containers: containers.map((c) => c.id) }));
setInterval(() => {}, 60_000);
`;

const OUTLIVE = `
import { once } from 'node:events';
import { openContainerLab } from ${LAB};
{
  await using lab = await openContainerLab();
  await using network = await lab.openNetwork({ name: 'held', neighbours: true });
  const container = await lab.start({ image: 'probe', name: 'a', network });
  console.log('ready');
  await once(process.stdin, 'data');
  while (container.trouble === null) await new Promise((resolve) => setTimeout(resolve, 20));
  console.log(container.trouble);
  await lab.start({ image: 'probe', name: 'b', network }).catch((fault) => console.log(fault.code + ': ' + fault.message));
}
console.log('closed');
process.exit(0);
`;

function startRun(script: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  let errors = '';
  const line = Promise.withResolvers<string>();
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const [first, rest] = text.split('\n');
    if (rest !== undefined) line.resolve(first ?? '');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = once(child, 'close');
  void ended.then(() => line.reject(new Error(`it ended: ${errors}`)));
  line.promise.catch(() => {});
  return { child, line: line.promise, ended, text: () => text, errors: () => errors };
}

function enginePath(): string {
  return socketPlaces().find((place) => existsSync(place)) ?? '';
}
