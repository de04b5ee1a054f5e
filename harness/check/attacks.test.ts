import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { runProgram } from '../servers/embedded/open-test-server.ts';
import type { Port } from '../vocabulary/trial.ts';
import { openTestHost, renderSubmission, type TestHost } from './open-test-host.ts';

/** After an attack a customer with a code still gets a result, from an address of their own. */
async function expectService(t: TestHost, from = '127.0.0.200'): Promise<void> {
  const { id, code } = t.open('support');
  expect(await t.sendMail(code, from)).toMatch(/^235 [\s\S]*^250 2\.0\.0[\s\S]*^221 /m);
  const view = await t.until((v) => v.tickets.find((x) => x.id === id)?.attempts[0]?.live === false, 'support');
  expect(view.tickets.find((x) => x.id === id)!.attempts[0]).toMatchObject({ outcome: 'works', tie: 'code' });
  expect(view.trouble).toBeNull();
}

const login = (code: string) => `EHLO x\r\nAUTH PLAIN ${Buffer.from(`\0${code}\0pw`).toString('base64')}\r\n`;
/** Also after an error: being reset is what is waited for. */
const closing = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));
const connected = (socket: Socket) => new Promise<void>((resolve) => socket.once('connect', () => resolve()));
const ROUTES = [
  '@relay.example,@more.example:victim@elsewhere.example',
  'victim%elsewhere.example@test.example',
  'elsewhere.example!victim',
  '"victim@elsewhere.example"@test.example',
  'victim@elsewhere.example@test.example',
];

test('mail without a login goes nowhere, however the recipient is written', async () => {
  await using t = await openTestHost();
  t.open();
  for (const to of ['victim@elsewhere.example', 'postmaster@test.example', 'root', ...ROUTES]) {
    const said = await t.converseTls(465, `EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<${to}>\r\nDATA\r\nQUIT\r\n`);
    expect(said, to).toMatch(/^554 5\.7\.1 /m);
    expect(said, to).not.toMatch(/^354 /m);
  }
  await expectService(t);
});

test('behind a valid code routes are refused, and what is taken is thrown away: nothing is dialled', async () => {
  await using t = await openTestHost();
  const { code } = t.open();
  const dialled: unknown[] = [];
  const note = (message: unknown) => void dialled.push(message);
  subscribe('net.client.socket', note);
  for (const to of ROUTES) {
    const said = await t.converseTls(
      465,
      `${login(code)}MAIL FROM:<a@b.example>\r\nRCPT TO:<${to}>\r\nDATA\r\nQUIT\r\n`,
    );
    expect(said, to).toMatch(/^235 [\s\S]*^554 5\.7\.1 /m);
    expect(said, to).not.toMatch(/^354 /m);
  }
  expect(await t.sendMail(code)).toMatch(/^250 2\.0\.0/m);
  const view = await t.until((v) => v.tickets[0]?.attempts.some((a) => a.mails.length > 0 && !a.live) ?? false);
  unsubscribe('net.client.socket', note);
  // Each device's own connection, and the gate's to the servers behind it.
  expect(dialled).toHaveLength(2 * (ROUTES.length + 1));
  expect(JSON.stringify(view)).not.toMatch(/elsewhere|victim|hello/);
  await expectService(t);
});

test('a device that cannot sign in names the code as recipient: refused, and known', async () => {
  await using t = await openTestHost();
  const { code } = t.open();
  const rcpt = `RCPT TO:<${code.toLowerCase()}@Test.Example>`;
  expect(await t.converseTls(465, `EHLO x\r\nMAIL FROM:<a@b.example>\r\n${rcpt}\r\nQUIT\r\n`)).toMatch(/^554 /m);
  const view = await t.until((v) => v.tickets[0]?.attempts[0]?.live === false);
  expect(view.tickets[0]!.attempts).toMatchObject([{ tie: 'code', cause: 'auth-missing', outcome: 'fails' }]);
});

