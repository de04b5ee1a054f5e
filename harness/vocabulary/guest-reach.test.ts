import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readDevice } from '../device-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-guest-reach-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is said of a device file whose `reach` is these lines; they stand from line 8 on. */
function problemsOf(reach: string): string {
  const path = join(folder, 'guest.yaml');
  const lines = reach.split('\n').map((line) => `  ${line}`);
  writeFileSync(
    path,
    `id: guest
vendor: Muster
model: Server
kind: os
client: msmtp
firmware: [{ version: '1' }]
settings: [{ id: plain-25, protocol: smtp, port: 25, security: plaintext }]
reach:
${lines.join('\n')}
`,
  );
  try {
    readDevice(path);
    return 'sound';
  } catch (fault) {
    return fault instanceof Error ? fault.message.replaceAll(`${path}:`, '') : '';
  }
}

const DISK = 'disk: { file: a.qcow2, format: qcow2 }';

test.for([
  [`driver: qemu\narchitecture: x86_64\n${DISK}`, /^sound$/],
  ['driver: qemu\narchitecture: mipsel\nkernel: vmlinux\ninitrd: root.cpio', /^sound$/],
  [
    'driver: qemu\narchitecture: x86_64',
    /^9:11: reach\.driver: a guest boots something: give `image`, `disk` or `kernel`$/,
  ],
  [`driver: qemu\nimage: old-linux\n${DISK}`, /^11:9: reach\.disk: goes without `image`/m],
  [`driver: qemu\n${DISK}`, /^9:11: reach\.driver: `architecture` is missing: one of x86_64, /],
  [
    `driver: qemu\narchitecture: sparc\n${DISK}`,
    /^10:17: reach\.architecture: "sparc" is not possible here; allowed: x86_64, /,
  ],
  [
    `driver: qemu\narchitecture: x86_64\n${DISK}\nappend: quiet`,
    /^12:11: reach\.append: belongs to `kernel`, which is missing$/,
  ],
  ['driver: qemu\narchitecture: x86_64\ndisk: { file: a.img, format: vdi }', /^11:32: reach\.disk\.format: /],
  [
    `driver: qemu\narchitecture: x86_64\n${DISK}\nmachine: pc,hostfwd=x`,
    /^12:12: reach\.machine: .*a name as QEMU lists it/,
  ],
  [`driver: qemu\narchitecture: x86_64\n${DISK}\nclock: gestern`, /^12:10: reach\.clock: /],
  [
    `driver: qemu\narchitecture: x86_64\n${DISK}\nconsole: { over: telnet }`,
    /^12:12: reach\.console: telnet asks for a name and a password/,
  ],
  [`driver: qemu\narchitecture: x86_64\n${DISK}\nboot: [{ expect: '(a+)+$' }]`, /^12:20: reach\.boot\[0\]\.expect: /],
] as const)('%s', ([reach, said]) => {
  expect(problemsOf(reach)).toMatch(said);
});
