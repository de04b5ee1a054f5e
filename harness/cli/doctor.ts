import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters, styleText } from 'node:util';
import { lookForContainers } from './containers-here.ts';
import { GUEST_CHECKS } from './doctor-guests.ts';
import { EXIT } from './exit.ts';
import { readInstalledTestssl } from './installed-testssl.ts';

const run = promisify(execFile);

export interface Check {
  readonly what: string;
  /** The job that needs it. */
  readonly neededFor: string;
  /** Without it `cutover run` cannot work at all. */
  readonly required: boolean;
  /** A version or path when it is here, null when it is missing. */
  readonly find: () => Promise<string | null>;
  readonly advice: string;
}

const STACKS = join(import.meta.dirname, '..', '..', 'devices', 'emulated', 'stacks', 'node_modules');

const CHECKS: readonly Check[] = [
  {
    what: 'Node',
    neededFor: 'everything',
    required: true,
    find: async () => `${process.version} with OpenSSL ${process.versions.openssl}`,
    advice: 'npm ci',
  },
  {
    what: 'pseudo-terminals',
    neededFor: 'devices on a serial line, a terminal or emulated',
    required: true,
    find: async () => ((await import('../drivers/pty.ts')) ? 'node-pty loads' : null),
    advice: 'Install python3, make and g++, then `npm ci` (it compiles node-pty).',
  },
  {
    what: 'old TLS stacks',
    neededFor: 'the emulated devices',
    required: false,
    find: async () => (existsSync(join(STACKS, '.installed')) ? 'installed' : null),
    advice: 'They are installed by the first `npm start`; that needs linux-x64 and the npm registry.',
  },
  {
    what: 'container engine',
    neededFor: 'Postfix and Dovecot (--engine containers) and the devices in containers',
    required: false,
    find: async () => (await lookForContainers()).engine,
    advice: 'apt-get install docker.io, and start it (harness/containers/README.md).',
  },
  {
    what: 'container images',
    neededFor: 'the same',
    required: false,
    find: countImages,
    advice: 'npx cutover images build',
  },
  ...GUEST_CHECKS,
  program('tshark', ['--version'], 'the tests that compare our wire facts', 'apt-get install tshark'),
  program('tcpdump', ['--version'], 'recording a device that stays where it is', 'apt-get install tcpdump'),
  program('openssl', ['version'], 'the tests against independent clients', 'apt-get install openssl'),
  program('curl', ['--version'], 'the tests against independent clients', 'apt-get install curl'),
  {
    what: 'testssl.sh',
    neededFor: 'predictions for the clients of its list',
    required: false,
    find: async () => readInstalledTestssl()?.path ?? null,
    advice: 'apt-get install testssl.sh',
  },
  program('sslscan', ['--version'], 'the test that compares the proof of a server', 'apt-get install sslscan'),
  program('swaks', ['--version'], 'the tests against independent clients', 'apt-get install swaks'),
  program('chromium', ['--version'], 'the tests that open the pages', 'apt-get install chromium'),
];

/** `cutover doctor`: a line for each thing. Exit 78 when something that every run needs is missing. */
export async function examine(): Promise<number> {
  let ready = true;
  for (const { what, neededFor, required, find, advice } of CHECKS) {
    const found = await find().catch(() => null);
    if (found === null && required) ready = false;
    const mark =
      found === null
        ? styleText(required ? 'red' : 'yellow', 'missing', { stream: process.stdout })
        : styleText('green', 'here   ', { stream: process.stdout });
    console.log(`${mark} ${what.padEnd(18)} ${found ?? `needed for ${neededFor} → ${advice}`}`);
  }
  console.log(ready ? '\nReady: `npm start` runs the emulated fleet.' : '\nNot ready: see the lines marked missing.');
  return ready ? EXIT.expected : EXIT.configuration;
}

/** null while one is missing or older than its files: then some devices, or the servers, cannot be started. */
async function countImages(): Promise<string | null> {
  const { listImages } = await import('../containers/images.ts');
  const images = await listImages();
  return images.every((i) => i.state === 'built') ? `${images.length} built` : null;
}

function program(name: string, args: readonly string[], neededFor: string, advice: string): Check {
  const find = async () => {
    const { stdout } = await run(name, [...args], { timeout: 5_000 });
    return stripVTControlCharacters(stdout).trim().split('\n')[0] ?? name;
  };
  return { what: name, neededFor, required: false, find, advice };
}
