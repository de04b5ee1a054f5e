import Pop3 from 'node-pop3';
import { expect, test } from 'vitest';
import { openTestServer } from './open-test-server.ts';

test('node-pop3 checks the certificate, reads and deletes in strict on 995', async () => {
  await using t = await openTestServer('strict');
  t.store.putMail(t.account, 'cutover-aaaaaaaaaaaaaaaa', 100);
  t.store.putMail(t.account, t.marker, 200_000);
  const { host, port } = t.address(995);
  const client = new Pop3({
    host,
    port,
    user: t.account.user,
    password: t.account.password,
    tls: true,
    tlsOptions: { ca: t.pki.runCaPem },
  });
  const ids = await client.UIDL();
  expect(ids).toEqual([
    ['1', expect.any(String)],
    ['2', expect.any(String)],
  ]);
  expect(new Set(ids.map(String)).size).toBe(2);
  const mail = await client.RETR(2);
  expect(mail).toContain(`Subject: ${t.marker}`);
  // node-pop3 leaves out the last CRLF.
  const [, waiting] = t.store.mailbox(t.account).list();
  expect(await client.LIST()).toContainEqual(['2', String(waiting!.bytes)]);
  expect(waiting!.bytes - Buffer.byteLength(mail)).toBe(2);
  expect(await client.TOP(1, 0)).not.toContain('This line');
  await client.command('DELE', '1');
  await client.QUIT();
  expect(t.store.mailbox(t.account).list()).toMatchObject([{ marker: t.marker }]);
  expect(t.sessions()).toMatchObject([{ auth: { mechanism: 'USERPASS', accepted: true }, fetched: true }]);
});

test('strict refuses a login in the clear, whichever command it comes with', async () => {
  await using t = await openTestServer('strict');
  const { user, password } = t.account;
  const answer = await t.converse(110, `CAPA\r\nUSER ${user}\r\nPASS ${password}\r\nAUTH PLAIN\r\nSTAT\r\nQUIT\r\n`);
  expect(answer).toMatch(/^STLS\r$/m);
  expect(answer).not.toMatch(/^(USER|SASL)/m);
  expect(answer.match(/^-ERR \[AUTH\]/gm)).toHaveLength(3);
  expect(t.sessions()).toMatchObject([{ auth: null, refusal: '-ERR [AUTH]', tls: null }]);
  expect(JSON.stringify(t.sessions())).not.toContain(password);
});

test('mails deleted without QUIT stay, and numbers keep their mails', async () => {
  await using t = await openTestServer('legacy');
  for (const letter of 'abc') t.store.putMail(t.account, `cutover-${letter.repeat(16)}`, 10);
  const login = `USER ${t.account.address}\r\nPASS ${t.account.password}\r\n`;
  const answer = await t.converse(110, `${login}DELE 2\r\nLIST\r\nRETR 2\r\nRETR 3\r\nRSET\r\nSTAT\r\nQUIT\r\n`);
  expect(answer).toMatch(/\r\n1 \d+\r\n3 \d+\r\n\.\r\n-ERR /);
  expect(answer).toMatch(/Subject: cutover-c{16}/);
  expect(answer).toMatch(/\+OK 3 \d+\r\n\+OK Bye\r\n$/);
  expect(t.store.mailbox(t.account).list()).toHaveLength(3);
});

test('AUTH PLAIN with and without initial response, and a rejected one', async () => {
  await using t = await openTestServer('legacy');
  const plain = btoa(`\0${t.account.user}\0${t.account.password}`);
  expect(await t.converse(110, `AUTH PLAIN ${plain}\r\nQUIT\r\n`)).toContain('+OK Logged in');
  expect(await t.converse(110, `AUTH PLAIN\r\n${plain}\r\nQUIT\r\n`)).toContain('+ \r\n+OK Logged in');
  expect(await t.converse(110, `AUTH PLAIN ${btoa('\0nobody\0x')}\r\nQUIT\r\n`)).toContain('-ERR [AUTH]');
  expect(t.sessions().map(({ auth }) => auth?.note)).toEqual([null, null, 'unknown user']);
});
