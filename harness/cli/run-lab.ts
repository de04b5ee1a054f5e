import { stackPath } from '../../devices/emulated/stack-path.ts';
import type { Lab } from '../campaign.ts';
import type { ContainerLab } from '../containers/contract.ts';
import { askEngine } from '../containers/engine.ts';
import { type Fleet, openFleet } from '../drivers/container.ts';
import { WAY_HOST } from '../drivers/guest/way.ts';
import { entersContainer } from '../drivers/rootfs/find-entry.ts';
import { fakeClient } from '../drivers/fake-device.ts';
import type { Pki } from '../pki/mint.ts';
import { readRecipe } from '../drivers/read-recipe.ts';
import type { RunFolder } from '../records.ts';
import { openRig, type Rig } from '../rig.ts';
import { openContainerServers } from '../servers/containers/open-servers.ts';
import type { EngineServers } from '../servers/contract.ts';
import { openHostsServers } from '../servers/hosts/open-servers.ts';
import { type Device, isGuest } from '../vocabulary/device.ts';
import type { Mode } from '../vocabulary/mode.ts';
import type { EngineName } from '../vocabulary/verdict.ts';
import { imagesOf } from './containers-here.ts';
import { showProveProgress } from './prove-progress.ts';

export interface RunLabOptions {
  readonly modes: readonly Mode[];
  readonly devices: readonly Device[];
  /** Devices that cannot be started here, and why: nothing is opened for them. */
  readonly missing: ReadonlyMap<string, string>;
  readonly engine: EngineName;
  readonly listen: string;
  /** Engine `hosts`: between two connections of the proof, in ms. */
  readonly pauseMs?: number;
  readonly signal: AbortSignal;
}

/** Everything around the devices of a run: servers, and containers for servers and devices that live in them. */
export interface RunLab extends AsyncDisposable {
  readonly rig: Rig;
  readonly fleet: Fleet | null;
  readonly missing: ReadonlyMap<string, string>;
}

/** Opens what the run needs and no more: without devices or servers in containers, no container engine is asked. */
export async function openRunLab(options: RunLabOptions): Promise<RunLab> {
  const { modes, devices, missing, engine, listen, signal } = options;
  await using unlessReady = new AsyncDisposableStack();
  const hasFleet = await needsFleet(devices.filter((d) => !missing.has(d.id)));
  const containers = hasFleet || engine === 'containers' ? unlessReady.use(await openContainers(signal)) : null;
  const fleet =
    hasFleet && containers !== null
      ? unlessReady.use(await openFleet({ lab: containers, hosts: hostsOf(modes) }))
      : null;
  const rig = unlessReady.use(
    await openRig({
      modes,
      listen,
      addresses: [...(fleet === null ? [] : [fleet.gateway]), ...(devices.some(isGuest) ? [WAY_HOST] : [])],
      ...(engine === 'embedded' ? {} : { openEngine: async (pki) => openEngine(engine, pki, containers, options) }),
    }),
  );
  const opened = unlessReady.move();
  return { rig, fleet, missing, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Root file systems are entered in containers where an engine answers, and without any elsewhere. */
async function needsFleet(devices: readonly Device[]): Promise<boolean> {
  if (devices.some((d) => imagesOf(d).length > 0)) return true;
  return devices.some(entersContainer) && (await askEngine()).kind === 'ready';
}

/** Loaded only when needed: the package behind it takes half a second. */
async function openContainers(signal: AbortSignal): Promise<ContainerLab> {
  const { openContainerLab } = await import('../containers/open-lab.ts');
  return openContainerLab({ signal });
}

function openEngine(
  engine: Exclude<EngineName, 'embedded'>,
  pki: Pki,
  containers: ContainerLab | null,
  { modes, pauseMs, signal }: Pick<RunLabOptions, 'modes' | 'pauseMs' | 'signal'>,
): Promise<EngineServers> {
  if (engine === 'containers' && containers !== null) return openContainerServers({ pki, lab: containers, signal });
  const policies = modes.filter(({ purpose }) => purpose === 'policy');
  console.error('cutover: engine hosts: your servers are asked whether they do what their modes say, slowly.');
  return openHostsServers({
    modes: policies,
    environment: process.env,
    ...(pauseMs === undefined ? {} : { pauseMs }),
    onListener: showProveProgress,
    signal,
  });
}

/** What `runPlans` needs, on an opened lab. */
export function labOf(
  { rig, fleet, missing }: Omit<RunLab, typeof Symbol.asyncDispose>,
  folder: RunFolder,
  options: Pick<Lab, 'signal' | 'onRecord' | 'keepBodies'> & { readonly allowPrograms: boolean },
): Lab {
  return {
    rig,
    folder,
    recipeOf: async (device) => (device.reach?.driver === 'scripted' ? fakeClient : readRecipe(device.client ?? '')),
    whyMissing: (device, firmware) => missing.get(device.id) ?? whyNoStack(device, firmware),
    listenFor: (device) => (fleet !== null && isInContainer(device) ? fleet.gateway : rig.listen),
    keepBodies: options.keepBodies,
    signal: options.signal,
    onRecord: options.onRecord,
    openContext: {
      roots: { factory: rig.pki.factoryRootPem, run: rig.pki.runCaPem },
      allowPrograms: options.allowPrograms,
      guestHosts: hostsOf(rig.modes),
      ...(fleet === null ? {} : { fleet }),
    },
  };
}

function isInContainer(device: Device): boolean {
  return imagesOf(device).length > 0 || entersContainer(device);
}

/** Names of mail hosts, of all modes. */
function hostsOf(modes: readonly Mode[]): readonly string[] {
  return [...new Set(modes.flatMap((m) => Object.values(m.hosts)))];
}

/** Old stacks are binaries of one platform. */
function whyNoStack(device: Device, firmware: string): string | null {
  const stack = device.firmware.find((f) => f.version === firmware)?.emulated?.stack;
  const found = stack === undefined ? null : stackPath(stack);
  return found !== null && 'reason' in found ? found.reason : null;
}
