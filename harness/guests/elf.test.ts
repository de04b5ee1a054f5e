import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readNeeds } from './elf.ts';

describe('readNeeds', () => {
  test.for([process.execPath, '/usr/bin/openssl', '/bin/sh'])('%s: what ldd finds is named', (path) => {
    const needs = readNeeds(readFileSync(path));
    // ldd prints what is needed at any depth: the names of the first depth are among them.
    const found = execFileSync('ldd', [path], { encoding: 'utf8' });
    expect(needs?.libraries.length).toBeGreaterThan(0);
    for (const name of needs?.libraries ?? []) expect(found).toContain(name);
    expect(found).toContain(needs?.loader);
  });

  test('32 bits, the other byte order', () => {
    expect(readNeeds(renderBigEndian32(['libc.so.6', 'libdl.so.2'], '/lib/ld.so.1'))).toEqual({
      libraries: ['libc.so.6', 'libdl.so.2'],
      loader: '/lib/ld.so.1',
    });
  });

  test('a script is no such file, and a program without libraries needs nothing', () => {
    expect(readNeeds(Buffer.from(`#!/bin/sh\n${'echo\n'.repeat(50)}`))).toBeNull();
    expect(readNeeds(Buffer.from('ELF'))).toBeNull();
    expect(readNeeds(renderBigEndian32([], null))).toEqual({ libraries: [], loader: null });
  });
});

/** By hand from the System V ABI: header, program headers, then strings, dynamic section and loader, loaded at 0x10000. */
function renderBigEndian32(libraries: readonly string[], loader: string | null): Buffer {
  const BASE = 0x10000;
  const strings = Buffer.from(`\0${libraries.join('\0')}\0`);
  const offsets = libraries.map((name) => strings.indexOf(`\0${name}\0`) + 1);
  const interpreter = Buffer.from(`${loader ?? ''}\0`);
  const segments = loader === null ? 0 : 3;
  const at = { strings: 52 + 3 * 32, dynamic: 0, interpreter: 0 };
  at.dynamic = at.strings + strings.length;
  const tags = [...offsets.map((offset) => [1, offset]), [5, BASE + at.strings], [0, 0]].flat();
  at.interpreter = at.dynamic + tags.length * 4;
  const total = at.interpreter + interpreter.length;
  const bytes = Buffer.alloc(total);
  bytes.write('\x7fELF', 'latin1');
  bytes.set([1, 2, 1], 4);
  bytes.writeUInt32BE(52, 28);
  bytes.writeUInt16BE(32, 42);
  bytes.writeUInt16BE(segments, 44);
  const headers = [
    [1, 0, BASE, BASE, total],
    [2, at.dynamic, BASE + at.dynamic, BASE + at.dynamic, tags.length * 4],
    [3, at.interpreter, BASE + at.interpreter, BASE + at.interpreter, interpreter.length],
  ];
  for (const [i, header] of headers.entries())
    for (const [k, value] of header.entries()) bytes.writeUInt32BE(value, 52 + i * 32 + k * 4);
  strings.copy(bytes, at.strings);
  for (const [i, value] of tags.entries()) bytes.writeUInt32BE(value, at.dynamic + i * 4);
  interpreter.copy(bytes, at.interpreter);
  return bytes;
}
