import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import type { Side } from '../vocabulary/evidence.ts';
import { Endpoint } from '../vocabulary/trial.ts';
import type { Capture, CaptureEvent } from './capture.ts';
import { COMMENT, CONNECTION_COMMENT, OMITTED_COMMENT, PACKET, SECTION, TAP_COMMENT } from './pcapng-blocks.ts';
import { ACK, FIN, parseFrame, RST, SYN } from './tcp-frame.ts';

const ConnectionComment = z.strictObject({
  number: z.int(),
  endpoint: Endpoint,
  startedAt: z.iso.datetime(),
  client: z.strictObject({ address: z.string(), port: z.int() }),
  tapPort: z.int(),
  late: z.boolean(),
});
const OmittedComment = z.strictObject({ count: z.int().min(0), note: z.string().optional() });

interface Open {
  readonly facts: z.infer<typeof ConnectionComment>;
  readonly clientEnd: string;
  readonly events: CaptureEvent[];
}

/**
 * Reads back what `renderPcapng` wrote, to judge again from bytes. Only our own files: others lack what the tap knew.
 * Throws HarnessFault `pcapng-unreadable`.
 */
export function parsePcapng(bytes: Buffer): readonly Capture[] {
  const captures: Open[] = [];
  // The newest connection of a pair of ends: a device may use a source port again.
  const byEnds = new Map<string, Open>();
  for (const packet of packetsIn(bytes)) {
    const segment = parseFrame(packet.frame);
    if (segment === null) throw unreadable('a packet is no IPv4 with TCP');
    if (packet.comment?.startsWith(CONNECTION_COMMENT)) {
      const facts = readComment(ConnectionComment, packet.comment.slice(CONNECTION_COMMENT.length));
      const opened = { facts, clientEnd: segment.source, events: [] };
      captures.push(opened);
      byEnds.set(`${segment.source} ${segment.target}`, opened);
      byEnds.set(`${segment.target} ${segment.source}`, opened);
      continue;
    }
    const connection = byEnds.get(`${segment.source} ${segment.target}`);
    if (connection === undefined) throw unreadable('a packet belongs to no connection of ours');
    const from: Side = segment.source === connection.clientEnd ? 'client' : 'server';
    const startedNs = BigInt(Date.parse(connection.facts.startedAt)) * 1_000_000n;
    connection.events.push(...eventsOf(segment, packet.comment, from, Number(packet.atNs - startedNs) / 1e6));
  }
  return captures
    .map(({ facts, events }) => ({ ...facts, startedAt: new Date(facts.startedAt), events }))
    .sort((a, b) => a.number - b.number);
}

function eventsOf(
  segment: { readonly flags: number; readonly payload: Buffer },
  comment: string | undefined,
  from: Side,
  atMs: number,
): readonly CaptureEvent[] {
  const { flags, payload } = segment;
  if (comment?.startsWith(OMITTED_COMMENT)) {
    const { count, note } = readComment(OmittedComment, comment.slice(OMITTED_COMMENT.length));
    return [{ kind: 'omitted', from, atMs, count, ...(note === undefined ? {} : { note }) }];
  }
  if (payload.length > 0) return [{ kind: 'data', from, atMs, bytes: payload }];
  const by = comment === TAP_COMMENT ? 'tap' : from;
  if (flags & FIN) return [{ kind: 'fin', from: by, atMs }];
  if (flags & RST) return [{ kind: 'reset', from: by, atMs }];
  if (flags & (SYN | ACK)) return [];
  throw unreadable('a packet has no flags');
}

function* packetsIn(bytes: Buffer): Generator<{ frame: Buffer; atNs: bigint; comment: string | undefined }> {
  if (bytes.length < 28 || bytes.readUInt32LE(0) !== SECTION) throw unreadable('it does not begin as pcapng');
  let at = 0;
  while (at < bytes.length) {
    const length = at + 12 <= bytes.length ? bytes.readUInt32LE(at + 4) : 0;
    if (length < 12 || length % 4 !== 0 || at + length > bytes.length) throw unreadable('it is cut short');
    const body = bytes.subarray(at + 8, at + length - 4);
    if (bytes.readUInt32LE(at) === PACKET) yield readPacket(body);
    at += length;
  }
}

function readPacket(body: Buffer): { frame: Buffer; atNs: bigint; comment: string | undefined } {
  const captured = body.length < 20 ? 0 : body.readUInt32LE(12);
  if (body.length < 20 + captured) throw unreadable('a packet is cut short');
  const options = body.subarray(20 + Math.ceil(captured / 4) * 4);
  return {
    frame: body.subarray(20, 20 + captured),
    atNs: (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8)),
    comment:
      options.length >= 4 && options.readUInt16LE(0) === COMMENT
        ? options.subarray(4, 4 + options.readUInt16LE(2)).toString('utf8')
        : undefined,
  };
}

function readComment<T>(schema: z.ZodType<T>, json: string): T {
  try {
    return schema.parse(JSON.parse(json));
  } catch (cause) {
    throw unreadable('a comment of ours cannot be read', cause);
  }
}

function unreadable(what: string, cause?: unknown): HarnessFault {
  return new HarnessFault('pcapng-unreadable', `The capture file cannot be read: ${what}.`, {
    advice: 'Use a wire.pcapng that Cutover wrote, unchanged.',
    stage: 'record',
    cause,
  });
}
