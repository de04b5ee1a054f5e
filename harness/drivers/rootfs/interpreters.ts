import { readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { RootArchitecture } from '../../vocabulary/root-reach.ts';
import { findExecutable } from '../find-executable.ts';

/** What runs programs of another processor: nothing is needed, the machine's own entry, one to register, or none. */
export type Interpreter =
  | { readonly kind: 'native' }
  /** Registered on this machine, opened at its start (flag F), so that it works in any root and container. */
  | { readonly kind: 'machine' }
  /** A line for binfmt_misc of a user namespace: kernels from 6.7 on have one for each. */
  | { readonly kind: 'private'; readonly line: string }
  | { readonly kind: 'missing'; readonly why: string; readonly advice: string };

/** ELF class (1: 32 bits, 2: 64), byte order (1: little, 2: big), machine: System V ABI, chapter 4, and its registry. */
const ELF: { readonly [A in RootArchitecture]: readonly [bits: 1 | 2, order: 1 | 2, machine: number] } = {
  i386: [1, 1, 3],
  mips: [1, 2, 8],
  mipsel: [1, 1, 8],
  mips64: [2, 2, 8],
  mips64el: [2, 1, 8],
  ppc: [1, 2, 20],
  arm: [1, 1, 40],
  armeb: [1, 2, 40],
  sh4: [1, 1, 42],
  x86_64: [2, 1, 62],
  aarch64: [2, 1, 183],
  riscv64: [2, 1, 243],
};

const NATIVE: { readonly [arch: string]: readonly RootArchitecture[] } = {
  x64: ['x86_64', 'i386'],
  arm64: ['aarch64'],
  arm: ['arm'],
  riscv64: ['riscv64'],
};

const INSTALL = 'Install qemu-user-static (Debian, Ubuntu, Fedora: the package of that name).';

/**
 * How programs of an architecture can be run here. Reads only: an entry is never registered on the machine itself.
 *
 * @param mayBePrivate Whether who asks makes a user namespace: containers share the machine's.
 */
export function findInterpreter(
  architecture: RootArchitecture,
  { mayBePrivate, registered = REGISTERED }: { readonly mayBePrivate: boolean; readonly registered?: string },
): Interpreter {
  if (NATIVE[process.arch]?.includes(architecture) === true) return { kind: 'native' };
  if (isRegistered(architecture, registered)) return { kind: 'machine' };
  const program = findProgram([`qemu-${architecture}-static`, `qemu-${architecture}`]);
  const what = `programs for ${architecture} cannot be run here`;
  if (program === null)
    return { kind: 'missing', why: `${what}: there is no qemu-${architecture}-static`, advice: INSTALL };
  if (mayBePrivate && hasPrivateEntries(release()))
    return { kind: 'private', line: renderEntry(architecture, program) };
  return {
    kind: 'missing',
    why: `${what}: qemu-${architecture} is not registered in binfmt_misc with flag F`,
    advice:
      'As root: `systemctl restart systemd-binfmt`, or without systemd `mount -t binfmt_misc none /proc/sys/fs/binfmt_misc` and write the line of /usr/lib/binfmt.d/qemu-' +
      `${architecture}.conf to /proc/sys/fs/binfmt_misc/register.`,
  };
}

const REGISTERED = '/proc/sys/fs/binfmt_misc';

/** Since Linux 6.7 each user namespace may mount a binfmt_misc of its own. */
export function hasPrivateEntries(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 7);
}

/** Entries tell "enabled", "flags: POF" and "magic 7f45…" a line each (the kernel's admin-guide/binfmt-misc.rst). */
function isRegistered(architecture: RootArchitecture, folder: string): boolean {
  const start = magicOf(architecture).toString('hex');
  return namesIn(folder)
    .filter((name) => name !== 'register' && name !== 'status')
    .map((name) => readText(join(folder, name)))
    .some((entry) => /^enabled$/m.test(entry) && /^flags: .*F/m.test(entry) && entry.includes(`magic ${start}`));
}

/** The first 20 bytes of a program: ELF, class, byte order, version, and what it is for. */
function magicOf(architecture: RootArchitecture): Buffer {
  const [bits, order, machine] = ELF[architecture];
  const magic = Buffer.alloc(20);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, bits, order, 1]).copy(magic);
  for (const [at, value] of [
    [16, 2],
    [18, machine],
  ] as const) {
    if (order === 1) magic.writeUInt16LE(value, at);
    else magic.writeUInt16BE(value, at);
  }
  return magic;
}

/** Fixed programs (2) and those that are loaded anywhere (3) alike; whatever stands in the bytes for the system. */
export function renderEntry(architecture: RootArchitecture, program: string): string {
  const mask = Buffer.alloc(20, 0xff);
  mask.fill(0, 7, 16);
  mask[ELF[architecture][1] === 1 ? 16 : 17] = 0xfe;
  const hex = (bytes: Buffer) => [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  // P: programs of several names find the one they were called by. F: opened now, since it is not in the other root.
  return `:qemu-${architecture}:M::${hex(magicOf(architecture))}:${hex(mask)}:${program}:PF`;
}

/** Looked up in PATH, and where users' shells do not look. Absolute path, or null. */
export function findProgram(names: readonly string[]): string | null {
  const folders = `${process.env['PATH'] ?? ''}:/usr/bin:/usr/sbin:/bin:/sbin`
    .split(':')
    .filter((f) => f.startsWith('/'));
  return findExecutable(names, folders);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
