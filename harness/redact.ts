import { findSecrets, type Needles, needlesFor, type Range } from './redact-encodings.ts';
import type { Side } from './vocabulary/evidence.ts';
import type { Capture, CaptureEvent } from './wire/capture.ts';
import { type Piece, walkCleartext } from './wire/cleartext.ts';
import type { Flow } from './wire/flow.ts';

export interface Redactor {
  /** The same text, secrets overwritten with `*` of the same length in bytes. */
  text(text: string): string;
  /** A copy of plain data (JSON) with every string and every key redacted. */
  object<T>(value: T): T;
  /**
   * The same capture without secrets, wherever segments cut them: by literal for those that are known, by their place
   * in the dialogue for others. Mail in the clear becomes an omission with a note of its length and hash.
   */
  capture(capture: Capture): Capture;
}

export interface RedactOptions {
  /** Leaves mail in captures: what a device sends may be a scanned page. */
  readonly keepBodies?: boolean;
}

/** Everything that leaves the harness goes through one of these, before it is parsed, judged or written. */
export function createRedactor(secrets: readonly string[], options: RedactOptions = {}): Redactor {
  const needles = [...new Set(secrets)].flatMap((secret) => needlesFor(secret) ?? []);
  const text = (given: string) => redactText(given, needles);
  return {
    text,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the copy has the shape of what was given
    object: <T>(value: T) => redactData(value, text) as T,
    capture: (capture) => redactCapture(capture, needles, options.keepBodies ?? false),
  };
}

/** A password in an AUTH command is secret even when nobody told us, e.g. in a server's log. */
const UNKNOWN_IN_TEXT =
  /\bAUTH(?:ENTICATE|ORIZATION:)?[\s=]+(?:PLAIN|LOGIN|CRAM-MD5|XOAUTH2|OAUTHBEARER|BASIC)\s+([A-Za-z0-9+/]{4,}={0,2})/dgi;

function redactText(given: string, needles: readonly Needles[]): string {
  const bytes = Buffer.from(given, 'utf8');
  const ranges = [...findSecrets(bytes, needles), ...findGroup(bytes.toString('latin1'), UNKNOWN_IN_TEXT)];
  if (ranges.length === 0) return given;
  for (const [start, end] of ranges) bytes.fill('*', start, end);
  return bytes.toString('utf8');
}

function redactData(value: unknown, text: (given: string) => string): unknown {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return value.map((item) => redactData(item, text));
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), redactData(item, text)]));
}

function redactCapture(capture: Capture, needles: readonly Needles[], keepBodies: boolean): Capture {
  const { pieces, flows } = walkCleartext(capture);
  const plan = (side: Side) => ({
    blanks: inTurn(mergeRanges([...literalRanges(flows[side], needles), ...positionRanges(pieces, side)])),
    bodies: inTurn(
      keepBodies ? [] : pieces.filter((p) => p.from === side && (p.kind === 'body' || p.kind === 'unknown')),
    ),
    at: 0,
  });
  const sides = { client: plan('client'), server: plan('server') };
  const events = capture.events.flatMap((event): readonly CaptureEvent[] => {
    if (event.kind !== 'data' && event.kind !== 'omitted') return [event];
    const side = sides[event.from];
    const start = side.at;
    side.at += event.kind === 'data' ? event.bytes.length : event.count;
    const touching = side.blanks(start, side.at);
    const cut = side.bodies(start, side.at);
    return event.kind === 'data' ? redactEvent(event, start, touching, cut) : [event];
  });
  return { ...capture, events };
}

/** One event of data: secrets blanked in a copy, bodies cut out. */
function redactEvent(
  event: Extract<CaptureEvent, { kind: 'data' }>,
  start: number,
  touching: readonly Stretch[],
  cut: readonly Piece[],
): readonly CaptureEvent[] {
  const end = start + event.bytes.length;
  if (touching.length === 0 && cut.length === 0) return [event];
  const bytes = Buffer.from(event.bytes);
  for (const blank of touching)
    bytes.fill('*', Math.max(blank.start - start, 0), Math.min(blank.end - start, bytes.length));
  const { from, atMs } = event;
  const events: CaptureEvent[] = [];
  let at = start;
  const keepUntil = (until: number) => {
    if (until > at) events.push({ kind: 'data', from, atMs, bytes: bytes.subarray(at - start, until - start) });
    at = Math.max(at, until);
  };
  for (const body of cut) {
    keepUntil(Math.max(body.start, start));
    const until = Math.min(body.end, end);
    // The note stands at the body's beginning only; the rest of it says nothing.
    const note = body.start >= start ? { note: body.note } : {};
    if (until > at) events.push({ kind: 'omitted', from, atMs, count: until - at, ...note });
    at = until;
  }
  keepUntil(end);
  return events;
}

function literalRanges(flow: Flow, needles: readonly Needles[]): readonly Range[] {
  return flow.runs.flatMap((run) =>
    findSecrets(run.bytes, needles).map(([start, end]): Range => [run.start + start, run.start + end]),
  );
}

function positionRanges(pieces: readonly Piece[], side: Side): readonly Range[] {
  return pieces
    .filter((piece) => piece.from === side)
    .flatMap((piece) => piece.secrets.map(([start, end]): Range => [piece.start + start, piece.start + end]));
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Overlaps joined, in order. */
function mergeRanges(ranges: readonly Range[]): readonly Stretch[] {
  const merged: { start: number; end: number }[] = [];
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/**
 * Finds what touches [from, to), for questions in order: a capture can have as many events as secrets and mails, so
 * nothing that lies behind is looked at again. `stretches`: in order, without overlaps.
 */
function inTurn<T extends Stretch>(stretches: readonly T[]): (from: number, to: number) => readonly T[] {
  let first = 0;
  return (from, to) => {
    while ((stretches[first]?.end ?? Infinity) <= from) first += 1;
    let behind = first;
    while ((stretches[behind]?.start ?? Infinity) < to) behind += 1;
    return stretches.slice(first, behind);
  };
}

function findGroup(text: string, pattern: RegExp): Range[] {
  return [...text.matchAll(pattern)].flatMap((m) => (m.indices?.[1] === undefined ? [] : [m.indices[1]]));
}
