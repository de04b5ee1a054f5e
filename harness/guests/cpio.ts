import { HarnessFault } from '../faults.ts';

/** What stands in an image. `path` is relative to its root; `mode` are permission bits. All belongs to root. */
export type GuestFile =
  | { readonly path: string; readonly content: Uint8Array | string; readonly mode?: number }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly folder: true; readonly mode?: number }
  | { readonly path: string; readonly characterDevice: { readonly major: number; readonly minor: number } };

/**
 * A "newc" archive as a kernel takes it for its first root file system; kernels take several, one behind the other, and
 * the later file wins. Folders above a file are added. Equal files, equal bytes: no times, and inodes are counted.
 * Format: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
 *
 * Throws HarnessFault `bad-image` for a path that leaves the image, or that is file and folder at once.
 */
export function renderCpio(files: readonly GuestFile[]): Buffer {
  const entries = [...withFolders(files)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const parts = entries.flatMap(([path, file], i) => renderEntry(path, file, i + 1));
  const end = renderHeader({ name: 'TRAILER!!!', inode: 0, mode: 0, size: 0, device: NO_DEVICE });
  const bytes = Buffer.concat([...parts, end]);
  return Buffer.concat([bytes, padding(bytes.length, BLOCK)]);
}

const FORMAT = { folder: 0o040000, file: 0o100000, link: 0o120000, characterDevice: 0o020000 };
const NO_DEVICE = { major: 0, minor: 0 };
/** What is behind an archive begins at a multiple of it. */
const BLOCK = 512;

function withFolders(files: readonly GuestFile[]): ReadonlyMap<string, GuestFile> {
  const all = new Map<string, GuestFile>();
  for (const file of files) {
    refuseOutside(file.path);
    const parts = file.path.split('/');
    for (let length = 1; length < parts.length; length++) {
      const above = parts.slice(0, length).join('/');
      const there = all.get(above);
      if (there === undefined) all.set(above, { path: above, folder: true });
      else if (!('folder' in there)) throw badPath(file.path, `${above} is no folder`);
    }
    const there = all.get(file.path);
    if (there !== undefined && 'folder' in there && !('folder' in file))
      throw badPath(file.path, 'it is a folder, too');
    all.set(file.path, file);
  }
  return all;
}

function renderEntry(path: string, file: GuestFile, inode: number): readonly Buffer[] {
  const { format, mode, content, device } = describe(file);
  const header = renderHeader({ name: path, inode, mode: format | mode, size: content.length, device });
  return [header, content, padding(content.length, 4)];
}

function describe(file: GuestFile) {
  const empty = Buffer.alloc(0);
  if ('link' in file) return { format: FORMAT.link, mode: 0o777, content: Buffer.from(file.link), device: NO_DEVICE };
  if ('folder' in file) return { format: FORMAT.folder, mode: file.mode ?? 0o755, content: empty, device: NO_DEVICE };
  if ('characterDevice' in file)
    return { format: FORMAT.characterDevice, mode: 0o600, content: empty, device: file.characterDevice };
  return { format: FORMAT.file, mode: file.mode ?? 0o644, content: Buffer.from(file.content), device: NO_DEVICE };
}

interface Header {
  readonly name: string;
  readonly inode: number;
  readonly mode: number;
  readonly size: number;
  readonly device: { readonly major: number; readonly minor: number };
}

function renderHeader({ name, inode, mode, size, device }: Header): Buffer {
  const nameBytes = Buffer.from(`${name}\0`);
  const [owner, group, links, time, check] = [0, 0, 1, 0, 0];
  const fields = [
    inode,
    mode,
    owner,
    group,
    links,
    time,
    size,
    0,
    0,
    device.major,
    device.minor,
    nameBytes.length,
    check,
  ];
  const head = `070701${fields.map((n) => n.toString(16).padStart(8, '0')).join('')}`;
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), nameBytes]);
  return Buffer.concat([bytes, padding(bytes.length, 4)]);
}

const padding = (length: number, to: number) => Buffer.alloc((to - (length % to)) % to);

function refuseOutside(path: string): void {
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..') || path.includes('\0'))
    throw badPath(path, 'a path in an image is relative, without . and ..');
}

function badPath(path: string, why: string): HarnessFault {
  return new HarnessFault('bad-image', `${JSON.stringify(path)} cannot stand in an image: ${why}`);
}
