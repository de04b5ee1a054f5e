import { ImapFlow } from 'imapflow';
import { expect, test } from 'vitest';
import type { Port } from '../../vocabulary/trial.ts';
import { type TestServer, openTestServer } from './open-test-server.ts';

function clientOf(t: TestServer, port: Port, options: { readonly doSTARTTLS?: boolean } = {}): ImapFlow {
  return new ImapFlow({
    ...t.address(port),
    secure: port === 993,
    auth: { user: t.account.user, pass: t.account.password },
    logger: false,
    ...options,
    tls: { ca: t.pki.runCaPem },
  });
}

const login = (t: TestServer) => `a LOGIN ${t.account.user} ${t.account.password}\r\n`;

test.for<[Port, { readonly doSTARTTLS?: boolean }]>([
  [993, {}],
  [143, { doSTARTTLS: true }],
])('imapflow checks the certificate and fetches from strict on %i', async ([port, options]) => {
  await using t = await openTestServer('strict');
  t.store.putMail(t.account, 'cutover-aaaaaaaaaaaaaaaa', 100);
  t.store.putMail(t.account, t.marker, 5_000);
  const client = clientOf(t, port, options);
  await client.connect();
  const lock = await client.getMailboxLock('INBOX');
  expect(client.mailbox).toMatchObject({ path: 'INBOX', exists: 2, uidNext: 3 });

  const asked = { envelope: true, source: true, bodyStructure: true, size: true, internalDate: true, uid: true };
  const mail = await client.fetchOne('2', asked);
  if (mail === false) throw new Error('no mail 2');
  expect(mail.envelope).toMatchObject({ subject: t.marker, to: [{ address: t.account.address }] });
  expect(mail.source?.length).toBe(mail.size);
  expect(mail.source?.toString()).toContain(`\r\n\r\n${t.marker}\r\n`);
  expect(mail.bodyStructure).toMatchObject({ type: 'text/plain' });

  expect(await client.search({ subject: t.marker })).toEqual([2]);
  expect(await client.search({ seen: false }, { uid: true })).toEqual([1, 2]);
  await client.messageFlagsAdd('1', ['\\Seen', '\\Flagged']);
  expect(await client.search({ not: { seen: true } })).toEqual([2]);
  expect(await client.status('INBOX', { messages: true, unseen: true })).toMatchObject({ messages: 2, unseen: 1 });
  await client.messageDelete('1');
  expect(t.store.mailbox(t.account).list()).toMatchObject([{ marker: t.marker }]);
  expect((await client.list()).map(({ path }) => path)).toEqual(['INBOX']);
  lock.release();
  await client.logout();

  expect(t.sessions()).toMatchObject([
    { tls: { version: '1.3' }, auth: { mechanism: 'PLAIN', accepted: true }, refusal: null, fetched: true },
  ]);
  expect(t.server.sessions([t.sessions()[0]!.peerPort], 'cutover-bbbbbbbbbbbbbbbb')[0]!.fetched).toBe(false);
});

