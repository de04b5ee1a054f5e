import { ACK, FIN, PSH, SYN } from '../../wire/tcp-frame.ts';
import { handshakeMessage, tlsRecord, uint16 } from '../../wire/hand-built.ts';
import { type RecordedHello, renderHelloBody } from '../recorded-hello.ts';

/** How a frame of a test is wrapped. */
export interface Wrapped {
  readonly linkType: number;
  /** IPv4 or IPv6, to what stands in the file. */
  readonly wrap: (ip: Buffer) => Buffer;
  readonly version: 4 | 6;
}

const MACS = Buffer.from('020000000002020000000001', 'hex');
const typeOf = (version: 4 | 6) => (version === 4 ? uint16(0x0800) : uint16(0x86dd));

/** All that tcpdump writes on Linux for Ethernet, `any` (both kinds), loopback elsewhere, tunnels; with VLAN tags and without. */
export const LINKS: Readonly<Record<string, (version: 4 | 6) => Wrapped>> = {
  ethernet: (version) => ({ version, linkType: 1, wrap: (ip) => Buffer.concat([MACS, typeOf(version), ip]) }),
  'ethernet, VLAN': (version) => ({
    version,
    linkType: 1,
    wrap: (ip) => Buffer.concat([MACS, uint16(0x8100, 42), typeOf(version), ip]),
  }),
  'ethernet, VLAN in VLAN': (version) => ({
    version,
    linkType: 1,
    wrap: (ip) => Buffer.concat([MACS, uint16(0x88a8, 7, 0x8100, 42), typeOf(version), ip]),
  }),
  any: (version) => ({
    version,
    linkType: 113,
    wrap: (ip) => Buffer.concat([Buffer.from('0000000100060200000000010000', 'hex'), typeOf(version), ip]),
  }),
  'any, newer': (version) => ({
    version,
    linkType: 276,
    wrap: (ip) => Buffer.concat([typeOf(version), Buffer.from('000000000001000100060200000000010000', 'hex'), ip]),
  }),
  loopback: (version) => ({
    version,
    linkType: 0,
    wrap: (ip) => Buffer.concat([Buffer.from([version === 4 ? 2 : 30, 0, 0, 0]), ip]),
  }),
  tunnel: (version) => ({ version, linkType: 101, wrap: (ip) => ip }),
};

interface Sending {
  readonly from: 'client' | 'server';
  readonly bytes?: Buffer;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
}

export interface Conversation {
  readonly clientPort: number;
  readonly port: number;
  readonly sendings: readonly Sending[];
}

const FIRST = { client: 0xffff_ff00, server: 5_000 };

/** A whole connection; each of `said` is one segment. Sequence numbers of the client begin again after 256 bytes. */
export function converse(
  clientPort: number,
  port: number,
  said: readonly (readonly ['client' | 'server', string | Buffer])[],
): Conversation {
  const next = { client: FIRST.client + 1, server: FIRST.server + 1 };
  const data = said.map(([from, text]): Sending => {
    const bytes = Buffer.from(text);
    const sequence = next[from] >>> 0;
    next[from] += bytes.length;
    return { from, bytes, flags: PSH | ACK, sequence, acknowledged: next[otherOf(from)] >>> 0 };
  });
  return {
    clientPort,
    port,
    sendings: [
      { from: 'client', flags: SYN, sequence: FIRST.client, acknowledged: 0 },
      { from: 'server', flags: SYN | ACK, sequence: FIRST.server, acknowledged: FIRST.client + 1 },
      ...data,
      { from: 'client', flags: FIN | ACK, sequence: next.client >>> 0, acknowledged: next.server },
    ],
  };
}

function otherOf(from: 'client' | 'server') {
  return from === 'client' ? ('server' as const) : ('client' as const);
}

/** The IP packets of a conversation, from 192.0.2.N or 2001:db8::N. */
export function renderIp({ clientPort, port, sendings }: Conversation, version: 4 | 6, host = 1): readonly Buffer[] {
  return sendings.map(({ from, bytes = Buffer.alloc(0), flags, sequence, acknowledged }) => {
    const [own, other] = from === 'client' ? [host, 250] : [250, host];
    const tcp = Buffer.alloc(20);
    tcp.writeUInt16BE(from === 'client' ? clientPort : port, 0);
    tcp.writeUInt16BE(from === 'client' ? port : clientPort, 2);
    tcp.writeUInt32BE(sequence, 4);
    tcp.writeUInt32BE(acknowledged, 8);
    tcp[12] = 0x50;
    tcp[13] = flags;
    tcp.writeUInt16BE(0xffff, 14);
    return ipPacket(version, own, other, Buffer.concat([tcp, bytes]));
  });
}

