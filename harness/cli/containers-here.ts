import { askEngine } from '../containers/engine.ts';
import type { Device } from '../vocabulary/device.ts';

/** What a machine can run in containers. */
export interface ContainersHere {
  /** Version of the engine that answers; null: none does. */
  readonly engine: string | null;
  /** Why not, as a sentence without a full stop, for an image of ours that is needed; null: it can be started. */
  whyNot(image: string): string | null;
}

/** Asks the container engine, if there is one, which images of ours are built from what their folders hold now. */
export async function lookForContainers(): Promise<ContainersHere> {
  const answer = await askEngine();
  if (answer.kind === 'missing') return { engine: null, whyNot: () => answer.why };
  const { listImages } = await import('../containers/images.ts');
  const states = new Map((await listImages()).map((image) => [image.name, image.state]));
  return {
    engine: answer.version,
    whyNot: (image) => {
      const state = states.get(image);
      if (state === 'built') return null;
      const how = state === 'stale' ? 'older than its files' : 'not built';
      return state === undefined
        ? `there is no image ${image}`
        : `the image ${image} is ${how} (npx cutover images build)`;
    },
  };
}

/** The same answer for whoever asks during one command: asking takes the engine half a second. */
export function lookOnce(): () => Promise<ContainersHere> {
  let answer: Promise<ContainersHere> | undefined;
  return () => (answer ??= lookForContainers());
}

/** The images that a device in a container is started from, one for each of its firmware versions. */
export function imagesOf(device: Device): readonly string[] {
  const { reach } = device;
  if (reach?.driver !== 'container') return [];
  return [...new Set(device.firmware.map((f) => f.container?.image ?? reach.image))];
}

/** Why a device cannot be started here, or null. */
export function whyNoContainer(device: Device, here: ContainersHere): string | null {
  return (
    imagesOf(device)
      .map((image) => here.whyNot(image))
      .find((why) => why !== null) ?? null
  );
}