test('a mail whose headers alone were read was not fetched', async () => {
  await using t = await openTestServer('legacy');
  t.store.putMail(t.account, t.marker, 2_000);
  const fetch = (items: string) => t.converse(143, `${login(t)}b SELECT INBOX\r\nc FETCH 1 ${items}\r\nd LOGOUT\r\n`);

  const headers = await fetch('(UID BODY.PEEK[HEADER.FIELDS (SUBJECT DATE)])');
  expect(headers).toMatch(/\* 1 FETCH \(UID 1 BODY\[HEADER\.FIELDS \(SUBJECT DATE\)\] \{\d+\}\r\n/);
  expect(headers).toContain(`Subject: ${t.marker}`);
  expect(headers).not.toContain('Message-ID');
  await fetch('BODY.PEEK[]<0.100>');
  expect(t.sessions().map(({ fetched }) => fetched)).toEqual([false, false]);

  expect(await fetch('RFC822')).toContain('FLAGS (\\Seen)');
  await fetch('BODY[]<100.1000000>');
  expect(t.sessions().filter(({ fetched }) => fetched)).toHaveLength(2);
});

test('strict refuses a login in the clear, whichever command it comes with', async () => {
  await using t = await openTestServer('strict');
  const answer = await t.converse(
    143,
    `a CAPABILITY\r\n${login(t)}b AUTHENTICATE PLAIN\r\nc SELECT INBOX\r\nd LOGOUT\r\n`,
  );
  expect(answer).toMatch(/\* CAPABILITY .*STARTTLS.*LOGINDISABLED/);
  expect(answer).not.toContain('AUTH=');
  expect(answer.match(/NO \[PRIVACYREQUIRED\]/g)).toHaveLength(2);
  expect(answer).toContain('c BAD ');
  const [session] = t.sessions();
  expect(session).toMatchObject({ auth: null, tls: null });
  expect(JSON.stringify(session)).not.toContain(t.account.password);
});

test('the refusal that is remembered is the one for the login', async () => {
  await using t = await openTestServer('strict');
  await t.converse(143, `${login(t)}d LOGOUT\r\n`);
  expect(t.sessions()[0]?.refusal).toBe('NO [PRIVACYREQUIRED]');
});

test.for([
  ['quoted', (user: string, password: string) => `a LOGIN "${user}" "${password}"\r\n`],
  ['literals', (user: string, password: string) => `a LOGIN {${user.length}}\r\n${user} {24}\r\n${password}\r\n`],
  ['LITERAL+', (user: string, password: string) => `a login {${user.length}+}\r\n${user} {24+}\r\n${password}\r\n`],
  ['SASL-IR', (user: string, password: string) => `a AUTHENTICATE PLAIN ${btoa(`\0${user}\0${password}`)}\r\n`],
  ['SASL', (user: string, password: string) => `a AUTHENTICATE PLAIN\r\n${btoa(`\0${user}\0${password}`)}\r\n`],
  ['LOGIN', (user: string, password: string) => `a AUTHENTICATE LOGIN\r\n${btoa(user)}\r\n${btoa(password)}\r\n`],
] as const)('a login with %s', async ([, write]) => {
  await using t = await openTestServer('legacy');
  expect(await t.converse(143, `${write(t.account.user, t.account.password)}b LOGOUT\r\n`)).toMatch(/^a OK /m);
  const wrong = t.account.password.toLowerCase();
  expect(await t.converse(143, `${write(t.account.user, wrong)}b LOGOUT\r\n`)).toContain('a NO [AUTHENTICATIONFAILED]');
  expect(t.sessions().map(({ auth }) => auth?.note)).toEqual([null, 'password differs in upper and lower case only']);
});

test('a mail is not stored over IMAP, whether the client waits or not', async () => {
  await using t = await openTestServer('legacy');
  const answer = await t.converse(
    143,
    `${login(t)}b APPEND INBOX {50000}\r\nc APPEND INBOX {4+}\r\nX: y\r\nd NOOP\r\ne LOGOUT\r\n`,
  );
  expect(answer.match(/^[a-e] \w+/gm)).toEqual(['a OK', 'b NO', 'c NO', 'd OK', 'e OK']);
  expect(answer).not.toMatch(/^\+ /m);
});

test('EXAMINE changes nothing, and EXPUNGE tells numbers as they are then', async () => {
  await using t = await openTestServer('legacy');
  for (const letter of 'abc') t.store.putMail(t.account, `cutover-${letter.repeat(16)}`, 10);
  await t.converse(143, `${login(t)}b EXAMINE INBOX\r\nc STORE 1 +FLAGS (\\Deleted)\r\nd CLOSE\r\ne LOGOUT\r\n`);
  expect(t.store.mailbox(t.account).list()).toHaveLength(3);
  const answer = await t.converse(
    143,
    `${login(t)}b SELECT INBOX\r\nc UID STORE 1,3 +FLAGS.SILENT (\\deleted)\r\nd EXPUNGE\r\ne LOGOUT\r\n`,
  );
  expect(answer.match(/\* \d EXPUNGE/g)).toEqual(['* 3 EXPUNGE', '* 1 EXPUNGE']);
  expect(t.store.mailbox(t.account).list()).toMatchObject([{ uid: 2 }]);
});

test('IDLE ends with DONE and tells of a mail that came', async () => {
  await using t = await openTestServer('legacy');
  const client = clientOf(t, 143, { doSTARTTLS: false });
  await client.connect();
  await client.mailboxOpen('INBOX');
  const exists = new Promise((resolve) => client.once('exists', resolve));
  const idle = client.idle();
  t.store.putMail(t.account, t.marker, 10);
  await client.noop();
  await idle;
  expect(await exists).toMatchObject({ count: 1, prevCount: 0 });
  await client.logout();
});
