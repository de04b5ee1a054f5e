import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { QemuReach } from '../../vocabulary/guest-reach.ts';
import { planGuest } from './plan-guest.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-plan-'));
beforeAll(() => vi.stubEnv('PATH', folder));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test.each([
  ['x86_64', true],
  ['mipsel', false],
])("an owner's %s system: brought back to how it stood: %s", async (architecture, keepsState) => {
  writeFileSync(join(folder, `qemu-system-${architecture}`), '#!/bin/sh', { mode: 0o755 });
  const kernel = join(folder, 'kernel');
  writeFileSync(kernel, 'a kernel');
  const reach = QemuReach.parse({ driver: 'qemu', architecture, kernel, login: [{ expect: '# $' }] });
  expect(await planGuest(reach)).toMatchObject({ architecture, isOurs: false, keepsState });
});
