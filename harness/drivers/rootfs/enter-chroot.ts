import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readFileSync, readSync } from 'node:fs';
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
import { runProgram } from './run-program.ts';

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
export const MEMORY_BYTES = 512 * 2 ** 20;
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
  await unpack(archive.path, root, signal);
  const entered = randomBytes(6).toString('hex');
  const inside = {
    ROOT: root,
    NAME: name,
    WRITABLE: placesToWrite(root, options.writable).join(' '),
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

/** As the user that enters it: nothing in the archive gets the rights of who runs this. */
async function unpack(archive: string, root: string, signal: AbortSignal): Promise<void> {
  mkdirSync(root);
  const owner = ENTERING_USER ?? undefined;
  if (owner !== undefined) for (const folder of [join(root, '..'), root]) chownSync(folder, owner, owner);
  const args = ['--extract', `--directory=${root}`, '--no-same-owner', '--preserve-permissions', '--exclude=./dev/*'];
  await runProgram('tar', [...args, '--file=-', ...compressionOf(archive)], { signal, owner, input: archive });
  // What nobody may write in cannot be removed again.
  await runProgram('chmod', ['--recursive', 'u+rwX', root], { signal, owner });
  chmodSync(root, 0o755);
}

/** tar knows the compression of a file by itself, but not of its input. */
function compressionOf(archive: string): readonly string[] {
  const head = Buffer.alloc(6);
  const file = openSync(archive, 'r');
  readSync(file, head);
  closeSync(file);
  const start = head.toString('hex');
  return Object.entries(COMPRESSIONS).flatMap(([magic, option]) => (start.startsWith(magic) ? [option] : []));
}

const COMPRESSIONS = { '1f8b': '--gzip', '425a68': '--bzip2', fd377a585a00: '--xz', '28b52ffd': '--zstd' } as const;

/** Without those that lie in others, which are made there. */
function placesToWrite(root: string, writable: readonly string[]): readonly string[] {
  return [...new Set(writable.map((path) => resolveInside(root, path)))].filter((place) => place !== '').toSorted();
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
