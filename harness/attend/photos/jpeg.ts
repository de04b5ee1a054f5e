import type { Picture } from './picture.ts';

/**
 * What a decoder needs of a JPEG (ITU-T T.81 annex B): tables, frame, scans. Application segments and comments are left
 * out, but for what says how colours are stored: JFIF without its thumbnail, and Adobe's transform.
 * null: not a whole baseline, extended or progressive picture.
 */
export function stripJpeg(file: Buffer): Picture | null {
  const kept: Buffer[] = [SOI];
  let frame: { readonly width: number; readonly height: number } | null = null;
  const written = new Set<number>();
  let scans = 0;
  let at = 2;
  for (;;) {
    const marker = readMarker(file, at);
    if (marker === null) return null;
    at = marker.end;
    if (marker.code === EOI) break;
    const length = at + 2 > file.length ? 0 : file.readUInt16BE(at);
    if (length < 2 || at + length > file.length) return null;
    const body = file.subarray(at + 2, at + length);
    at += length;
    if (FRAMES.has(marker.code)) {
      if (frame !== null || !isFrame(body)) return null;
      frame = { height: body.readUInt16BE(1), width: body.readUInt16BE(3) };
      kept.push(segment(marker.code, body));
    } else if (marker.code === SOS) {
      if (frame === null || !isScan(body)) return null;
      const end = endOfScan(file, at);
      kept.push(segment(SOS, body), file.subarray(at, end));
      at = end;
      scans += 1;
    } else if (marker.code in TABLES) {
      if (TABLES[marker.code]?.(body) !== true) return null;
      kept.push(segment(marker.code, body));
    } else if (isLeftOut(marker.code)) {
      const colours = written.has(marker.code) ? null : coloursOf(marker.code, body);
      if (colours !== null) kept.push(colours);
      if (colours !== null) written.add(marker.code);
    } else return null;
  }
  if (frame === null || scans === 0) return null;
  return { ...frame, bytes: Buffer.concat([...kept, Buffer.from([0xff, EOI])]) };
}

const SOI = Buffer.from([0xff, 0xd8]);
const EOI = 0xd9;
const SOS = 0xda;
/** Baseline, extended and progressive, with Huffman codes: what browsers and phones write and show. */
const FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);

/** Tables, checked so that nothing else can be carried in them. */
const TABLES: Readonly<Record<number, (body: Buffer) => boolean>> = {
  // Huffman: class and number, 16 counts, and as many values as they say.
  0xc4: (body) => areParts(body, (at) => (at + 17 > body.length ? null : 17 + sum(body.subarray(at + 1, at + 17)))),
  // Quantization: precision and number, 64 values of one or two bytes.
  0xdb: (body) => areParts(body, (at) => ((body[at] ?? 0) >> 4 === 0 ? 65 : 129)),
  // Restart interval.
  0xdd: (body) => body.length === 2,
};

function areParts(body: Buffer, lengthAt: (at: number) => number | null): boolean {
  let at = 0;
  while (at < body.length) {
    const length = lengthAt(at);
    if (length === null || at + length > body.length) return false;
    at += length;
  }
  return at > 0;
}

function sum(bytes: Buffer): number {
  return bytes.reduce((a, b) => a + b, 0);
}

/** Precision, height, width, number of components, three bytes of each. */
function isFrame(body: Buffer): boolean {
  const components = body[5] ?? 0;
  return body.length >= 9 && components >= 1 && components <= 4 && body.length === 6 + 3 * components;
}

function isScan(body: Buffer): boolean {
  const components = body[0] ?? 0;
  return components >= 1 && components <= 4 && body.length === 4 + 2 * components;
}

/** A marker may be preceded by any number of 0xFF (B.1.1.2). */
function readMarker(file: Buffer, from: number): { readonly code: number; readonly end: number } | null {
  if (file[from] !== 0xff) return null;
  let at = from;
  while (file[at] === 0xff) at += 1;
  const code = file[at];
  return code === undefined || code === 0 ? null : { code, end: at + 1 };
}

/** Coded data goes on over stuffed zeros and restart markers (B.1.1.5), up to the next marker. */
function endOfScan(file: Buffer, from: number): number {
  let at = from;
  for (;;) {
    at = file.indexOf(0xff, at);
    if (at === -1) return file.length;
    const next = file[at + 1] ?? 0xff;
    const isData = next === 0 || (next >= 0xd0 && next <= 0xd7);
    if (!isData) return at;
    at += 2;
  }
}

/** APP0 to APP15, and comments. */
function isLeftOut(code: number): boolean {
  return (code >= 0xe0 && code <= 0xef) || code === 0xfe;
}

/** Written anew, so that only their few known values go on. */
function coloursOf(code: number, body: Buffer): Buffer | null {
  if (code === 0xe0 && body.toString('latin1', 0, 5) === 'JFIF\0') {
    // Version 1.1, square pixels, no thumbnail (T.871 section 10.1).
    return segment(0xe0, Buffer.from([0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]));
  }
  const transform = body[11] ?? 255;
  if (code === 0xee && body.toString('latin1', 0, 5) === 'Adobe' && transform <= 2) {
    return segment(0xee, Buffer.from([0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform]));
  }
  return null;
}

function segment(code: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, code, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}
