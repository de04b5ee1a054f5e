import { createHash } from 'node:crypto';
import type { Connection, Side } from '../vocabulary/evidence.ts';
import type { Capture } from './capture.ts';
import { arrival, bytesFrom, type Flow, joinFlow } from './flow.ts';
import {
  announcedLiteral,
  type Content,
  type Expected,
  type OpenCommand,
  quotedBodies,
  type Reading,
  readClientLine,
  readReply,
  type Reply,
  type Waiting,
} from './mail-grammar.ts';
import { looksLikeTls } from './tls-records.ts';

/** A stretch of what a side said in the clear, in whole units: a line, a body, bytes that were not kept. */
export interface Piece {
  readonly from: Side;
  readonly kind: 'line' | 'body' | 'gap';
  /** Place in the side's flow, line end included. */
  readonly start: number;
  readonly end: number;
  /** A line's bytes without its end. */
  readonly bytes: Buffer;
  /** Parts of `bytes` that are secret by their place in the protocol, as [start, end). */
  readonly secrets: readonly (readonly [number, number])[];
  /** What to show instead of a body or a gap. */
  readonly note: string;
  readonly order: number;
  readonly atMs: number;
}

export interface Cleartext {
  readonly pieces: readonly Piece[];
  readonly flows: Readonly<Record<Side, Flow>>;
  /** Where TLS begins in each side's flow; null: it never does. */
  readonly tlsStart: Readonly<Record<Side, number | null>>;
  readonly starttls: Connection['starttls'];
  readonly oddities: readonly string[];
}

/** A line without an end is cut here; RFC 5321 allows 1,000 bytes, IMAP clients send up to 64 KiB. */
const MAX_LINE = 65_536;

/** Follows the mail dialogue of a capture until TLS begins, in the order of time; reads any bytes without throwing. */
export function walkCleartext(capture: Capture): Cleartext {
  const walk = new Walk(capture);
  for (const event of capture.events) {
    if (event.kind === 'data') walk.arrived(event.from, event.bytes.length);
    else if (event.kind === 'omitted') walk.arrived(event.from, event.count);
    else if (event.from !== 'tap') walk.ended(event.from);
    walk.run();
  }
  walk.ended('client');
  walk.ended('server');
  walk.run();
  return walk.result();
}

interface Half {
  readonly from: Side;
  readonly flow: Flow;
  /** Offset of the next byte to read; bytes before `limit` have arrived. */
  at: number;
  limit: number;
  isOver: boolean;
  reading: Reading;
  tlsStart: number | null;
  /** Body being read: where it began, its hash, and the note of a redaction found in it. */
  body: {
    start: number;
    bytes: number;
    hash: ReturnType<typeof createHash>;
    isWhole: boolean;
    note: string | undefined;
  } | null;
}

class Walk {
  readonly #capture: Capture;
  readonly #client: Half;
  readonly #server: Half;
  readonly #pieces: Piece[] = [];
  readonly #oddities: string[] = [];
  readonly #expected: Expected[] = [];
  #waiting: Waiting | null = null;
  /** What the client says next when the server agrees to what is waited for. */
  #afterWait: Reading = { as: 'lines' };
  #greeted = false;
  #authSeen = false;
  #open: OpenCommand | null = null;
  #tag: string | null = null;
  #starttls: Connection['starttls'] = 'not-asked';

  constructor(capture: Capture) {
    this.#capture = capture;
    const half = (from: Side): Half => ({
      from,
      flow: joinFlow(capture, from),
      at: 0,
      limit: 0,
      isOver: false,
      reading: { as: 'lines' },
      tlsStart: null,
      body: null,
    });
    this.#client = half('client');
    this.#server = half('server');
  }

  arrived(from: Side, count: number): void {
    this.#half(from).limit += count;
  }

  ended(from: Side): void {
    this.#half(from).isOver = true;
  }

