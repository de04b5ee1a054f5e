import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { removeImages } from '../../containers/images.ts';
import { findGuestImage } from '../../guests/find.ts';
import { Record } from '../../vocabulary/record.ts';
import { Verdict } from '../../vocabulary/verdict.ts';
import { hasRoot } from './roots-of-tests.ts';

const here = await hasRoot('the guide to an owner’s firmware archive');
const CUTOVER = join(import.meta.dirname, '..', '..', 'cli', 'cutover.mjs');
const GUIDE = new URL('../../../devices/guests/own-root.md', import.meta.url);

test.skipIf(!here)(
  'what the guide says gives the owner’s firmware its verdict, and a broken one its last screen',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutover-guide-'));
    onTestFinished(async () => {
      rmSync(folder, { recursive: true });
      await removeImages(['root-recorder', 'root-broken']);
    });
    const image = await findGuestImage('arm-curl');
    if (image.kind !== 'rootfs') throw new Error('arm-curl is no root file system');
    mkdirSync(join(folder, 'recorder'));
    execFileSync('tar', ['--extract', `--file=${image.tar}`, `--directory=${join(folder, 'recorder')}`]);
    const [, file = ''] = /```yaml\n(.*?)```/s.exec(readFileSync(GUIDE, 'utf8')) ?? [];
    writeFileSync(join(folder, 'recorder.yaml'), file);
    const broken = file.replace('id: recorder', 'id: broken').replace('client:', '  shell: /bin/broken\nclient:');
    writeFileSync(join(folder, 'broken.yaml'), `${broken}patience: { idleSeconds: 2, totalSeconds: 10 }\n`);
    const shell = '#!/bin/sh\necho "no configuration in flash"\nexec sleep 100\n';
    writeFileSync(join(folder, 'recorder', 'bin', 'broken'), shell, { mode: 0o755 });

    const run = ['run', '--devices', folder, '--device', 'recorder', 'broken', '--mode', 'strict'];
    const options = ['--engine', 'embedded', '--out', join(folder, 'out'), '--no-reports', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [CUTOVER, ...run, ...options]).catch(
      (ended: { readonly stdout: string }) => ended,
    );
    const [name = ''] = readdirSync(join(folder, 'out', 'runs'));
    const lines = readFileSync(join(folder, 'out', 'runs', name, 'records.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const records = lines.map((line) => Record.parse(JSON.parse(line))).filter((r) => r.device.id === 'broken');
    expect(records.map(({ outcome, cause }) => [outcome, cause])).toEqual(
      records.map(() => ['inconclusive', 'device-trouble']),
    );
    expect(records[0]?.evidence.device.text).toContain('no configuration in flash');
    expect(parseVerdicts(stdout)).toEqual([
      expect.objectContaining({ device: 'broken', verdict: 'unknown' }),
      expect.objectContaining({ device: 'recorder', direction: 'send', verdict: 'works', emulated: false }),
    ]);
  },
);

/** By device. */
function parseVerdicts(text: string): readonly Verdict[] {
  return Verdict.array()
    .parse(JSON.parse(text))
    .toSorted((a, b) => (a.device < b.device ? -1 : 1));
}