function ipPacket(version: 4 | 6, from: number, to: number, tcp: Buffer): Buffer {
  if (version === 6) {
    const head = Buffer.alloc(40);
    head[0] = 0x60;
    head.writeUInt16BE(tcp.length, 4);
    head[6] = 6;
    head[7] = 64;
    for (const [at, host] of [
      [8, from],
      [24, to],
    ] as const)
      Buffer.from(`20010db8${'00'.repeat(11)}${host.toString(16).padStart(2, '0')}`, 'hex').copy(head, at);
    return Buffer.concat([head, tcp]);
  }
  const head = Buffer.alloc(20);
  head[0] = 0x45;
  head.writeUInt16BE(20 + tcp.length, 2);
  head[6] = 0x40;
  head[8] = 64;
  head[9] = 6;
  head.set([192, 0, 2, from, 192, 0, 2, to], 12);
  return Buffer.concat([head, tcp]);
}

/** A hello as it is sent, in records of `perRecord` bytes. */
export function renderHello(hello: RecordedHello, perRecord = 16_384): Buffer {
  const body = renderHelloBody(hello, { random: Buffer.alloc(32, 5), session: Buffer.alloc(hello.sessionBytes, 6) });
  if (hello.format === 'sslv2') return Buffer.concat([uint16(0x8000 | body.length), body]);
  const message = handshakeMessage(1, body);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += perRecord)
    records.push(tlsRecord(22, hello.recordVersion ?? 0x0301, message.subarray(at, at + perRecord)));
  return Buffer.concat(records);
}

/** @param snapLength What is kept of each frame. */
export function renderPcap(linkType: number, frames: readonly Buffer[], snapLength = 262_144, big = false): Buffer {
  const words = (...numbers: number[]) => {
    const bytes = Buffer.alloc(4 * numbers.length);
    for (const [i, n] of numbers.entries()) {
      if (big) bytes.writeUInt32BE(n, 4 * i);
      else bytes.writeUInt32LE(n, 4 * i);
    }
    return bytes;
  };
  const version = big ? 0x0002_0004 : 0x0004_0002;
  const parts: Buffer[] = [words(0xa1b2c3d4, version, 0, 0, snapLength, linkType)];
  for (const [i, frame] of frames.entries()) {
    const kept = frame.subarray(0, snapLength);
    parts.push(words(1_760_000_000 + Math.floor(i / 1000), (i % 1000) * 1000, kept.length, frame.length), kept);
  }
  return Buffer.concat(parts);
}

export function renderPcapng(interfaces: readonly number[], frames: readonly (readonly [number, Buffer])[]): Buffer {
  const block = (type: number, body: Buffer) => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const [head, tail] = [Buffer.alloc(8), Buffer.alloc(4)];
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(padded.length + 12, 4);
    tail.writeUInt32LE(padded.length + 12, 0);
    return Buffer.concat([head, padded, tail]);
  };
  const section = Buffer.alloc(16, 0xff);
  section.writeUInt32LE(0x1a2b3c4d, 0);
  section.writeUInt32LE(1, 4);
  return Buffer.concat([
    block(0x0a0d0d0a, section),
    ...interfaces.map((linkType) => block(1, Buffer.from([linkType & 0xff, linkType >> 8, 0, 0, 0, 0, 4, 0]))),
    ...frames.map(([number, frame]) => {
      const head = Buffer.alloc(20);
      const micros = 1_760_000_000_000_000n;
      head.writeUInt32LE(number, 0);
      head.writeUInt32LE(Number(micros >> 32n), 4);
      head.writeUInt32LE(Number(micros & 0xffff_ffffn), 8);
      head.writeUInt32LE(frame.length, 12);
      head.writeUInt32LE(frame.length, 16);
      return block(6, Buffer.concat([head, frame]));
    }),
  ]);
}
