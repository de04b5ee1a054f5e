/** What a program or shared library needs at start: names of libraries, and the path of its dynamic loader. */
export interface Needs {
  readonly libraries: readonly string[];
  readonly loader: string | null;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;

/**
 * Reads an ELF file of any word size and byte order (System V ABI, chapters 4 and 5). null: it is none, a script for
 * example. One without a dynamic section needs nothing.
 */
export function readNeeds(bytes: Buffer): Needs | null {
  if (bytes.length < 52 || bytes.readUInt32BE(0) !== 0x7f454c46) return null;
  const reader = openReader(bytes);
  const segments = readSegments(reader);
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  const interpreter = segments.find((segment) => segment.type === PT_INTERP);
  const loader = interpreter === undefined ? null : textAt(bytes, interpreter.offset);
  if (dynamic === undefined) return { libraries: [], loader };
  const tags = readTags(reader, dynamic);
  const table = tags.find(([tag]) => tag === DT_STRTAB)?.[1];
  const strings = segments.find((s) => s.type === PT_LOAD && table !== undefined && isWithin(table, s));
  if (table === undefined || strings === undefined) return { libraries: [], loader };
  const start = strings.offset + table - strings.address;
  const libraries = tags.filter(([tag]) => tag === DT_NEEDED).map(([, at]) => textAt(bytes, start + at));
  return { libraries, loader };
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const isWithin = (address: number, segment: Segment) =>
  address >= segment.address && address < segment.address + segment.size;

function openReader(bytes: Buffer) {
  const is64 = bytes[4] === 2;
  const isLittle = bytes[5] === 1;
  const half = (at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const word = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const long = (at: number) => Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  return { is64, half, word, address: is64 ? long : word };
}
type Reader = ReturnType<typeof openReader>;

function readSegments({ is64, half, word, address }: Reader): readonly Segment[] {
  const [table, size, count] = is64 ? [address(32), half(54), half(56)] : [address(28), half(42), half(44)];
  return Array.from({ length: count }, (_, i) => {
    const at = table + i * size;
    return is64
      ? { type: word(at), offset: address(at + 8), address: address(at + 16), size: address(at + 32) }
      : { type: word(at), offset: word(at + 4), address: word(at + 8), size: word(at + 16) };
  });
}

/** Pairs of tag and value, up to the tag 0. */
function readTags({ is64, address }: Reader, { offset, size }: Segment): readonly (readonly [number, number])[] {
  const width = is64 ? 8 : 4;
  const tags: (readonly [number, number])[] = [];
  for (let at = offset; at < offset + size; at += 2 * width) {
    const tag = address(at);
    if (tag === 0) break;
    tags.push([tag, address(at + width)]);
  }
  return tags;
}

function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('latin1', at, end < 0 ? bytes.length : end);
}
