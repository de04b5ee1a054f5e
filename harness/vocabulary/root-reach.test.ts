import { expect, test } from 'vitest';
import { RootfsReach } from './root-reach.ts';

test('an image of ours, or what the owner has with its processor, is enough', () => {
  const usual = { shell: '/bin/sh', writable: ['/tmp', '/run', '/var/tmp'], login: [], resolvesHosts: true };
  const ours = { driver: 'rootfs', image: 'arm-curl' };
  expect(RootfsReach.parse(ours)).toEqual({ ...ours, ...usual });
  const own = { driver: 'rootfs', root: 'firmware.tar.gz', architecture: 'mips' };
  expect(RootfsReach.parse(own)).toEqual({ ...own, ...usual });
});

test.each([
  ['nothing to enter', {}, /give `image` or `root`/],
  ['two things to enter', { image: 'arm-curl', root: 'firmware' }, /keep one of the two/],
  ['a processor beside our image', { image: 'arm-curl', architecture: 'arm' }, /leave it out/],
  ['no processor', { root: 'firmware' }, /`architecture` is missing: one of .*mipsel/],
  ['a processor that QEMU does not know', { root: 'firmware', architecture: 'armhf' }, /mipsel/],
  ['a folder that leads elsewhere', { image: 'arm-curl', writable: ['/tmp/../etc x'] }, /a path inside/],
  ['a shell that is no path', { image: 'arm-curl', shell: 'sh' }, /a path inside/],
])('refused: %s', (_, part, why) => {
  const parsed = RootfsReach.safeParse({ driver: 'rootfs', ...part });
  expect(parsed.error?.issues.map((issue) => issue.message).join('\n')).toMatch(why);
});
