import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RootfsReach } from '../../vocabulary/root-reach.ts';
import { LabFault } from '../../faults.ts';
import { openPrivateFolder } from '../guest/private-folder.ts';
import { openRootArchive, type RootArchive } from './root-archive.ts';
import { type Door, hasRoot, leftovers, openDoor, ownRoot } from './roots-of-tests.ts';

const here = await hasRoot('root file systems in trouble');

/** Shells that are none. */
const PROGRAMS = {
  'sh-mute': 'echo starting; exec sleep 1000',
  'sh-floods': 'exec yes "eth0: link is down"',
  'sh-fills': 'cat /dev/zero > /tmp/full; exec sleep 1000',
  'sh-forks': 'while :; do sleep 1000 & done',
  'sh-swells': 'exec dd if=/dev/zero of=/dev/null bs=900M count=1000',
  'sh-ends': 'echo "no configuration"; exit 3',
};

describe.skipIf(!here).each(['chroot', 'container'] as const)('entered by %s, a root file system', (kind) => {
  let door: Door;
  let root: Awaited<ReturnType<typeof ownRoot>>;
  let archive: RootArchive;
  beforeAll(async () => {
    root = await ownRoot(PROGRAMS);
    const reach = RootfsReach.parse({ driver: 'rootfs', root: root.path, architecture: 'mipsel' });
    archive = await openRootArchive('own-trouble', reach, new AbortController().signal);
    door = await openDoor(kind);
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    archive[Symbol.dispose]();
    root[Symbol.dispose]();
    expect(leftovers()).toEqual([]);
  });

  /** What an order of a recipe ends in, once `said` was: programs of another processor take their time to start. */
  async function faultOf(
    shell: keyof typeof PROGRAMS,
    said?: RegExp,
  ): Promise<{ readonly fault: LabFault; readonly screen: string }> {
    await using session = await door.enter({ archive, shell: `/bin/${shell}` });
    if (said !== undefined) await session.expect({ said }, { idleMs: 60_000, totalMs: 60_000 });
    const idleMs = said === undefined ? 60_000 : 1_000;
    const fault: unknown = await session.run('echo ready', { idleMs, totalMs: 60_000 }).then(
      () => null,
      (error) => error,
    );
    if (!(fault instanceof LabFault)) throw new Error('it had no trouble', { cause: fault });
    return { fault, screen: (await session.takeTranscript()).screen };
  }

  test('that never answers', async () => {
    const { fault, screen } = await faultOf('sh-mute', /starting/);
    expect(fault.code).toBe('console-timeout');
    expect(screen).toMatch(/^starting/m);
  });

  test('that floods', async () => {
    const { fault } = await faultOf('sh-floods');
    expect(fault.code).toBe('console-flood');
  });

  test('that fills its disk', async () => {
    const { fault, screen } = await faultOf('sh-fills', /No space left on device/);
    expect(fault.code).toBe('console-timeout');
    expect(screen).toMatch(/No space left on device/);
  });

  test('that forks without end', async () => {
    const { fault, screen } = await faultOf('sh-forks');
    expect(fault.code).toBe('console-ended');
    expect(screen).toMatch(/can't fork|Resource temporarily unavailable/);
  });

  test('that takes all memory', async () => {
    const { fault } = await faultOf('sh-swells');
    expect(fault.code).toBe('console-ended');
    expect(fault.message).toMatch(/needed more than 512 MB/);
  });

  test('that ends', async () => {
    const { fault, screen } = await faultOf('sh-ends');
    expect(fault.code).toBe('console-ended');
    expect(screen).toMatch(/no configuration/);
  });
});

test.skipIf(!here)(
  'what was entered ends with a harness that is killed, and the next one sweeps its folders',
  async () => {
    const harness = fork(new URL('roots-of-tests.ts', import.meta.url), ['enter'], { silent: true });
    const { pid } = harness;
    if (pid === undefined) throw new Error('it was not started');
    const [said] = await once(harness, 'message');
    expect(said).toBe('entered');
    expect(leftovers(pid).length).toBeGreaterThan(2);
    harness.kill('SIGKILL');
    await once(harness, 'exit');
    const processes = () => leftovers(pid).filter((left) => !left.startsWith('cutover-guest-'));
    while (processes().length > 0) await sleep(20);
    openPrivateFolder()[Symbol.dispose]();
    expect(leftovers(pid)).toEqual([]);
  },
);
