import type { ByteSource } from './byte-source.ts';

/** `bytes` hold until the next packet is asked for. `trouble` is the last: what comes behind it cannot be read. */
export type PacketRead =
  | { readonly kind: 'packet'; readonly linkType: number; readonly bytes: Buffer; readonly atMs: number }
  | { readonly kind: 'oversized' }
  | { readonly kind: 'trouble'; readonly why: string };

/**
 * The packets of a pcap or pcapng file, one after the other, in either byte order. Formats: draft-ietf-opsawg-pcap and
 * draft-ietf-opsawg-pcapng. Never throws, whatever the bytes are.
 */
export function* readPackets(source: ByteSource): Generator<PacketRead> {
  const magic = source.take(4);
  if (magic === null) {
    yield trouble('it is empty, or shorter than any capture');
    return;
  }
  const number = magic.readUInt32LE(0);
  if (number === SECTION) {
    yield* readPcapng(source);
    return;
  }
  const kind = PCAP_MAGIC.find(({ code }) => code === number);
  if (kind === undefined) yield trouble(describeOther(magic));
  else yield* readPcap(source, kind);
}

/** libpcap itself takes no longer packet than 262,144 bytes, but of USB. */
const MAX_PACKET = 1_048_576;
const SECTION = 0x0a0d0d0a;

interface PcapKind {
  readonly code: number;
  readonly big: boolean;
  /** Parts of a second that times are counted in. */
  readonly parts: number;
}

/** As read in little-endian order. */
const PCAP_MAGIC: readonly PcapKind[] = [
  { code: 0xa1b2c3d4, big: false, parts: 1e6 },
  { code: 0xd4c3b2a1, big: true, parts: 1e6 },
  { code: 0xa1b23c4d, big: false, parts: 1e9 },
  { code: 0x4d3cb2a1, big: true, parts: 1e9 },
];

function describeOther(magic: Buffer): string {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return 'it is compressed: unpack it with gunzip first';
  return `it begins like neither pcap nor pcapng: ${magic.toString('hex')}`;
}

function* readPcap(source: ByteSource, { big, parts }: PcapKind): Generator<PacketRead> {
  const head = source.take(20);
  if (head === null) {
    yield trouble('its header is cut short');
    return;
  }
  // The upper half has flags and the length of a checksum behind each frame.
  const linkType = uint32(head, 16, big) & 0xffff;
  for (;;) {
    const start = source.at;
    const packet = source.take(16);
    if (packet === null) {
      if (source.take(1) !== null) yield trouble(`it is cut short at byte ${start}`);
      return;
    }
    const [seconds, part, captured, sent] = [0, 4, 8, 12].map((at) => uint32(packet, at, big));
    // Where a disk was full or a download broke off there are zeros, and they go on for gigabytes.
    if (captured === 0 && sent === 0) {
      yield trouble(`at byte ${start} stand zeros instead of a packet`);
      return;
    }
    if (captured === undefined || captured > MAX_PACKET) {
      yield trouble(`at byte ${start} a packet announces ${captured} bytes`);
      return;
    }
    const bytes = source.take(captured);
    if (bytes === null) {
      yield trouble(`it is cut short at byte ${start}`);
      return;
    }
    yield { kind: 'packet', linkType, bytes, atMs: (seconds ?? 0) * 1e3 + (part ?? 0) / (parts / 1e3) };
  }
}

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Units of its times in a second. */
  readonly perSecond: number;
}

const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const PACKET = 6;
const READ: readonly number[] = [INTERFACE, OLD_PACKET, SIMPLE_PACKET, PACKET];
/** No capture has more; a hostile one could fill memory with them. */
const MAX_INTERFACES = 65_536;

