import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { HarnessFault } from '../faults.ts';
import { runTool } from './run-tool.ts';

/** As images name them; Debian has names of its own. */
export const ARCHITECTURES = {
  x86_64: 'amd64',
  mipsel: 'mipsel',
  armel: 'armel',
  armhf: 'armhf',
  aarch64: 'arm64',
} as const;
export type GuestArchitecture = keyof typeof ARCHITECTURES;

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Name of its file. */
  readonly file: string;
}

/** Debian packages of one architecture, from the sources that this machine's apt has, beside what is installed here. */
export interface PackageStore {
  /** The named packages with all that they depend on, as they would be fetched now. */
  resolve(names: readonly string[]): Promise<readonly DebianPackage[]>;
  /** The same as files: paths of .deb files. Checked by apt against the signed lists. */
  fetch(names: readonly string[]): Promise<readonly string[]>;
}

/**
 * Opens a private state of apt in `folder` and reads the lists of packages. Needs no root, installs nothing, and leaves
 * apt's own state alone. `sources`: a list of apt sources to use instead of the machine's.
 *
 * Throws HarnessFault `no-packages` where the lists cannot be had, `no-sources` where that file is not there, `tool-missing` without apt.
 */
export async function openPackages(
  architecture: GuestArchitecture,
  { folder, sources, signal }: { readonly folder: string; readonly sources?: string; readonly signal?: AbortSignal },
): Promise<PackageStore> {
  const listFile = sources === undefined ? undefined : findSources(sources);
  const configuration = join(folder, 'apt.conf');
  for (const below of ['lists/partial', 'archives/partial', 'none/partial'])
    mkdirSync(join(folder, below), { recursive: true });
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(configuration, renderConfiguration(ARCHITECTURES[architecture], folder, listFile));
  const ask = (...args: readonly string[]) => runTool('apt-get', ['-c', configuration, '-qq', ...args], signal);
  const update = await ask('update');
  if (update.exitCode !== 0) throw explain(architecture, update.stderr);
  const apt = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await ask(...args);
    // A source that could not be read is only a warning there, and the reason here.
    if (exitCode !== 0) throw explain(architecture, `${update.stderr}\n${stderr}`);
    return stdout;
  };
  // Files that are there already are not printed.
  const listed = ['-o', `Dir::Cache::archives=${join(folder, 'none')}`, 'install', '--yes', '--print-uris'];
  const known = new Map<string, Promise<readonly DebianPackage[]>>();
  const resolve = (names: readonly string[]) => {
    const key = [...new Set(names)].toSorted().join(' ');
    const answer = known.get(key) ?? apt(...listed, ...names).then(parseList);
    known.set(key, answer);
    return answer;
  };
  return {
    resolve,
    fetch: async (names) => {
      const wanted = await resolve(names);
      const paths = wanted.map(({ file }) => join(folder, 'archives', file));
      if (paths.every((path) => existsSync(path))) return paths;
      await apt('install', '--yes', '--download-only', ...names);
      const lost = paths.find((path) => !existsSync(path));
      if (lost !== undefined) throw new HarnessFault('no-packages', `apt left no file ${lost}`);
      return paths;
    },
  };
}

/** Absolute: a path that is not is looked for in apt's own folder, and one that is not there is no error to apt. */
function findSources(file: string): string {
  const path = isAbsolute(file) ? file : join(process.cwd(), file);
  if (existsSync(path)) return path;
  throw new HarnessFault('no-sources', `there is no list of apt sources ${path}`, {
    advice: 'Correct the path behind --sources.',
    stage: 'configuration',
  });
}

/** Hooks of this machine are for its own packages; its proxies and certificates are for these, too. */
function renderConfiguration(debian: string, folder: string, sources: string | undefined): string {
  const cleared = ['APT::Update', 'APT::Architectures', 'DPkg::Pre-Invoke', 'DPkg::Post-Invoke'];
  const set = {
    'APT::Architecture': debian,
    'APT::Architectures::': debian,
    // Without it apt would change to a user who may not write here.
    'APT::Sandbox::User': '',
    'APT::Install-Recommends': 'false',
    'APT::Get::AllowUnauthenticated': 'false',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Dir::State': folder,
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': folder,
    'Dir::Cache::archives': join(folder, 'archives'),
    'Dir::Cache::pkgcache': 'packages.bin',
    'Dir::Cache::srcpkgcache': 'sources.bin',
    'Dir::Log': folder,
    'Dir::Log::Planner': '',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    ...(sources === undefined ? {} : { 'Dir::Etc::sourcelist': sources, 'Dir::Etc::sourceparts': '/dev/null' }),
  };
  const lines = Object.entries(set).map(([key, value]) => `${key} "${value}";`);
  return [...cleared.map((key) => `#clear ${key};`), ...lines, ''].join('\n');
}

/** `'ADDRESS' NAME_VERSION_ARCHITECTURE.deb SIZE HASH` of apt-get --print-uris. */
function parseList(text: string): readonly DebianPackage[] {
  return [...text.matchAll(/^'[^']*' (([^\s_]+)_([^\s_]+)_[^\s_]+\.deb) /gm)]
    .map(([, file = '', name = '', version = '']) => ({ name, version: version.replaceAll('%3a', ':'), file }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /Temporary failure resolving|Could not resolve|Could not connect|Unable to connect|timed out|Network is unreachable/i,
    'Connect this machine to its package sources, or set the proxy of apt; images that are built already need no network.',
  ],
  [
    /No space left on device|not have enough free space/i,
    'Free some space: building takes 500 MB where the cache is (XDG_CACHE_HOME) until it is done.',
  ],
  [
    /Unable to locate package|no installation candidate/i,
    'The package sources of this machine do not have it for this architecture. Name sources of Debian 12 that do: `npx cutover guests build --sources FILE`.',
  ],
];

function explain(architecture: GuestArchitecture, stderr: string): HarnessFault {
  const said = stderr.split('\n').flatMap((line) => /^[EW]: (.*)/.exec(line)?.[1] ?? []);
  const text = [...new Set(said)].join('; ') || stderr.trim();
  const [, advice] = REASONS.find(([pattern]) => pattern.test(stderr)) ?? [];
  return new HarnessFault('no-packages', `packages for ${architecture} cannot be had: ${text.slice(0, LIMIT)}`, {
    advice: advice ?? 'Try `apt-get update` on this machine: what it says about its sources holds here, too.',
  });
}

/** Characters of what apt said: every source of a machine may have failed. */
const LIMIT = 1_000;
