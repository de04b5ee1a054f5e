import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createTransport } from 'nodemailer';
import type Mail from 'nodemailer/lib/mailer';
import type SMTPTransport from 'nodemailer/lib/smtp-transport';
import { expect, test } from 'vitest';
import type { Port } from '../../vocabulary/trial.ts';
import { type TestServer, openTestServer } from './open-test-server.ts';

const OLD_TLS = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
const mailOf = (t: TestServer) => ({
  from: 'scanner@office.example',
  to: 'someone@elsewhere.example',
  subject: t.marker,
  text: 'first\n.one dot\n..two dots\n.\nlast',
});

/** The server's last answer, or why nodemailer gave up. */
async function send(
  t: TestServer,
  port: Port,
  options: SMTPTransport.Options = {},
  mail: Mail.Options = {},
): Promise<string> {
  const transport = createTransport({
    ...t.address(port),
    secure: port === 465,
    requireTLS: port !== 465,
    auth: { user: t.account.user, pass: t.account.password },
    ...options,
    tls: { ca: t.pki.runCaPem, ...options.tls },
  });
  try {
    return (await transport.sendMail({ ...mailOf(t), ...mail })).response;
  } catch (error) {
    return `FAILED ${String(error)}`;
  } finally {
    transport.close();
  }
}

test.for<[Port, SMTPTransport.Options]>([
  [587, {}],
  [25, {}],
  [465, {}],
  [587, { authMethod: 'LOGIN' }],
  [465, { authMethod: 'PLAIN' }],
])('nodemailer checks the certificate and delivers to strict on %i with %o', async ([port, options]) => {
  await using t = await openTestServer('strict');
  expect(await send(t, port, options)).toMatch(/^250 2\.0\.0 /);
  expect(t.store.arrived(t.marker)).toBe(1);
  const [session] = t.sessions();
  expect(session).toMatchObject({
    tls: { version: '1.3', suite: expect.stringMatching(/^TLS_/) },
    auth: { accepted: true, note: null },
    refusal: null,
    delivered: [{ markerSeen: true }],
    fetched: false,
  });
  expect(JSON.stringify(session)).not.toContain(t.account.password);
});

test('nodemailer delivers in the clear to legacy, and is told to use TLS by strict', async () => {
  await using legacy = await openTestServer('legacy');
  expect(await send(legacy, 25, { requireTLS: false, ignoreTLS: true })).toMatch(/^250 /);
  expect(legacy.sessions()).toMatchObject([{ tls: null, auth: { accepted: true }, delivered: [{ markerSeen: true }] }]);
  await using strict = await openTestServer('strict');
  expect(await send(strict, 25, { requireTLS: false, ignoreTLS: true })).toContain('530 5.7.0');
  expect(strict.sessions()).toMatchObject([{ tls: null, refusal: '530 5.7.0', delivered: [] }]);
  expect(strict.store.arrived(strict.marker)).toBe(0);
});

test('TLS 1.0 is served by legacy and refused with an alert by strict', async () => {
  await using legacy = await openTestServer('legacy');
  expect(await send(legacy, 587, { tls: OLD_TLS })).toMatch(/^250 /);
  expect(legacy.sessions()[0]?.tls?.version).toBe('1.0');
  await using strict = await openTestServer('strict');
  expect(await send(strict, 587, { tls: OLD_TLS })).toMatch(/FAILED .*alert number 70/s);
  const [session] = strict.sessions();
  expect(session?.tls).toBeNull();
  expect(session?.log.join('\n')).toContain('unsupported protocol');
});

test('CRAM-MD5 works where the mode lists it and nowhere else', async () => {
  await using listed = await openTestServer('strict', { auth: ['PLAIN', 'CRAM-MD5'] });
  expect(await send(listed, 587, { authMethod: 'CRAM-MD5' })).toMatch(/^250 /);
  expect(listed.sessions()[0]?.auth).toEqual({ mechanism: 'CRAM-MD5', accepted: true, note: null });
  await using unlisted = await openTestServer('strict');
  expect(await send(unlisted, 587, { authMethod: 'CRAM-MD5' })).toContain('504 5.5.4');
  expect(unlisted.sessions()[0]?.auth).toEqual({
    mechanism: 'CRAM-MD5',
    accepted: false,
    note: 'mechanism not offered',
  });
});

test.for(['PLAIN', 'LOGIN', 'CRAM-MD5'])(
  'a password that was cut off is told by its length with %s',
  async (method) => {
    await using t = await openTestServer('strict', { auth: ['PLAIN', 'LOGIN', 'CRAM-MD5'] });
    const auth = { user: t.account.user, pass: t.account.password.slice(0, 20) };
    expect(await send(t, 465, { auth, authMethod: method })).toContain('535 5.7.8');
    const [session] = t.sessions();
    expect(session?.auth?.note).toBe("password shorter than the account's: first 20 of 24 characters");
    expect(JSON.stringify(session)).not.toContain(auth.pass);
  },
);

