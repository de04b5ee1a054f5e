import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineReader, createLogReader } from './log-lines.ts';

function read(pieces: readonly Buffer[], create = createLineReader): string[] {
  const lines: string[] = [];
  const reader = create((line) => lines.push(line));
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return lines;
}

function frame(stream: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

describe('lines', () => {
  test('are the same however the bytes were cut', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((s) => !/[\r\n]/.test(s));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(50)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((l) => `${l}\n`).join(''));
        expect(read(cut(bytes, cuts))).toEqual(lines);
      }),
    );
  });

  test('without an end are cut, and the next one is whole', () => {
    const lines = read([Buffer.alloc(100_000, 'x'), Buffer.alloc(100_000, 'y'), Buffer.from('\nnext\r\nlast')]);
    expect(lines.map((l) => l.length)).toEqual([8192, 4, 4]);
    expect(lines.slice(1)).toEqual(['next', 'last']);
  });

  test('of both streams of a container do not mix, however the frames were cut', () => {
    const bytes = Buffer.concat([frame(1, 'out '), frame(2, 'err '), frame(1, 'one\nout two\n'), frame(2, 'one\n')]);
    fc.assert(
      fc.property(fc.array(fc.nat(12)), (cuts) => {
        expect(read(cut(bytes, cuts), createLogReader)).toEqual(['out one', 'out two', 'err one']);
      }),
    );
  });

  test('of a stream that is none are bounded and break nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => void read([Buffer.from(junk)], createLogReader)),
    );
  });
});

function cut(bytes: Buffer, lengths: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...pieces, bytes.subarray(at)];
}
