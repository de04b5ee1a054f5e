import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HarnessFault } from '../faults.ts';

/** A kernel module, and where it stands in a list that a guest can load from the first to the last. */
export interface KernelModule {
  readonly name: string;
  readonly content: Buffer;
}

/**
 * The named modules and what they depend on, in the order in which they can be loaded. `folder` is an unpacked kernel
 * package. Packages come without `modules.dep`, which is written when they are installed; so the modules themselves are
 * asked. What is built into the kernel is left out. Throws HarnessFault `bad-image` for one that the kernel lacks.
 */
export function collectModules(folder: string, names: readonly string[]): readonly KernelModule[] {
  const files = new Map(
    globSync('{usr/,}lib/modules/*/kernel/**/*.ko', { cwd: folder }).map((path) => [nameOf(path), join(folder, path)]),
  );
  const builtIn = new Set(
    globSync('{usr/,}lib/modules/*/modules.builtin', { cwd: folder }).flatMap((list) =>
      readFileSync(join(folder, list), 'utf8').split('\n').map(nameOf),
    ),
  );
  const loaded = new Map<string, KernelModule>();
  const add = (name: string, neededBy: string | null): void => {
    if (loaded.has(name) || builtIn.has(name)) return;
    const path = files.get(name);
    if (path === undefined) {
      const why = neededBy === null ? '' : `, which ${neededBy} needs`;
      throw new HarnessFault('bad-image', `the kernel has no module ${name}${why}`, {
        advice: 'Correct `modules` in the recipe of the image.',
      });
    }
    const content = readFileSync(path);
    for (const other of readDependencies(content)) add(other, name);
    loaded.set(name, { name, content });
  };
  for (const name of names) add(nameOf(name), null);
  return [...loaded.values()];
}

/** `depends=a,b` among the module's own facts (section .modinfo: texts that end with 0). */
function readDependencies(content: Buffer): readonly string[] {
  const key = '\0depends=';
  const at = content.indexOf(key);
  if (at < 0) return [];
  const start = at + key.length;
  const list = content.toString('latin1', start, content.indexOf(0, start));
  return list.split(',').filter((name) => name !== '');
}

/** Names of modules have underscores where those of their files may have hyphens. */
const nameOf = (path: string) => basename(path, '.ko').replaceAll('-', '_');
