import dns, { type Answer, type DecodedPacket, type Packet } from 'dns-packet';
import { domainToASCII } from 'node:url';

/** Where the names lead: the rig's address on the network of the devices. */
export interface Zone {
  /** Host names of the modes, as people write them. */
  readonly hosts: readonly string[];
  readonly address?: string;
  readonly address6?: string;
}

/** What one query asked for, and what it gets; null: nothing is sent. */
export interface Answered {
  readonly response: Buffer | null;
  /** The host that was led to the rig, as in the zone; null: it was none of them. */
  readonly host: string | null;
}

/** No device sends longer ones: a question holds one name of at most 255 bytes (RFC 1035 section 2.3.4). */
export const QUERY_LIMIT_BYTES = 512;
/** In s: short, because devices keep answers, and after the test the name must lead to the provider again. */
const TTL_SECONDS = 30;

/**
 * Answers one DNS query (RFC 1035) for the hosts of a zone and nothing else: other names are refused, so that a device
 * asks its second server, and nothing is ever asked onward. An answer is less than twice as long as its question.
 * Untrusted input: what is no plain question gets an error of 12 bytes, or silence if it is no query at all.
 */
export function answerQuery(query: Buffer, zone: Zone): Answered {
  // Answering answers would let two servers talk for ever.
  if (query.length < 12 || query.length > QUERY_LIMIT_BYTES || isResponse(query)) return SILENCE;
  if (opcodeOf(query) !== 0) return bare(query, RCODE.NOTIMP);
  const packet = isPlain(query) ? decode(query) : null;
  const [question] = packet?.questions ?? [];
  if (packet === null || question === undefined || !PRINTABLE.test(question.name)) return bare(query, RCODE.FORMERR);

  const host = zone.hosts.find((h) => normalize(h) === normalize(question.name)) ?? null;
  if (host === null || question.class !== 'IN' || TRANSFERS.includes(question.type))
    return { response: render(packet, RCODE.REFUSED, []), host: null };
  const { name, type } = question;
  const record = (kind: 'A' | 'AAAA', data: string) => ({
    name,
    type: kind,
    class: 'IN' as const,
    ttl: TTL_SECONDS,
    data,
  });
  // Of ANY one record is enough (RFC 8482). Other types of such a name are answered empty, which denies only them.
  const answers =
    zone.address !== undefined && FOR_IPV4.includes(type)
      ? [record('A', zone.address)]
      : type === 'AAAA' && zone.address6 !== undefined
        ? [record('AAAA', zone.address6)]
        : [];
  return { response: render(packet, 0, answers), host: answers.length === 0 ? null : host };
}

const SILENCE: Answered = { response: null, host: null };
/** RFC 1035 section 4.1.1. */
const RCODE = { FORMERR: 1, NOTIMP: 4, REFUSED: 5 } as const;
const PRINTABLE = /^[!-~]*$/;
const FOR_IPV4: readonly string[] = ['A', 'ANY'];
const TRANSFERS: readonly string[] = ['AXFR', 'IXFR'];

function isResponse(query: Buffer): boolean {
  return ((query[2] ?? 0x80) & 0x80) !== 0;
}

function opcodeOf(query: Buffer): number {
  return ((query[2] ?? 0) >> 3) & 0xf;
}

/** One question and no records, but for EDNS and a signature. Checked before decoding: counts decide how long that takes. */
function isPlain(query: Buffer): boolean {
  return query.readUInt16BE(4) === 1 && query.readUInt32BE(6) === 0 && query.readUInt16BE(10) <= 2;
}

function decode(query: Buffer): DecodedPacket | null {
  try {
    return dns.decode(query);
  } catch {
    return null;
  }
}

/** Names are compared without regard to case (RFC 4343), and devices may write a dot at the end. */
function normalize(host: string): string {
  const name = host.replace(/\.$/, '');
  return (domainToASCII(name) || name).toLowerCase();
}

function render(query: DecodedPacket, rcode: number, answers: Packet['answers']): Buffer {
  const hasEdns = query.additionals?.some(({ type }) => type === 'OPT') === true;
  return dns.encode({
    type: 'response',
    id: query.id ?? 0,
    flags: dns.AUTHORITATIVE_ANSWER | ((query.flags ?? 0) & dns.RECURSION_DESIRED) | rcode,
    questions: query.questions ?? [],
    answers: answers ?? [],
    // RFC 6891 section 6.1.1: a query with OPT is answered with OPT.
    additionals: hasEdns ? [edns()] : [],
  });
}

function edns(): Answer {
  const size = QUERY_LIMIT_BYTES;
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: size,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}

/** The header alone. */
function bare(query: Buffer, rcode: number): Answered {
  const response = Buffer.alloc(12);
  query.copy(response, 0, 0, 2);
  response[2] = 0x80 | ((query[2] ?? 0) & 0x79);
  response[3] = rcode;
  return { response, host: null };
}