test('mail without authentication is refused at RCPT, and taken where the mode says so', async () => {
  await using legacy = await openTestServer('legacy');
  expect(await send(legacy, 465, { auth: undefined })).toContain('554 5.7.1');
  expect(legacy.sessions()[0]).toMatchObject({ auth: null, refusal: '554 5.7.1', delivered: [] });
  await using forgiving = await openTestServer('forgiving');
  expect(await send(forgiving, 25, { auth: undefined, requireTLS: false, ignoreTLS: true })).toMatch(/^250 /);
});

test('a half-done port 25 refuses AUTH in the clear, then relaying', async () => {
  await using t = await openTestServer('strict', { refusal: { version: 'alert', plaintext: '504' } });
  const answer = await t.converse(
    25,
    'EHLO x\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nQUIT\r\n',
  );
  expect(answer).not.toMatch(/^250.AUTH/m);
  expect(answer).toContain('504 5.5.4 Encryption required for requested authentication mechanism');
  expect(answer).toContain('250 2.1.0');
  expect(answer).toMatch(/554 5\.7\.1 .*Relay access denied/);
});

test('with the 554 style MAIL passes and RCPT is refused', async () => {
  await using t = await openTestServer('strict', { refusal: { version: 'alert', plaintext: '554' } });
  const answer = await t.converse(25, 'HELO x\r\nMAIL FROM: a@x.example\r\nRCPT TO: b@x.example\r\nQUIT\r\n');
  expect(answer.match(/^\d{3}/gm)).toEqual(['220', '250', '250', '554', '221']);
});

test('a hidden STARTTLS is neither announced nor done', async () => {
  await using t = await openTestServer('strict', { starttls: 'hidden' });
  const answer = await t.converse(587, 'EHLO x\r\nSTARTTLS\r\nQUIT\r\n');
  expect(answer).not.toMatch(/^250.STARTTLS/m);
  expect(answer).toContain('502 5.5.1');
});

test.for<[Port, RegExp]>([
  [465, /^421 4\.7\.66 TLS 1\.0 and 1\.1 are not supported\r\n$/],
  [993, /^\* BYE /],
  [995, /^-ERR /],
])('TLS 1.0 is accepted and then refused in words on %i', async ([port, words]) => {
  await using t = await openTestServer('strict', { refusal: { version: '421-after-tls', plaintext: '530' } });
  expect(await t.converseTls(port, '', OLD_TLS)).toMatch(words);
  expect(t.sessions()[0]).toMatchObject({ tls: { version: '1.0' } });
  expect(t.sessions()[0]?.refusal).not.toBeNull();
  expect(await t.converseTls(port, 'QUIT\r\na LOGOUT\r\n')).toMatch(/^(220|\* OK|\+OK)/);
});

test('421 4.7.66 answers the first command after STARTTLS', async () => {
  await using t = await openTestServer('strict', { refusal: { version: '421-after-tls', plaintext: '530' } });
  expect(await send(t, 587, { tls: OLD_TLS })).toContain('421 4.7.66');
});

test('commands sent in the clear behind STARTTLS are never run', async () => {
  await using t = await openTestServer('legacy');
  const raw = connect({ ...t.address(587) });
  let clear = '';
  const ready = new Promise<void>((resolve) => {
    raw.on('data', (chunk: Buffer) => {
      clear += chunk.toString();
      if (clear.includes('220 2.0.0')) resolve();
    });
  });
  raw.write('EHLO x\r\nMAIL FROM:<injected@x.example>\r\nSTARTTLS\r\nNOOP\r\nRSET\r\nVRFY injected\r\n');
  await ready;
  raw.removeAllListeners('data');
  const secure = connectTls({ socket: raw, rejectUnauthorized: false });
  let inside = '';
  secure.on('data', (chunk: Buffer) => (inside += chunk.toString()));
  // A sender that survived from before TLS would make this MAIL the second one: 503.
  secure.write('EHLO y\r\nMAIL FROM:<inside@x.example>\r\nQUIT\r\n');
  await new Promise((resolve) => secure.on('close', resolve));
  expect(inside.match(/^\d{3} /gm)).toEqual(['250 ', '250 ', '221 ']);
  expect(t.sessions()[0]?.log.join('\n')).toContain('27 bytes sent in the clear behind STARTTLS were thrown away');
});

test('a mail is hashed as it was before dots were stuffed', async () => {
  await using t = await openTestServer('forgiving');
  const mail = 'Subject: x\r\n\r\n.\r\n..\r\n.end\r\n';
  const wire = `${mail.replace(/^\./gm, '..')}.\r\n`;
  const answer = await t.converse(25, `HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n${wire}QUIT\r\n`);
  expect(answer.match(/^\d{3}/gm)).toEqual(['220', '250', '250', '250', '354', '250', '221']);
  const sha256 = createHash('sha256').update(mail).digest('hex');
  expect(t.sessions()[0]?.delivered).toEqual([{ bytes: mail.length, sha256, markerSeen: false }]);
});

