import { copyFileSync, existsSync, globSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { composeFiles } from './compose.ts';
import { type GuestFile, renderCpio } from './cpio.ts';
import { FILES } from './find.ts';
import { collectModules } from './modules.ts';
import { type GuestRecipe, readProjectFiles, readStack } from './recipe.ts';
import { runTool } from './run-tool.ts';

export interface WriteImage {
  /** Paths of .deb files. */
  readonly packages: readonly string[];
  /** Folder that packages are unpacked into; images of one architecture share it. */
  readonly unpacked: string;
  /** An empty folder, which gets the files of the image. */
  readonly to: string;
  readonly signal?: AbortSignal;
}

/** Unpacking is half reading and half one core. */
const AT_A_TIME = 2;

/** Writes what is started: `kernel` and `initrd`, or `root.tar`. Throws HarnessFault. */
export async function writeImage(recipe: GuestRecipe, { packages, unpacked, to, signal }: WriteImage): Promise<void> {
  const waiting = packages.filter((path) => !existsSync(markOf(unpacked, path)));
  const work = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) await unpack(path, unpacked, signal);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const root = rootOf(unpacked);
  const added = [...readProjectFiles(recipe), ...(recipe.stack === undefined ? [] : [readStack(recipe.stack)])];
  const files = composeFiles(root, { programs: recipe.programs, files: recipe.files, added });
  if (recipe.kind === 'rootfs') return writeTar(files, to, signal);
  const modules = collectModules(root, recipe.modules);
  writeFileSync(join(to, FILES.initrd), renderCpio([...files, ...toFiles(modules), CONSOLE]));
  copyFileSync(findKernel(root), join(to, FILES.kernel));
}

/** What a kernel opens for its first program. */
const CONSOLE: GuestFile = { path: 'dev/console', characterDevice: { major: 5, minor: 1 } };

const rootOf = (unpacked: string) => join(unpacked, 'root');
const markOf = (unpacked: string, path: string) => join(unpacked, 'done', basename(path));

async function unpack(path: string, unpacked: string, signal: AbortSignal | undefined): Promise<void> {
  mkdirSync(join(unpacked, 'done'), { recursive: true });
  const { exitCode, stderr } = await runTool('dpkg-deb', ['--extract', path, rootOf(unpacked)], signal);
  if (exitCode !== 0) {
    const isFull = /No space left on device/.test(stderr);
    throw new HarnessFault('guest-image-failed', `${basename(path)} cannot be unpacked: ${stderr.trim()}`, {
      advice: isFull
        ? 'Free 600 MB, or name another folder in XDG_CACHE_HOME. Nothing half-built was left.'
        : 'Fetch it again: `npx cutover guests remove`, then `npx cutover guests build`.',
    });
  }
  writeFileSync(markOf(unpacked, path), '');
}

/** The modules, and `etc/modules`: their names in the order in which they can be loaded. */
function toFiles(modules: ReturnType<typeof collectModules>): readonly GuestFile[] {
  const list = modules.map(({ name }) => `${name}\n`).join('');
  return [
    ...modules.map(({ name, content }) => ({ path: `lib/modules/${name}.ko`, content })),
    { path: 'etc/modules', content: list },
  ];
}

function findKernel(root: string): string {
  const [kernel] = globSync('boot/vmlinu[xz]-*', { cwd: root });
  if (kernel !== undefined) return join(root, kernel);
  throw new HarnessFault('bad-image', 'the package that `kernel` names brings no kernel', {
    advice: 'Name a package linux-image-… in the recipe of the image.',
  });
}

/** With tar, which knows long names; owners and times are the same wherever it is built. */
async function writeTar(files: readonly GuestFile[], to: string, signal: AbortSignal | undefined): Promise<void> {
  const root = join(to, 'root');
  mkdirSync(root);
  for (const file of files) {
    const path = join(root, file.path);
    mkdirSync(dirname(path), { recursive: true });
    if ('link' in file) symlinkSync(file.link, path);
    else if ('folder' in file) mkdirSync(path, { recursive: true });
    else if ('content' in file) writeFileSync(path, file.content, { mode: file.mode ?? 0o644 });
  }
  const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
  const { exitCode, stderr } = await runTool('tar', ['-C', root, ...same, '-cf', join(to, FILES.tar), '.'], signal);
  rmSync(root, { recursive: true });
  if (exitCode !== 0) throw new HarnessFault('guest-image-failed', `tar ended with ${exitCode}: ${stderr.trim()}`);
}
