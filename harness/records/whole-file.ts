import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Captures hold passwords of test accounts and addresses of the network: nobody else's business. */
export const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;

/** Writes beside the target and renames: a reader, or a crash, finds the old file or the new one. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const half = `${file}.${process.pid}${HALF}`;
  try {
    const fd = openSync(half, 'w', PRIVATE_FILE);
    try {
      writeFileSync(fd, text);
      // Renaming first would leave an empty file after a power cut.
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(half, file);
  } catch (fault) {
    rmSync(half, { force: true });
    throw fault;
  }
}

const HALF = '.tmp';

/** Removes the files that a process which was killed while it wrote has left beside their targets. Returns their names. */
export function removeHalves(folder: string): readonly string[] {
  const halves = readdirSync(folder).filter((name) => /^[\w.-]+\.json\.\d+\.tmp$/.test(name));
  for (const name of halves) rmSync(join(folder, name), { force: true });
  return halves;
}

/** One by one: Node's recursive mkdir tries for ever where a file system refuses with ENOENT, as /proc does. */
export function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  try {
    mkdirSync(path);
  } catch (fault) {
    // Another process may have made it in between.
    if (!existsSync(path)) throw fault;
  }
}
