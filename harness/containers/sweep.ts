import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, askGone, type Engine } from './engine.ts';
import { isDead, OWNER_LABEL, renderOwner } from './labels.ts';

export interface Swept {
  readonly containers: number;
  readonly networks: number;
  readonly folders: number;
}

/** Of a lab's folder; its owner follows. */
const FOLDER_PREFIX = 'cutover-lab-';

/** Where mkdtemp makes a lab's folder: the owner stands in the name, so no folder is ever without one. */
export function folderTemplate(): string {
  return join(tmpdir(), `${FOLDER_PREFIX}${renderOwner()}-`);
}

/** Removes containers, networks and folders whose owner is gone: a run that was killed. Never those of a living one. */
export async function sweepLeftovers(engine: Engine): Promise<Swept> {
  const removed = await removeAtEngine(engine, { label: [OWNER_LABEL] }, (owner) => isDead(owner));
  const folders = readdirSync(tmpdir()).filter(
    (name) => name.startsWith(FOLDER_PREFIX) && isDead(name.slice(FOLDER_PREFIX.length).replace(/-[^-]*$/, '')),
  );
  for (const name of folders) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  return { ...removed, folders: folders.length };
}

/** One line for people, or null when nothing was there. */
export function renderSwept({ containers, networks, folders }: Swept): string | null {
  if (containers + networks + folders === 0) return null;
  const parts = [
    ...(containers > 0 ? [`${containers} containers`] : []),
    ...(networks > 0 ? [`${networks} networks`] : []),
    ...(folders > 0 ? [`${folders} folders`] : []),
  ];
  return `removed what a run that was killed had left: ${parts.join(', ')}`;
}

/** Removes what carries these labels, containers first: a network in use cannot go. */
export async function removeAtEngine(
  engine: Engine,
  filters: { readonly label: readonly string[] },
  isWanted: (owner: string) => boolean = () => true,
): Promise<Pick<Swept, 'containers' | 'networks'>> {
  const containers = await removeContainers(engine, filters, isWanted);
  const doing = 'removing networks';
  const listed = await ask(doing, engine.listNetworks({ filters: { label: [...filters.label] } }));
  const networks = listed.filter((n) => isWanted(n.Labels?.[OWNER_LABEL] ?? ''));
  await Promise.all(networks.map((n) => askGone(doing, engine.getNetwork(n.Id).remove())));
  return { containers, networks: networks.length };
}

/** Kills and removes those that the engine's filter lets through; how many. */
export async function removeContainers(
  engine: Engine,
  filters: { readonly label?: readonly string[]; readonly network?: readonly string[] },
  isWanted: (owner: string) => boolean = () => true,
): Promise<number> {
  const doing = 'removing containers';
  const wanted = Object.fromEntries(Object.entries(filters).map(([key, values]) => [key, [...values]]));
  const listed = await ask(doing, engine.listContainers({ all: true, filters: wanted }));
  const containers = listed.filter((c) => isWanted(c.Labels[OWNER_LABEL] ?? ''));
  await Promise.all(containers.map((c) => askGone(doing, engine.getContainer(c.Id).remove({ force: true, v: true }))));
  return containers.length;
}