function* readPcapng(source: ByteSource): Generator<PacketRead> {
  let big = false;
  let interfaces: Interface[] = [];
  // The type of the first block has been taken already.
  let type = SECTION;
  for (;;) {
    const start = source.at - 4;
    const cut = trouble(`it is cut short at byte ${start}`);
    const lengthBytes = source.take(4);
    if (lengthBytes === null) {
      yield cut;
      return;
    }
    // What is taken next may move these bytes.
    const announced = Buffer.from(lengthBytes);
    if (type === SECTION) {
      const order = source.take(4)?.readUInt32LE(0);
      if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a) {
        yield order === undefined ? cut : trouble(`at byte ${start} a section does not tell its byte order`);
        return;
      }
      big = order === 0x4d3c2b1a;
      interfaces = [];
    }
    const length = uint32(announced, 0, big);
    const rest = length - (type === SECTION ? 12 : 8);
    if (length % 4 !== 0 || rest < 4) {
      yield trouble(`at byte ${start} a block announces ${length} bytes`);
      return;
    }
    if (type === SECTION || !READ.includes(type) || length > MAX_PACKET) {
      if (!source.skip(rest)) {
        yield cut;
        return;
      }
      if (READ.includes(type)) yield { kind: 'oversized' };
    } else {
      const body = source.take(rest)?.subarray(0, -4);
      if (body === undefined) {
        yield cut;
        return;
      }
      if (type === INTERFACE && interfaces.length < MAX_INTERFACES) interfaces.push(parseInterface(body, big));
      else if (type !== INTERFACE) {
        const packet = parsePacket(type, body, big, interfaces);
        if (packet === null) {
          yield trouble(`at byte ${start} a packet does not fit into its block, or its interface is not described`);
          return;
        }
        yield packet;
      }
    }
    const next = source.take(4);
    if (next === null) {
      if (source.take(1) !== null) yield trouble('it is cut short at its end');
      return;
    }
    type = uint32(next, 0, big);
  }
}

function parseInterface(body: Buffer, big: boolean): Interface {
  if (body.length < 8) return { linkType: -1, snapLength: 0, perSecond: 1e6 };
  const linkType = big ? body.readUInt16BE(0) : body.readUInt16LE(0);
  return { linkType, snapLength: uint32(body, 4, big), perSecond: readResolution(body.subarray(8), big) };
}

/** Option 9, if_tsresol: a power of 10, or of 2 with the highest bit; microseconds without it. */
function readResolution(options: Buffer, big: boolean): number {
  for (let at = 0; at + 4 < options.length; ) {
    const code = big ? options.readUInt16BE(at) : options.readUInt16LE(at);
    const length = big ? options.readUInt16BE(at + 2) : options.readUInt16LE(at + 2);
    const value = options[at + 4] ?? 6;
    if (code === 9 && length >= 1) return (value & 0x80) === 0 ? 10 ** value : 2 ** (value & 0x7f);
    if (code === 0) break;
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return 1e6;
}

function parsePacket(type: number, body: Buffer, big: boolean, interfaces: readonly Interface[]): PacketRead | null {
  const head = type === SIMPLE_PACKET ? 4 : 20;
  if (body.length < head) return null;
  const number = type === PACKET ? uint32(body, 0, big) : type === OLD_PACKET ? uint16(body, 0, big) : 0;
  const from = interfaces[number];
  if (from === undefined) return null;
  const { linkType, snapLength, perSecond } = from;
  const captured =
    type === SIMPLE_PACKET
      ? Math.min(uint32(body, 0, big), snapLength || body.length, body.length - head)
      : uint32(body, 12, big);
  if (head + captured > body.length) return null;
  const units = type === SIMPLE_PACKET ? 0 : uint32(body, 4, big) * 2 ** 32 + uint32(body, 8, big);
  return { kind: 'packet', linkType, bytes: body.subarray(head, head + captured), atMs: (units / perSecond) * 1e3 };
}

function uint32(bytes: Buffer, at: number, big: boolean): number {
  return big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
}

function uint16(bytes: Buffer, at: number, big: boolean): number {
  return big ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
}

function trouble(why: string): PacketRead {
  return { kind: 'trouble', why };
}
