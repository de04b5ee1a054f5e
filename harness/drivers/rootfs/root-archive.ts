import { statSync } from 'node:fs';
import { join } from 'node:path';
import { findGuestImage } from '../../guests/find.ts';
import type { RootArchitecture, RootfsReach } from '../../vocabulary/root-reach.ts';
import { openPrivateFolder } from '../guest/private-folder.ts';
import { checkRoot } from './check-root.ts';
import { architectureOf } from './find-entry.ts';
import { runProgram } from './run-program.ts';

/** A root file system as one file, and what its programs are for. Disposing removes what was packed for it. */
export interface RootArchive extends Disposable {
  /** Of the image, or of the device whose owner's it is. */
  readonly name: string;
  readonly architecture: RootArchitecture;
  /** A tar archive, compressed or not. Never written. */
  readonly path: string;
}

/**
 * The archive of an image of ours, of the owner's, or of the owner's folder, which is packed for it. Throws HarnessFault
 * `no-guest-image`, `not-a-root-image`, `no-root`.
 *
 * @param device Its id.
 */
export async function openRootArchive(device: string, reach: RootfsReach, signal: AbortSignal): Promise<RootArchive> {
  const { image, root } = reach;
  const architecture = architectureOf(reach);
  if (image !== undefined) {
    const found = await findGuestImage(image);
    if (found.kind !== 'rootfs') throw new TypeError(`the recipe of ${image} and its image differ`);
    return { name: image, architecture, path: found.tar, [Symbol.dispose]: () => {} };
  }
  if (root === undefined) throw new TypeError(`${device}: its reach is incomplete`);
  checkRoot(root);
  if (statSync(root).isFile()) return { name: device, architecture, path: root, [Symbol.dispose]: () => {} };
  return packFolder(device, architecture, root, signal);
}

/** Equal files, equal bytes. Device files of the firmware are left out: it gets those that it may have. */
async function packFolder(
  name: string,
  architecture: RootArchitecture,
  root: string,
  signal: AbortSignal,
): Promise<RootArchive> {
  using unlessReady = new DisposableStack();
  const folder = unlessReady.use(openPrivateFolder());
  const path = join(folder.path, 'root.tar');
  const plain = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--exclude=./dev/*'];
  await runProgram('tar', ['--create', `--file=${path}`, `--directory=${root}`, ...plain, '.'], { signal });
  const packed = unlessReady.move();
  return { name, architecture, path, [Symbol.dispose]: () => packed.dispose() };
}
