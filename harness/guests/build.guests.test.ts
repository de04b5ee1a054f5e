import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildGuestImages, type GuestBuildOptions } from './build.ts';
import { cacheFolder, unusable } from './cache.ts';
import { makeRepository, type OwnPackage } from './own-packages.ts';

const here = isDebian();
/** Packages of our own, as Debian's tools make and fetch them: no network is needed, and what is in them is known. */
const folder = mkdtempSync(join(tmpdir(), 'cutover-guests-'));
const recipes = join(folder, 'recipes');
const sources: Record<'first' | 'newer' | 'unreachable', string> = { first: '', newer: '', unreachable: '' };

function isDebian(): boolean {
  const missing = ['apt-get', 'dpkg-deb', 'busybox'].filter((program) => spawnSync(program, ['--help']).error);
  if (missing.length === 0 && process.arch === 'x64') return true;
  const why = `images of guests are not built: ${missing.join(', ') || process.arch}`;
  if (process.env['CI'] === 'true') throw new Error(why);
  console.log(`skipped: ${why}`);
  return false;
}

const loader = '/lib64/ld-linux-x86-64.so.2';
const library = '/lib/x86_64-linux-gnu/libc.so.6';
/** The library names its loader without a folder. */
const besideIt = '/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2';
const PACKAGES: readonly OwnPackage[] = [
  {
    name: 'own-program',
    version: '1:1.0-1',
    depends: 'own-libc',
    files: {
      'usr/bin/env': { copy: '/usr/bin/env' },
      'usr/bin/other': 'not wanted',
      'usr/share/doc/own-program/README': 'not wanted',
      'etc/own.conf': 'wanted\n',
    },
  },
  {
    name: 'own-libc',
    version: '2',
    files: {
      [loader.slice(1)]: { copy: loader },
      [library.slice(1)]: { copy: library },
      [besideIt.slice(1)]: { copy: loader },
    },
  },
  {
    name: 'own-kernel',
    version: '6',
    files: {
      'boot/vmlinuz-6': 'a kernel',
      'lib/modules/6/modules.builtin': 'kernel/drivers/built-in.ko\n',
      'lib/modules/6/kernel/drivers/net-card.ko': 'ELF\0license=GPL\0depends=bus_x,built_in\0',
      'lib/modules/6/kernel/drivers/bus-x.ko': 'ELF\0depends=\0',
      'lib/modules/6/kernel/drivers/unused.ko': 'ELF\0depends=\0',
    },
  },
];

const FOLDERS = /^(?:bin|dev|etc|lib|lib64|lib\/modules|lib\/x86_64-linux-gnu|usr|usr\/bin)$/;

const RECIPE = `kind: boot
architecture: x86_64
packages: [own-program]
programs: [usr/bin/env]
files: ['etc/*.conf']
kernel: own-kernel
modules: [net-card]
links: { bin/sh: ../usr/bin/env }
`;

function writeRecipe(name: string, text: string): void {
  mkdirSync(join(recipes, name), { recursive: true });
  writeFileSync(join(recipes, name, 'image.yml'), text);
}

const build = (name: string, more: GuestBuildOptions = {}) =>
  buildGuestImages([name], { recipes, sources: sources.first, ...more });

/** What is in the cache, without what was fetched. */
const kept = () => readdirSync(cacheFolder()).filter((name) => name !== '.packages');

