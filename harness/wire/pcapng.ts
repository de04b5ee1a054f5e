import type { Side } from '../vocabulary/evidence.ts';
import type { Capture, CaptureEvent } from './capture.ts';
import {
  COMMENT,
  CONNECTION_COMMENT,
  INTERFACE,
  OMITTED_COMMENT,
  PACKET,
  SECTION,
  TAP_COMMENT,
} from './pcapng-blocks.ts';
import { ACK, FIN, PSH, renderFrame, RST, SYN } from './tcp-frame.ts';

export { parsePcapng } from './pcapng-reader.ts';

/** An IPv4 packet holds 65,535 bytes with its headers. */
const MAX_SEGMENT = 65_000;
const DEFAULT_CLIENT = '192.0.2.1';
/** TEST-NET-1 (RFC 5737): the server's real address is of no use to a reader, and the port is the canonical one. */
const SERVER = '192.0.2.2';

interface Packet {
  readonly atNs: bigint;
  readonly frame: Buffer;
  readonly comment: string | undefined;
}

/**
 * A file that Wireshark and tshark read: synthetic Ethernet, IPv4 and TCP around what the tap saw, at its real times,
 * with the canonical server port. What was omitted is a gap in the sequence numbers. Give it redacted captures.
 */
export function renderPcapng(captures: readonly Capture[]): Buffer {
  const packets = captures.flatMap(renderConnection).sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0));
  return Buffer.concat([renderSection(), renderInterface(), ...packets.map(renderPacket)]);
}

function renderConnection(capture: Capture): Packet[] {
  const packets: Packet[] = [];
  const next: Record<Side, number> = { client: 1_000, server: 5_000 };
  const add = (from: Side, atMs: number, flags: number, payload: Buffer, comment?: string) => {
    const to = from === 'client' ? 'server' : 'client';
    const client = {
      address: ipv4(capture.client.address),
      port: capture.client.port || 40_000 + (capture.number % 20_000),
    };
    const server = { address: SERVER, port: capture.endpoint.port };
    const [source, target] = from === 'client' ? [client, server] : [server, client];
    const acknowledged = flags & ACK ? next[to] : 0;
    const frame = renderFrame({ source, target, sequence: next[from], acknowledged, flags, payload });
    const atNs = BigInt(capture.startedAt.getTime()) * 1_000_000n + BigInt(Math.round(atMs * 1e6));
    packets.push({ atNs, frame, comment });
    next[from] = (next[from] + payload.length + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
  };
  const nothing = Buffer.alloc(0);
  add('client', 0, SYN, nothing, CONNECTION_COMMENT + JSON.stringify(describe(capture)));
  add('server', 0, SYN | ACK, nothing);
  add('client', 0, ACK, nothing);
  for (const event of capture.events) {
    if (event.kind === 'data') {
      for (let at = 0; at < event.bytes.length; at += MAX_SEGMENT) {
        add(event.from, event.atMs, PSH | ACK, event.bytes.subarray(at, at + MAX_SEGMENT));
      }
    } else if (event.kind === 'omitted') {
      const { count, note } = event;
      add(event.from, event.atMs, ACK, nothing, OMITTED_COMMENT + JSON.stringify({ count, note }));
      next[event.from] = (next[event.from] + count) >>> 0;
    } else renderEnd(event, add);
  }
  return packets;
}

/** What the tap itself ended is shown as the server's doing to the client, and marked. */
function renderEnd(
  event: Extract<CaptureEvent, { kind: 'fin' | 'reset' }>,
  add: (from: Side, atMs: number, flags: number, payload: Buffer, comment?: string) => void,
): void {
  const from = event.from === 'tap' ? 'server' : event.from;
  add(
    from,
    event.atMs,
    (event.kind === 'fin' ? FIN : RST) | ACK,
    Buffer.alloc(0),
    event.from === 'tap' ? TAP_COMMENT : undefined,
  );
}

function describe({ number, endpoint, startedAt, client, tapPort, late }: Capture): unknown {
  return { number, endpoint, startedAt: startedAt.toISOString(), client, tapPort, late };
}

/** An address that is no IPv4 one stands in the comment only. */
function ipv4(address: string): string {
  const mapped = address.replace(/^::ffff:/i, '');
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(mapped) ? mapped : DEFAULT_CLIENT;
}

function renderSection(): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(0x1a2b3c4d, 0);
  body.writeUInt16LE(1, 4);
  body.writeBigInt64LE(-1n, 8);
  return renderBlock(SECTION, body);
}

function renderInterface(): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(1, 0);
  // if_tsresol: 10^-9 seconds.
  return renderBlock(INTERFACE, Buffer.concat([head, renderOption(9, Buffer.from([9])), Buffer.alloc(4)]));
}

function renderPacket({ atNs, frame, comment }: Packet): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(Number(atNs >> 32n), 4);
  head.writeUInt32LE(Number(atNs & 0xffff_ffffn), 8);
  head.writeUInt32LE(frame.length, 12);
  head.writeUInt32LE(frame.length, 16);
  const options = comment === undefined ? [] : [renderOption(COMMENT, Buffer.from(comment)), Buffer.alloc(4)];
  return renderBlock(PACKET, Buffer.concat([head, padded(frame), ...options]));
}

function renderOption(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

function renderBlock(type: number, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(12 + body.length);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(type);
  return Buffer.concat([head, length, body, length]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
