import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ModeFile } from './mode-file.ts';
import { readModes } from './read-mode.ts';
import { readStyles, renderStyledMode, STYLES_FOLDER } from './read-style.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-styles-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [strict] = readModes(['strict']);

describe.for(readdirSync(STYLES_FOLDER))('%s', (file) => {
  const [style] = readStyles([file.slice(0, -5)]);

  test('is named as its file, and makes a policy of its own out of strict', () => {
    expect(style?.id).toBe(file.slice(0, -5));
    const mode = renderStyledMode(strict!, style!);
    expect(ModeFile.safeParse(mode).error).toBeUndefined();
    expect(mode).toMatchObject({ id: `strict.${style?.id}`, tls: strict?.tls, suites: strict?.suites });
  });
});

test('without names all of them come, the one that ends by itself last', () => {
  const ids = readStyles([]).map((s) => s.id);
  expect(ids).toHaveLength(readdirSync(STYLES_FOLDER).length);
  expect([ids[0], ids.at(-1)]).toEqual(['alert', 'brown-out']);
});

test('a style of one’s own is a file; a wrong one is told with its line', () => {
  const path = join(folder, 'mine.yaml');
  const text = `id: mine\nname: { de: Meine, en: Mine }\nsummary: { de: Kurz., en: Short. }\nrefusal: { version: silent }\n`;
  writeFileSync(path, text);
  expect(readStyles([path])[0]?.refusal).toEqual({ version: 'silent', plaintext: '530' });
  writeFileSync(path, text.replace('silent', 'rude'));
  expect(() => readStyles([path])).toThrow(/mine\.yaml:4:\d+/);
  expect(() => readStyles(['rude'])).toThrow(/alert, .*silent/);
});
