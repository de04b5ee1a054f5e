import type { Picture } from './picture.ts';

/**
 * The bitstream of a WebP (RFC 9649 section 2), with its transparency where that is stored beside it. Animations and
 * anything incomplete: null.
 */
export function stripWebp(file: Buffer): Picture | null {
  const declared = file.length < 12 ? 0 : file.readUInt32LE(4) + 8;
  if (declared < 12 || declared > file.length) return null;
  let alpha: Buffer | null = null;
  let bitstream: { readonly type: string; readonly data: Buffer } | null = null;
  for (let at = 12; at + 8 <= declared; ) {
    const type = file.toString('latin1', at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const data = file.subarray(at + 8, at + 8 + length);
    if (at + 8 + length > declared || type === 'ANIM' || type === 'ANMF') return null;
    if (type === 'ALPH') alpha ??= data;
    if (type === 'VP8 ' || type === 'VP8L') bitstream ??= { type, data };
    at += 8 + length + (length % 2);
  }
  if (bitstream === null) return null;
  const size = bitstream.type === 'VP8 ' ? sizeOfLossy(bitstream.data) : sizeOfLossless(bitstream.data);
  if (size === null) return null;
  const chunks = [chunk(bitstream.type, bitstream.data)];
  // A lossless bitstream holds its own transparency.
  if (alpha !== null && bitstream.type === 'VP8 ') chunks.unshift(chunk('VP8X', extended(size)), chunk('ALPH', alpha));
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks]);
  return { ...size, bytes: chunk('RIFF', body) };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Key frame: three bytes of frame tag, the start code, 14 bits of each side (RFC 6386 section 9.1). */
function sizeOfLossy(data: Buffer): Size | null {
  if (data.length < 10 || ((data[0] ?? 1) & 1) !== 0 || data.readUIntBE(3, 3) !== 0x9d012a) return null;
  return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
}

/** Signature, then 14 bits of each side less one (RFC 9649 section 3.4). */
function sizeOfLossless(data: Buffer): Size | null {
  if (data.length < 5 || data[0] !== 0x2f) return null;
  const bits = data.readUInt32LE(1);
  return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
}

/** The flag "has transparency" alone, and the size less one in 24 bits (RFC 9649 section 2.7). */
function extended({ width, height }: Size): Buffer {
  const data = Buffer.alloc(10);
  data[0] = 0x10;
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return data;
}

function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}
