import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderCpio } from '../../guests/cpio.ts';
import { findGuestImage } from '../../guests/find.ts';
import { Device } from '../../vocabulary/device.ts';
import type { QemuReach } from '../../vocabulary/guest-reach.ts';
import { isHere } from '../guest/is-here.ts';
import type { OpenContext } from '../open.ts';
import { findEmulator } from './find-emulator.ts';

/** Whether the images of the tests can be booted here. Where nothing may be skipped, that they cannot is a failure. */
export async function hasGuest(what: string): Promise<boolean> {
  return isHere(what, async () => {
    for (const image of ['small-linux', 'panic']) await findGuestImage(image);
    findEmulator('x86_64');
  });
}

/**
 * A Linux with a first program of a test's own, as an owner's kernel; it has busybox and nothing started.
 *
 * @param name `panic` has no network, and is small.
 */
export async function ownKernel(folder: string, init: string, name: 'small-linux' | 'panic'): Promise<object> {
  const image = await findGuestImage(name);
  if (image.kind !== 'boot') throw new Error(`${name} cannot be booted`);
  const initrd = join(mkdtempSync(join(folder, 'own-')), 'initrd');
  const own = renderCpio([{ path: 'init', content: `${PREPARE}${init}\n`, mode: 0o755 }]);
  writeFileSync(initrd, Buffer.concat([readFileSync(image.initrd), own]));
  return { driver: 'qemu', architecture: 'x86_64', kernel: image.kernel, initrd, network: 'virtio-net-pci' };
}

const PREPARE = `#!/bin/busybox sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin PS1='# '
/bin/busybox mkdir -p /proc /sys /tmp /usr/bin /usr/sbin /sbin
/bin/busybox --install -s
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev; dmesg -n 1
[ -f /etc/modules ] && while read -r module; do insmod "/lib/modules/$module.ko"; done < /etc/modules
ip link set lo up; [ -e /sys/class/net/eth0 ] && ip link set eth0 up && ip address add 10.0.2.15/24 dev eth0 && ip route add default via 10.0.2.2
`;

/** A prompt without a login. */
export const SHELL = 'exec setsid cttyhack sh';
export const AT_PROMPT = { login: [{ expect: '# $' }], bootSeconds: 100 };

export function guestDevice(reach: object): { readonly device: Device; readonly reach: QemuReach } {
  const device = Device.parse({
    id: 'test-guest',
    vendor: 'Test',
    model: 'Guest',
    kind: 'os',
    firmware: [{ version: '1.0' }],
    settings: [{ id: 'as-shipped', protocol: 'smtp', port: 587, security: 'starttls' }],
    client: 'msmtp',
    patience: { idleSeconds: 20, totalSeconds: 60 },
    reach,
    ...('image' in reach ? { truth: { built: 'a test', verdict: {} } } : {}),
  });
  if (device.reach?.driver !== 'qemu') throw new Error('no guest');
  return { device, reach: device.reach };
}

export const CONTEXT: OpenContext = {
  firmware: '1.0',
  signal: new AbortController().signal,
  allowPrograms: false,
  roots: { factory: '', run: '' },
  environment: {},
};

/** What guests of a process have left: their private folders, and every program that was started with one of these. */
export function leftovers(pid = process.pid): readonly string[] {
  const prefix = `cutover-guest-${pid}-`;
  return [...readdirSync(tmpdir()).filter((name) => name.startsWith(prefix)), ...processesNaming(prefix)];
}

function processesNaming(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.includes(text) ? [`${pid}: ${words}`] : [];
      } catch {
        // It has ended since the folder was listed.
        return [];
      }
    });
}
