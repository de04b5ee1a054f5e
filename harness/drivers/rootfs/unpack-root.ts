import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ENTERING_USER } from './namespaces.ts';
import { runProgram } from './run-program.ts';

/**
 * Unpacks an archive into a new folder, as the user that enters it: nothing in it gets the rights of who runs this.
 * Device files are left out, whose making needs root: it gets those that it may have. Throws HarnessFault
 * `program-failed`.
 */
export async function unpackRoot(archive: string, root: string, signal: AbortSignal): Promise<void> {
  const owner = ENTERING_USER ?? undefined;
  const giveAway = (path: string): void => {
    if (owner !== undefined) chownSync(path, owner, owner);
  };
  mkdirSync(root);
  giveAway(dirname(root));
  giveAway(root);
  const args = ['--extract', `--directory=${root}`, '--no-same-owner', '--preserve-permissions', '--file=-'];
  const compression = compressionOf(archive);
  await runProgram('tar', [...args, ...compression], { signal, owner, input: archive, tolerates: NO_DEVICE });
  // What nobody may write in cannot be removed again.
  await runProgram('chmod', ['--recursive', 'u+rwX', root], { signal, owner });
  chmodSync(root, 0o755);
  // Something is mounted there from outside: never where a link leads.
  for (const place of ['dev', 'proc'].map((name) => join(root, name))) {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    giveAway(place);
  }
}

/** What tar says of each device file, and in the end. */
const NO_DEVICE = /: Cannot mknod: |^tar: Exiting with failure status due to previous errors$/;

/** tar knows the compression of a file by itself, but not of its input. */
function compressionOf(archive: string): readonly string[] {
  const head = Buffer.alloc(6);
  const file = openSync(archive, 'r');
  readSync(file, head);
  closeSync(file);
  const start = head.toString('hex');
  return Object.entries(COMPRESSIONS).flatMap(([magic, option]) => (start.startsWith(magic) ? [option] : []));
}

const COMPRESSIONS = { '1f8b': '--gzip', '425a68': '--bzip2', fd377a585a00: '--xz', '28b52ffd': '--zstd' } as const;