test('a login in the clear is taken on no port', async () => {
  await using t = await openTestHost();
  const { code } = t.open();
  const plain = Buffer.from(`\0${code}\0pw`).toString('base64');
  const smtp = `EHLO x\r\nAUTH PLAIN ${plain}\r\nAUTH LOGIN\r\n${Buffer.from(code).toString('base64')}\r\nQUIT\r\n`;
  const imap = `a LOGIN ${code} pw\r\nb AUTHENTICATE PLAIN ${plain}\r\nc SELECT INBOX\r\nd LOGOUT\r\n`;
  const pop3 = `USER ${code}\r\nPASS pw\r\nAUTH PLAIN ${plain}\r\nSTAT\r\nQUIT\r\n`;
  const talks: readonly (readonly [Port, string])[] = [
    [25, smtp],
    [587, smtp],
    [465, smtp],
    [143, imap],
    [993, imap],
    [110, pop3],
    [995, pop3],
  ];
  for (const [port, text] of talks)
    expect(await t.converse(port, text), `${port}`).not.toMatch(/^(?:235|a OK|b OK|c OK)|Logged in/m);
  const view = await t.until((v) => v.tickets[0]?.attempts.filter((a) => !a.live).length === 4);
  // Where TLS comes first nothing is heard in the clear.
  expect(view.tickets[0]!.attempts.map((a) => a.endpoint.port)).toEqual([25, 587, 143, 110]);
  for (const attempt of view.tickets[0]!.attempts)
    expect(attempt).toMatchObject({ outcome: 'fails', cause: 'plaintext-only', agreed: null, mails: [] });
  expect(JSON.stringify(view)).not.toMatch(/pw|cHc=|AHB3/);
  await expectService(t);
});

test('commands behind STARTTLS in the same packet are not run inside', async () => {
  await using t = await openTestHost();
  const { code } = t.open();
  const socket = t.dial(587);
  socket.write(`EHLO x\r\nSTARTTLS\r\n${login(code)}`);
  let clear = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    clear += String(chunk);
    if (/^220 2\.0\.0/m.test(clear)) break;
  }
  const tls = connectTls({ socket, rejectUnauthorized: false });
  await once(tls, 'secureConnect');
  let inside = '';
  tls.on('data', (chunk: Buffer) => (inside += chunk.toString()));
  tls.write('NOOP\r\nQUIT\r\n');
  await closing(tls);
  expect(inside).toMatch(/^250 2\.0\.0 Ok\r\n221 /);
});

test('who guesses is refused even the right code, and only they', async () => {
  await using t = await openTestHost({ guessesOfSource: 3 });
  const { code } = t.open();
  for (const guess of ['AAAAAAAA', 'BBBBBBBB', 'CCCCCCCC'])
    expect(await t.sendMail(guess, '127.0.0.66')).toMatch(/^535 /m);
  const refused = await t.sendMail(code, '127.0.0.66');
  expect(refused).toBe(await t.sendMail('DDDDDDDD', '127.0.0.66'));
  expect(await t.converseTls(993, `a LOGIN ${code} x\r\nb LOGOUT\r\n`, '127.0.0.66')).toMatch(/^a NO /m);
  expect(await t.sendMail(code, '127.0.0.67')).toMatch(/^250 2\.0\.0/m);
  t.clock += 10 * 60_000;
  expect(await t.sendMail(code, '127.0.0.66')).toMatch(/^250 2\.0\.0/m);
});

test('a device that repeats one wrong name is no guesser; many guessers leave a right first try alone', async () => {
  await using t = await openTestHost({ guessesOfSource: 3, guessesInAll: 4, guessesUnderPressure: 1 });
  const { code } = t.open();
  for (let press = 0; press < 5; press++) await t.sendMail('printer', '127.0.0.5');
  expect(await t.sendMail(code, '127.0.0.5')).toMatch(/^250 2\.0\.0/m);
  for (const from of ['127.0.0.61', '127.0.0.62', '127.0.0.63']) await t.sendMail('GUESS', from);
  expect(await t.sendMail(code, '127.0.0.61')).toMatch(/^535 /m);
  expect(await t.sendMail(code, '127.0.0.70')).toMatch(/^250 2\.0\.0/m);
});

test('one address that opens connection after connection is let in only so far', async () => {
  await using t = await openTestHost({ connectionsOfSource: 4, arrivalsOfSource: 30 });
  t.open();
  const flood = Array.from({ length: 100 }, () => t.dial(587, '127.0.0.66'));
  const greeted = (socket: Socket) => new Promise<string>((resolve) => socket.once('data', () => resolve('greeted')));
  const ends = await Promise.all(
    flood.map((socket) => Promise.race([closing(socket).then(() => 'closed'), greeted(socket)])),
  );
  expect(ends.filter((end) => end === 'greeted')).toHaveLength(4);
  await expectService(t);
  flood.forEach((socket) => socket.destroy());
});

