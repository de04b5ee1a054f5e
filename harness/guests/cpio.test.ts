import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type GuestFile, renderCpio } from './cpio.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-cpio-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** busybox reads it as the kernel's own tools would; nothing of it is ours. */
function busybox(how: string, archive: Buffer): string {
  const file = join(folder, 'archive');
  writeFileSync(file, archive);
  return execFileSync('busybox', ['cpio', how, '-F', file], { cwd: folder, encoding: 'utf8' });
}

const FILES: readonly GuestFile[] = [
  { path: 'init', content: '#!/bin/sh\n', mode: 0o755 },
  { path: 'etc/deep/er/text', content: 'Größe' },
  { path: 'etc/empty', content: '' },
  { path: 'etc/bytes', content: Uint8Array.from({ length: 1001 }, (_, i) => i % 256) },
  { path: 'bin/sh', link: 'busybox' },
  { path: 'tmp', folder: true, mode: 0o1777 },
];

describe('renderCpio', () => {
  test('another program unpacks what was put in', () => {
    busybox('-id', renderCpio(FILES));
    expect(readFileSync(join(folder, 'init'), 'utf8')).toBe('#!/bin/sh\n');
    expect(lstatSync(join(folder, 'init')).mode & 0o7777).toBe(0o755);
    expect(readFileSync(join(folder, 'etc/deep/er/text'), 'utf8')).toBe('Größe');
    expect(readFileSync(join(folder, 'etc/empty'))).toHaveLength(0);
    expect([...readFileSync(join(folder, 'etc/bytes'))].slice(254, 258)).toEqual([254, 255, 0, 1]);
    expect(readlinkSync(join(folder, 'bin/sh'))).toBe('busybox');
    expect(lstatSync(join(folder, 'tmp')).mode & 0o7777).toBe(0o1777);
  });

  test('a device is one, and belongs to root', () => {
    const listed = busybox('-tv', renderCpio([{ path: 'dev/console', characterDevice: { major: 5, minor: 1 } }]));
    expect(listed).toMatch(/^crw------- +\S*root\S* .*dev\/console$|^crw-------.* 0[ /]+0 .*dev\/console$/m);
  });

  test('one behind another: the later file wins', () => {
    const archive = Buffer.concat([renderCpio(FILES), renderCpio([{ path: 'etc/empty', content: 'no more' }])]);
    expect(renderCpio(FILES).length % 512).toBe(0);
    // This reader ends at the first end; the kernel goes on, which the guests of devices/guests show.
    expect(archive.subarray(renderCpio(FILES).length).toString('latin1', 0, 6)).toBe('070701');
  });

  test('equal files, equal bytes, in whatever order they are given', () => {
    expect(renderCpio(FILES.toReversed()).equals(renderCpio(FILES))).toBe(true);
  });

  test.for(['/etc/passwd', '../x', 'a/../../x', 'a//b', '', 'a\0b'])('%j leaves the image and is refused', (path) => {
    expect(() => renderCpio([{ path, content: '' }])).toThrow(expect.objectContaining({ code: 'bad-image' }));
  });

  test('what is a file cannot be a folder', () => {
    const both: readonly GuestFile[] = [
      { path: 'etc', content: '' },
      { path: 'etc/passwd', content: '' },
    ];
    for (const files of [both, both.toReversed()])
      expect(() => renderCpio(files)).toThrow(expect.objectContaining({ code: 'bad-image' }));
  });
});
