import type { Connection, Side } from '../vocabulary/evidence.ts';
import type { Capture } from './capture.ts';
import { Dialogue } from './dialogue.ts';
import { arrival, bytesFrom, type Flow, nextGap } from './flow.ts';
import { Half } from './half.ts';
import { cutLine, MAX_LINE } from './line-cut.ts';
import { describeUnknownLine, readUnknownLine } from './mail-body.ts';
import { commandKind } from './mail-commands.ts';
import { type Content, type Reading, REFUSED_MAIL } from './mail-grammar.ts';
import { looksLikeTls } from './tls-records.ts';

/** A stretch of what a side said in the clear, in whole units: a line, a body, bytes that were not kept. */
export interface Piece {
  readonly from: Side;
  /** `unknown`: a client's line that is no command, which may be part of a mail. */
  readonly kind: 'line' | 'unknown' | 'body' | 'gap';
  /** Place in the side's flow, line end included. */
  readonly start: number;
  readonly end: number;
  /** A line's bytes without its end. */
  readonly bytes: Buffer;
  /** Parts of `bytes` that are secret by their place in the protocol, as [start, end). */
  readonly secrets: readonly (readonly [number, number])[];
  /** What to show instead of anything but a line. */
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

class Walk {
  readonly #capture: Capture;
  readonly #dialogue: Dialogue;
  readonly #client: Half;
  readonly #server: Half;
  readonly #pieces: Piece[] = [];

  constructor(capture: Capture) {
    this.#capture = capture;
    this.#dialogue = new Dialogue(capture.endpoint.protocol);
    this.#client = new Half(capture, 'client');
    this.#server = new Half(capture, 'server');
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
    const { starttls, isStarttlsOpen } = this.#dialogue;
    return {
      pieces: this.#pieces.sort((a, b) => a.order - b.order),
      flows: { client: this.#client.flow, server: this.#server.flow },
      tlsStart: { client: this.#client.tlsStart, server: this.#server.tlsStart },
      starttls,
      oddities: starttls === 'refused' && isStarttlsOpen ? ['STARTTLS was not answered'] : [],
    };
  }

  #half(from: Side): Half {
    return from === 'client' ? this.#client : this.#server;
  }

  /** Reads one unit of a side; false: nothing more can be read now. */
  #step(half: Half): boolean {
    if (half.tlsStart !== null || half.at >= half.limit) return this.#flush(half);
    if (half.from === 'client' && this.#dialogue.isWaiting) {
      if (!this.#server.isOver && !half.isOver) return false;
      if (!(this.#server.isOver && this.#server.at >= this.#server.limit)) return false;
      // No answer will come: what follows is read as if the server had agreed, which hides most.
      this.#dialogue.agree();
    }
    const gap = nextGap(half.flow, half.at);
    if (gap !== undefined && half.at >= gap.start) return this.#readGap(half, gap.start + gap.count, gap.note);
    const bytes = bytesFrom(half.flow, half.at).subarray(0, half.limit - half.at);
    const isLast = half.isOver || (gap?.start === half.at + bytes.length && gap.start < half.limit);
    const reading = this.#dialogue.reading[half.from];
    if (reading.as === 'counted') {
      return reading.refused
        ? this.#readRefused(half, bytes, isLast, reading)
        : this.#readCounted(half, bytes, reading);
    }
    if (reading.as === 'dotted') return this.#readDotted(half, bytes, isLast, reading);
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
    const cut = cutLine(bytes, isLast);
    if (cut === undefined) return false;
    const { line, length } = cut;
    const text = line.toString('latin1');
    const isClient = half.from === 'client';
    if (isClient && this.#isFlood() && !this.#isCommand(text)) return this.#read(half, REFUSED_MAIL);
    const { secrets, isUnknown } = isClient
      ? this.#dialogue.readClient(text)
      : { secrets: this.#dialogue.readServer(text), isUnknown: false };
    const note = isUnknown ? describeUnknownLine(bytes.subarray(0, length)) : '';
    if (isUnknown) this.#push(half, 'unknown', half.at + length, note);
    else this.#push(half, 'line', half.at + length, '', line, secrets);
    return true;
  }

  #isFlood(): boolean {
    return this.#dialogue.isFlooded && this.#dialogue.reading.client.as === 'lines';
  }

  #isCommand(text: string): boolean {
    return commandKind(text, this.#capture.endpoint.protocol) !== undefined;
  }

  #read(half: Half, reading: Reading): boolean {
    this.#dialogue.reading[half.from] = reading;
    return true;
  }

  /** At the place of a counted mail that the server refused: the mail all the same, or the next command. */
  #readRefused(half: Half, bytes: Buffer, isLast: boolean, { count, holds }: Counted): boolean {
    const looks = looksLikeTls(bytes);
    const cut = cutLine(bytes, isLast);
    if (looks === 'unsure' && !isLast) return false;
    if (looks !== 'yes' && cut === undefined) return false;
    const isMail = looks !== 'yes' && count > 0 && !this.#isCommand(cut?.line.toString('latin1') ?? '');
    return this.#read(half, isMail ? { as: 'counted', count, holds } : { as: 'lines' });
  }

  #readCounted(half: Half, bytes: Buffer, { count, holds }: Counted): boolean {
    const take = Math.min(count, bytes.length);
    if (holds === 'mail') half.takeMail(bytes.subarray(0, take));
    else {
      if (take < count && take < MAX_LINE && !half.isOver) return false;
      const secrets = holds === 'secret' ? [[0, take] as const] : [];
      this.#push(half, 'line', half.at + take, '', bytes.subarray(0, take), secrets);
    }
    this.#counted(half, count - take, holds);
    return true;
  }

  #counted(half: Half, left: number, holds: Content): void {
    this.#read(half, left > 0 ? { as: 'counted', count: left, holds } : { as: 'lines' });
    if (left <= 0) this.#endBody(half);
  }

