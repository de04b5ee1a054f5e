import { createHash } from 'node:crypto';
import { HarnessFault } from '../faults.ts';
import { buildImage, DEFAULT_BASE, provideBase } from './build-image.ts';
import { ask, connectEngine, type Engine, messageOf, statusOf } from './engine.ts';
import { type ImageFolders, type ImageSource, readImageSource, readImageSources } from './image-source.ts';
import { BASE_LABEL, IMAGE_LABEL, SOURCE_LABEL } from './labels.ts';

export type { ImageFolders } from './image-source.ts';

/** `stale`: built from other files than there are now. */
export interface ImageState {
  readonly name: string;
  readonly state: 'built' | 'stale' | 'missing';
  /** Name and tag at the engine; null when missing. */
  readonly tag: string | null;
  readonly base: string | null;
  readonly bytes: number;
  readonly builtAt: Date | null;
}

export interface BuildOptions {
  /** Image that ours are built on, by the name that Dockerfiles take as BASE. */
  readonly base?: string;
  /** Each line of a build's log. */
  readonly onLine?: (image: string, line: string) => void;
  /** Each image when it is there. */
  readonly onBuilt?: (image: BuiltImage) => void;
  readonly signal?: AbortSignal;
  readonly folders?: ImageFolders;
}

export interface BuiltImage {
  readonly name: string;
  readonly tag: string;
  /** false: it was there already. */
  readonly isNew: boolean;
}

/** Builds are mostly waiting for packages and for one core at a time. */
const AT_A_TIME = 2;

/** Every image of ours and whether it is built from what its folder holds now. */
export async function listImages(folders?: ImageFolders): Promise<readonly ImageState[]> {
  const { engine } = await connectEngine();
  const found = await findOurs(engine);
  return readImageSources(folders).map(({ name, hash }): ImageState => {
    const ofName = found.filter((image) => image.name === name);
    const image = ofName.find((i) => i.source === hash) ?? ofName[0];
    if (image === undefined) return { name, state: 'missing', tag: null, base: null, bytes: 0, builtAt: null };
    const { tag, base, bytes, builtAt } = image;
    return { name, state: image.source === hash ? 'built' : 'stale', tag, base, bytes, builtAt };
  });
}

/**
 * Builds the named images, or all, two at a time; one that is built from the same files and base already stays. Older
 * ones of the same name are removed. Throws HarnessFault `image-failed` with the end of each failed build's log,
 * `no-base` when there is nothing to build on.
 */
export async function buildImages(
  names: readonly string[],
  options: BuildOptions = {},
): Promise<readonly BuiltImage[]> {
  const { base = DEFAULT_BASE, signal } = options;
  const sources =
    names.length === 0
      ? readImageSources(options.folders)
      : [...new Set(names)].map((name) => readImageSource(name, options.folders));
  const { engine } = await connectEngine();
  const baseId = await provideBase(engine, base, signal);
  const waiting = [...sources];
  const built: BuiltImage[] = [];
  const faults: HarnessFault[] = [];
  const work = async (): Promise<void> => {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
      signal?.throwIfAborted();
      try {
        const image = await buildOne(engine, source, base, baseId, options);
        built.push(image);
        options.onBuilt?.(image);
      } catch (fault) {
        if (!(fault instanceof HarnessFault) || fault.code !== 'image-failed') throw fault;
        faults.push(fault);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const [first] = faults;
  if (first !== undefined) {
    throw new HarnessFault('image-failed', faults.map((f) => f.message).join('\n'), {
      cause: first,
      ...(first.advice === undefined ? {} : { advice: first.advice }),
    });
  }
  return built.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** Removes the named images of ours, or all, of any age. Those in use stay, and are told. */
export async function removeImages(
  names: readonly string[],
): Promise<{ readonly removed: readonly string[]; readonly inUse: readonly string[] }> {
  const { engine } = await connectEngine();
  const found = await findOurs(engine);
  // One whose folder is gone can still be removed by its name.
  for (const name of names) if (!found.some((image) => image.name === name)) readImageSource(name);
  const wanted = found.filter((image) => names.length === 0 || names.includes(image.name));
  return removeAll(engine, wanted);
}

/** The newest image built from the files that its folder holds now. Throws HarnessFault `no-image`. */
export async function findImage(engine: Engine, name: string, folders?: ImageFolders): Promise<string> {
  const { hash } = readImageSource(name, folders);
  const ofName = (await findOurs(engine)).filter((image) => image.name === name);
  const image = ofName.find((i) => i.source === hash);
  if (image !== undefined) return image.tag;
  const what = ofName.length === 0 ? 'is not built' : 'was built from other files than there are now';
  throw new HarnessFault('no-image', `the image ${name} ${what}`, {
    advice: `Build it: \`npx cutover images build ${name}\`, or all of them: \`npx cutover images build\`.`,
  });
}

interface FoundImage {
  readonly id: string;
  readonly name: string;
  readonly tag: string;
  readonly source: string;
  readonly base: string;
  readonly bytes: number;
  readonly builtAt: Date;
}

/** Newest first. */
export async function findOurs(engine: Engine): Promise<readonly FoundImage[]> {
  const images = await ask('listing images', engine.listImages({ filters: { label: [IMAGE_LABEL] } }));
  return images
    .flatMap(({ Id, Labels, RepoTags, Size, Created }): readonly FoundImage[] => {
      const name = Labels?.[IMAGE_LABEL] ?? '';
      const tag = RepoTags?.find((t) => t.startsWith(`cutover-${name}:`));
      if (tag === undefined) return [];
      const [source = '', base = ''] = [Labels?.[SOURCE_LABEL], Labels?.[BASE_LABEL]];
      return [{ id: Id, name, tag, source, base, bytes: Size, builtAt: new Date(Created * 1000) }];
    })
    .toSorted((a, b) => b.builtAt.getTime() - a.builtAt.getTime());
}

async function buildOne(
  engine: Engine,
  source: ImageSource,
  base: string,
  baseId: string,
  { onLine, signal }: BuildOptions,
): Promise<BuiltImage> {
  const { name, hash } = source;
  const tag = `cutover-${name}:${createHash('sha256').update(`${hash} ${baseId}`).digest('hex').slice(0, 12)}`;
  const before = (await findOurs(engine)).filter((image) => image.name === name);
  const isNew = !before.some((image) => image.tag === tag);
  if (isNew) {
    await buildImage(engine, source, {
      tag,
      base,
      onLine: (line) => onLine?.(name, line),
      ...(signal === undefined ? {} : { signal }),
    });
  }
  const old = before.filter((image) => image.tag !== tag);
  await removeAll(engine, old);
  return { name, tag, isNew };
}

export async function removeAll(
  engine: Engine,
  images: readonly FoundImage[],
): Promise<{ readonly removed: readonly string[]; readonly inUse: readonly string[] }> {
  const removed: string[] = [];
  const inUse: string[] = [];
  for (const { tag } of images) {
    try {
      await engine.getImage(tag).remove();
      removed.push(tag);
    } catch (cause) {
      // 409: a container runs from it, perhaps of another run.
      if (statusOf(cause) === 409) inUse.push(tag);
      else if (statusOf(cause) !== 404) await ask(`removing ${tag} (${messageOf(cause)})`, Promise.reject(cause));
    }
  }
  return { removed, inUse };
}
