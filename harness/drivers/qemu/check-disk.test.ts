import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { HarnessFault } from '../../faults.ts';
import { checkDisk } from './check-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-disk-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Format = Parameters<typeof checkDisk>[0]['format'];

/** What is said of a disk with these bytes, or null where nothing is wrong with it. */
function verdictOn(format: Format, bytes: Buffer | string | null): string | null {
  const file = join(folder, 'old.img');
  rmSync(file, { force: true });
  if (bytes !== null) writeFileSync(file, bytes);
  try {
    checkDisk({ file, format, interface: 'ide' });
    return null;
  } catch (fault) {
    if (!(fault instanceof HarnessFault)) throw fault;
    return `${fault.code}: ${fault.message}. ${fault.advice}`.replaceAll(file, 'FILE');
  }
}

/** Bytes at places, in a file of a megabyte. */
function bytesAt(...parts: readonly (readonly [number, string])[]): Buffer {
  const bytes = Buffer.alloc(2 ** 20);
  for (const [at, part] of parts) bytes.write(part, at, 'latin1');
  return bytes;
}

/** The header of qcow2, whose numbers are big-endian: version, the place and length of a backing file's name, features. */
function qcow2(backing: string, features = 0n): Buffer {
  const bytes = bytesAt([0, 'QFI\xfb'], [512, backing]);
  bytes.writeUInt32BE(3, 4);
  bytes.writeBigUInt64BE(backing === '' ? 0n : 512n, 8);
  bytes.writeUInt32BE(backing.length, 16);
  bytes.writeBigUInt64BE(features, 72);
  return bytes;
}

/**
 * A vmdk in one file. Its header (little-endian) says how many sectors it holds, 0 for none but a descriptor, and at which
 * sector that begins.
 */
function sparseVmdk(descriptor: string, capacity: bigint, sector = 1n): Buffer {
  const bytes = bytesAt([0, 'KDMV'], [Number(sector) * 512, descriptor]);
  bytes.writeBigUInt64LE(capacity, 12);
  bytes.writeBigUInt64LE(sector, 28);
  bytes.writeBigUInt64LE(1n, 36);
  return bytes;
}

const DESCRIPTOR = '# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\n';

test.each<[string, Format, Buffer | string]>([
  ['raw', 'raw', bytesAt([510, '\x55\xaa'])],
  ['qcow2', 'qcow2', qcow2('')],
  ['vmdk in one file', 'vmdk', sparseVmdk(`${DESCRIPTOR}RW 2048 SPARSE "old.vmdk"\n`, 2048n)],
  ['vmdk with its parts beside it', 'vmdk', `${DESCRIPTOR}RW 2048 FLAT "old-flat.vmdk" 0\n`],
])('%s is taken', (_, format, bytes) => {
  expect(verdictOn(format, bytes)).toBeNull();
});

test.each<[string, Format, Buffer | string | null, string]>([
  ['there is none', 'raw', null, 'file-missing: FILE cannot be booted: there is no such file. Correct the path'],
  ['it is empty', 'raw', '', 'file-missing: FILE cannot be booted: it is empty.'],
  ['qcow2 called raw', 'raw', qcow2(''), 'FILE is not raw: it begins as qcow2 does. Write `format: qcow2`'],
  ['raw called vmdk', 'vmdk', bytesAt(), 'it begins as raw does. Write `format: raw`'],
  ['of VirtualBox', 'raw', bytesAt([64, '\x7f\x10\xda\xbe']), 'qemu-img convert -f vdi -O qcow2 FILE disk.qcow2'],
  ['of Hyper-V', 'raw', bytesAt([0, 'vhdxfile']), 'qemu-img convert -f vhdx'],
  ['compressed', 'raw', bytesAt([0, '\x1f\x8b']), 'it begins as gzip does. Unpack it first'],
  ['an appliance', 'vmdk', bytesAt([257, 'ustar']), 'it begins as tar does. Unpack it first (an .ova is'],
])('refused with what to do: %s', (_, format, bytes, said) => {
  expect(verdictOn(format, bytes)).toContain(said);
});

const SECRET = '/etc/shadow';
writeFileSync(join(folder, 'names.vmdk'), sparseVmdk(`RW 1 FLAT "${SECRET}" 0\n`, 0n));
symlinkSync(SECRET, join(folder, 'link.vmdk'));
test.each<[string, Format, Buffer | string, string]>([
  ['as backing file', 'qcow2', qcow2(SECRET), `the backing file ${SECRET}. If you trust`],
  ['as file with its data', 'qcow2', qcow2('', 4n), 'a file that holds its data'],
  ['as a part', 'vmdk', `${DESCRIPTOR}RW 2048 FLAT "${SECRET}" 0\n`, SECRET],
  ['as a part, over lines', 'vmdk', `${DESCRIPTOR}RW\n2048\tFLAT\n"../x" 0\n`, '../x'],
  ['as a part that is a server', 'vmdk', `${DESCRIPTOR}RW 2048 FLAT "nbd:127.0.0.1:9" 0\n`, 'nbd:127.0.0.1:9'],
  ['as a part, with a sign', 'vmdk', `${DESCRIPTOR}RW +2048 FLAT "${SECRET}" 0\n`, SECRET],
  ['as a part, words together', 'vmdk', `${DESCRIPTOR}RW 2048FLAT "${SECRET}" 0\n`, SECRET],
  ['as a part of a part', 'vmdk', `${DESCRIPTOR}RW 2048 SPARSE "names.vmdk"\n`, 'names.vmdk'],
  ['by a link', 'vmdk', `${DESCRIPTOR}RW 2048 FLAT "link.vmdk" 0\n`, 'link.vmdk'],
  ['as parent', 'vmdk', sparseVmdk(`${DESCRIPTOR}parentFileNameHint="${SECRET}"\n`, 2048n), 'a parent'],
  ['far behind in a text', 'vmdk', `${DESCRIPTOR}${'#\n'.repeat(2 ** 17)}RW 1 FLAT "${SECRET}" 0\n`, 'more than fits'],
  ['far behind the header', 'vmdk', sparseVmdk(`RW 1 FLAT "${SECRET}" 0\n`, 0n, 1024n), 'the files of its parts'],
  ['in a short header', 'qcow2', qcow2(SECRET).subarray(0, 72), 'the backing file'],
])('an image that names another file of this machine is refused: %s', (_, format, bytes, said) => {
  const verdict = verdictOn(format, bytes);
  expect(verdict).toMatch(/^disk-not-whole/);
  expect(verdict).toContain(said);
});
