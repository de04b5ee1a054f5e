/** A TCP segment. Addresses are 4 or 16 bytes. */
export interface TcpSegment {
  readonly kind: 'segment';
  readonly source: Buffer;
  readonly target: Buffer;
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly sequence: number;
  readonly flags: number;
  readonly payload: Buffer;
  /** Payload bytes that were sent, and that the capture did not keep. */
  readonly missing: number;
}

/** `why` is one of a few texts: they are counted. */
export type SegmentRead = TcpSegment | { readonly kind: 'other'; readonly why: string };

/** Takes a frame apart as far as TCP. Never throws; every length in it is doubted. */
export function parseSegment(linkType: number, frame: Buffer): SegmentRead {
  const link = parseLink(linkType, frame);
  if (typeof link === 'string') return other(link);
  const version = (link[0] ?? 0) >> 4;
  if (version === 4) return parseIpv4(link);
  return version === 6 ? parseIpv6(link) : other('no IP');
}

/** https://www.tcpdump.org/linktypes.html */
const LINK = { null: 0, ethernet: 1, raw: 101, loop: 108, sll: 113, ipv4: 228, ipv6: 229, sll2: 276 } as const;
/** As some systems number DLT_RAW. */
const OTHER_RAW: readonly number[] = [12, 14];
const ETHERTYPES: readonly number[] = [0x0800, 0x86dd];
const VLAN: readonly number[] = [0x8100, 0x88a8, 0x9100];
const NOT_IP = 'no IP';
const CUT = 'headers cut off';

/** What follows the link layer, or why nothing does. */
function parseLink(linkType: number, frame: Buffer): Buffer | string {
  if (OTHER_RAW.includes(linkType)) return frame;
  switch (linkType) {
    case LINK.raw:
    case LINK.ipv4:
    case LINK.ipv6:
      return frame;
    // An address family in the byte order of whoever wrote it; IP tells its version itself.
    case LINK.null:
    case LINK.loop:
      return frame.length < 4 ? CUT : frame.subarray(4);
    case LINK.ethernet:
      return behindEthertype(frame, 12, 14);
    case LINK.sll:
      return behindEthertype(frame, 14, 16);
    case LINK.sll2:
      return behindEthertype(frame, 0, 20);
    default:
      return `link type ${linkType}, which is not read`;
  }
}

/** Any number of VLAN tags may stand between (IEEE 802.1Q, 802.1ad). */
function behindEthertype(frame: Buffer, typeAt: number, headerEnd: number): Buffer | string {
  if (frame.length < Math.max(typeAt + 2, headerEnd)) return CUT;
  let type = frame.readUInt16BE(typeAt);
  let at = headerEnd;
  while (VLAN.includes(type)) {
    if (frame.length < at + 4) return CUT;
    type = frame.readUInt16BE(at + 2);
    at += 4;
  }
  return ETHERTYPES.includes(type) ? frame.subarray(at) : NOT_IP;
}

const TCP = 6;

function parseIpv4(ip: Buffer): SegmentRead {
  const header = ((ip[0] ?? 0) & 0x0f) * 4;
  if (header < 20) return other('headers that cannot be');
  if (ip.length < header) return other(CUT);
  if (ip[9] !== TCP) return other('no TCP');
  // More fragments, or not the first one.
  if ((ip.readUInt16BE(6) & 0x3fff) !== 0) return other('fragments of IP packets, which are not joined');
  // 0: a card with segmentation offload fills it in later.
  const announced = ip.readUInt16BE(2);
  const length = announced === 0 ? ip.length : announced;
  return parseTcp(ip.subarray(header, length), length - header, ip.subarray(12, 16), ip.subarray(16, 20));
}

/** Hop-by-hop, routing, destination options (RFC 8200 section 4). */
const EXTENSIONS: readonly number[] = [0, 43, 60];
const FRAGMENT = 44;

function parseIpv6(ip: Buffer): SegmentRead {
  if (ip.length < 40) return other(CUT);
  const announced = ip.readUInt16BE(4);
  const length = announced === 0 ? ip.length : 40 + announced;
  let next = ip[6] ?? 0;
  let at = 40;
  while (EXTENSIONS.includes(next) || next === FRAGMENT) {
    if (ip.length < at + 8) return other(CUT);
    if (next === FRAGMENT && (ip.readUInt16BE(at + 2) & 0xfff9) !== 0)
      return other('fragments of IP packets, which are not joined');
    const size = next === FRAGMENT ? 8 : 8 * ((ip[at + 1] ?? 0) + 1);
    next = ip[at] ?? 0;
    at += size;
  }
  if (next !== TCP) return other('no TCP');
  return parseTcp(ip.subarray(at, length), length - at, ip.subarray(8, 24), ip.subarray(24, 40));
}

function parseTcp(tcp: Buffer, sent: number, source: Buffer, target: Buffer): SegmentRead {
  if (tcp.length < 20) return other(CUT);
  const header = ((tcp[12] ?? 0) >> 4) * 4;
  if (header < 20 || header > sent) return other('headers that cannot be');
  const payload = tcp.subarray(header);
  return {
    kind: 'segment',
    source,
    target,
    sourcePort: tcp.readUInt16BE(0),
    targetPort: tcp.readUInt16BE(2),
    sequence: tcp.readUInt32BE(4),
    flags: tcp[13] ?? 0,
    payload,
    missing: sent - header - payload.length,
  };
}

function other(why: string): SegmentRead {
  return { kind: 'other', why };
}
