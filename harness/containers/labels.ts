import { readFileSync, readlinkSync } from 'node:fs';
import { currentOwner, isLive } from '../owner.ts';

/** On everything that a run keeps at the engine: which lab it is of, and whose process opened that. */
export const RUN_LABEL = 'cutover.run';
export const OWNER_LABEL = 'cutover.owner';
/** On images: the folder's name, and the hash of the files that it was built from. */
export const IMAGE_LABEL = 'cutover.image';
export const SOURCE_LABEL = 'cutover.source';
export const BASE_LABEL = 'cutover.base';

export type Labels = Readonly<Record<string, string>>;

export function renderLabels(run: string): Labels {
  return { [RUN_LABEL]: run, [OWNER_LABEL]: renderOwner() };
}

/** `<pid>.<start of the process>.<boot>.<PID namespace>`; fits into a folder's name as well. */
export function renderOwner(): string {
  const { pid, started } = currentOwner();
  const { boot, namespace } = pidSpace();
  return [pid, started, boot, namespace].join('.');
}

/**
 * Whether an owner is known to be gone. Of a process that counts pids elsewhere (another container that shares this
 * engine) nothing can be known, so it counts as living; one from before this boot is gone.
 */
export function isDead(owner: string): boolean {
  const [, pid, started = '', boot, namespace] = /^(\d+)\.(\d*)\.(\w*)\.(\d*)$/.exec(owner) ?? [];
  if (pid === undefined) return false;
  const here = pidSpace();
  if (boot !== here.boot) return true;
  return namespace === here.namespace && !isLive({ pid: Number(pid), started });
}

/** Only in one boot and one PID namespace (pid_namespaces(7)) does a pid with its start time mean one process. */
function pidSpace(): { readonly boot: string; readonly namespace: string } {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    const [namespace = ''] = /\d+/.exec(readlinkSync('/proc/self/ns/pid')) ?? [];
    return { boot, namespace };
  } catch {
    return { boot: '', namespace: '' };
  }
}