beforeAll(() => {
  if (!here) return;
  sources.first = makeRepository(join(folder, 'first'), PACKAGES);
  sources.newer = makeRepository(
    join(folder, 'newer'),
    PACKAGES.map((p) => ({ ...p, version: `${p.version}.1` })),
  );
  sources.unreachable = join(folder, 'unreachable.list');
  // The discard port, where nobody listens.
  writeFileSync(sources.unreachable, 'deb [trusted=yes] http://127.0.0.1:9/none ./\n');
  writeRecipe('own', RECIPE);
  writeRecipe('lacking', RECIPE.replace('own-program]', 'own-program, no-such-package]'));
  writeRecipe('without-library', RECIPE.replace('usr/bin/env]', 'usr/bin/env, usr/bin/missing]'));
  writeRecipe('entered', RECIPE.replace('boot', 'rootfs').replace(/kernel.*\nmodules.*\n/, ''));
});
beforeEach(() => {
  vi.unstubAllEnvs();
  vi.stubEnv('XDG_CACHE_HOME', mkdtempSync(join(folder, 'cache-')));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe.skipIf(!here)('an image of a guest', () => {
  test('has what is wanted, what that needs, and nothing else', async () => {
    const [built] = await build('own');
    if (built?.image.kind !== 'boot') throw new Error('it cannot be booted');
    expect(readFileSync(built.image.kernel, 'utf8')).toBe('a kernel');
    const root = mkdtempSync(join(folder, 'unpacked-'));
    const archive = built.image.initrd;
    const cpio = (how: string, ...names: readonly string[]) =>
      execFileSync('busybox', ['cpio', how, '-F', archive, ...names], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    const listed = cpio('-t');
    expect(
      listed
        .trim()
        .split('\n')
        .filter((path) => !FOLDERS.test(path))
        .toSorted(),
    ).toEqual(
      [
        'bin/sh',
        'dev/console',
        'etc/modules',
        'etc/own.conf',
        library.slice(1),
        loader.slice(1),
        besideIt.slice(1),
        'lib/modules/bus_x.ko',
        'lib/modules/net_card.ko',
        'usr/bin/env',
      ].toSorted(),
    );
    // By name: the device only root can make.
    cpio('-id', 'etc/modules', 'usr/bin/env', library.slice(1), loader.slice(1));
    expect(readFileSync(join(root, 'etc/modules'), 'utf8')).toBe('bus_x\nnet_card\n');
    // It runs from there, with nothing of this machine.
    const env = execFileSync(join(root, loader), [
      '--library-path',
      join(root, library, '..'),
      join(root, 'usr/bin/env'),
    ]);
    expect(env.toString()).toContain('PATH=');
  });

  test('without a kernel is an archive that tar unpacks', async () => {
    const [built] = await build('entered');
    if (built?.image.kind !== 'rootfs') throw new Error('it is no root file system');
    const listed = execFileSync('tar', ['-tvf', built.image.tar], { encoding: 'utf8' });
    expect(listed).toMatch(/^-rwxr-xr-x 0\/0 .* \.\/usr\/bin\/env$/m);
    expect(listed).toMatch(/^l.* 0\/0 .* \.\/bin\/sh -> \.\.\/usr\/bin\/env$/m);
  });

  test('that is there needs neither apt nor a network', async () => {
    const [first] = await build('own');
    vi.stubEnv('PATH', '');
    const [again] = await build('own', { sources: sources.unreachable });
    expect(again).toEqual({ image: first?.image, isNew: false, seconds: 0 });
  });

  test('is made again from newer packages when it is asked for, and takes the place of the older one', async () => {
    const [first] = await build('own');
    expect(await build('own', { refresh: true })).toMatchObject([{ image: first?.image, isNew: false }]);
    // As it is typed: relative to where one stands.
    const [newer] = await build('own', { refresh: true, sources: relative(process.cwd(), sources.newer) });
    expect(newer).toMatchObject({ isNew: true });
    expect(kept()).toEqual([expect.stringMatching(/^own-[0-9a-f]{12}$/)]);
    const facts = readFileSync(join(cacheFolder(), kept()[0] ?? '', 'image.json'), 'utf8');
    expect(facts).toContain('"1:1.0-1.1"');
  });

  test('waits for another that is being built', async () => {
    const lines: string[] = [];
    const [own, entered] = await Promise.all([
      build('own'),
      build('entered', { onLine: (line) => void lines.push(line) }),
    ]);
    expect([own[0]?.isNew, entered[0]?.isNew]).toEqual([true, true]);
    expect(lines.join('\n')).toContain(`waiting for another build (process ${process.pid})`);
  });
});

test('images are kept in a folder with a whole path; another is ignored, as the XDG specification asks', () => {
  vi.stubEnv('XDG_CACHE_HOME', 'cache');
  expect(cacheFolder()).toBe(join(homedir(), '.cache', 'cutover', 'guests'));
});

describe.skipIf(!here)('an image that cannot be built', () => {
  const faultOf = (building: Promise<unknown>) =>
    building.then(
      () => null,
      (error: unknown) => error,
    );

  test('because no source has a package: which, and where to have it from; the others are built', async () => {
    const building = buildGuestImages(['lacking', 'own'], { recipes, sources: sources.first });
    expect(await faultOf(building)).toMatchObject({
      code: 'guest-image-failed',
      message: expect.stringMatching(/x86_64.*no-such-package/),
      advice: expect.stringContaining('--sources FILE'),
    });
    expect(kept()).toEqual([expect.stringMatching(/^own-/)]);
  });

  test('because the recipe names what no package has', async () => {
    expect(await faultOf(build('without-library'))).toMatchObject({
      message: 'no package of the image has usr/bin/missing, which the recipe needs',
    });
    expect(kept()).toEqual([]);
  });

  test('because the list of sources is not there', async () => {
    expect(await faultOf(build('own', { sources: join(folder, 'none.list') }))).toMatchObject({
      message: `there is no list of apt sources ${join(folder, 'none.list')}`,
      advice: expect.stringContaining('--sources'),
    });
  });

  test('because nobody answers at the sources', async () => {
    expect(await faultOf(build('own', { sources: sources.unreachable }))).toMatchObject({
      message: expect.stringMatching(/127\.0\.0\.1/),
      advice: expect.stringContaining('Connect this machine to its package sources'),
    });
    expect(kept()).toEqual([]);
  });

  test('because this is no Debian', async () => {
    vi.stubEnv('PATH', '');
    expect(await faultOf(build('own'))).toMatchObject({
      message: expect.stringContaining('apt-get cannot be started'),
      advice: expect.stringContaining('Debian'),
    });
  });

  test('because the disk is full', () => {
    let cause: unknown;
    try {
      writeFileSync('/dev/full', 'x');
    } catch (error) {
      cause = error;
    }
    expect(unusable('/cache', cause)).toMatchObject({
      code: 'no-cache',
      message: expect.stringContaining('the disk is full'),
      advice: expect.stringContaining('XDG_CACHE_HOME'),
    });
  });

  test('because the cache cannot be where it is to be', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    vi.stubEnv('XDG_CACHE_HOME', file);
    expect(await faultOf(build('own'))).toMatchObject({
      code: 'no-cache',
      message: expect.stringContaining('no folder'),
      advice: expect.stringMatching(/^Name another folder/),
    });
  });

  test('because it was interrupted: nothing of it is left', async () => {
    const controller = new AbortController();
    const onLine = (line: string) => {
      if (line.includes('unpacking')) setImmediate(() => controller.abort());
    };
    expect(await faultOf(build('own', { signal: controller.signal, onLine }))).toMatchObject({ name: 'AbortError' });
    expect(kept()).toEqual([]);
  });

  test('because it was killed: the next one takes what it left away', async () => {
    const work = join(cacheFolder(), '.work', 'own');
    mkdirSync(work, { recursive: true });
    writeFileSync(join(work, 'kernel'), 'half');
    // No process has that number: Linux counts up to 4,194,304.
    writeFileSync(join(cacheFolder(), '.lock'), JSON.stringify({ pid: 4_194_305, started: '1' }));
    expect(await build('own')).toMatchObject([{ isNew: true }]);
    expect(existsSync(work)).toBe(false);
    expect(kept()).toEqual([expect.stringMatching(/^own-/)]);
  });
});
