/** TCP flags, RFC 9293 section 3.1. */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

export interface Segment {
  readonly source: { readonly address: string; readonly port: number };
  readonly target: { readonly address: string; readonly port: number };
  readonly sequence: number;
  readonly acknowledged: number;
  readonly flags: number;
  readonly payload: Buffer;
}

const ETHERNET = Buffer.from('0200000000020200000000010800', 'hex');
const IP_HEADER = 20;
const TCP_HEADER = 20;
const TCP = 6;

/** An Ethernet frame with IPv4 and TCP, checksums included. */
export function renderFrame(segment: Segment): Buffer {
  const { payload } = segment;
  const frame = Buffer.alloc(ETHERNET.length + IP_HEADER + TCP_HEADER + payload.length);
  ETHERNET.copy(frame);
  const ip = frame.subarray(ETHERNET.length, ETHERNET.length + IP_HEADER);
  ip[0] = 0x45;
  ip.writeUInt16BE(IP_HEADER + TCP_HEADER + payload.length, 2);
  ip[6] = 0x40;
  ip[8] = 64;
  ip[9] = TCP;
  ip.set(segment.source.address.split('.').map(Number), 12);
  ip.set(segment.target.address.split('.').map(Number), 16);
  ip.writeUInt16BE(checksum([ip]), 10);
  const tcp = frame.subarray(ETHERNET.length + IP_HEADER);
  tcp.writeUInt16BE(segment.source.port, 0);
  tcp.writeUInt16BE(segment.target.port, 2);
  tcp.writeUInt32BE(segment.sequence, 4);
  tcp.writeUInt32BE(segment.acknowledged, 8);
  tcp[12] = (TCP_HEADER / 4) << 4;
  tcp[13] = segment.flags;
  tcp.writeUInt16BE(0xffff, 14);
  payload.copy(tcp, TCP_HEADER);
  // The pseudo header of RFC 9293 section 3.1: addresses, protocol, length.
  const pseudo = Buffer.alloc(12);
  ip.copy(pseudo, 0, 12, 20);
  pseudo[9] = TCP;
  pseudo.writeUInt16BE(tcp.length, 10);
  tcp.writeUInt16BE(checksum([pseudo, tcp]), 16);
  return frame;
}

export interface ReadSegment {
  readonly source: string;
  readonly target: string;
  readonly flags: number;
  readonly payload: Buffer;
}

/** Reads a frame back; null: no whole IPv4 and TCP. Ends are written `address:port`. */
export function parseFrame(frame: Buffer): ReadSegment | null {
  const ip = frame.subarray(ETHERNET.length);
  if (ip.length < IP_HEADER + TCP_HEADER || ip[0] !== 0x45 || ip[9] !== TCP) return null;
  const tcp = ip.subarray(IP_HEADER, ip.readUInt16BE(2));
  if (tcp.length < TCP_HEADER) return null;
  const [source, target] = [12, 16].map((at) => [...ip.subarray(at, at + 4)].join('.'));
  return {
    source: `${source ?? ''}:${tcp.readUInt16BE(0)}`,
    target: `${target ?? ''}:${tcp.readUInt16BE(2)}`,
    flags: tcp[13] ?? 0,
    payload: tcp.subarray(((tcp[12] ?? 0x50) >> 4) * 4),
  };
}

/** RFC 1071. */
function checksum(parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i + 1 < part.length; i += 2) sum += part.readUInt16BE(i);
    if (part.length % 2 === 1) sum += (part.at(-1) ?? 0) << 8;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
