import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findInterpreter, hasPrivateEntries, renderEntry } from './interpreters.ts';

/** As the kernel shows an entry; the magic is the one that QEMU's scripts/qemu-binfmt-conf.sh registers. */
const ARM = `enabled
interpreter /usr/libexec/qemu-binfmt/arm-binfmt-P
flags: POF
offset 0
magic 7f454c4601010100000000000000000002002800
mask ffffffffffffff00fffffffffffffffffeffffff
`;

function register(entries: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'binfmt-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries({ status: 'enabled\n', ...entries }))
    writeFileSync(join(folder, name), text);
  return folder;
}

test("the machine's own entry is used where it is open to other roots", () => {
  const found = findInterpreter('arm', { mayBePrivate: false, registered: register({ 'qemu-arm': ARM }) });
  expect(found).toEqual({ kind: 'machine' });
});

test.each([
  ['another processor', { 'qemu-arm': ARM }, 'mips'],
  ['turned off', { 'qemu-arm': ARM.replace('enabled', 'disabled') }, 'arm'],
  ['looked up in each root (no flag F)', { 'qemu-arm': ARM.replace('POF', 'PO') }, 'arm'],
] as const)('an entry that does not serve is none: %s', (_, entries, architecture) => {
  const found = findInterpreter(architecture, { mayBePrivate: false, registered: register(entries) });
  expect(found).toMatchObject({
    kind: 'missing',
    why: expect.stringMatching(/flag F|no qemu-/),
    advice: expect.stringMatching(/binfmt_misc|qemu-user-static/),
  });
});

test("this machine's own programs need nothing", () => {
  const own = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const found = findInterpreter(own, { mayBePrivate: false, registered: register({}) });
  expect(found).toEqual({ kind: 'native' });
});

// QEMU's scripts/qemu-binfmt-conf.sh lists these; bytes 7 to 15 say for which system, which is left open here.
test.each([
  ['arm', '7f454c4601010100000000000000000002002800', 'fe'],
  ['mipsel', '7f454c4601010100000000000000000002000800', 'fe'],
  ['mips', '7f454c4601020100000000000000000000020008', 'ff'],
  ['ppc', '7f454c4601020100000000000000000000020014', 'ff'],
  ['aarch64', '7f454c460201010000000000000000000200b700', 'fe'],
] as const)('an entry for %s knows programs by their first bytes', (architecture, magic, low) => {
  const [, name, type, offset, shown, mask, program, flags] = renderEntry(architecture, '/usr/bin/qemu').split(':');
  expect([name, type, offset, program, flags]).toEqual([`qemu-${architecture}`, 'M', '', '/usr/bin/qemu', 'PF']);
  expect(shown?.replaceAll('\\x', '')).toBe(magic);
  // Fixed programs have type 2, those that are loaded anywhere 3: the last bit of that byte does not count.
  const order = low === 'fe' ? 'feff' : 'fffe';
  expect(mask?.replaceAll('\\x', '')).toBe(`ffffffffffffff000000000000000000${order}ffff`);
});

test('kernels from 6.7 on have entries for each user namespace', () => {
  expect(['6.7.0', '6.18.44-fc', '7.0.1-1-amd64'].map(hasPrivateEntries)).toEqual([true, true, true]);
  expect(['6.6.99', '6.1.0-13-amd64', '5.15.0'].map(hasPrivateEntries)).toEqual([false, false, false]);
});
