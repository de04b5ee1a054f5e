import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { startContainer } from './container.ts';
import type { ContainerLab, ContainerNetwork, ContainerOptions } from './contract.ts';
import { connectEngine, messageOf } from './engine.ts';
import { watchExits } from './exits.ts';
import { findImage, type ImageFolders } from './images.ts';
import { importRoot } from './import-root.ts';
import { renderLabels, RUN_LABEL } from './labels.ts';
import { openNetwork, type OpenNetwork } from './network.ts';
import { folderTemplate, removeAtEngine, renderSwept, sweepLeftovers } from './sweep.ts';

export interface LabOptions {
  readonly signal?: AbortSignal;
  /** Told what a killed run had left, if anything. Default: a line on stderr. */
  readonly onSwept?: (line: string) => void;
  /** Where images come from. Default: the folders of this repository. */
  readonly images?: ImageFolders;
}

/**
 * Connects to the container engine, sweeps what dead runs left there, and hands out networks and containers. Throws
 * HarnessFault `no-engine` when none answers. Disposing removes all of it at once, without asking programs to end.
 */
export async function openContainerLab(options: LabOptions = {}): Promise<ContainerLab> {
  const { engine, version } = await connectEngine();
  options.signal?.throwIfAborted();
  const swept = renderSwept(await sweepLeftovers(engine));
  if (swept !== null) (options.onSwept ?? printLine)(swept);

  const run = randomBytes(6).toString('hex');
  const labels = renderLabels(run);
  const prefix = `cutover-${run}`;
  await using unlessReady = new AsyncDisposableStack();
  const top = mkdtempSync(folderTemplate());
  unlessReady.defer(() => removeFolder(top));
  // What is mounted must be open to every user inside containers; on this host the folder around it is private.
  const folder = join(top, 'files');
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  unlessReady.defer(async () => {
    // An engine that is gone cannot remove anything; the next run sweeps. It must not hide what ended this run.
    const kept = new Set<string>();
    const note = (fault: unknown) => void kept.add(messageOf(fault));
    await removeAtEngine(engine, { label: [`${RUN_LABEL}=${run}`] }, () => true, note);
    if (kept.size > 0)
      printLine(`containers and networks of this run are left for the next to sweep: ${[...kept].join('; ')}`);
  });
  const exits = unlessReady.use(await watchExits(engine, run));
  const images = new Map<string, Promise<string>>();
  // A run uses one image of a name, whatever is built meanwhile.
  const imageOf = (name: string): Promise<string> => {
    const known = images.get(name) ?? findImage(engine, name, options.images);
    images.set(name, known);
    return known;
  };
  const networks = new Map<ContainerNetwork, OpenNetwork>();
  const opened = unlessReady.move();
  return {
    engine: version,
    folder,
    async openNetwork(network) {
      const made = await openNetwork(engine, labels, prefix, network);
      networks.set(made, made);
      return made;
    },
    importRoot: (root) => importRoot(engine, root),
    async start(container) {
      const network = networks.get(container.network);
      if (network === undefined) throw new HarnessFault('unknown-network', `${container.name}: no network of this lab`);
      const image = typeof container.image === 'string' ? await imageOf(container.image) : container.image.tag;
      const laid = container.filesFolder === undefined ? container : layFiles(top, container, container.filesFolder);
      return startContainer(engine, { ...laid, image, network, labels, prefix, exits });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Writes a container's files into a folder of this host, to be mounted. Other mounts may stand below its target. */
function layFiles(top: string, container: ContainerOptions, target: string): ContainerOptions {
  const source = mkdtempSync(join(top, 'laid-'));
  // Also when there is no file.
  chmodSync(source, 0o755);
  const mounts = container.mounts ?? [];
  const places = mounts.map((mount) => relative(target, mount.target)).filter((place) => !place.startsWith('..'));
  // The engine cannot make a place to mount at in what is read-only.
  for (const place of places) mkdirSync(join(source, place), { recursive: true });
  for (const file of container.files ?? []) {
    const path = join(source, relative(target, file.target));
    mkdirSync(dirname(path), { recursive: true });
    // Whatever the umask took: inside, programs are other users.
    chmodSync(dirname(path), 0o755);
    writeFileSync(path, file.content);
    chmodSync(path, file.mode ?? 0o644);
  }
  return { ...container, files: [], mounts: [{ source, target, readOnly: true }, ...mounts] };
}

/** A server may have written files as another user: then they stay, and are said. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (fault) {
    printLine(`${folder} cannot be removed: ${messageOf(fault)}`);
  }
}

function printLine(line: string): void {
  console.error(`cutover: ${line}`);
}
