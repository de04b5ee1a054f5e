import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ImportedRoot, RootToImport } from './contract.ts';
import { ask, type Engine } from './engine.ts';
import { findOurs, removeAll } from './images.ts';
import { BASE_LABEL, IMAGE_LABEL, SOURCE_LABEL } from './labels.ts';

/** Of the names under which root file systems stand among the images of ours. */
const PREFIX = 'root-';

/**
 * Takes a root file system in as an image, named by its content; an older one of the same name is removed. The engine
 * reads the archive itself, compressed or not.
 */
export async function importRoot(engine: Engine, { name, path, signal }: RootToImport): Promise<ImportedRoot> {
  const hash = await hashFile(path);
  signal?.throwIfAborted();
  const image = `${PREFIX}${name}`;
  const repository = `cutover-${image}`;
  const version = hash.slice(0, 12);
  const tag = `${repository}:${version}`;
  const before = (await findOurs(engine)).filter((found) => found.name === image);
  if (!before.some((found) => found.tag === tag)) {
    const labels = { [IMAGE_LABEL]: image, [SOURCE_LABEL]: hash, [BASE_LABEL]: 'none' };
    const changes = Object.entries(labels).map(([key, value]) => `LABEL ${key}="${value}"`);
    const doing = `importing the root file system ${name}`;
    const stream = await ask(
      doing,
      engine.importImage(createReadStream(path), { repo: repository, tag: version, changes }),
    );
    await ask(doing, readToEnd(stream));
    await ask(doing, engine.getImage(tag).inspect());
  }
  await removeAll(
    engine,
    before.filter((found) => found.tag !== tag),
  );
  return { tag };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) if (Buffer.isBuffer(chunk)) hash.update(chunk);
  return hash.digest('hex');
}

function readToEnd(stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('end', resolve);
    stream.on('close', resolve);
    stream.resume();
  });
}
