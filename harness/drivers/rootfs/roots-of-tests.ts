import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeImages } from '../../containers/images.ts';
import { openContainerLab } from '../../containers/open-lab.ts';
import { HarnessFault } from '../../faults.ts';
import { findGuestImage } from '../../guests/find.ts';
import { openFleet } from '../container.ts';
import type { ConsoleOptions } from '../expect.ts';
import { isHere } from '../guest/is-here.ts';
import type { Session } from '../session.ts';
import { enterChroot, type EnterOptions } from './enter-chroot.ts';
import { enterContainer } from './enter-container.ts';
import { RootfsReach } from '../../vocabulary/root-reach.ts';
import { openRootArchive } from './root-archive.ts';
import { findEntry } from './find-entry.ts';

const IMAGE = 'mips-busybox';
export const HOST = 'mail.example.test';

/** Whether the tests' root file system can be entered here, both ways. Where nothing may be skipped, no is a failure. */
export async function hasRoot(what: string): Promise<boolean> {
  return isHere(what, async () => {
    await findGuestImage(IMAGE);
    for (const hasEngine of [true, false]) {
      const entry = findEntry('mipsel', hasEngine);
      if (entry.kind === 'none') throw new HarnessFault('none', entry.why, { advice: entry.advice });
      if (hasEngine && entry.kind !== 'container')
        throw new HarnessFault('none', 'no entry in binfmt_misc with flag F');
    }
  });
}

/** The MIPS busybox as a folder of the owner's, with programs of a test's own in /bin. Disposing removes it. */
export async function ownRoot(programs: Readonly<Record<string, string>> = {}): Promise<Disposable & { path: string }> {
  const image = await findGuestImage(IMAGE);
  if (image.kind !== 'rootfs') throw new Error(`${IMAGE} is no root file system`);
  const path = mkdtempSync(join(tmpdir(), 'cutover-own-root-'));
  execFileSync('tar', ['--extract', `--file=${image.tar}`, `--directory=${path}`]);
  mkdirSync(join(path, 'dev'));
  // As firmware has them: device files where they belong and elsewhere, and a folder that seems to lead out.
  if (process.getuid?.() === 0)
    for (const node of ['dev/mem', 'etc/mem']) execFileSync('mknod', [join(path, node), 'c', '1', '1']);
  symlinkSync('/tmp', join(path, 'run'));
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(path, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(path, 'bin', name), 0o755);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** One way to enter, for as long as the tests of it run. */
export interface Door extends AsyncDisposable {
  /** Address of this host where a tap of a device that is entered so listens. */
  readonly gateway: string;
  enter(options: Partial<EnterOptions> & { readonly archive: EnterOptions['archive'] }): Promise<Session>;
}

const signal = new AbortController().signal;
const WAITING: ConsoleOptions = { waiting: { idleMs: 10_000, totalMs: 20_000 } };
const USUAL = {
  name: 'test-root',
  shell: '/bin/sh',
  writable: ['/tmp', '/run'],
  hosts: [HOST],
  console: WAITING,
  signal,
};

/** @param line For binfmt_misc inside. Default: as a run does it. */
export async function openDoor(kind: 'container' | 'chroot', line?: string): Promise<Door> {
  if (kind === 'chroot') {
    const entry = line === undefined ? findEntry('mipsel', false) : ({ kind, line } as const);
    if (entry.kind !== 'chroot') throw new Error('it cannot be entered without an engine');
    return {
      gateway: '127.0.0.1',
      enter: (options) => enterChroot({ ...USUAL, ...options }, entry.line),
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const opened = new AsyncDisposableStack();
  const archives = new Set<string>();
  opened.defer(async () => void (await removeImages([...archives].map((name) => `root-${name}`))));
  const lab = opened.use(await openContainerLab());
  const fleet = opened.use(await openFleet({ lab, hosts: [HOST] }));
  return {
    gateway: fleet.gateway,
    enter: (options) => {
      archives.add(options.archive.name);
      return enterContainer({ ...USUAL, ...options }, fleet);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

// Started as a program, it enters one and waits to be killed.
if (process.argv[2] === 'enter' && process.send !== undefined) {
  const own = await ownRoot();
  const reach = RootfsReach.parse({ driver: 'rootfs', root: own.path, architecture: 'mipsel' });
  const archive = await openRootArchive('own-root', reach, signal);
  const session = await (await openDoor('chroot')).enter({ archive });
  await session.run('true');
  own[Symbol.dispose]();
  process.send('entered');
}

/** What entered root file systems of a process have left: folders, and processes in namespaces that it made. */
export function leftovers(pid = process.pid): readonly string[] {
  const prefix = `cutover-guest-${pid}-`;
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(prefix));
  return [...folders, ...processesOf(prefix)];
}

/** By their words, or by what is mounted for them: a program inside has neither its folder's name nor its parent. */
function processesOf(prefix: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const root = readlinkSync(`/proc/${pid}/root`);
        return words.includes(prefix) || root.includes(prefix) ? [`${pid}: ${words}`] : [];
      } catch {
        // It has ended since the folder was listed.
        return [];
      }
    });
}
