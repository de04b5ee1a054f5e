#!/usr/bin/env node
// Plain JavaScript that any Node since 14 can parse: finds a Node that is new enough, then starts the command line.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 24 || (major === 24 && minor >= 12)) {
  if (module.enableCompileCache) module.enableCompileCache();
  const source = new URL('./main.ts', import.meta.url);
  const main = existsSync(fileURLToPath(source)) ? source : new URL('./main.js', import.meta.url);
  const { runCommandLine } = await import(main.href);
  await runCommandLine(process.argv.slice(2));
  // Everything is closed and written by now. What a library may have left open must not keep the process.
  for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write('', resolve));
  process.exit();
} else {
  const node = findBundledNode();
  if (node === null) {
    console.error(
      `cutover needs Node 24.12 or newer, this is ${process.version}. Run it as "npx cutover" in the project after "npm ci", or install Node 24.`,
    );
    process.exitCode = 78;
  } else {
    // This one waits until the other has closed everything. What the whole group got reaches it twice; it knows.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
    child.on('exit', (code, signal) => {
      process.exitCode = code === null ? 128 + constants.signals[signal] : code;
    });
  }
}

function findBundledNode() {
  try {
    return createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`);
  } catch {
    return null;
  }
}
