import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findEmulator } from './find-emulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-emulator-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('an emulator that is not installed is named with the package that brings it', () => {
  expect(() => findEmulator('mipsel', folder)).toThrow(
    expect.objectContaining({
      name: 'HarnessFault',
      code: 'no-emulator',
      message: 'qemu-system-mipsel is not installed',
      advice: 'Install it: apt-get install --no-install-recommends qemu-system-mips',
    }),
  );
});

test('the first in PATH that may be executed is taken', () => {
  const text = join(folder, 'text');
  const program = join(folder, 'program');
  for (const path of [text, program]) mkdirSync(path);
  writeFileSync(join(text, 'qemu-system-x86_64'), 'a text', { mode: 0o644 });
  writeFileSync(join(program, 'qemu-system-x86_64'), '#!/bin/sh', { mode: 0o755 });
  expect(findEmulator('x86_64', `${text}:${program}`)).toBe(join(program, 'qemu-system-x86_64'));
});
