import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { chooseAccelerator } from './accelerator.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-accelerator-'));
afterAll(() => rmSync(folder, { recursive: true }));
const device = join(folder, 'kvm');
writeFileSync(device, '');
const { signal } = new AbortController();

/** An emulator that notes each start, and then ends as these words of a shell say. */
function emulator(name: string, end: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "$@" >> ${path}.starts\n${end}\n`, { mode: 0o755 });
  return path;
}

const plan = (name: string, end: string) =>
  ({ architecture: 'x86_64', emulator: emulator(name, end), kernel: '/boot/vmlinuz' }) as const;

test('KVM is taken where a kernel comes to its end with it, asked once', async () => {
  const works = plan('works', 'exit 0');
  const usable = process.arch === 'x64' ? 'kvm' : 'tcg';
  expect(await Promise.all([1, 2].map(async () => chooseAccelerator(works, signal, device)))).toEqual([usable, usable]);
  const starts = existsSync(`${works.emulator}.starts`) ? readFileSync(`${works.emulator}.starts`, 'utf8') : '';
  expect(starts.match(/-accel kvm .*-kernel \/boot\/vmlinuz .*\n/g) ?? []).toHaveLength(usable === 'kvm' ? 1 : 0);
});

test('where it aborts or hangs, QEMU translates', async () => {
  expect(await chooseAccelerator(plan('aborts', 'kill -ABRT $$'), signal, device)).toBe('tcg');
  expect(await chooseAccelerator(plan('fails', 'exit 1'), signal, device)).toBe('tcg');
  expect(await chooseAccelerator(plan('hangs', 'exec sleep 1000'), signal, device)).toBe('tcg');
});

test('and where it is not there, not allowed, or of no use', async () => {
  const works = plan('unused', 'exit 0');
  expect(await chooseAccelerator(works, signal, join(folder, 'none'))).toBe('tcg');
  expect(await chooseAccelerator({ ...works, architecture: 'mipsel' }, signal, device)).toBe('tcg');
  expect(await chooseAccelerator({ ...works, kernel: undefined }, signal, device)).toBe('tcg');
  expect(() => readFileSync(`${works.emulator}.starts`)).toThrow();
});
