import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findProgram } from './interpreters.ts';

/**
 * A user of nobody's: above those that distributions and service managers give out (systemd's UIDS-GIDS.md). Root
 * becomes it before it enters anything; everybody else stays what he is.
 */
export const ENTERING_USER = process.getuid?.() === 0 ? 1_900_000_000 + (process.pid % 10_000) : null;

/** Without its parent a namespace ends, and with its first process all that is in it: also when we are killed. */
export const ENDS_WITH_ITS_PARENT = ['--fork', '--kill-child=SIGKILL'];

/** Becomes the user that enters, in a user namespace where that one is called root. Arguments, program first. */
export function renderUnshare(namespaces: readonly string[]): readonly string[] {
  const user = ENTERING_USER;
  const become = user === null ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  return [...become, 'unshare', '--user', '--map-root-user', ...namespaces, ...ENDS_WITH_ITS_PARENT];
}

/** What enters a root file system without a container engine, and the Debian package of each. */
const TOOLS = {
  unshare: 'util-linux',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  capsh: 'libcap2-bin',
  tar: 'tar',
} as const;

export interface Lack {
  readonly why: string;
  readonly advice: string;
}

/** What this machine lacks to enter a root file system without a container engine, or null. Tried once: 10 ms. */
export function whyNoNamespaces(): Lack | null {
  known ??= { lack: lookForNamespaces() };
  return known.lack;
}

let known: { readonly lack: Lack | null } | undefined;
const TRY_MS = 10_000;

function lookForNamespaces(): Lack | null {
  if (process.platform !== 'linux')
    return { why: 'namespaces are needed, which only Linux has', advice: 'Use a container engine, or Linux.' };
  const missing = Object.entries(TOOLS).filter(([program]) => findProgram([program]) === null);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
    return {
      why: `there is no ${missing.map(([program]) => program).join(', ')}`,
      advice: `apt-get install ${packages}`,
    };
  }
  const [program = '', ...args] = renderUnshare(['--mount', '--pid']);
  const tried = spawnSync(program, [...args, 'true'], { cwd: '/', encoding: 'utf8', timeout: TRY_MS });
  if (tried.status === 0) return null;
  return {
    why: `no user namespace can be made here: ${tried.error?.message ?? tried.stderr.trim()}`,
    advice: adviseNamespaces(),
  };
}

/** Distributions have a switch of their own each. */
function adviseNamespaces(): string {
  const switches = [
    ['kernel/apparmor_restrict_unprivileged_userns', '1', '0'],
    ['kernel/unprivileged_userns_clone', '0', '1'],
    ['user/max_user_namespaces', '0', '10000'],
  ] as const;
  const found = switches.find(([name, off]) => readSwitch(name) === off);
  return found === undefined
    ? 'Inside a container they are often forbidden: run on the machine itself, or use a container engine.'
    : `sysctl ${found[0].replaceAll('/', '.')}=${found[2]}, or use a container engine.`;
}

function readSwitch(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return null;
  }
}
