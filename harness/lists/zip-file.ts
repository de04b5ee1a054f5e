import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * The parts of a ZIP file by name, in its order; else why it cannot be read. Lengths that the file tells are not
 * believed: unpacking ends at `maxBytes` for all parts together, so that a small file cannot fill the memory.
 * Format: PKWARE APPNOTE.TXT 6.3, sections 4.3.12 and 4.3.16. Without ZIP64, which no spreadsheet of this size has.
 */
export function parseZip(
  bytes: Buffer,
  maxBytes: number,
):
  | { readonly kind: 'parts'; readonly parts: ReadonlyMap<string, Buffer> }
  | { readonly kind: 'refused'; why: Refusal } {
  const end = findEnd(bytes);
  if (end === null) return { kind: 'refused', why: 'damaged' };
  const parts = new Map<string, Buffer>();
  let left = maxBytes;
  let at = bytes.readUInt32LE(end + 16);
  const count = bytes.readUInt16LE(end + 10);
  if (count > MAX_PARTS) return { kind: 'refused', why: 'too-large' };
  for (let i = 0; i < count; i += 1) {
    const entry = readEntry(bytes, at);
    if (entry === null || parts.has(entry.name)) return { kind: 'refused', why: 'damaged' };
    if (entry.isEncrypted) return { kind: 'refused', why: 'encrypted' };
    const part = unpack(entry, left);
    if (typeof part === 'string') return { kind: 'refused', why: part };
    left -= part.length;
    if (!entry.name.endsWith('/')) parts.set(entry.name, part);
    at = entry.next;
  }
  return { kind: 'parts', parts };
}

export type Refusal = 'damaged' | 'encrypted' | 'too-large';

/** Parts as a ZIP file. Its times are the format's first, so that the same parts are the same bytes. */
export function renderZip(parts: ReadonlyMap<string, Buffer>): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of parts) {
    const packed = deflateRawSync(content);
    const nameBytes = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0); // version needed: 2.0
    facts.writeUInt16LE(0x0800, 2); // names are UTF-8
    facts.writeUInt16LE(DEFLATED, 4);
    facts.writeUInt16LE(0x21, 8); // 1980-01-01
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(nameBytes.length, 22);
    const file = Buffer.concat([signed(FILE), facts, nameBytes, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([signed(DIRECTORY), Buffer.from([20, 0]), facts, tail, nameBytes]));
    files.push(file);
    offset += file.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.size, 4);
  end.writeUInt16LE(parts.size, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, list, signed(END), end]);
}

const [FILE, DIRECTORY, END] = [0x04034b50, 0x02014b50, 0x06054b50];
const [STORED, DEFLATED] = [0, 8];
/** A workbook of a hundred sheets has a few hundred. */
const MAX_PARTS = 5_000;
/** Of the record that ends the file, with the longest comment. */
const MAX_END = 22 + 65_535;

function signed(signature: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(signature);
  return bytes;
}

function findEnd(bytes: Buffer): number | null {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - MAX_END); at -= 1)
    if (bytes.readUInt32LE(at) === END) return at;
  return null;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc: number;
  readonly packed: Buffer;
  /** Of the next entry of the directory. */
  readonly next: number;
}

function readEntry(bytes: Buffer, at: number): Entry | null {
  if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== DIRECTORY) return null;
  const nameLength = bytes.readUInt16LE(at + 28);
  const file = bytes.readUInt32LE(at + 42);
  if (file + 30 > bytes.length || bytes.readUInt32LE(file) !== FILE) return null;
  const start = file + 30 + bytes.readUInt16LE(file + 26) + bytes.readUInt16LE(file + 28);
  const length = bytes.readUInt32LE(at + 20);
  if (start + length > bytes.length) return null;
  return {
    name: bytes.toString('utf8', at + 46, at + 46 + nameLength),
    method: bytes.readUInt16LE(at + 10),
    isEncrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
    crc: bytes.readUInt32LE(at + 16),
    packed: bytes.subarray(start, start + length),
    next: at + 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32),
  };
}

function unpack({ method, packed, crc }: Entry, left: number): Buffer | Refusal {
  if (left <= 0 || (method === STORED && packed.length > left)) return 'too-large';
  if (method !== STORED && method !== DEFLATED) return 'damaged';
  try {
    const content = method === STORED ? packed : inflateRawSync(packed, { maxOutputLength: left });
    return crc32(content) === crc ? content : 'damaged';
  } catch (fault) {
    return fault instanceof RangeError ? 'too-large' : 'damaged';
  }
}
