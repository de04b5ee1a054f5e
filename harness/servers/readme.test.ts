import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyChange } from '../modes/apply-change.ts';
import { MODES_FOLDER, readMode } from '../modes/read-mode.ts';
import { mintPki } from '../pki/mint.ts';
import { ENDPOINTS, type Port } from '../vocabulary/trial.ts';
import type { MailServer } from './contract.ts';
import { startEmbedded } from './embedded/start.ts';
import { createMailStore } from './mail-store.ts';
import { openEncrypted } from './proof/client.ts';
import { helloOfVersion } from './proof/hello.ts';

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
const strict = readMode(join(MODES_FOLDER, 'strict.yaml'));

/** The examples: a heading `# key: value, port N, how`, then what happens. */
const EXAMPLES = [
  ...readme.matchAll(/^# ([\w.]+): ([\w-]+), port (\d+), (TLS 1\.0|in the clear)\n((?:(?!#|```).*\n)+)/gm),
].map(([, key = '', value = '', port = '', how = '', lines = '']) => ({ key, value, port: Number(port), how, lines }));

test('there are examples of every style', () => {
  expect(EXAMPLES.map(({ key, value }) => `${key} ${value}`)).toEqual([
    'refusal.version alert',
    'refusal.version silent',
    'refusal.version 421-after-tls',
    'refusal.version 421-after-tls',
    'refusal.plaintext 530',
    'refusal.plaintext 504',
    'refusal.plaintext 554',
    'plaintext refused',
    'plaintext refused',
  ]);
});

test.for(EXAMPLES)('$key: $value on port $port', async ({ key, value, port, how, lines }) => {
  const { mode } = applyChange(strict, key, value);
  await using server = await startEmbedded({ mode, pki, store: createMailStore(), listen: '127.0.0.1' });
  const endpoint = ENDPOINTS.find((e) => e.port === port)!;
  if (how === 'in the clear') {
    expect(await converse(server, endpoint.port, lines)).toBe(lines);
    return;
  }
  const target = { endpoint, ...server.address(endpoint.port), serverName: 'x.example', idleMs: 5_000 };
  const attempt = await openEncrypted(target, helloOfVersion(mode, '1.0'));
  expect(attempt).toEqual({ kind: 'refused', why: lines.trim() });
});

/** Plays the client's lines and writes the dialogue down, with the last line of each of the server's answers. */
async function converse(server: MailServer, port: Port, lines: string): Promise<string> {
  const socket = connect({ ...server.address(port) });
  const answers = socket.setEncoding('latin1')[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    let text = '';
    // The last line of an SMTP reply has a blank after its code; the others here are one line long.
    while (!/(?:^|\r\n)(?!\d{3}-).*\r\n$/.test(text)) text += String((await answers.next()).value);
    return text.trim().split('\r\n').at(-1) ?? '';
  };
  await answer();
  const written: string[] = [];
  for (const line of lines.split('\n').filter((text) => text.startsWith('C: '))) {
    socket.write(`${line.slice(3)}\r\n`);
    written.push(line, `S: ${await answer()}`);
  }
  socket.destroy();
  return `${written.join('\n')}\n`;
}
