import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { HarnessFault } from '../faults.ts';
import { MODES_FOLDER, readModes } from './read-mode.ts';

const readme = readFileSync(join(MODES_FOLDER, 'README.md'), 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1] ?? '';
const folder = mkdtempSync(join(tmpdir(), 'cutover-readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the example is a mode', () => {
  const path = join(folder, 'tls13.yaml');
  writeFileSync(path, block('yaml'));
  expect(readModes(['strict', path])[1]).toMatchObject({ id: 'tls13', certificate: { minted: 'rsa-2048', names: [] } });
});

test('its errors are those that are shown', () => {
  const wrong = block('yaml')
    .replace('[TLS_AES_128_GCM_SHA256', '[AES128-SHA')
    .replace('plaintext: refused', 'plaintext: refuse');
  writeFileSync(join(folder, 'tls13.yaml'), wrong);
  let message = '';
  try {
    readModes([join(folder, 'tls13.yaml')]);
  } catch (error) {
    if (error instanceof HarnessFault) message = error.message;
  }
  expect(`${message.replaceAll(`${folder}/`, '')}\n`).toBe(block('text'));
});

test('every mode of the harness is in the table', () => {
  const named = [...readme.matchAll(/^\| `(\w+)\.yaml`/gm)].map((match) => match[1] ?? '');
  expect(readModes(named).map(({ id }) => id)).toEqual(['today', 'strict', 'legacy', 'forgiving']);
});
