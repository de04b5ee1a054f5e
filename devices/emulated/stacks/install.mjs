// Installs the old TLS stacks that emulated devices contain. Plain JavaScript for Node 14 and newer, because it runs
// before anything else does. Idempotent: milliseconds when all is there. `npm ci` and not `npm install`: the lock file
// pins a hash for every stack. `--no-bin-links --ignore-scripts`: a linked `node` of 2012 would shadow the real one.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const stampFile = join(modules, '.installed');
const lockFolder = join(here, '.installing');
const otherInstallMs = 180_000; // Twice what a slow line (10 Mbit/s) needs for the 40 MB of packages.

/** Resolves when the stacks are there; rejects with an Error whose message says what, why and what to do. */
export async function installStacks(say = (line) => process.stderr.write(`${line}\n`), signal = undefined) {
  const stamp = createHash('sha256')
    .update(fs.readFileSync(join(here, 'package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');
  if (installed(stamp)) return;
  await withLock(signal, async () => {
    if (installed(stamp)) return;
    say('Installing the old TLS stacks of the emulated devices (40 MB, once) ...');
    await npmCi(signal);
    if (process.platform === 'linux' && process.arch === 'x64') for (const name of stacks()) await unpack(name, signal);
    else say(unsupported());
    fs.writeFileSync(stampFile, stamp);
  });
}

function installed(stamp) {
  try {
    return fs.readFileSync(stampFile, 'utf8') === stamp;
  } catch {
    return false;
  }
}

function unsupported() {
  return `The old TLS stacks are Linux x64 programs, this is ${process.platform} ${process.arch}: emulated devices that need one are not run here. Real devices are not affected.`;
}

function stacks() {
  return Object.keys(JSON.parse(fs.readFileSync(join(here, 'package.json'), 'utf8')).optionalDependencies);
}

async function npmCi(signal) {
  const flags = ['ci', '--ignore-scripts', '--no-bin-links', '--no-audit', '--no-fund', '--prefer-offline'];
  // A calling npm passes its own options on as environment variables; a prefix or dry run of the caller is not ours.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_config_(?:local_prefix|prefix|global|dry_run|omit|include|workspaces?)$/i.test(name),
    ),
  );
  try {
    await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', flags, { cwd: here, env }, signal);
  } catch (error) {
    throw problem('npm could not fetch them', error.said || error.message);
  }
}

/** Packages of 2012 to 2015 hold the tarball of nodejs.org as it is; later ones hold bin/node itself. */
async function unpack(name, signal) {
  const folder = join(modules, name);
  if (fs.existsSync(join(folder, 'bin', 'node'))) return;
  if (!fs.existsSync(folder))
    throw problem(`the package ${name} was not installed`, 'npm skips an optional package that it cannot fetch');
  const tarball = fs.readdirSync(folder).find((file) => /^node-v[\d.]+-linux-x64\.tar\.gz$/.test(file));
  if (tarball === undefined)
    throw problem(`the package ${name} has neither bin/node nor a tarball`, 'its content has changed');
  try {
    // The folder inside is not always named like the file (0.8.6), so all of it is unpacked.
    await run('tar', ['-xzf', tarball, '--strip-components=1', '--no-same-owner'], { cwd: folder }, signal);
    fs.rmSync(join(folder, tarball));
  } catch (error) {
    throw problem(`${name}/${tarball} could not be unpacked`, error.said || error.message);
  }
}

/** An abort ends the program and waits for its end: the lock is held as long as it writes. */
function run(program, args, options, signal) {
  return new Promise((resolve, reject) => {
    if (signal !== undefined && signal.aborted) return reject(new Error('stopped'));
    const stop = () => child.kill();
    const child = execFile(program, args, { ...options, maxBuffer: 4 << 20 }, (error, stdout, stderr) => {
      if (signal !== undefined) signal.removeEventListener('abort', stop);
      if (error === null) return resolve();
      const lines = `${stderr}${stdout}`.trim().split('\n');
      error.said = lines
        .filter((line) => !/^npm error\s+at /.test(line))
        .slice(0, 6)
        .join('\n  ');
      reject(error);
    });
    if (signal !== undefined) signal.addEventListener('abort', stop);
  });
}

/** One install at a time: a folder is made atomically on every file system. A dead owner's lock is taken over. */
async function withLock(signal, work) {
  const until = Date.now() + otherInstallMs;
  for (;;) {
    if (signal !== undefined && signal.aborted) throw new Error('stopped');
    try {
      fs.mkdirSync(lockFolder);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw problem(`${here} cannot be written`, error.message);
    }
    if (ownerIsDead()) fs.rmSync(lockFolder, { recursive: true, force: true });
    else if (Date.now() > until)
      throw problem('another install has not ended', `it holds ${lockFolder}; delete that folder if none runs`);
    else await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    fs.writeFileSync(join(lockFolder, 'pid'), String(process.pid));
    await work();
  } finally {
    fs.rmSync(lockFolder, { recursive: true, force: true });
  }
}

function ownerIsDead() {
  try {
    process.kill(Number(fs.readFileSync(join(lockFolder, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    if (error.code === 'ESRCH') return true;
    // No pid yet: its owner is between making the folder and writing the file, or died right there.
    const made = fs.statSync(lockFolder, { throwIfNoEntry: false });
    return error.code === 'ENOENT' && made !== undefined && Date.now() - made.mtimeMs > 5_000;
  }
}

function problem(what, why) {
  return new Error(
    `The old TLS stacks of the emulated devices are missing: ${what}.\n  Why: ${why}\n  What to do: go online and run \`node devices/emulated/stacks/install.mjs\` again. Real devices and devices with a current stack work without them.`,
  );
}

if (process.argv[1] !== undefined && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  installStacks().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
