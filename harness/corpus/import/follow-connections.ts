import { ENDPOINTS, type Endpoint, type Port } from '../../vocabulary/trial.ts';
import { FIN, RST, SYN, ACK } from '../../wire/tcp-frame.ts';
import type { RecordedHello } from '../recorded-hello.ts';
import { type Found, HelloFinder } from './hello-finder.ts';
import type { TcpSegment } from './parse-segment.ts';
import { Stream } from './stream.ts';

export interface CapturedHello {
  readonly hello: RecordedHello;
  readonly endpoint: Endpoint;
  readonly security: 'implicit' | 'starttls';
  /** 4 or 16 bytes. */
  readonly client: Buffer;
  readonly atMs: number;
}

export interface Followed {
  /** Connections on mail ports of which something was seen. */
  readonly connections: number;
  /** Those without a hello, by the reason. */
  readonly skipped: ReadonlyMap<string, number>;
  /** The most bytes that were held at one time. */
  readonly mostHeld: number;
}

export interface FollowOptions {
  /** How much may be held at one time, over all connections. The oldest are given up first. */
  readonly maxConnections?: number;
  readonly maxHeld?: number;
  /** Ports of the capture that stand for a mail port, beside the mail ports themselves. */
  readonly ports?: ReadonlyMap<number, Port>;
}

interface Connection {
  readonly endpoint: Endpoint;
  readonly client: Buffer;
  readonly first: number | null;
  /** null: its result is known; what still comes is thrown away. */
  open: { readonly stream: Stream; readonly finder: HelloFinder } | null;
  isCut: boolean;
  held: number;
  said: boolean;
  lastMs: number;
}

/**
 * Follows what clients say on the mail ports, each connection until its hello is whole or cannot come any more.
 * Servers' bytes, and all that follows, are not looked at.
 */
export class ConnectionFollower {
  readonly #onHello: (hello: CapturedHello) => void;
  readonly #limits: { readonly maxConnections: number; readonly maxHeld: number };
  readonly #endpoints: ReadonlyMap<number, Endpoint>;
  readonly #connections = new Map<string, Connection>();
  readonly #skipped = new Map<string, number>();
  #count = 0;
  #held = 0;
  #mostHeld = 0;

  constructor(onHello: (hello: CapturedHello) => void, options: FollowOptions = {}) {
    const { maxConnections = 100_000, maxHeld = 67_108_864, ports } = options;
    this.#onHello = onHello;
    this.#limits = { maxConnections, maxHeld };
    this.#endpoints = ports === undefined ? MAIL_PORTS : withPorts(ports);
  }