test.for<[string, Mail.Options]>([
  ['quoted-printable', { textEncoding: 'quoted-printable', subject: 'Scan für Größe' }],
  ['base64', { textEncoding: 'base64', subject: 'Scan' }],
])('the marker is found in a %s text', async ([, mail]) => {
  await using t = await openTestServer('strict');
  const text = `ä${'é'.repeat(20)} ${t.marker} und ${'ü'.repeat(60)}`;
  expect(await send(t, 465, {}, { ...mail, text })).toMatch(/^250 /);
  expect(t.store.arrived(t.marker)).toBe(1);
});

test('the marker is found in a subject of encoded words', async () => {
  await using t = await openTestServer('strict');
  expect(await send(t, 465, {}, { subject: `Überprüfung der Größe: ${t.marker} grüßt sehr herzlich` })).toMatch(
    /^250 /,
  );
  expect(t.store.arrived(t.marker)).toBe(1);
});

test('a mail above the limit is refused and does not arrive', async () => {
  await using t = await openTestServer('strict');
  expect(await send(t, 465, {}, { text: `${t.marker}\n${'x'.repeat(70)}\n`.repeat(440_000) })).toContain('552 5.3.4');
  expect(t.store.arrived(t.marker)).toBe(0);
});

test('a client that makes nothing but errors is sent away', async () => {
  await using t = await openTestServer('strict');
  const answer = await t.converse(25, 'NONSENSE\r\n'.repeat(100));
  expect(answer.match(/^530 /gm)).toHaveLength(20);
  expect(answer).toMatch(/421 4\.7\.0 .*\r\n$/);
});

test('an idle client and one too many are told so', async () => {
  await using idle = await openTestServer('strict', {}, { idleMs: 50 });
  expect(await idle.converse(587, '')).toMatch(/^220 .*\r\n421 4\.4\.2 .*\r\n$/);
  await using full = await openTestServer('strict', {}, { maxConnections: 0 });
  expect(await full.converse(587, '')).toMatch(/^421 4\.7\.0 .*\r\n$/);
  expect(await full.converse(143, '')).toMatch(/^\* BYE .*\r\n$/);
});

test('a client that comes while the server is full is not spoken to in the clear on a TLS port', async () => {
  await using t = await openTestServer('strict', {}, { maxConnections: 0 });
  expect(await t.converse(465, '')).toBe('');
});

test('a refusal that the client overcame is not the last word', async () => {
  await using t = await openTestServer('strict');
  const unlisted = `AUTH CRAM-MD5\r\nAUTH PLAIN ${btoa(`\0${t.account.user}\0${t.account.password}`)}\r\n`;
  await t.converseTls(465, `EHLO x\r\n${unlisted}QUIT\r\n`);
  expect(t.sessions()).toMatchObject([{ auth: { mechanism: 'PLAIN', accepted: true }, refusal: null }]);
  expect(t.sessions()[0]?.log.join('\n')).toContain('504 5.5.4');
});

test('AUTH takes LOGIN with an initial response, cancels, and tells nonsense from a wrong password', async () => {
  await using t = await openTestServer('legacy');
  const [user, password] = [btoa(t.account.user), btoa(t.account.password)];
  const talk = (lines: readonly string[]) => t.converse(25, ['EHLO x', ...lines, 'QUIT', ''].join('\r\n'));
  expect(await talk([`AUTH LOGIN ${user}`, password])).toMatch(/334 UGFzc3dvcmQ6\r\n235 /);
  expect(await talk(['AUTH LOGIN', user, password])).toMatch(/334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 /);
  expect(await talk(['AUTH PLAIN', '*', 'AUTH PLAIN', 'n@nsense', 'AUTH PLAIN =', 'AUTH'])).toMatch(
    /334 \r\n501 5\.7\.0 .*\r\n334 \r\n501 5\.5\.2 .*\r\n501 5\.5\.2 .*\r\n501 5\.5\.4 /,
  );
  expect(await talk([`AUTH LOGIN ${btoa('nobody')}`, password])).toContain('535 5.7.8');
});

test('having fetched mail over POP3 is no permission to send', async () => {
  await using t = await openTestServer('legacy');
  const login = `USER ${t.account.user}\r\nPASS ${t.account.password}\r\nSTAT\r\nQUIT\r\n`;
  expect(await t.converse(110, login)).toContain('+OK Logged in');
  const answer = await t.converse(25, 'HELO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nQUIT\r\n');
  expect(answer).toMatch(/^554 5\.7\.1 /m);
});
