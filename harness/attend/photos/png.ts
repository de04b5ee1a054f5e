import { crc32 } from 'node:zlib';
import type { Picture } from './picture.ts';

/**
 * The chunks of a PNG that its pixels need (W3C PNG section 11.2): header, palette, transparency, data, end. Of an
 * animation the picture that programs without animations show. null: not a whole picture, or a damaged one.
 */
export function stripPng(file: Buffer): Picture | null {
  const kept: Buffer[] = [file.subarray(0, 8)];
  let size: { readonly width: number; readonly height: number } | null = null;
  let hasData = false;
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > file.length) return null;
    const type = file.toString('latin1', at + 4, at + 8);
    if (crc32(file.subarray(at + 4, end - 4)) !== file.readUInt32BE(end - 4)) return null;
    if (size === null) {
      if (type !== 'IHDR' || length !== 13) return null;
      size = { width: file.readUInt32BE(at + 8), height: file.readUInt32BE(at + 12) };
    } else if (type === 'IHDR' || !isFit(type, length)) return null;
    if (KEPT.has(type)) kept.push(file.subarray(at, end));
    if (type === 'IDAT') hasData = true;
    if (type === 'IEND') return hasData ? { ...size, bytes: Buffer.concat(kept) } : null;
    at = end;
  }
  return null;
}

const KEPT: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

/** No more than such a chunk can need: 256 colours, and their transparency. */
function isFit(type: string, length: number): boolean {
  if (type === 'PLTE') return length <= 3 * 256 && length % 3 === 0;
  if (type === 'tRNS') return length <= 256;
  if (type === 'IEND') return length === 0;
  return true;
}