test('when all places are taken, the flood gives way and not the customer', async () => {
  await using t = await openTestHost({ connections: 12, connectionsOfSource: 4 });
  const { code } = t.open();
  const customer = t.converseTls(465, login(code), '127.0.0.9');
  await t.until((v) => v.tickets[0]?.attempts[0]?.live ?? false);
  const flood = Array.from({ length: 40 }, (_, at) => t.dial(993, `127.0.0.${100 + (at % 10)}`));
  await Promise.all(flood.slice(0, 11).map((socket) => connected(socket)));
  await expectService(t);
  expect(t.host.viewOf('anna').tickets[0]!.attempts[0]).toMatchObject({ live: true, cut: null });
  expect(t.host.viewOf('anna').turnedAway).toBeGreaterThan(0);
  flood.forEach((socket) => socket.destroy());
  await t.host[Symbol.asyncDispose]();
  await customer;
});

test.for<readonly [string, Port, string]>([
  ['NOOP', 465, 'NOOP\r\n'],
  ['EHLO', 587, 'EHLO x\r\n'],
  ['a NOOP', 993, 'a NOOP\r\n'],
  ['CAPA', 995, 'CAPA\r\n'],
])('%s again and again ends the connection', async ([, port, command]) => {
  await using t = await openTestHost();
  t.open();
  const all = command.repeat(5_000);
  const said = await (port === 587 ? t.converse(port, all) : t.converseTls(port, all));
  expect(said.split('\r\n').length).toBeLessThan(2_000);
  expect(said).toMatch(/Too many|\(read ECONNRESET\)/);
  await expectService(t);
});

test('a giant mail is refused with and without SIZE, and the connection is closed', async () => {
  await using t = await openTestHost({ mailBytes: 100_000, bytes: 5_000_000 });
  const { code } = t.open();
  const announced = `${login(code)}MAIL FROM:<a@b.example> SIZE=100001\r\nNOOP\r\nQUIT\r\n`;
  expect(await t.converseTls(465, announced)).toMatch(/^552 5\.3\.4 [^\r]*\r\n$/m);
  const mail = `Subject: big\r\n\r\n${'x'.repeat(70)}\r\n`.repeat(4_000);
  const said = await t.converseTls(465, renderSubmission(code, 'a@b.example', mail));
  expect(said).toMatch(/^354 [\s\S]*^552 5\.3\.4 /m);
  expect(said).not.toMatch(/^250 2\.0\.0 Ok: /m);
  const view = await t.until((v) => v.tickets[0]?.attempts.every((a) => !a.live) ?? false);
  expect(view.tickets[0]!.attempts.flatMap((a) => a.mails)).toEqual([]);
  await expectService(t);
});

test('who goes on sending is cut off', async () => {
  await using t = await openTestHost({ bytes: 200_000 });
  const { code } = t.open();
  const text = `${'x'.repeat(998)}\r\n`.repeat(3_000);
  expect(await t.converseTls(465, renderSubmission(code, 'a@b.example', text))).not.toMatch(/^250 2\.0\.0 Ok: /m);
  const view = await t.until((v) => v.tickets[0]?.attempts[0]?.cut !== null);
  expect(view.tickets[0]!.attempts[0]).toMatchObject({ cut: 'sent too much', mails: [] });
  await expectService(t);
});

test('slow connections end: silent ones, those that drip, and those that never sign in', async () => {
  await using t = await openTestHost({ idleMs: 1_000, signInMs: 2_000, totalMs: 4_000 });
  t.open();
  const silent = t.dial(465, '127.0.0.66').resume();
  const half = t.dial(993, '127.0.0.67').resume();
  half.write(Buffer.from('16030100', 'hex'));
  const dripping = t.dial(587, '127.0.0.68').resume();
  const drip = setInterval(() => dripping.write('E'), 50);
  // Never reads what it is told, and never closes.
  const deaf = t.dial(110, '127.0.0.69').pause();
  await Promise.all([silent, half, dripping].map((socket) => closing(socket)));
  clearInterval(drip);
  await t.until((v) => (v.tickets[0]?.maybe.length ?? 0) >= 4);
  const cuts = t.host.viewOf('anna').tickets[0]!.maybe.map((a) => a.cut);
  expect(cuts).toContain('did not sign in in time');
  await expectService(t);
  deaf.destroy();
});