  /** False: it is not from a client on a mail port. */
  accept(segment: TcpSegment, atMs: number): boolean {
    const endpoint = this.#endpoints.get(segment.targetPort);
    if (endpoint === undefined) return false;
    const key = keyOf(segment);
    // Between two mail ports, whoever opened the connection is the client; the other's answers are not.
    const isOpening = (segment.flags & (SYN | ACK)) === SYN;
    if (this.#endpoints.has(segment.sourcePort) && !isOpening && !this.#connections.has(key)) return false;
    const connection = this.#find(key, segment, endpoint, isOpening);
    if (connection === null || connection.open === null) return true;
    this.#read(connection, segment, atMs);
    const { open } = connection;
    const isEnd = (segment.flags & (FIN | RST)) !== 0;
    if (open !== null && isEnd && open.stream.isAt(segment.sequence + segment.payload.length)) this.#giveUp(connection);
    this.#limit();
    return true;
  }

  /** The capture is over. */
  finish(): Followed {
    for (const connection of this.#connections.values()) this.#giveUp(connection);
    this.#connections.clear();
    return { connections: this.#count, skipped: this.#skipped, mostHeld: this.#mostHeld };
  }

  /** Null: a packet without content of a connection that is not known. */
  #find(key: string, segment: TcpSegment, endpoint: Endpoint, isOpening: boolean): Connection | null {
    const known = this.#connections.get(key);
    const first = isOpening ? (segment.sequence + 1) >>> 0 : null;
    if (known !== undefined && (!isOpening || known.first === first)) return known;
    if (known === undefined && !isOpening && segment.payload.length + segment.missing === 0) return null;
    if (known !== undefined) this.#giveUp(known);
    const finder = new HelloFinder(endpoint);
    const connection: Connection = {
      endpoint,
      client: Buffer.from(segment.source),
      first,
      open: null,
      isCut: false,
      held: 0,
      said: false,
      lastMs: 0,
    };
    const stream = new Stream(first, (bytes) => this.#given(connection, finder, bytes));
    connection.open = { stream, finder };
    this.#connections.delete(key);
    this.#connections.set(key, connection);
    this.#count++;
    return connection;
  }

  #result: Found | null = null;

  #given(connection: Connection, finder: HelloFinder, bytes: Buffer): void {
    if (this.#result !== null || connection.open === null) return;
    this.#result = finder.take(bytes);
  }

  #read(connection: Connection, segment: TcpSegment, atMs: number): void {
    const { open } = connection;
    if (open === null || segment.payload.length + segment.missing === 0) return;
    connection.said = true;
    connection.lastMs = atMs;
    connection.isCut ||= segment.missing > 0;
    if (segment.payload.length === 0) return;
    // What comes with the SYN stands behind its number.
    const sequence = (segment.sequence + ((segment.flags & SYN) === 0 ? 0 : 1)) >>> 0;
    this.#result = null;
    const isKept = open.stream.accept(sequence, segment.payload);
    if (this.#result !== null) this.#conclude(connection, this.#result);
    else if (isKept) this.#hold(connection, open.stream.held + open.finder.held);
    else this.#conclude(connection, { kind: 'none', why: MISSING });
  }

  #hold(connection: Connection, held: number): void {
    this.#held += held - connection.held;
    connection.held = held;
    this.#mostHeld = Math.max(this.#mostHeld, this.#held);
  }

  #conclude(connection: Connection, found: Found): void {
    const { endpoint, client, open, lastMs: atMs } = connection;
    open?.stream.drop();
    connection.open = null;
    this.#hold(connection, 0);
    if (found.kind === 'hello') this.#onHello({ ...found, endpoint, client, atMs });
    else this.#skip(connection.first === null ? LATE : found.why);
  }

  #giveUp(connection: Connection, because?: string): void {
    const { open, isCut, said } = connection;
    if (open === null) return;
    const { stream, finder } = open;
    const end = finder.end();
    // A hello that is whole needs nothing of what is missing behind it.
    if (end.kind === 'hello') return this.#conclude(connection, end);
    const why = because ?? (isCut ? SNAPPED : stream.isWaiting ? MISSING : said ? end.why : 'nothing was said');
    this.#conclude(connection, { kind: 'none', why });
  }

  /** Reasons quote what clients sent: not more of them than a person reads. */
  #skip(why: string): void {
    const named = this.#skipped.has(why) || this.#skipped.size < MAX_REASONS ? why : 'other reasons';
    this.#skipped.set(named, (this.#skipped.get(named) ?? 0) + 1);
  }

  #limit(): void {
    const { maxConnections, maxHeld } = this.#limits;
    while (this.#connections.size > maxConnections || (this.#held > maxHeld && this.#connections.size > 0)) {
      const [oldest] = this.#connections;
      if (oldest === undefined) return;
      this.#giveUp(oldest[1], 'more went on at a time than is followed');
      this.#connections.delete(oldest[0]);
    }
  }
}

const MAIL_PORTS: ReadonlyMap<number, Endpoint> = new Map(ENDPOINTS.map((one) => [one.port, one]));

function withPorts(ports: ReadonlyMap<number, Port>): ReadonlyMap<number, Endpoint> {
  const others = [...ports].flatMap(([port, as]) => {
    const endpoint = MAIL_PORTS.get(as);
    return endpoint === undefined ? [] : [[port, endpoint] as const];
  });
  return new Map([...MAIL_PORTS, ...others]);
}

const MAX_REASONS = 40;
const LATE = 'it began before the capture did';
const MISSING = 'packets are missing from the capture';
const SNAPPED = 'the capture kept only the beginning of packets (tcpdump: -s 0)';

function keyOf({ source, sourcePort, target, targetPort }: TcpSegment): string {
  return `${source.toString('latin1')} ${sourcePort} ${target.toString('latin1')} ${targetPort}`;
}
