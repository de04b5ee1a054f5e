import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlainText } from './plain-text.ts';

function read(...pieces: readonly Uint8Array[]): { readonly text: string; readonly replies: readonly string[] } {
  const replies: string[] = [];
  const plain = new PlainText((reply) => replies.push(reply));
  for (const piece of pieces) plain.push(piece);
  return { text: plain.text, replies };
}

function readText(text: string): string {
  return read(Buffer.from(text)).text;
}

/** Pieces that consoles print, whole and broken. */
const consoleText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '\x1b[1m',
        '\x1b[0m',
        '\x1b[6n',
        '\x1b[c',
        '\x1b]0;title\x07',
        '\x1b(B',
        '\x1bP1$r\x1b\\',
        '\x9b2J',
      ),
      fc.constantFrom('\r\n', '\r', '\n', '\b', '\b \b', '\x1b', '\x1b[', '\x1b]', '\x07', '\0', 'Gerät', '日本', '😀'),
    ),
  )
  .map((parts) => Buffer.from(parts.join('')));

test('any split of the bytes gives the same text and the same answers', () => {
  fc.assert(
    fc.property(consoleText, fc.array(fc.nat(200)), (bytes, cuts) => {
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const pieces = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
      expect(read(...pieces)).toEqual(read(bytes));
    }),
    { numRuns: 2000 },
  );
});

test('any bytes are survived', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => typeof read(bytes).text === 'string'));
});

test('sequences go as in node:util, whichever place they are cut', () => {
  const text = '\x1b[1;31mfailed\x1b[0m \x1b[2K\x1b[10;5Hat \x1b[?2004hline\x1b[K 5\x1b]0;a title\x07.';
  const bytes = Buffer.from(text);
  const expected = stripVTControlCharacters(text);
  expect(expected).toBe('failed at line 5.');
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    expect(read(bytes.subarray(0, cut), bytes.subarray(cut)).text).toBe(expected);
  }
});

test('device strings, which node:util leaves in the text, go too', () => {
  expect(readText('a\x1bP1$r0m\x1b\\b\x1b_x\x1b\\c\x1b(Bd')).toBe('abcd');
});

test('lines end with one LF, however many CR a terminal put before it', () => {
  expect(readText('a\r\nb\r\r\nc\rd')).toBe('a\nb\nc\rd');
});

test('a backspace takes back one character, never a line end', () => {
  expect(readText('pasx\b \bs')).toBe('pass');
  expect(readText('a\n\b\bb')).toBe('a\nb');
  expect(readText('a😀\bb')).toBe('ab');
  expect(read(Buffer.from('abc'), Buffer.from('\b\b'), Buffer.from('d')).text).toBe('ad');
});

test('questions about cursor and terminal are answered and do not show', () => {
  expect(read(Buffer.from('\x1b[6n$ \x1b[c\x1b[0c'))).toEqual({
    text: '$ ',
    replies: ['\x1b[1;1R', '\x1b[?6c', '\x1b[?6c'],
  });
  const asking = read(Buffer.from('\x1b[6n'.repeat(5000)));
  expect(asking.replies).toHaveLength(1000);
});

test('a sequence that never ends does not swallow the session', () => {
  expect(readText(`\x1b]0;${'x'.repeat(10_000)}\nlogin: `)).toMatch(/\nlogin: $/);
});
