import { createTransport } from 'nodemailer';
import { describe, expect, test } from 'vitest';
import { describeAttempt } from '../cli/check-words.ts';
import { runProgram } from '../servers/embedded/open-test-server.ts';
import type { Port } from '../vocabulary/trial.ts';
import { openTestHost, type TestHost } from './open-test-host.ts';

const PASSWORD = 'Geheim-Wort-7';
/** What would betray it, in base64 at each alignment as well. */
const TRACES = [
  PASSWORD,
  ...['', 'x', 'xx'].map((before) =>
    Buffer.from(before + PASSWORD)
      .toString('base64')
      .slice(4, 16),
  ),
];

async function expectTied(t: TestHost, id: string, port: Port): Promise<void> {
  const isDone = (live: boolean | undefined) => live === false;
  const view = await t.until((v) => isDone(v.tickets.find((x) => x.id === id)?.attempts[0]?.live));
  const ticket = view.tickets.find((x) => x.id === id)!;
  expect(ticket.attempts).toMatchObject([
    { tie: 'code', endpoint: { port }, outcome: 'fails', cause: 'plaintext-only' },
  ]);
  expect(ticket.maybe).toEqual([]);
  const { words } = ticket.attempts[0]!;
  expect([words.de.headline, words.en.headline]).toEqual([
    'Sendet das Passwort unverschlüsselt',
    'Sends its password unencrypted',
  ]);
  expect(words.de.enter.join('\n')).toMatch(/Port: (?:465|993|995)\n[^]*SSL\/TLS/);
  for (const trace of TRACES) expect(JSON.stringify(view)).not.toContain(trace);
}

describe('a device that signs in without encryption is known by its code, and refused', () => {
  const curl = (t: TestHost, code: string, port: Port, scheme: string, ...more: readonly string[]) => {
    const url = `${scheme}://127.0.0.1:${t.port(port)}/`;
    return runProgram('curl', ['-sS', '--url', url, '--user', `${code}:${PASSWORD}`, ...more]);
  };
  const mail = ['--mail-from', 'a@b.example', '--mail-rcpt', 'c@d.example', '-T', '/dev/null'];

  test.for<readonly [string, Port, string, readonly string[]]>([
    ['curl, SMTP', 587, 'smtp', mail],
    ['curl, SMTP on port 25', 25, 'smtp', mail],
    ['curl, IMAP', 143, 'imap', []],
    ['curl, POP3', 110, 'pop3', []],
  ])('%s', async ([, port, scheme, more], { skip }) => {
    await using t = await openTestHost({}, describeAttempt);
    const { id, code } = t.open();
    const said = await curl(t, code, port, scheme, ...more);
    skip(said.missing, 'curl is not installed');
    expect(said.code).not.toBe(0);
    await expectTied(t, id, port);
  });

  test('swaks', async ({ skip }) => {
    await using t = await openTestHost({}, describeAttempt);
    const { id, code } = t.open();
    const server = ['--server', '127.0.0.1', '--port', String(t.port(587)), '--to', 'c@d.example'];
    const said = await runProgram('swaks', [
      ...server,
      '--auth',
      'LOGIN',
      '--auth-user',
      code,
      '--auth-password',
      PASSWORD,
    ]);
    skip(said.missing, 'swaks is not installed');
    expect(said.output).toContain('530 5.7.0');
    // It was asked for the name, and then told no.
    expect(said.output).not.toContain(Buffer.from(PASSWORD).toString('base64'));
    await expectTied(t, id, 587);
  });

  test.for(['LOGIN', 'PLAIN'])('nodemailer, which sends %s unasked', async (authMethod) => {
    await using t = await openTestHost({}, describeAttempt);
    const { id, code } = t.open();
    const sender = createTransport({
      host: '127.0.0.1',
      port: t.port(587),
      ignoreTLS: true,
      auth: { user: code, pass: PASSWORD },
      authMethod,
    });
    await expect(sender.sendMail({ from: 'a@b.example', to: 'c@d.example', text: 'x' })).rejects.toThrow(/530/);
    await expectTied(t, id, 587);
  });

  test('one that stays connected when it was refused: the agent is told at once', async () => {
    await using t = await openTestHost({}, describeAttempt);
    const { code } = t.open();
    const device = t.dial(110).resume();
    device.write(`USER ${code}\r\n`);
    const view = await t.until((v) => v.tickets[0]?.attempts[0]?.cause === 'plaintext-only');
    expect(view.tickets[0]!.attempts[0]).toMatchObject({ live: true });
    expect(view.tickets[0]!.attempts[0]!.words.en.enter).toContain('Port: 995');
    device.destroy();
  });

  const b64 = (text: string) => Buffer.from(text).toString('base64');
  test.for<readonly [string, Port, (code: string) => string]>([
    ['IMAP LOGIN', 143, (code) => `a LOGIN ${code} ${PASSWORD}\r\n`],
    ['IMAP LOGIN, quoted', 143, (code) => `a LOGIN "${code}" "${PASSWORD}"\r\n`],
    ['IMAP AUTHENTICATE PLAIN at once', 143, (code) => `a AUTHENTICATE PLAIN ${b64(`\0${code}\0${PASSWORD}`)}\r\n`],
    ['IMAP AUTHENTICATE LOGIN', 143, (code) => `a AUTHENTICATE LOGIN\r\n${b64(code)}\r\n${b64(PASSWORD)}\r\n`],
    ['POP3 USER', 110, (code) => `USER ${code}\r\nPASS ${PASSWORD}\r\n`],
    ['POP3 AUTH PLAIN', 110, (code) => `AUTH PLAIN ${b64(`\0${code}\0${PASSWORD}`)}\r\n`],
    ['POP3 APOP', 110, (code) => `APOP ${code} 0123456789abcdef\r\nUSER ${code}\r\n`],
    ['SMTP AUTH PLAIN at once', 587, (code) => `EHLO x\r\nAUTH PLAIN ${b64(`\0${code}\0${PASSWORD}`)}\r\n`],
    ['SMTP AUTH LOGIN at once', 25, (code) => `EHLO x\r\nAUTH LOGIN ${b64(code)}\r\n${b64(PASSWORD)}\r\n`],
    [
      'SMTP, spaced and small',
      587,
      (code) => `HELO x\r\nauth login\r\n${b64(` ${code.toLowerCase().replace(/^..../, '$& ')}`)}\r\n`,
    ],
  ])('%s', async ([, port, talk]) => {
    await using t = await openTestHost({}, describeAttempt);
    const { id, code } = t.open();
    const quit = port === 143 ? 'z LOGOUT\r\n' : 'QUIT\r\n';
    expect(await t.converse(port, talk(code) + quit)).not.toMatch(/^(?:235|a OK)|Logged in/m);
    await expectTied(t, id, port);
  });

  test.for(['MAIL FROM', 'RCPT TO'])('a device that does not sign in names it in %s', async (verb) => {
    await using t = await openTestHost();
    const { code } = t.open();
    const first = verb === 'MAIL FROM' ? '' : 'MAIL FROM:<a@b.example>\r\n';
    await t.converse(587, `EHLO x\r\n${first}${verb}:<${code}@test.example>\r\nQUIT\r\n`);
    const view = await t.until((v) => v.tickets[0]?.attempts[0]?.live === false);
    expect(view.tickets[0]!.attempts).toMatchObject([{ tie: 'code', cause: 'plaintext-only' }]);
  });
});

