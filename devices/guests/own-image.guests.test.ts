import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasGuest } from '../../harness/drivers/qemu/guests-of-tests.ts';
import { newestRecords, readRuns } from '../../harness/records.ts';
import { convertDisk, hasDiskTools, makeRawDisk, mintDropbearKey } from './disk-of-tests.ts';

const CUTOVER = join(import.meta.dirname, '../../harness/cli/cutover.mjs');
const GUIDE = readFileSync(join(import.meta.dirname, 'own-image.md'), 'utf8');
const blocksOf = (kind: string) => [...GUIDE.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].filter(([, k]) => k === kind);
/** The guide's device files, by id. */
const FILES = new Map(
  blocksOf('yaml').flatMap(([, , yaml = '']) => {
    const [, id] = /^id: (.*)$/m.exec(yaml) ?? [];
    return id === undefined ? [] : [[id, yaml] as const];
  }),
);
const [COMMAND = ''] = blocksOf('sh').flatMap(
  ([, , lines = '']) => /^npx cutover (.*--device old-server)$/m.exec(lines)?.[1] ?? [],
);
const [SHOWN = ''] = blocksOf('').map(([, , lines = '']) => lines);

const isPossible = hasDiskTools('disks of owners') && (await hasGuest('disks of owners'));

/** Beside other tests a boot takes a minute. */
const LONG = { timeout: 300_000 };

describe.skipIf(!isPossible)('the guide leads from an image to its verdict', LONG, () => {
  let folder: string;
  let images: string;
  let before: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cutover-own-images-'));
    images = join(folder, 'my-devices', 'images');
    for (const path of [images, join(folder, 'my-devices', 'os')]) mkdirSync(path, { recursive: true });
    const key = mintDropbearKey();
    for (const [id, yaml] of FILES) store(id, yaml.replace(/hostKey: .*/, `hostKey: ${key.fingerprint}`));

    const raw = join(images, 'old-server.raw');
    await makeRawDisk(raw, { reached: 'serial' });
    convertDisk(raw, 'qcow2', join(images, 'old-server.qcow2'));
    convertDisk(raw, 'vmdk', join(images, 'old-desktop.vmdk'));
    rmSync(raw);
    await makeRawDisk(join(images, 'old-appliance.raw'), { reached: 'ssh', files: [key.file] });
    before = hashFiles(images);
  });
  afterEach(() => expect(hashFiles(images)).toBe(before));
  afterAll(() => rmSync(folder, { recursive: true }));

  function store(id: string, yaml: string): void {
    writeFileSync(join(folder, 'my-devices', 'os', `${id}.yaml`), yaml);
  }

  /** The guide's command for a device, as its reader types it; only servers of this process, and no pages. */
  async function run(id: string, more: readonly string[] = []) {
    const words = [...COMMAND.replace('old-server', id).split(' '), ...more, '--engine', 'embedded', '--no-html'];
    const child = spawn(process.execPath, [CUTOVER, ...words, '--out', `out-${id}`], {
      cwd: folder,
      env: { ...process.env, OLD_SERVER_PASSWORD: 'guest' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [printed, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const answers = newestRecords(readRuns(join(folder, `out-${id}`)))
      .filter(({ role }) => role === 'question')
      .map(({ mode, outcome, cause, evidence }) => ({ mode, outcome, cause, trouble: evidence.device.trouble }));
    return { printed, said, answers };
  }

  test('a qcow2 with a serial console: word for word', async () => {
    const { printed } = await run('old-server');
    expect(printed.split('\n')).toEqual(expect.arrayContaining(SHOWN.trimEnd().split('\n')));
  });

  // All have TLS 1.0 alone (disk-of-tests.ts).
  test.each([
    ['a vmdk on an IDE bus', 'old-desktop'],
    ['a raw disk with SSH only', 'old-appliance'],
  ])('%s', async (_, id) => {
    const { answers } = await run(id, ['--mode', 'strict']);
    expect(answers).toEqual([{ mode: 'strict', outcome: 'fails', cause: 'version-too-old', trouble: null }]);
  });

  test.each([
    ['old-server.qcow2', 'gone.qcow2', /gone\.qcow2 cannot be booted: there is no such file/],
    ['format: qcow2', 'format: vmdk', /old-server\.qcow2 is not vmdk: it begins as qcow2 does .*`format: qcow2`/],
  ])(
    'a device file with a mistake is answered with what to do, and starts nothing: %s as %s',
    async (right, wrong, said) => {
      const id = `wrong-${wrong.replaceAll(/\W+/g, '-')}`;
      store(id, (FILES.get('old-server') ?? '').replace('id: old-server', `id: ${id}`).replace(right, wrong));
      const shown = await run(id, ['--mode', 'strict']);
      expect(shown.answers).toMatchObject([{ outcome: 'not-run', cause: 'not-in-this-lab' }]);
      expect(shown.said).toMatch(said);
    },
  );
});

/** Of all files below a folder, with their names. */
function hashFiles(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    hash.update(`${entry.parentPath}/${entry.name}\n`);
    if (entry.isFile()) hash.update(readFileSync(join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex');
}