test('single bytes do not fill the memory', async () => {
  await using t = await openTestHost({ tinyReads: 50 });
  t.open();
  const socket = t.dial(587, '127.0.0.66').resume().setNoDelay(true);
  const closed = closing(socket);
  while (!socket.destroyed) {
    socket.write('x');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await closed;
  const view = await t.until((v) => v.tickets[0]?.maybe.length === 1);
  expect(view.tickets[0]!.maybe[0]!.cut).toBe('sent byte by byte');
  await expectService(t);
});

test('garbage on every port leaves it serving', async () => {
  await using t = await openTestHost();
  t.open();
  const noise = [
    Buffer.alloc(5_000, 0xff),
    Buffer.from('1603010200010001fc0303', 'hex'),
    Buffer.from('80ff010301', 'hex'),
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    Buffer.from('\u0000\u001b[2J<script>alert(1)</script>\r\n'),
    Buffer.alloc(50_000, 'x'),
  ];
  for (const [at, bytes] of noise.entries()) {
    for (const port of [25, 110, 143, 465, 587, 993, 995] as const) {
      const socket = t.dial(port, `127.0.1.${10 + at}`).resume();
      socket.end(bytes);
      await closing(socket);
    }
  }
  await expectService(t);
});

test('a name that a device gives itself stays a short text', async () => {
  await using t = await openTestHost();
  t.open();
  await t.converse(587, `EHLO <img src=x onerror=alert(1)>\u001b[31m${'y'.repeat(500)}\r\nQUIT\r\n`);
  const view = await t.until((v) => v.tickets[0]?.maybe.length === 1);
  const { ehlo } = view.tickets[0]!.maybe[0]!;
  expect(ehlo!.length).toBeLessThanOrEqual(60);
  expect(ehlo).toMatch(/^[\x21-\x7e·]+$/);
});

test('nobody gets new keys on a connection, and nothing is taken early', async ({ skip }) => {
  await using t = await openTestHost();
  t.open();
  const tls = connectTls({ socket: t.dial(465), rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  await once(tls, 'secureConnect');
  const failure = await new Promise((resolve) => {
    tls.on('error', resolve);
    tls.renegotiate({ rejectUnauthorized: false }, (error) => resolve(error));
  });
  expect(failure).toBeInstanceOf(Error);
  tls.destroy();
  const to = ['s_client', '-connect', `127.0.0.1:${t.port(465)}`];
  const said = await runProgram('openssl', [...to, '-tls1_3', '-no_ign_eof'], 'QUIT\n');
  skip(said.missing, 'openssl is not installed');
  expect(said.output).toContain('Early data was not sent');
  // A ticket may have come before the client left; none lets it send anything early (RFC 8446 section 4.2.10).
  expect(said.output).not.toMatch(/Max Early Data: [1-9]/);
  await expectService(t);
});

test.for(['TLSv1.2', 'TLSv1.3'] as const)('no session is taken up again: %s', async (maxVersion) => {
  await using t = await openTestHost();
  t.open();
  const isTakenUp = async (session?: Buffer) => {
    const again = session === undefined ? {} : { session };
    const tls = connectTls({ socket: t.dial(465), rejectUnauthorized: false, maxVersion, ...again });
    let ticket: Buffer | null = null;
    tls.on('session', (offered: Buffer) => (ticket = offered));
    // What can be taken up again is sent before the greeting.
    await once(tls, 'data');
    const isReused = tls.isSessionReused();
    const closed = closing(tls);
    tls.resume().end('QUIT\r\n');
    await closed;
    return { ticket: ticket ?? undefined, isReused };
  };
  const { ticket } = await isTakenUp();
  expect(ticket).toBeInstanceOf(Buffer);
  expect((await isTakenUp(ticket)).isReused).toBe(false);
  await expectService(t);
});

test('old TLS and weak suites are refused to openssl', async ({ skip }) => {
  await using t = await openTestHost();
  t.open();
  for (const version of ['-tls1', '-tls1_1']) {
    const said = await runProgram('openssl', [
      's_client',
      '-connect',
      `127.0.0.1:${t.port(993)}`,
      version,
      '-cipher',
      'ALL:@SECLEVEL=0',
    ]);
    skip(said.missing, 'openssl is not installed');
    expect(said.output).not.toMatch(/^\* OK/m);
    expect(said.code).not.toBe(0);
  }
});

/** So many addresses, each with so many connections that are cut in the middle of a hello or speak garbage. */
async function hammer(t: TestHost, addresses: number, each: number): Promise<void> {
  for (let round = 0; round < each; round++) {
    const sockets = Array.from({ length: addresses }, (_, at) => {
      const socket = t.dial(round % 2 === 0 ? 465 : 587, `127.0.2.${at + 1}`).resume();
      const closed = closing(socket);
      socket.end('EHLO scanner\r\nNOOP\r\n');
      return closed;
    });
    await Promise.all(sockets);
    // A pause longer than a device's own retries: each round is an attempt of its own.
    t.clock += 30_000;
  }
}

test('forty strangers who hammer: an attempt with a code is the call’s, the first and the last', async () => {
  await using t = await openTestHost();
  const { code } = t.open();
  expect(await t.converse(587, `${login(code)}QUIT\r\n`, '127.0.0.9')).toMatch(/^530 /m);
  await hammer(t, 40, 8);
  await t.sendMail(code, '127.0.0.9');
  const view = await t.until((v) => v.tickets[0]?.attempts.filter((a) => !a.live).length === 2);
  expect(view.tickets[0]!.attempts.map((a) => [a.tie, a.outcome])).toEqual([
    ['code', 'fails'],
    ['code', 'works'],
  ]);
});

test.for([
  ['elsewhere, among eleven strangers', 11, '127.0.0.10'],
  ['at the call’s address, among forty', 40, '127.0.0.9'],
] as const)('strangers who hammer do not hide a device that cannot say its code: %s', async ([, count, from]) => {
  await using t = await openTestHost();
  const { code } = t.open();
  const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  await t.converse(110, `USER ${code}\r\nQUIT\r\n`, '127.0.0.9');
  await hammer(t, count, 1);
  await t.converseTls(465, '', from, old);
  await hammer(t, count, 8);
  const { tickets } = await t.until((v) => (v.tickets[0]?.maybe.length ?? 0) > 0);
  const olds = tickets[0]!.maybe.filter((a) => a.cause === 'version-too-old');
  expect(olds).toMatchObject([{ tie: 'likely', offered: '1.1', sameAddress: from === '127.0.0.9' }]);
  expect(tickets[0]!.maybe).toHaveLength(12);
  expect(t.host.claim('anna', tickets[0]!.id, olds[0]!.id)).toBe(true);
});

test('a connection that goes on and on, signed in and busy, ends as well', async () => {
  await using t = await openTestHost({ totalMs: 1_500, idleMs: 60_000 });
  const { code } = t.open();
  const tls = connectTls({ socket: t.dial(465), rejectUnauthorized: false });
  tls.on('error', () => {});
  await once(tls, 'secureConnect');
  const closed = closing(tls);
  tls.resume().write(login(code));
  const busy = setInterval(() => tls.write('NOOP\r\n'), 100);
  await closed;
  clearInterval(busy);
  const view = await t.until((v) => v.tickets[0]?.attempts[0]?.live === false);
  expect(view.tickets[0]!.attempts[0]!.cut).toBe('lasted too long');
});

test('what is kept has an end: of one call, of one device, of all who name no code', async () => {
  await using t = await openTestHost();
  const { code } = t.open();
  for (let press = 0; press < 35; press++) {
    await t.converse(110, `USER ${code}\r\nQUIT\r\n`, '127.0.0.9');
    t.clock += 30_000;
  }
  const view = t.host.viewOf('anna');
  expect(view.tickets[0]!.attempts).toHaveLength(30);
  // The newest are kept.
  expect(Date.parse(view.tickets[0]!.attempts.at(-1)!.at)).toBe(t.clock - 30_000);
});

test('the servers behind the gate serve nobody of this machine who comes around it', async () => {
  await using t = await openTestHost();
  const { code } = t.open();
  // The gate's own connection shows where the server is.
  const listening: number[] = [];
  const note = (message: unknown) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as node:net documents the channel
    const { socket } = message as { readonly socket: Socket };
    socket.once('connect', () => socket.remotePort !== t.port(110) && listening.push(socket.remotePort ?? 0));
  };
  subscribe('net.client.socket', note);
  await t.converse(110, 'QUIT\r\n');
  unsubscribe('net.client.socket', note);
  expect(listening).toHaveLength(1);
  const around = connect({ host: '127.0.0.1', port: listening[0] ?? 0 }).on('error', () => {});
  let heard = '';
  around.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  around.write(`USER ${code}\r\n`);
  await closing(around);
  expect(heard).toBe('');
  await expectService(t);
});