test('a wrong name in the clear is a guess like any other, and its answer tells nothing', async () => {
  await using t = await openTestHost({ guessesOfSource: 3 });
  const { code } = t.open();
  const say = (name: string) => t.converse(110, `USER ${name}\r\nQUIT\r\n`, '127.0.0.66');
  const wrong = [await say('AAAAAAAA'), await say('BBBBBBBB'), await say('CCCCCCCC')];
  expect(new Set([...wrong, await say(code)]).size).toBe(1);
  expect(t.host.viewOf('anna').tickets[0]!.attempts).toEqual([]);
});

test('what is named before STARTTLS is forgotten in the dialogue behind it', async () => {
  await using t = await openTestHost();
  t.open();
  const said = await t.converse(587, 'EHLO x\r\nAUTH LOGIN\r\nSTARTTLS\r\nEHLO y\r\nQUIT\r\n');
  // "STARTTLS" was the answer to the question for a name.
  expect(said).toMatch(/^334 [^]*^530 [^]*^221 /m);
});

test('in the clear only the login is announced that asks for the name alone', async () => {
  await using t = await openTestHost();
  t.open();
  expect(await t.converse(587, 'EHLO x\r\nQUIT\r\n')).toMatch(/^250-AUTH LOGIN\r$/m);
  const imap = await t.converse(143, 'a CAPABILITY\r\nb LOGOUT\r\n');
  expect(imap.match(/LOGINDISABLED AUTH=LOGIN/g)).toHaveLength(2);
  expect(imap).not.toContain('AUTH=PLAIN');
  expect(await t.converse(110, 'CAPA\r\nQUIT\r\n')).toMatch(/^USER\r\nSASL LOGIN\r$(?![^]*PIPELINING)/m);
  expect(await t.converseTls(465, 'EHLO x\r\nQUIT\r\n')).toMatch(/^250[ -]AUTH PLAIN LOGIN\r$/m);
});
