import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasEngine } from './has-engine.ts';
import { buildImages, listImages, removeImages } from './images.ts';

const here = await hasEngine('building images');

describe.skipIf(!here)('images', () => {
  let folder = '';
  let name = '';
  const write = (file: string, text: string) => writeFileSync(join(folder, name, file), text);
  const stateOf = async () => (await listImages([folder])).map(({ state, tag }) => ({ state, tag }));
  const build = (options = {}) => buildImages([], { folders: [folder], ...options });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutover-images-'));
    name = `try-${randomBytes(4).toString('hex')}`;
    mkdirSync(join(folder, name));
  });
  afterEach(async () => {
    await removeImages([name]).catch(() => {});
    rmSync(folder, { recursive: true });
  });

  test('are built from the files that there are, once, and an older one goes', async () => {
    write('Dockerfile', 'ARG BASE\nFROM ${BASE}\nCOPY said /said\nRUN echo "it says $(cat /said)"\n');
    write('said', 'one');
    expect(await stateOf()).toEqual([{ state: 'missing', tag: null }]);
    const lines: string[] = [];
    const [first] = await build({ onLine: (image: string, line: string) => lines.push(`${image}: ${line}`) });
    expect(first).toMatchObject({ name, isNew: true });
    expect(first?.tag).toMatch(new RegExp(`^cutover-${name}:[0-9a-f]{12}$`));
    expect(lines).toContain(`${name}: it says one`);
    expect(await stateOf()).toEqual([{ state: 'built', tag: first?.tag }]);
    expect(await build()).toEqual([{ name, tag: first?.tag, isNew: false }]);

    // Words for people, and the harness's own code, are no part of it.
    write('README.md', 'about it');
    write('render.ts', 'export {}');
    expect(await stateOf()).toEqual([{ state: 'built', tag: first?.tag }]);

    write('said', 'two');
    expect(await stateOf()).toEqual([{ state: 'stale', tag: first?.tag }]);
    const [second] = await build();
    expect(second?.tag).not.toBe(first?.tag);
    expect(await removeImages([name])).toEqual({ removed: [second?.tag], inUse: [] });
    expect(await stateOf()).toEqual([{ state: 'missing', tag: null }]);
  });

  test('that fail show the end of their log, and do not hold up the others', async () => {
    write('Dockerfile', 'ARG BASE\nFROM ${BASE}\nRUN echo "library not found" >&2; exit 7\n');
    const good = `${name}-good`;
    mkdirSync(join(folder, good));
    writeFileSync(join(folder, good, 'Dockerfile'), 'ARG BASE\nFROM ${BASE}\n');
    await expect(build()).rejects.toMatchObject({
      code: 'image-failed',
      message: expect.stringMatching(
        new RegExp(`${name}/Dockerfile: building ${name} failed: .*7[^]*library not found`),
      ),
      advice: expect.stringContaining(`images build ${name} --verbose`),
    });
    expect((await listImages([folder])).map((i) => [i.name, i.state])).toEqual([
      [name, 'missing'],
      [good, 'built'],
    ]);
    await removeImages([good]);
  });

  test('with a Dockerfile that the engine does not understand say so', async () => {
    write('Dockerfile', 'FORM nothing\n');
    await expect(build()).rejects.toMatchObject({ code: 'image-failed', message: expect.stringContaining(name) });
  });

  test('without their base say how to make it', async () => {
    write('Dockerfile', 'ARG BASE\nFROM ${BASE}\n');
    await expect(build({ base: '127.0.0.1:1/nothing:here' })).rejects.toMatchObject({
      code: 'no-base',
      message: expect.stringContaining('127.0.0.1:1/nothing:here'),
      advice: expect.stringContaining('make-base-image.sh'),
    });
  });

  test('stop being built when the run is stopped', async () => {
    write('Dockerfile', 'ARG BASE\nFROM ${BASE}\nRUN echo sleeping; sleep 600\n');
    const stop = new AbortController();
    const onLine = (_: string, line: string) => line === 'sleeping' && stop.abort(new Error('stopped'));
    await expect(build({ onLine, signal: stop.signal })).rejects.toThrow('stopped');
    expect(await stateOf()).toEqual([{ state: 'missing', tag: null }]);
  });
});
