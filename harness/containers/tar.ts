import { HarnessFault } from '../faults.ts';
import type { ContainerFile } from './contract.ts';

const BLOCK = 512;

/**
 * The files as a tar archive (POSIX.1-2017, pax, "ustar interchange format"): owned by root, dated 1970, in the order
 * given, so that equal files give equal bytes. Paths of up to 255 bytes, without `..`; else HarnessFault `bad-path`.
 */
export function renderTar(files: readonly ContainerFile[]): Buffer {
  const parts = files.flatMap(({ target, content, mode = 0o644 }) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
    return [renderHeader(target, bytes.length, mode), bytes, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function renderHeader(target: string, size: number, mode: number): Buffer {
  const { prefix, name } = splitPath(target);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    header.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  header.write(name, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  header.write(' '.repeat(8), 148, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(prefix, 345);
  // The checksum is taken with its own field blank.
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** 100 bytes of name and 155 of folder before it. */
function splitPath(target: string): { readonly prefix: string; readonly name: string } {
  const path = target.replace(/^\/+/, '');
  const parts = path.split('/');
  if (path === '' || parts.includes('..') || path.includes('\0'))
    throw new HarnessFault('bad-path', `${JSON.stringify(target)} is no place for a file`);
  for (let i = 0; i < parts.length; i += 1) {
    const prefix = parts.slice(0, i).join('/');
    const name = parts.slice(i).join('/');
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { prefix, name };
  }
  throw new HarnessFault('bad-path', `${target} is too long for an archive`);
}