  /** Reads all that can be read. The client goes first, so that how bytes were split into events changes nothing. */
  run(): void {
    do {
      while (this.#step(this.#client)) {
        // Each step reads one unit.
      }
    } while (this.#step(this.#server));
  }

  result(): Cleartext {
    if (this.#starttls === 'refused' && this.#expected.includes('starttls'))
      this.#oddities.push('STARTTLS was not answered');
    return {
      pieces: this.#pieces.sort((a, b) => a.order - b.order),
      flows: { client: this.#client.flow, server: this.#server.flow },
      tlsStart: { client: this.#client.tlsStart, server: this.#server.tlsStart },
      starttls: this.#starttls,
      oddities: this.#oddities,
    };
  }

  #half(from: Side): Half {
    return from === 'client' ? this.#client : this.#server;
  }

  /** Reads one unit of a side; false: nothing more can be read now. */
  #step(half: Half): boolean {
    if (half.tlsStart !== null || half.at >= half.limit) return this.#flush(half);
    if (half.from === 'client' && this.#waiting !== null) {
      if (!this.#server.isOver && !half.isOver) return false;
      if (!(this.#server.isOver && this.#server.at >= this.#server.limit)) return false;
      // No answer will come: what follows is read as if the server had agreed, which hides most.
      this.#agree();
    }
    const gap = half.flow.gaps.find((g) => half.at >= g.start && half.at < g.start + g.count);
    if (gap !== undefined) return this.#readGap(half, gap.start + gap.count, gap.note);
    const bytes = bytesFrom(half.flow, half.at).subarray(0, half.limit - half.at);
    const isLast =
      half.isOver || half.flow.gaps.some((g) => g.start === half.at + bytes.length && g.start < half.limit);
    if (half.reading.as === 'counted') return this.#readCounted(half, bytes);
    if (half.reading.as === 'dotted') return this.#readDotted(half, bytes, isLast);
    const looks = looksLikeTls(bytes);
    if (looks === 'yes') return this.#startTls(half);
    if (looks === 'unsure' && !isLast) return false;
    return this.#readLine(half, bytes, isLast);
  }

  #startTls(half: Half): boolean {
    half.tlsStart = half.at;
    return false;
  }

  #readLine(half: Half, bytes: Buffer, isLast: boolean): boolean {
    const newline = bytes.subarray(0, MAX_LINE).indexOf(0x0a);
    if (newline < 0 && bytes.length < MAX_LINE && !isLast) return false;
    const length = newline < 0 ? Math.min(bytes.length, MAX_LINE) : newline + 1;
    const content = newline < 0 ? length : newline > 0 && bytes[newline - 1] === 0x0d ? newline - 1 : newline;
    const line = bytes.subarray(0, content);
    const text = line.toString('latin1');
    const secrets = half.from === 'client' ? this.#readClient(half, text) : this.#readServer(half, text);
    this.#push(half, 'line', half.at, half.at + length, { bytes: line, secrets, note: '' });
    half.at += length;
    return true;
  }

  #readClient(half: Half, text: string): Piece['secrets'] {
    if (half.reading.as === 'sasl') {
      half.reading = { as: 'lines' };
      this.#expected.push('auth');
      this.#waiting = 'auth';
      return text === '*' ? [] : [[0, text.length]];
    }
    const line = readClientLine(text, {
      protocol: this.#capture.endpoint.protocol,
      authSeen: this.#authSeen,
      open: this.#open,
    });
    if (line.open !== undefined) this.#open = line.open;
    if (line.auth) this.#authSeen = true;
    if (line.expects !== undefined) this.#expected.push(line.expects);
    if (line.wait !== undefined) {
      this.#waiting = line.wait;
      this.#afterWait = line.own ?? { as: line.wait === 'data' ? 'dotted' : line.wait === 'auth' ? 'sasl' : 'lines' };
      this.#tag = line.tag ?? null;
    } else if (line.own !== undefined) half.reading = line.own;
    if (line.expects === 'starttls' && this.#starttls === 'not-asked') this.#starttls = 'refused';
    return line.secrets ?? [];
  }

  #readServer(half: Half, text: string): Piece['secrets'] {
    const { protocol } = this.#capture.endpoint;
    const reply = readReply(text, protocol, this.#tag);
    if (protocol === 'imap') {
      const literal = announcedLiteral(text, 'server');
      if (literal !== undefined) half.reading = literal;
      if (reply !== 'none' && this.#waiting !== null) this.#answer(reply);
      return quotedBodies(text);
    }
    if (reply === 'none') return [];
    if (!this.#greeted) {
      this.#greeted = true;
      // A client that spoke first may have its answer before any greeting; greetings are never "continue".
      if (reply !== 'continue') return [];
    }
    this.#answer(reply);
    return [];
  }

  /** A reply to the oldest unanswered command. */
  #answer(reply: Reply): void {
    if (this.#capture.endpoint.protocol === 'imap') {
      const [expected] = this.#expected;
      if (reply === 'continue' && this.#waiting === 'starttls') return;
      this.#expected.length = 0;
      this.#conclude(expected ?? 'reply', reply);
      return;
    }
    const expected = this.#expected.shift();
    if (expected !== undefined) this.#conclude(expected, reply);
  }

  #conclude(expected: Expected, reply: Reply): void {
    if (expected === 'dotted' && reply === 'positive') this.#server.reading = { as: 'dotted' };
    if (expected === 'starttls' && reply === 'positive') this.#starttls = 'accepted';
    if (expected === 'reply' && this.#waiting !== 'literal') return;
    if (expected === 'dotted' || this.#waiting === null) return;
    if (reply === 'continue') this.#agree();
    else {
      this.#waiting = null;
      this.#open = null;
      this.#client.reading = { as: 'lines' };
    }
  }

  #agree(): void {
    this.#client.reading = this.#afterWait;
    this.#waiting = null;
  }

  #readCounted(half: Half, bytes: Buffer): boolean {
    if (half.reading.as !== 'counted') return false;
    const { count, holds } = half.reading;
    const take = Math.min(count, bytes.length);
    if (holds !== 'mail') {
      if (take < count && take < MAX_LINE && !half.isOver) return false;
      const secrets = holds === 'secret' ? [[0, take] as const] : [];
      this.#push(half, 'line', half.at, half.at + take, { bytes: bytes.subarray(0, take), secrets, note: '' });
    } else if (take > 0) this.#addToBody(half, bytes.subarray(0, take));
    half.at += take;
    this.#counted(half, count - take, holds);
    return true;
  }

  #counted(half: Half, left: number, holds: Content): void {
    half.reading = left > 0 ? { as: 'counted', count: left, holds } : { as: 'lines' };
    if (left <= 0) this.#endBody(half);
  }

  #readDotted(half: Half, bytes: Buffer, isLast: boolean): boolean {
    let at = 0;
    while (at < bytes.length) {
      const newline = bytes.indexOf(0x0a, at);
      if (newline < 0) break;
      const isDot = bytes[at] === 0x2e && (newline === at + 1 || (newline === at + 2 && bytes[at + 1] === 0x0d));
      if (isDot) {
        this.#addToBody(half, bytes.subarray(0, at));
        half.at += at;
        this.#endBody(half);
        half.reading = { as: 'lines' };
        const dot = { bytes: bytes.subarray(at, at + 1), secrets: [], note: '' };
        this.#push(half, 'line', half.at, half.at + newline - at + 1, dot);
        half.at += newline - at + 1;
        if (half.from === 'client') this.#expected.push('reply');
        return true;
      }
      at = newline + 1;
    }
    // Whole lines are taken; the last one may still turn out to be the dot.
    const take = isLast ? bytes.length : at;
    if (take === 0) return false;
    this.#addToBody(half, bytes.subarray(0, take));
    half.at += take;
    return true;
  }

  #readGap(half: Half, end: number, note: string | undefined): boolean {
    const count = end - half.at;
    const { reading } = half;
    if (reading.as === 'lines' || reading.as === 'sasl') {
      this.#push(half, 'gap', half.at, end, {
        bytes: Buffer.alloc(0),
        secrets: [],
        note: note ?? `(${count} bytes not kept)`,
      });
      half.at = end;
      return true;
    }
    const body = this.#openBody(half);
    body.isWhole = false;
    body.note ??= note;
    body.bytes += count;
    half.at = end;
    if (reading.as === 'counted') this.#counted(half, reading.count - count, reading.holds);
    return true;
  }

  #openBody(half: Half): NonNullable<Half['body']> {
    half.body ??= { start: half.at, bytes: 0, hash: createHash('sha256'), isWhole: true, note: undefined };
    return half.body;
  }

  #addToBody(half: Half, bytes: Buffer): void {
    if (bytes.length === 0) return;
    const body = this.#openBody(half);
    body.hash.update(bytes);
    body.bytes += bytes.length;
  }

  #endBody(half: Half): void {
    const { body } = half;
    if (body === null) return;
    half.body = null;
    const content = body.isWhole ? `sha256 ${body.hash.digest('hex')}` : 'not all kept';
    const note = body.note ?? `(mail body, ${body.bytes} bytes, ${content})`;
    this.#push(half, 'body', body.start, half.at, { bytes: Buffer.alloc(0), secrets: [], note });
  }

  /** At the end of a side, a body that was never finished is still a body. */
  #flush(half: Half): boolean {
    if (half.isOver && half.at >= half.limit && half.limit === half.flow.length) this.#endBody(half);
    return false;
  }

  #push(
    half: Half,
    kind: Piece['kind'],
    start: number,
    end: number,
    rest: Pick<Piece, 'bytes' | 'secrets' | 'note'>,
  ): void {
    const { order, atMs } = arrival(half.flow, Math.max(start, end - 1));
    this.#pieces.push({ from: half.from, kind, start, end, order, atMs, ...rest });
  }
}
