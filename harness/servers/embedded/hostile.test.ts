import * as fc from 'fast-check';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { Port } from '../../vocabulary/trial.ts';
import { type TestServer, openTestServer } from './open-test-server.ts';

const RUNS = Number(process.env.CUTOVER_SERVER_CASES ?? 150);

/** Sends the parts and closes, or resets; resolves when nothing is left of the connection. */
function attack(t: TestServer, port: Port, parts: readonly Uint8Array[], end: 'fin' | 'reset'): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ ...t.address(port) });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
    socket.once('connect', () => {
      for (const part of parts) socket.write(part);
      if (end === 'reset') socket.resetAndDestroy();
      else socket.end();
    });
  });
}

async function serves(t: TestServer): Promise<string[]> {
  const answers = [];
  for (const port of [25, 143, 110] as const) answers.push(await t.converse(port, 'QUIT\r\na LOGOUT\r\n'));
  for (const port of [465, 993, 995] as const) answers.push(await t.converseTls(port, 'QUIT\r\na LOGOUT\r\n'));
  return answers.map((answer) => answer.slice(0, 4));
}

const words = [
  ['EHLO x', 'HELO', 'MAIL FROM:<a@b>', 'RCPT TO:<', 'DATA', '.', 'AUTH LOGIN', 'AUTH PLAIN =', 'STARTTLS', 'RSET'],
  ['a LOGIN {3}', 'a LOGIN {9999999999+}', 'a LOGIN {1+}', '"', 'b SELECT INBOX', 'c FETCH 1:* (BODY[', 'd IDLE'],
  ['DONE', 'e UID SEARCH OR NOT', 'f APPEND INBOX {5+}', 'USER x', 'PASS y', 'RETR 99', 'TOP 1', 'STLS', '\u0000'],
  ['((((((((((((((((', '*', '+', 'AUTH CRAM-MD5', '=', 'x'.repeat(13_000)],
].flat();
const lineEnd = fc.constantFrom('\r\n', '\n', '\r', '');
const command = fc.tuple(fc.constantFrom(...words), lineEnd).map(([word, end]) => Buffer.from(word + end));
const noise = fc.oneof(command, command, fc.uint8Array({ maxLength: 60 }));

test.for<Port>([25, 143, 110, 465, 993, 995])('any bytes on %i leave the server serving', async (port) => {
  await using t = await openTestServer('forgiving');
  await fc.assert(
    fc.asyncProperty(fc.array(noise, { maxLength: 12 }), fc.constantFrom('fin', 'reset'), (parts, end) =>
      attack(t, port, parts, end),
    ),
    { numRuns: RUNS },
  );
  expect(t.server.trouble).toBeNull();
  expect(await serves(t)).toEqual(['220 ', '* OK', '+OK ', '220 ', '* OK', '+OK ']);
});

test('after a login, any IMAP command is answered', async () => {
  await using t = await openTestServer('legacy');
  for (let mail = 0; mail < 3; mail++) t.store.putMail(t.account, t.marker, 100);
  const tokens = [
    ['FETCH', 'UID', 'STORE', 'SEARCH', '1', '1:*', '*', '4294967296', '(', ')', '"x"', 'BODY[]', 'FULL', 'ENVELOPE'],
    ['BODY[1.2]', 'BODY.PEEK[HEADER.FIELDS (DATE)]<0.5>', '+FLAGS', '\\Seen', 'NOT', 'OR', 'SINCE', '1-Jan-2020'],
    ['LIST', 'STATUS', 'INBOX', '%', 'CLOSE', 'EXPUNGE', '""', 'HEADER', 'TEXT'],
  ];
  const token = fc.constantFrom(...tokens.flat());
  const commands = fc.array(fc.array(token, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(commands, async (lines) => {
      const text = lines.map((line, at) => `t${at} ${line.join(' ')}\r\n`).join('');
      const login = `a LOGIN ${t.account.user} ${t.account.password}\r\nb SELECT INBOX\r\n`;
      const answer = await t.converse(143, `${login}${text}z LOGOUT\r\n`);
      for (const at of lines.keys()) expect(answer).toMatch(new RegExp(`^t${at} (OK|NO|BAD) `, 'm'));
      expect(answer).toMatch(/^z OK /m);
    }),
    { numRuns: RUNS },
  );
  expect(t.server.trouble).toBeNull();
});

test('a line without an end is skipped, and the client may go on', async () => {
  await using t = await openTestServer('legacy');
  const answer = await t.converse(25, `${'x'.repeat(20_000_000)}\r\nNOOP\r\nQUIT\r\n`);
  expect(answer.match(/^\d{3} \d?/gm)).toEqual(['220 ', '500 5', '250 2', '221 2']);
});

test('a client that asks again and again and reads nothing does not fill the memory', async () => {
  await using t = await openTestServer('legacy');
  t.store.putMail(t.account, t.marker, 5_000_000);
  const socket = connect({ ...t.address(110) });
  socket.on('error', () => {});
  socket.pause();
  socket.write(`USER ${t.account.user}\r\nPASS ${t.account.password}\r\n${'RETR 1\r\n'.repeat(1_000)}`);
  // Others are served while the first one is stuck.
  for (let round = 0; round < 20; round++) expect(await t.converse(110, 'QUIT\r\n')).toMatch(/^\+OK/);
  const stuck = t.sessions().find(({ auth }) => auth !== null);
  const begun = stuck!.log.filter((line) => line === 'RETR 1');
  expect(begun.length).toBeGreaterThan(0);
  expect(begun.length).toBeLessThan(10);
  expect(stuck!.fetched).toBe(false);
  socket.destroy();
});

test('closing the server ends its connections at once, handshakes and dialogues alike', async () => {
  const t = await openTestServer('strict');
  const talks = [t.converse(25, 'EHLO x\r\n'), t.converse(993, ''), t.converse(110, '')];
  const sockets = talks.length;
  await t.converse(143, 'a LOGOUT\r\n');
  await t.server[Symbol.asyncDispose]();
  expect(await Promise.all(talks)).toHaveLength(sockets);
  expect(() => t.address(25)).toThrow('no server listens');
});

test('control characters of a client never reach the log, and its lines are bounded', async () => {
  await using t = await openTestServer('legacy');
  await t.converse(25, `EHLO \u001b[2J${'x'.repeat(5_000)}\r\n${'HELO y\r\n'.repeat(500)}QUIT\r\n`);
  const [session] = t.sessions();
  expect(session!.log.length).toBeLessThanOrEqual(200);
  for (const line of session!.log) {
    expect(line.length).toBeLessThanOrEqual(300);
    expect(line).not.toMatch(/\p{Cc}/u);
  }
});
