import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineReader } from './line-reader.ts';
import { readMailData } from './mail-data.ts';

const RUNS = Number(process.env.CUTOVER_PROPERTY_CASES ?? 500);

/** The same bytes, cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const bounds = [0, ...ends, bytes.length];
  return bounds.slice(1).map((end, at) => bytes.subarray(bounds[at], end));
}

function readLines(chunks: readonly Buffer[], maxBytes = 20): string[] {
  const seen: string[] = [];
  const reader = createLineReader({
    maxBytes,
    line: (text) => seen.push(text),
    overlong: () => seen.push('(overlong)'),
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

test('lines end with CRLF or LF, and one that is too long costs only itself', () => {
  const text = `a\r\nb\n\r\n${'x'.repeat(20)}\r\n${'y'.repeat(21)}\r\nc\r\nunfinished`;
  expect(readLines([Buffer.from(text)])).toEqual(['a', 'b', '', 'x'.repeat(20), '(overlong)', 'c']);
});

test('nothing of a line without an end is held', () => {
  const reader = createLineReader({ maxBytes: 20, line: () => {}, overlong: () => {} });
  for (let chunk = 0; chunk < 10; chunk++) reader.push(Buffer.alloc(1_000, 'x'));
  expect(reader.discard()).toBe(0);
});

const pieces = fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', '.', '\r\n.', '\r\n.\r\n', 'x'.repeat(30)), {
  maxLength: 30,
});
const places = fc.array(fc.nat(), { maxLength: 12 });

test('lines are the same however the stream is cut', () => {
  fc.assert(
    fc.property(pieces, places, (parts, at) => {
      const bytes = Buffer.from(parts.join(''));
      expect(readLines(cut(bytes, at))).toEqual(readLines([bytes]));
    }),
    { numRuns: RUNS },
  );
});

function readMail(chunks: readonly Buffer[]): { readonly mail: string; readonly rest: string } | 'open' {
  let mail = '';
  let ended = false;
  const consume = readMailData({ write: (chunk) => (mail += chunk.toString()), end: () => (ended = true) });
  for (const [at, chunk] of chunks.entries()) {
    const rest = consume(chunk);
    if (rest !== null) return { mail, rest: Buffer.concat([rest, ...chunks.slice(at + 1)]).toString() };
  }
  expect(ended).toBe(false);
  return 'open';
}

test('a mail comes out as it was before its dots were stuffed, however it is cut', () => {
  fc.assert(
    fc.property(pieces, places, (parts, at) => {
      const mail = `${parts.join('')}\r\n`;
      // The sender's half, by RFC 5321 section 4.5.2.
      const stuffed = `\r\n${mail}`.replaceAll('\r\n.', '\r\n..').slice(2);
      const wire = Buffer.from(`${stuffed}.\r\nQUIT\r\n`);
      expect(readMail(cut(wire, at))).toEqual({ mail, rest: 'QUIT\r\n' });
    }),
    { numRuns: RUNS },
  );
});

test('a dot between bare line feeds does not end a mail', () => {
  expect(readMail([Buffer.from('a\n.\nMAIL FROM:<x>\n.\r\n')])).toBe('open');
  expect(readMail([Buffer.from('.\r\n')])).toEqual({ mail: '', rest: '' });
});