  /** A mail up to its dot, by the rule of RFC 5321 section 4.1.1.4: a bare LF before or behind the dot ends nothing. */
  #readDotted(half: Half, bytes: Buffer, isLast: boolean, reading: Dotted): boolean {
    let at = 0;
    let { afterCrlf } = reading;
    while (at < bytes.length) {
      const rest = bytes.subarray(at);
      const newline = rest.indexOf(0x0a);
      const looks = reading.refused ? looksLikeTls(rest) : 'no';
      if (looks === 'unsure' && !isLast) break;
      const isWhole = newline >= 0 || isLast;
      if (looks === 'yes' || (reading.refused && isWhole && this.#isCommand(lineOf(rest)))) {
        half.takeMail(bytes.subarray(0, at));
        this.#endBody(half);
        return this.#read(half, { as: 'lines' });
      }
      if (!isWhole) break;
      if (afterCrlf && newline === 2 && rest[0] === 0x2e && rest[1] === 0x0d) {
        half.takeMail(bytes.subarray(0, at));
        this.#endBody(half);
        this.#push(half, 'line', half.at + 3, '', rest.subarray(0, 1));
        this.#dialogue.endMail(half.from);
        return true;
      }
      // Whole lines are taken; the last one may still turn out to be the dot.
      afterCrlf = newline > 0 && rest[newline - 1] === 0x0d;
      at += newline < 0 ? rest.length : newline + 1;
    }
    if (at === 0) return false;
    half.takeMail(bytes.subarray(0, at));
    return this.#read(half, { ...reading, afterCrlf });
  }

  #readGap(half: Half, end: number, note: string | undefined): boolean {
    const reading = this.#dialogue.reading[half.from];
    if (reading.as === 'lines' || reading.as === 'sasl') return this.#readGapInLines(half, end, note);
    const count = end - half.at;
    half.skipMail(count, note);
    if (reading.as === 'counted') this.#counted(half, reading.count - count, reading.holds);
    else this.#read(half, { ...reading, afterCrlf: true });
    return true;
  }

  #readGapInLines(half: Half, end: number, note: string | undefined): boolean {
    const length = half.from === 'client' ? readUnknownLine(note) : undefined;
    if (half.from === 'client' && length === undefined && this.#isFlood()) return this.#read(half, REFUSED_MAIL);
    // What redaction took out may have come in several events, of which the first has the note.
    const until = length === undefined ? end : Math.min(half.at + length, half.flow.length);
    if (half.limit < until) return false;
    if (length !== undefined) this.#dialogue.readUnknown();
    this.#push(half, length === undefined ? 'gap' : 'unknown', until, note ?? `(${end - half.at} bytes not kept)`);
    return true;
  }

  #endBody(half: Half): void {
    const body = half.closeMail();
    if (body !== null) this.#add(half, body.start, { kind: 'body', end: half.at, note: body.describe() });
  }

  /** At the end of a side, a body that was never finished is still a body. */
  #flush(half: Half): boolean {
    if (half.isOver && half.at >= half.limit && half.limit === half.flow.length) this.#endBody(half);
    return false;
  }

  /** The next bytes up to `end` are a piece. */
  #push(
    half: Half,
    kind: Piece['kind'],
    end: number,
    note: string,
    bytes = NONE,
    secrets: Piece['secrets'] = [],
  ): void {
    this.#add(half, half.at, { kind, end, note, bytes, secrets });
    half.at = end;
  }

  #add(half: Half, start: number, piece: Pick<Piece, 'kind' | 'end' | 'note'> & Partial<Piece>): void {
    const { order, atMs } = arrival(half.flow, Math.max(start, piece.end - 1));
    this.#pieces.push({ from: half.from, start, order, atMs, bytes: NONE, secrets: [], ...piece });
  }
}

const NONE: Buffer = Buffer.alloc(0);

type Counted = Extract<Reading, { as: 'counted' }>;
type Dotted = Extract<Reading, { as: 'dotted' }>;

function lineOf(bytes: Buffer): string {
  return cutLine(bytes, true)?.line.toString('latin1') ?? '';
}
