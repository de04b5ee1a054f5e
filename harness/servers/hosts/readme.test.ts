import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ModeFile } from '../../modes/mode-file.ts';
import { changed } from './open-test-hosts.ts';
import { findListeners } from './find-listeners.ts';

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
const tests = readFileSync(join(import.meta.dirname, 'prove-hosts.test.ts'), 'utf8');

test('the keys of the example lead to listeners', async () => {
  const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(readme) ?? [];
  const imap = 'imap.mail.example';
  const mode = ModeFile.parse({ ...changed('strict'), hosts: { smtp: imap, imap, pop3: imap }, ...parse(yaml) });
  const asked: string[] = [];
  const { listeners } = await findListeners(mode, {
    async addresses(name, family) {
      if (family === 6) return [];
      asked.push(name);
      return ['192.0.2.20'];
    },
    exchangers: async () => [],
  });
  expect(asked).toEqual(['mail.example', 'mx.mail.example']);
  const places = listeners.map(({ name, address, endpoint, dialled }) => [name, address, endpoint.port, dialled]);
  expect(places).toHaveLength(3 * 3 + 3 + 2);
  expect(places).toContainEqual([imap, '127.0.0.1', 993, 40_993]);
  expect(places).toContainEqual([imap, '2001:db8::10', 465, 465]);
  expect(listeners.filter(({ mx }) => mx).map(({ name }) => name)).toEqual(['mx.mail.example', 'mx.mail.example']);
});

test('the sentences are those that the tests see', () => {
  const [, text = ''] = /```text\n([^]*?)```/.exec(readme) ?? [];
  const sentences = text.trim().split('\n');
  expect(sentences).toHaveLength(5);
  const kinds = [/forgotten IPv6/, /half switched/, /MX and demands/, /does not cover/, /more than version/];
  for (const [at, kind] of kinds.entries()) {
    expect(sentences[at]).toMatch(kind);
    expect(tests).toMatch(kind);
  }
});
