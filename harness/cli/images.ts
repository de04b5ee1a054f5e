import { styleText } from 'node:util';
import { connectEngine } from '../containers/engine.ts';
import { buildImages, type ImageState, listImages, removeImages } from '../containers/images.ts';
import { renderSwept, sweepLeftovers } from '../containers/sweep.ts';
import { EXIT } from './exit.ts';
import { onInterrupt } from './interrupt.ts';

export interface BuildFlags {
  readonly base?: string;
  /** Every line of the builds' logs. */
  readonly verbose?: boolean;
}

/** `cutover images build`: what is done goes to stderr, what there is then to stdout. */
export async function buildNamed(names: readonly string[], { base, verbose = false }: BuildFlags): Promise<number> {
  using interrupt = onInterrupt();
  const begun = new Map<string, number>();
  const onLine = (image: string, line: string): void => {
    if (!begun.has(image)) {
      begun.set(image, performance.now());
      console.error(`building ${image} …`);
    }
    if (verbose) console.error(printable(`${image} | ${line}`));
  };
  try {
    await buildImages(names, {
      onLine,
      onBuilt: ({ name, tag, isNew }) => {
        const seconds = (performance.now() - (begun.get(name) ?? performance.now())) / 1000;
        console.log(isNew ? `${tag} (${seconds.toFixed(0)} s)` : `${tag} (was there)`);
      },
      signal: interrupt.signal,
      ...(base === undefined ? {} : { base }),
    });
  } catch (fault) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw fault;
  }
  return EXIT.expected;
}

/** `cutover images list`: a line for each image, or a JSON array. */
export async function listAll({ json = false }: { readonly json?: boolean }): Promise<number> {
  const images = await listImages();
  if (json) {
    console.log(JSON.stringify(images, null, 2));
    return EXIT.expected;
  }
  const widths = {
    name: Math.max(...images.map((image) => image.name.length)),
    tag: Math.max(...images.map((image) => image.tag?.length ?? 0)),
  };
  for (const image of images) console.log(renderImage(image, widths));
  const unbuilt = images.filter((image) => image.state !== 'built').map((image) => image.name);
  if (unbuilt.length > 0) console.log(`\n${unbuilt.length} to build: npx cutover images build`);
  return EXIT.expected;
}

/** `cutover images remove`: what killed runs left goes first, because it may hold images. */
export async function removeNamed(names: readonly string[]): Promise<number> {
  const { engine } = await connectEngine();
  const swept = renderSwept(await sweepLeftovers(engine));
  if (swept !== null) console.log(swept);
  const { removed, inUse } = await removeImages(names);
  for (const tag of removed) console.log(`removed ${tag}`);
  for (const tag of inUse) console.log(`kept ${tag}: a container runs from it`);
  console.log(`${removed.length} images removed`);
  return EXIT.expected;
}

const COLOURS = { built: 'green', stale: 'yellow', missing: 'red' } as const;

interface Widths {
  readonly name: number;
  readonly tag: number;
}

function renderImage({ name, state, tag, base, bytes, builtAt }: ImageState, widths: Widths): string {
  const mark = styleText(COLOURS[state], state.padEnd(7), { stream: process.stdout });
  if (tag === null || builtAt === null) return `${mark} ${name}`;
  const size = `${Math.round(bytes / 1e6)} MB`;
  const age = state === 'stale' ? ', from other files than there are now' : '';
  return `${mark} ${name.padEnd(widths.name)}  ${tag.padEnd(widths.tag)}  ${size.padStart(7)}  ${builtAt.toISOString().slice(0, 16)}Z on ${base}${age}`;
}

/** Logs of builds quote what compilers and packages print, which must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/(?!\t)\p{Cc}/gu, ' ');
}
