import type { Capture } from '../../wire/capture.ts';
import { walkCleartext } from '../../wire/cleartext.ts';

/**
 * The same capture without user names and mail addresses that the client sent in the clear: a real device sends those
 * of its owner. Passwords are the redactor's, by their place in the dialogue; this is the same for names.
 */
export function blankNames(capture: Capture): Capture {
  const { pieces } = walkCleartext(capture);
  const names = pieces.flatMap((piece) => {
    if (piece.from !== 'client' || piece.kind !== 'line') return [];
    return placesOf(piece.bytes.toString('latin1')).map(([start, end]) => [piece.start + start, piece.start + end]);
  });
  if (names.length === 0) return capture;
  let at = 0;
  const events = capture.events.map((event) => {
    if ((event.kind !== 'data' && event.kind !== 'omitted') || event.from !== 'client') return event;
    const start = at;
    at += event.kind === 'data' ? event.bytes.length : event.count;
    if (event.kind !== 'data') return event;
    const bytes = Buffer.from(event.bytes);
    for (const [from = 0, to = 0] of names) {
      if (to > start && from < at) bytes.fill('*', Math.max(0, from - start), Math.min(bytes.length, to - start));
    }
    return { ...event, bytes };
  });
  return { ...capture, events };
}

/** The same in a line of a server's log. */
export function blankNamesInLine(line: string): string {
  return placesOf(line).reduce(
    (text, [from, to]) => text.slice(0, from) + '*'.repeat(to - from) + text.slice(to),
    line,
  );
}

/** A name or address as the argument of these (RFC 5321, RFC 1939, RFC 3501), with a tag before it or not. */
const ARGUMENTS: readonly RegExp[] = [
  /^\s*(?:MAIL\s+FROM|RCPT\s+TO)\s*:\s*<?([^<>\s]+)/di,
  /^\s*(?:VRFY|EXPN|USER|APOP)\s+(\S.*)$/di,
  /^\s*\S+\s+LOGIN\s+("(?:[^"\\]|\\.)*"|\S+)/di,
];

function placesOf(line: string): readonly (readonly [number, number])[] {
  return ARGUMENTS.flatMap((pattern) => {
    const place = pattern.exec(line)?.indices?.[1];
    return place === undefined ? [] : [place];
  });
}
