import { closeSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HarnessFault } from '../../faults.ts';
import type { QemuReach } from '../../vocabulary/guest-reach.ts';

type Disk = NonNullable<QemuReach['disk']>;

/**
 * Looks at an owner's disk before anything is started: that it is there, of the format that its device file says, and
 * whole. An image can name other files that QEMU then opens, of this machine and by any path: whoever made it could
 * have a guest read them. Throws HarnessFault `file-missing`, `wrong-disk-format`, `disk-not-whole`.
 */
export function checkDisk({ file, format }: Disk): void {
  const bytes = readStart(file);
  const found = formatOf(bytes);
  if (found !== format) throw wrongFormat(file, format, found);
  const other = format === 'qcow2' ? otherFileOfQcow2(bytes) : format === 'vmdk' ? otherFileOfVmdk(file, bytes) : null;
  if (other === null) return;
  throw new HarnessFault('disk-not-whole', `${file} is only a part of a disk: it names ${other}`, {
    advice: `If you trust where it comes from, make one image of it: qemu-img convert -O qcow2 ${file} whole.qcow2`,
    stage: 'configuration',
  });
}

/** Throws HarnessFault `file-missing`. */
export function checkFile(file: string): void {
  const kind = statSync(file, { throwIfNoEntry: false });
  if (kind?.isFile() === true && kind.size > 0) return;
  const why = kind === undefined ? 'there is no such file' : kind.isFile() ? 'it is empty' : 'it is no file';
  throw new HarnessFault('file-missing', `${file} cannot be booted: ${why}`, {
    advice: 'Correct the path: it is absolute, or relative to the device file.',
    stage: 'configuration',
  });
}

/** Headers, and the descriptor of a vmdk, which follows its header. */
const START_BYTES = 128 * 1024;
/** One more, which tells of a file that is longer. */
const READ_BYTES = START_BYTES + 1;

function readStart(file: string): Buffer {
  checkFile(file);
  try {
    const descriptor = openSync(file, 'r');
    const bytes = Buffer.alloc(READ_BYTES);
    const length = readSync(descriptor, bytes);
    closeSync(descriptor);
    return bytes.subarray(0, length);
  } catch (cause) {
    throw new HarnessFault('file-missing', `${file} cannot be read`, {
      advice: 'Give the user that starts cutover the right to read it.',
      stage: 'configuration',
      cause,
    });
  }
}

const VMDK_TEXT = '# Disk DescriptorFile';
/** How files begin: QEMU's docs/interop/qcow2.txt, VMware's "Virtual Disk Format 5.0", and file(1) for the others. */
const BEGINNINGS: readonly (readonly [format: string, at: number, text: string])[] = [
  ['qcow2', 0, 'QFI\xfb'],
  ['vmdk', 0, 'KDMV'],
  ['vmdk', 0, 'COWD'],
  ['vmdk', 0, VMDK_TEXT],
  ['vdi', 64, '\x7f\x10\xda\xbe'],
  ['vhdx', 0, 'vhdxfile'],
  ['vpc', 0, 'conectix'],
  ['gzip', 0, '\x1f\x8b'],
  ['xz', 0, '\xfd7zXZ'],
  ['zip', 0, 'PK\x03\x04'],
  ['tar', 257, 'ustar'],
];
/** Not disks, but what disks come packed in. */
const PACKED: ReadonlySet<string> = new Set(['gzip', 'xz', 'zip', 'tar']);

/** raw, where nothing says that it is anything else. */
function formatOf(bytes: Buffer): string {
  return BEGINNINGS.find(([, at, text]) => bytes.toString('latin1', at, at + text.length) === text)?.[0] ?? 'raw';
}

function wrongFormat(file: string, format: string, found: string): HarnessFault {
  const isKnown = ['qcow2', 'raw', 'vmdk'].includes(found);
  const advice = isKnown
    ? `Write \`format: ${found}\` into the device file.`
    : PACKED.has(found)
      ? 'Unpack it first (an .ova is a tar archive that holds .vmdk files), and name the disk in it.'
      : `Convert it: qemu-img convert -f ${found} -O qcow2 ${file} disk.qcow2`;
  return new HarnessFault('wrong-disk-format', `${file} is not ${format}: it begins as ${found} does`, {
    advice,
    stage: 'configuration',
  });
}

/** Of version 3: a bit of the incompatible features, which stand at 72. */
const EXTERNAL_DATA = 4n;
const QCOW2_HEADER_BYTES = 80;

/** A header that ends early is read as if zeros followed, as QEMU does. */
function otherFileOfQcow2(start: Buffer): string | null {
  const bytes = Buffer.concat([start, Buffer.alloc(QCOW2_HEADER_BYTES)]);
  if (bytes.readBigUInt64BE(8) !== 0n) {
    const at = Number(bytes.readBigUInt64BE(8));
    return `the backing file ${bytes.toString('utf8', at, at + bytes.readUInt32BE(16))}`;
  }
  const isNew = bytes.readUInt32BE(4) >= 3;
  return isNew && (bytes.readBigUInt64BE(72) & EXTERNAL_DATA) !== 0n ? 'a file that holds its data' : null;
}

/**
 * The files of its parts lie beside it; a name that leads elsewhere, or a parent, is of another disk. Read as QEMU does
 * (block/vmdk.c): any white space divides words, or none where a number ends, and a number may have a sign.
 */
function otherFileOfVmdk(file: string, bytes: Buffer): string | null {
  if (hasOnlyNames(bytes)) return 'the files of its parts';
  const text = bytes.toString('latin1');
  if (text.startsWith(VMDK_TEXT) && bytes.length > START_BYTES) return 'more than fits into a descriptor';
  if (text.includes('parentFileNameHint')) return 'a parent';
  const parts = text.matchAll(/(?:RW|RDONLY|NOACCESS)\s+[+-]?\d+\s*[^\s"]{1,10}\s*"([^"\r\n]*)/g);
  return [...parts].map(([, name = '']) => name).find((name) => leadsElsewhere(file, name)) ?? null;
}

/** Its name, or a link of this name, or what the part itself names: QEMU follows all three. */
function leadsElsewhere(file: string, name: string): boolean {
  if (/[/\\:]/.test(name)) return true;
  const part = join(dirname(file), name);
  const kind = lstatSync(part, { throwIfNoEntry: false });
  return kind !== undefined && (!kind.isFile() || (kind.size > 0 && hasOnlyNames(readStart(part))));
}

/** A header (numbers are little-endian) with a capacity of 0 says that a descriptor anywhere in the file names parts. */
function hasOnlyNames(bytes: Buffer): boolean {
  if (bytes.toString('latin1', 0, 4) !== 'KDMV') return false;
  return bytes.length < 20 || bytes.readBigUInt64LE(12) === 0n;
}
