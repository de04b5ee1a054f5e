import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, askGone, type Engine, messageOf } from './engine.ts';
import { isDead, OWNER_LABEL, renderOwner } from './labels.ts';

export interface Swept {
  readonly containers: number;
  readonly networks: number;
  readonly folders: number;
  /** What could not be removed, and why: the next run tries again. */
  readonly kept: readonly string[];
}

/** Of a lab's folder; its owner follows. */
const FOLDER_PREFIX = 'cutover-lab-';

/** Where mkdtemp makes a lab's folder: the owner stands in the name, so no folder is ever without one. */
export function folderTemplate(): string {
  return join(tmpdir(), `${FOLDER_PREFIX}${renderOwner()}-`);
}

/**
 * Removes containers, networks and folders whose owner is gone: a run that was killed. Never those of a living one.
 * Never rejects: what somebody else left must not keep anybody from running.
 */
export async function sweepLeftovers(engine: Engine): Promise<Swept> {
  const kept: string[] = [];
  const note = (fault: unknown) => void kept.push(messageOf(fault));
  const removed = await removeAtEngine(engine, { label: [OWNER_LABEL] }, isDead, note);
  let folders = 0;
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX) || !isDead(name.slice(FOLDER_PREFIX.length).replace(/-[^-]*$/, ''))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
      folders += 1;
    } catch (fault) {
      // Another user's, or written by a server as another user.
      note(fault);
    }
  }
  return { ...removed, folders, kept };
}

/** One line for people, or null when nothing was there. */
export function renderSwept({ containers, networks, folders, kept }: Swept): string | null {
  if (containers + networks + folders + kept.length === 0) return null;
  const parts = [
    ...(containers > 0 ? [`${containers} containers`] : []),
    ...(networks > 0 ? [`${networks} networks`] : []),
    ...(folders > 0 ? [`${folders} folders`] : []),
  ];
  const removed = `removed what a run that was killed had left: ${parts.length === 0 ? 'nothing' : parts.join(', ')}`;
  return kept.length === 0
    ? removed
    : `${removed}; not removed, the next run tries again: ${[...new Set(kept)].join('; ')}`;
}

/**
 * Removes what carries these labels, containers first: a network in use cannot go. All of it is tried.
 *
 * @param onFault Told what could not be removed. Never rejects.
 */
export async function removeAtEngine(
  engine: Engine,
  filters: { readonly label: readonly string[] },
  isWanted: (owner: string) => boolean,
  onFault: (fault: unknown) => void,
): Promise<Pick<Swept, 'containers' | 'networks'>> {
  const containers = await removeContainers(engine, filters, isWanted, onFault);
  const doing = 'removing networks';
  try {
    const listed = await ask(doing, engine.listNetworks({ filters: { label: [...filters.label] } }));
    const networks = listed.filter((n) => isWanted(n.Labels?.[OWNER_LABEL] ?? ''));
    const removed = await Promise.all(
      networks.map((n) => succeeds(removeNetwork(doing, engine.getNetwork(n.Id)), onFault)),
    );
    return { containers, networks: removed.filter(Boolean).length };
  } catch (fault) {
    onFault(fault);
    return { containers, networks: 0 };
  }
}

/** Somebody else may be removing its containers at this moment: then it is in use for a little longer. */
export async function removeNetwork(doing: string, network: ReturnType<Engine['getNetwork']>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await askGone(doing, network.remove());
    } catch (fault) {
      if (tries === IN_USE_TRIES || !/active endpoints/.test(messageOf(fault))) throw fault;
      await sleep(IN_USE_MS);
    }
  }
}

const IN_USE_TRIES = 20;
const IN_USE_MS = 250;

/** Kills and removes those that the engine's filter lets through; how many. Never rejects. */
export async function removeContainers(
  engine: Engine,
  filters: { readonly label?: readonly string[]; readonly network?: readonly string[] },
  isWanted: (owner: string) => boolean,
  onFault: (fault: unknown) => void,
): Promise<number> {
  const doing = 'removing containers';
  const wanted = Object.fromEntries(Object.entries(filters).map(([key, values]) => [key, [...values]]));
  try {
    const listed = await ask(doing, engine.listContainers({ all: true, filters: wanted }));
    const containers = listed.filter((c) => isWanted(c.Labels[OWNER_LABEL] ?? ''));
    const removed = await Promise.all(
      containers.map((c) =>
        succeeds(askGone(doing, engine.getContainer(c.Id).remove({ force: true, v: true })), onFault),
      ),
    );
    return removed.filter(Boolean).length;
  } catch (fault) {
    onFault(fault);
    return 0;
  }
}

async function succeeds(work: Promise<void>, onFault: (fault: unknown) => void): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (fault) {
    onFault(fault);
    return false;
  }
}
