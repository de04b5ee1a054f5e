import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessFault } from '../../faults.ts';
import { ENDPOINTS } from '../../vocabulary/trial.ts';
import { closeWith } from '../close-with.ts';
import type { ConsoleOptions } from '../expect.ts';
import { openPrivateFolder } from '../guest/private-folder.ts';
import { openWay, WAY_HOST } from '../guest/way.ts';
import { openPty } from '../pty.ts';
import type { Session } from '../session.ts';
import { ENDS_WITH_ITS_PARENT, ENTERING_USER, renderUnshare } from './namespaces.ts';
import { resolveInside } from './resolve-inside.ts';
import type { RootArchive } from './root-archive.ts';
import { unpackRoot } from './unpack-root.ts';

export interface EnterOptions {
  /** What messages and its host name call it. */
  readonly name: string;
  readonly archive: RootArchive;
  /** Absolute paths inside. */
  readonly shell: string;
  readonly writable: readonly string[];
  /** Host names that lead to the tap. */
  readonly hosts: readonly string[];
  readonly console: ConsoleOptions;
  readonly signal: AbortSignal;
}

/** Of all its programs; each folder that it may write to has as many bytes of its own as WRITABLE_BYTES. */
const MEMORY_BYTES = 512 * 2 ** 20;
export const WRITABLE_BYTES = 64 * 2 ** 20;
/** With their threads; each of another processor's programs has two. */
export const MOST_PROCESSES = 128;

const KEEPER = fileURLToPath(new URL('keeper.mjs', import.meta.url));
const SCRIPT = new URL('enter-root.sh', import.meta.url);
/** Making namespaces and mounts takes 0.1 s. */
const ENTER_MS = 60_000;

/**
 * Enters a root file system in namespaces of its own, as a root that is one only there, without any capability. It sees
 * its files, read-only, and reaches nothing but the tap that `leadTo` names. Throws HarnessFault `chroot-failed`.
 */
export async function enterChroot(options: EnterOptions, line: string | null): Promise<Session> {
  const { name, archive, signal } = options;
  await using unlessReady = new AsyncDisposableStack();
  const way = unlessReady.use(await openWay(unlessReady.use(openPrivateFolder()).path));
  const root = join(unlessReady.use(openPrivateFolder()).path, 'root');
  await unpackRoot(archive.path, root, signal);
  const entered = randomBytes(6).toString('hex');
  const inside = {
    ROOT: root,
    NAME: name,
    WRITABLE: findWritable(name, root, options.writable).join(' '),
    BYTES: String(WRITABLE_BYTES),
    PROCESSES: String(MOST_PROCESSES),
    HOSTS: options.hosts.map((host) => `${WAY_HOST} ${host}\n`).join(''),
    HOSTS_AT: resolveInside(root, '/etc/hosts'),
    BINFMT: line ?? '',
    ENTERED: entered,
    SHELL_INSIDE: options.shell,
  };
  const task = {
    socket: way.socket,
    host: WAY_HOST,
    ports: ENDPOINTS.map(({ port }) => port),
    memoryBytes: MEMORY_BYTES,
    command: [...renderUnshare(INNER), 'sh', '-c', readFileSync(SCRIPT, 'utf8')],
  };
  const session = unlessReady.use(
    await openPty({
      ...options.console,
      program: 'unshare',
      args: [...OUTER, process.execPath, KEEPER, JSON.stringify(task)],
      cwd: '/',
      env: { ...inside, NODE_NO_WARNINGS: '1' },
      name,
      facts: { ...options.console.facts, carrier: 'chroot', architecture: archive.architecture },
    }),
  );
  await whenEntered(session, entered, options);
  const opened = closeWith(session, unlessReady.move());
  return { ...opened, leadTo: (tap, port) => way.leadTo(tap, port) };
}

/** The keeper's: root makes it without a user namespace, whose own the inner one is then not. */
const OUTER = (ENTERING_USER === null ? ['--user', '--map-root-user'] : []).concat(
  ['--net', '--pid'],
  ENDS_WITH_ITS_PARENT,
);
/** Of the root file system itself: its root has no rights over the keeper's network. */
const INNER = ['--mount', '--propagation=private', '--pid', '--ipc', '--uts', '--cgroup'];

/** Where they are in the unpacked root. A place in another is made there. */
function findWritable(name: string, root: string, writable: readonly string[]): readonly string[] {
  const places = [...new Set(writable.map((path) => resolveInside(root, path)))].filter((place) => place !== '');
  const odd = places.find((place) => !/^[A-Za-z0-9._/-]+$/.test(place));
  if (odd === undefined) return places.toSorted();
  throw new HarnessFault('bad-root', `${name}: a link in its root file system leads to ${JSON.stringify(odd)}`, {
    advice: 'Leave what leads there out of `writable`, or correct the link.',
    stage: 'configuration',
  });
}

async function whenEntered(session: Session, entered: string, { name, signal }: EnterOptions): Promise<void> {
  try {
    await session.expect({ entered: new RegExp(`${entered}\\r?\\n`) }, { idleMs: ENTER_MS, totalMs: ENTER_MS });
  } catch (cause) {
    signal.throwIfAborted();
    const { screen } = await session.takeTranscript();
    throw new HarnessFault('chroot-failed', `${name}: its root file system cannot be entered: ${screen.trim()}`, {
      cause,
      advice: '`npx cutover doctor` says what entering one needs here; with a container engine it needs less.',
      stage: 'start',
    });
  }
}
