import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type GuestFile, renderCpio } from '../../harness/guests/cpio.ts';
import { findGuestImage } from '../../harness/guests/find.ts';

/** The image that disks are made of; its own first program does the rest. */
const IMAGE = 'small-linux';
/** Programs that make a disk, none of which needs root, and Debian's packages of them. */
const TOOLS = { mformat: 'mtools', mcopy: 'mtools', syslinux: 'syslinux', 'qemu-img': 'qemu-utils' };

/** Whether disks can be made here. Where nothing may be skipped, that they cannot is a failure. */
export function hasDiskTools(what: string): boolean {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const missing = Object.entries(TOOLS).filter(([name]) => !path.some((folder) => existsSync(join(folder, name))));
  if (missing.length === 0) return true;
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
  const why = `${what}: there is no ${missing.map(([name]) => name).join(', ')}: apt-get install ${packages}`;
  if (process.env['CI'] === 'true') throw new Error(why);
  console.log(`skipped: ${why}`);
  return false;
}

/** An owner's disk, as it comes out of a retired machine. */
export interface OwnDisk {
  /** How its system is reached; the other way is not there. */
  readonly reached: 'serial' | 'ssh';
  readonly files?: readonly GuestFile[];
}

/**
 * Writes a raw disk that boots by itself through the BIOS: syslinux in a FAT file system without partitions. At each
 * start its system writes to the disk, and is called `old-server` only if that went well. Its mail program has TLS 1.0
 * alone.
 */
export async function makeRawDisk(path: string, { reached, files = [] }: OwnDisk): Promise<void> {
  const image = await findGuestImage(IMAGE);
  if (image.kind !== 'boot') throw new Error(`${IMAGE} cannot be booted`);
  const own = renderCpio([...filesOf(reached), ...files]);
  const initrd = gzipSync(Buffer.concat([readFileSync(image.initrd), own]), { level: 1 });
  writeFileSync(path, '');
  truncateSync(path, SECTORS * 512);
  const put = (name: string, content: Buffer | string): void => {
    const source = `${path}.${name}`;
    writeFileSync(source, content);
    runTool('mcopy', ['-i', path, source, `::${name}`]);
    rmSync(source);
  };
  runTool('mformat', ['-i', path, '-h', '16', '-s', '63', '-t', String(SECTORS / 16 / 63), '::']);
  put('vmlinuz', readFileSync(image.kernel));
  put('initrd', initrd);
  put('syslinux.cfg', SYSLINUX[reached]);
  runTool('syslinux', ['--install', path]);
}

/** qcow2 or vmdk from a raw disk. */
export function convertDisk(raw: string, format: 'qcow2' | 'vmdk', path: string): void {
  runTool('qemu-img', ['convert', '-f', 'raw', '-O', format, raw, path]);
}

/** 64 cylinders of 16 heads and 63 sectors: 32 MB. */
const SECTORS = 64 * 16 * 63;

function runTool(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, MTOOLS_SKIP_CHECK: '1' } });
}

const SYSLINUX = {
  serial: 'SERIAL 0 115200\nDEFAULT own\nLABEL own\nKERNEL vmlinuz\nINITRD initrd\nAPPEND console=ttyS0 quiet\n',
  ssh: 'DEFAULT own\nLABEL own\nKERNEL vmlinuz\nINITRD initrd\nAPPEND quiet\n',
};

/** Laid over those of the image. */
function filesOf(reached: OwnDisk['reached']): readonly GuestFile[] {
  const getty = reached === 'serial' ? 'ttyS0::respawn:/sbin/getty -L 115200 ttyS0 vt100\n' : '';
  return [
    { path: 'etc/inittab', content: `::sysinit:/etc/on-start\n${getty}` },
    { path: 'etc/on-start', content: ON_START, mode: 0o755 },
    { path: 'etc/profile.d/mail.sh', content: 'export MAIL_DEFAULTS=/etc/mail-defaults\n' },
    { path: 'etc/mail-defaults', content: 'defaults\ntls_priorities NORMAL:-VERS-ALL:+VERS-TLS1.0\n' },
    ...(reached === 'ssh' ? [{ path: 'etc/cutover/ssh', content: '' }] : []),
  ];
}

/** The last sectors of the disk are free. */
const ON_START = `#!/bin/sh
for disk in /dev/vda /dev/sda; do
  [ -b $disk ] && dd if=/dev/urandom of=$disk bs=512 seek=${SECTORS - 8} count=8 conv=notrunc,fsync && hostname old-server
done 2>/dev/null
`;

/** A host key as Dropbear keeps it, and its fingerprint as OpenSSH prints it. */
export function mintDropbearKey(): { readonly file: GuestFile; readonly fingerprint: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  const name = Buffer.from('ssh-ed25519');
  const content = Buffer.concat([withLength(name), withLength(Buffer.concat([seed, point]))]);
  const blob = Buffer.concat([withLength(name), withLength(point)]);
  const hash = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return {
    file: { path: join('etc', 'dropbear', 'dropbear_ed25519_host_key'), content, mode: 0o600 },
    fingerprint: `SHA256:${hash}`,
  };
}

/** RFC 4251 section 5, "string". */
function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
