import { expect, test } from 'vitest';
import type { Protocol } from '../../vocabulary/trial.ts';
import type { Talk } from './client.ts';
import { logIn } from './dialogue.ts';

/** A server that refuses everything and quotes what it was sent. */
function echo(): Talk {
  let last = '';
  return {
    send: (line) => void (last = line),
    read: async () => `${last.startsWith('l ') ? 'l NO' : '-ERR'} cannot do ${last}\r\n`,
    [Symbol.dispose]: () => {},
  };
}

const user = 'proof-account';

test.for<[Protocol, string]>([
  ['imap', 'quiet "river" stone'],
  ['pop3', 'quiet river stone'],
  ['smtp', 'quiet river stone'],
  // The quotation ends within it.
  ['pop3', 'quiet river stone '.repeat(9)],
  ['smtp', 'quiet river stone '.repeat(9)],
])('%s: a server that echoes a refused login does not make us print the password', async ([protocol, password]) => {
  const account = { user, password, address: 'proof@cutover.example' };
  const talk = echo();
  // POP3 refuses USER already: let it pass to hear PASS refused.
  const read = talk.read.bind(talk);
  let asked = 0;
  const heard: Talk = {
    ...talk,
    read: (answer) => ((asked += 1) === 1 && protocol === 'pop3' ? Promise.resolve('+OK\r\n') : read(answer)),
  };
  const fault = await logIn(heard, protocol, { account, auth: ['PLAIN'], marker: '' }).catch((error: unknown) => error);
  const said = String(fault);
  expect(said).toContain('cannot do');
  const decoded = [...said.matchAll(/[A-Za-z0-9+/]{8,}/g)].map(([word]) =>
    Buffer.from(word, 'base64').toString('latin1'),
  );
  for (const text of [said, ...decoded]) expect(text).not.toMatch(/quiet|river/);
});
