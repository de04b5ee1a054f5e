import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Stack } from '../../harness/vocabulary/device.ts';

/** Where the program of a stack is, or why emulated devices that contain it are not run here. */
export type StackPath = { readonly path: string } | { readonly reason: string };

export function stackPath(stack: Stack): StackPath {
  if (stack === 'node-current') return { path: process.execPath };
  if (stack === 'forge') return forgeIsThere() ? { path: process.execPath } : { reason: notInstalled(stack) };
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { reason: `${stack} is a Linux x64 program, this is ${process.platform} ${process.arch}` };
  const path = inStacks(`stack-${stack}/bin/node`);
  return existsSync(path) ? { path } : { reason: notInstalled(stack) };
}

const forgeIsThere = () => existsSync(inStacks('node-forge/package.json'));

const inStacks = (path: string) => fileURLToPath(new URL(`./stacks/node_modules/${path}`, import.meta.url));

const notInstalled = (stack: Stack) =>
  `${stack} is not installed: run \`node devices/emulated/stacks/install.mjs\` (needs the network once)`;
