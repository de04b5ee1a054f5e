import { expect, test } from 'vitest';
import type { GuestPlan } from './plan-guest.ts';
import { renderArguments } from './render-arguments.ts';

const KERNEL: GuestPlan = {
  emulator: '/usr/bin/qemu-system-x86_64',
  architecture: 'x86_64',
  machine: 'pc',
  cpu: 'max',
  network: 'virtio-net-pci',
  memoryMb: 128,
  kernel: '/images/kernel',
  initrd: '/images/initrd',
  append: 'console=ttyS0 quiet',
  disk: undefined,
  clock: undefined,
  isOurs: false,
  keepsState: true,
};
const PLACE = {
  accelerator: 'tcg',
  stateFile: "/tmp/a, b's/state",
  monitorSocket: "/tmp/a, b's/monitor",
  relay: (port: number) => ['/opt/no de/node', "/it's, ours/relay.mjs", String(port)],
} as const;

/** The words behind an option, wherever it stands. */
function valuesOf(option: string, words: readonly string[]): readonly string[] {
  return words.flatMap((word, i) => (words[i - 1] === option ? [word] : []));
}

test('the network leads nowhere but to the relay, on the seven ports of mail', () => {
  const [network = '', ...more] = valuesOf('-netdev', renderArguments(KERNEL, PLACE));
  expect(more).toEqual([]);
  const options = network.split(/(?<!,),(?!,)/);
  expect(options.slice(0, 4)).toEqual(['user', 'id=way', 'restrict=on', 'ipv6=off']);
  const relay = String.raw`'/opt/no de/node' '/it'\''s,, ours/relay.mjs'`;
  expect(options.slice(4).toSorted()).toEqual(
    [110, 143, 25, 465, 587, 993, 995].map((port) => `guestfwd=tcp:10.0.2.100:${port}-cmd:${relay} '${port}'`),
  );
});

test('a forwarded port is bound on the loopback alone, on a free port', () => {
  const [network] = valuesOf('-netdev', renderArguments(KERNEL, { ...PLACE, forwarded: 22 }));
  expect(network).toMatch(/,hostfwd=tcp:127\.0\.0\.1:0-:22$/);
});

test.for([
  ['ide', ['if=ide,id=disk,format=raw,snapshot=on,file=/a,,b.img']],
  ['virtio', ['if=virtio,id=disk,format=raw,snapshot=on,file=/a,,b.img']],
  ['scsi', ['if=none,id=disk,format=raw,snapshot=on,file=/a,,b.img']],
] as const)('a disk is never written: %s', ([kind, drives]) => {
  const disk = { file: '/a,b.img', format: 'raw', interface: kind } as const;
  const words = renderArguments({ ...KERNEL, kernel: undefined, initrd: undefined, disk }, PLACE);
  const state = "if=none,id=state,format=raw,snapshot=on,file=/tmp/a,, b's/state";
  expect(valuesOf('-drive', words)).toEqual([...drives, state]);
  expect(words).not.toContain('-kernel');
});

test("the clock is the device file's, in UTC", () => {
  const clockOf = (clock: string) => valuesOf('-rtc', renderArguments({ ...KERNEL, clock }, PLACE));
  expect(clockOf('2012-03-04')).toEqual(['base=2012-03-04T00:00:00']);
  expect(clockOf('2012-03-04T05:06:07Z')).toEqual(['base=2012-03-04T05:06:07']);
  expect(valuesOf('-rtc', renderArguments(KERNEL, PLACE))).toEqual([]);
});

test('its memory is bounded, that of its translated code, too', () => {
  const words = renderArguments(KERNEL, PLACE);
  expect(valuesOf('-m', words)).toEqual(['128']);
  expect(valuesOf('-accel', words)).toEqual(['tcg,tb-size=64']);
  expect(valuesOf('-cpu', renderArguments(KERNEL, { ...PLACE, accelerator: 'kvm' }))).toEqual(['host']);
});
