import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { notePasswordHash, noteUser } from '../account-notes.ts';
import { createDovecotReader } from './dovecot-log.ts';
import { createLogBook, type LogBook } from './log-book.ts';
import { createPostfixReader } from './postfix-log.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const MARKER = 'cutover-aaaabbbbccccdddd';
const PORTS = Array.from({ length: 65_535 }, (_, at) => at + 1);
const account = {
  user: 'geraet-abc123',
  password: 'Qw3rtyQw3rtyQw3rtyQw3rty',
  address: 'geraet-abc123@cutover.example',
};

/** Knows the fixtures' account; every mail that was queued arrived, and 80 bytes of text wait to be fetched. */
const folder = {
  received: (queueId: string) => ({ bytes: 100, sha256: queueId, markers: [MARKER] }),
  waiting: () => ({ bytes: 120, bodyBytes: 80 }),
  noteLogin: (user: string, sha1: string | null) =>
    user.startsWith(account.user) ? notePasswordHash(account, sha1 ?? '') : noteUser([account], user),
};

function readersOf(book: LogBook) {
  return {
    postfix: createPostfixReader({ book, refusesPlaintext: '530 5.7.0' }),
    dovecot: createDovecotReader({ book }),
  };
}

/** Reads the log files of one case, Dovecot's after Postfix's. */
function readCase(name: string) {
  const book = createLogBook(folder);
  const readers = readersOf(book);
  for (const server of ['postfix', 'dovecot'] as const) {
    const file = readdirSync(FIXTURES).find((found) => found === `${name}.${server}.log`);
    if (file === undefined) continue;
    for (const line of readFileSync(join(FIXTURES, file), 'latin1').split('\n')) readers[server](line);
  }
  return { book, sessions: book.read(PORTS, MARKER) };
}

const TLS13 = { version: '1.3', suite: 'TLS_AES_256_GCM_SHA384' };
const NOTHING = { tls: null, auth: null, refusal: null, delivered: [], fetched: false, alertNumber: null };
const CUT = "password shorter than the account's: first 20 of 24 characters";

test.for<[string, object]>([
  [
    'submission-accepted',
    {
      tls: { version: '1.2', suite: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384' },
      auth: { mechanism: 'LOGIN', accepted: true, note: null },
      refusal: null,
      delivered: [{ bytes: 100, markerSeen: true }],
    },
  ],
  ['submission-two-mails', { tls: TLS13, delivered: [{ markerSeen: true }, { markerSeen: true }] }],
  ['smtp-old-version', { ...NOTHING, log: expect.arrayContaining([expect.stringContaining('unsupported protocol')]) }],
  ['smtp-starttls-old-version', NOTHING],
  ['smtp-no-shared-cipher', { ...NOTHING, log: expect.arrayContaining([expect.stringContaining('no shared cipher')]) }],
  ['smtp-plaintext-530', { ...NOTHING, refusal: '530 5.7.0' }],
  ['smtp-relay-554', { tls: TLS13, auth: null, refusal: '554 5.7.1', delivered: [] }],
  ['smtp-cut-password', { tls: TLS13, auth: { mechanism: 'LOGIN', accepted: false, note: CUT }, refusal: '535 5.7.8' }],
  ['smtp-wrong-password', { auth: { mechanism: 'PLAIN', accepted: false, note: 'wrong password' } }],
  ['smtp-unknown-user', { auth: { mechanism: 'PLAIN', accepted: false, note: 'unknown user' } }],
  [
    'smtp-mechanism-not-offered',
    { auth: { mechanism: 'CRAM-MD5', accepted: false, note: 'mechanism not offered' }, refusal: '535 5.7.8' },
  ],
  ['smtp-just-closes', NOTHING],
  ['smtps-just-closes', NOTHING],
  ['smtps-plaintext', NOTHING],
  ['smtp-hello-before-starttls', NOTHING],
  ['imap-old-version', { ...NOTHING, log: [expect.stringContaining('unsupported protocol')] }],
  ['imap-no-shared-signature', { ...NOTHING, log: [expect.stringContaining('no shared signature algorithms')] }],
  ['imap-plaintext-login', { ...NOTHING, refusal: 'NO [PRIVACYREQUIRED]' }],
  ['pop3-plaintext-login', { ...NOTHING, refusal: '-ERR [AUTH]' }],
  ['imap-just-closes', NOTHING],
  ['imaps-plaintext', NOTHING],
  ['imap-fetched', { tls: TLS13, auth: { mechanism: 'PLAIN', accepted: true, note: null }, fetched: true }],
  ['imap-headers-only', { tls: TLS13, auth: { accepted: true }, fetched: false }],
  ['imap-logged-in-only', { tls: TLS13, auth: { accepted: true }, fetched: false }],
  ['imap-unknown-user', { auth: { accepted: false, note: 'unknown user' }, refusal: 'NO [AUTHENTICATIONFAILED]' }],
  ['pop3-fetched', { auth: { accepted: true }, fetched: true }],
  ['pop3-top-only', { auth: { accepted: true }, fetched: false }],
  ['pop3-deleted', { auth: { accepted: true }, fetched: false }],
  ['pop3-cut-password', { auth: { mechanism: 'PLAIN', accepted: false, note: CUT } }],
])('%s', ([name, expected]) => {
  const { book, sessions } = readCase(name);
  expect(sessions).toContainEqual(expect.objectContaining(withMatchers(expected)));
  expect(book.isComplete(sessions.map(({ peerPort }) => peerPort))).toBe(true);
});

/** A part of each nested object is enough. */
function withMatchers(expected: object): object {
  const partly = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(partly);
    if (value === null || typeof value !== 'object' || 'asymmetricMatch' in value) return value;
    return expect.objectContaining(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, partly(part)])));
  };
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, partly(value)]));
}

test('no hash, no quoted bytes of a client and no stranger name of a user is kept in a line', () => {
  for (const file of readdirSync(FIXTURES)) {
    const { sessions } = readCase(file.replace(/\.(?:postfix|dovecot)\.log$/, ''));
    const lines = sessions.flatMap(({ log }) => log).join('\n');
    expect(lines).not.toMatch(/SHA1|[0-9a-f]{40}|\\026|geraet-zzz/);
  }
});

const connect = (port: number, pid = 7) => `x postfix/587/smtpd[${pid}]: connect from unknown[10.0.0.1]:${port}`;
const disconnect = (port: number, counts: string, pid = 7) =>
  `x postfix/587/smtpd[${pid}]: disconnect from unknown[10.0.0.1]:${port} ${counts}`;

test('a mail that is still in the queue keeps its session incomplete, and one that was broken off does not', () => {
  const book = createLogBook(folder);
  const { postfix } = readersOf(book);
  const client = 'x postfix/587/smtpd[7]: 4jYk2v5gldzH0Yj: client=unknown[10.0.0.1]:4001';
  for (const line of [connect(4001), client]) postfix(line);
  expect(book.isComplete([4001])).toBe(false);
  postfix(disconnect(4001, 'ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5'));
  expect(book.isComplete([4001])).toBe(false);
  postfix('x postfix/qmgr[8]: 4jYk2v5gldzH0Yj: removed');
  expect(book.isComplete([4001])).toBe(true);

  for (const line of [
    connect(4002),
    client.replace('4001', '4002'),
    disconnect(4002, 'ehlo=1 mail=1 rcpt=1 commands=3'),
  ])
    postfix(line);
  expect(book.isComplete([4002])).toBe(true);
  expect(book.isComplete([4003])).toBe(false);
});

test('two clients at a time are told apart by process, and a port that is used again begins anew', () => {
  const book = createLogBook(folder);
  const { postfix } = readersOf(book);
  postfix(connect(5001, 7));
  postfix(connect(5002, 8));
  postfix(
    'x postfix/465/smtpd[8]: warning: TLS library problem: error:0A000418:SSL routines::tlsv1 alert unknown ca:../ssl/record/rec_layer_s3.c:1601:SSL alert number 48:',
  );
  expect(book.read([5001, 5002], MARKER).map((s) => s.alertNumber)).toEqual([null, 48]);
  postfix(disconnect(5002, 'commands=0/0', 8));
  postfix(connect(5002, 9));
  expect(book.read([5002], MARKER)).toMatchObject([{ alertNumber: null, log: [expect.stringContaining('connect')] }]);
});

test('a login without a mail is seen, and a password in place of a name is not kept', () => {
  const book = createLogBook(folder);
  const { postfix } = readersOf(book);
  const secret = 'hunter2-is-my-password';
  for (const line of [
    connect(6001),
    `x postfix/587/smtpd[7]: warning: unknown[10.0.0.1]:6001: SASL LOGIN authentication failed: (reason unavailable), sasl_username=${secret}`,
    `x postfix/587/smtpd[7]: improper command pipelining after EHLO from unknown[10.0.0.1]:6001: AUTH PLAIN ${btoa(secret)}`,
    `x postfix/587/smtpd[7]: warning: non-SMTP command from unknown[10.0.0.1]:6001: ${secret}`,
    disconnect(6001, 'ehlo=1 auth=1/2 quit=1 commands=3/4'),
  ])
    postfix(line);
  const [session] = book.read([6001], MARKER);
  expect(session).toMatchObject({ auth: { accepted: true }, refusal: null });
  expect(session?.log.join('\n')).not.toMatch(new RegExp(`${secret}|${btoa(secret)}`));
  expect(session?.log).toHaveLength(5);
});

test('nothing that a log may hold throws, and sessions that nobody asks for are forgotten', () => {
  const book = createLogBook(folder);
  const { postfix, dovecot } = readersOf(book);
  const odd = [
    '',
    ':',
    'postfix/smtpd[1]: ',
    'x postfix/25/smtpd[1]: disconnect from',
    `imap-login: Info: ${'('.repeat(5_000)}`,
  ];
  for (const line of [...odd, `auth: Info: ${'a('.repeat(3_000)}`, '\0'.repeat(9_000)]) {
    postfix(line);
    dovecot(line);
  }
  for (let port = 1; port <= 6_000; port++) postfix(connect(port, port));
  expect(book.read([1], MARKER)).toEqual([]);
  expect(book.read([6_000], MARKER)).toHaveLength(1);
});

test('the fixtures hold the hash of the cut password', () => {
  const text = readFileSync(join(FIXTURES, 'smtp-cut-password.dovecot.log'), 'latin1');
  expect(text).toContain(createHash('sha1').update(account.password.slice(0, 20)).digest('hex'));
});

test('one source port at two listeners, and again later, is three sessions of three trials', () => {
  const book = createLogBook(folder);
  const { postfix } = readersOf(book);
  const mail = (service: number, pid: number, queueId: string) => [
    `Nov 24 13:26:22 smtp postfix/${service}/smtpd[${pid}]: connect from unknown[192.168.32.1]:35106`,
    `Nov 24 13:26:22 smtp postfix/${service}/smtpd[${pid}]: ${queueId}: client=unknown[192.168.32.1]:35106`,
    `Nov 24 13:26:22 smtp postfix/qmgr[9]: ${queueId}: removed`,
    `Nov 24 13:26:22 smtp postfix/${service}/smtpd[${pid}]: disconnect from unknown[192.168.32.1]:35106 data=1`,
  ];
  const first = { port: 25, sinceMs: performance.now() } as const;
  for (const line of mail(587, 7, '4abcde')) postfix(line);
  // On 25 nothing has come yet: what went to 587 is another device's.
  expect(book.read([35_106], MARKER, first)).toEqual([]);
  expect(book.isComplete([35_106], first)).toBe(false);
  expect(book.read([35_106], MARKER, { ...first, port: 587 })).toMatchObject([{ delivered: [{ sha256: '4abcde' }] }]);
  for (const line of mail(25, 8, '4fghij')) postfix(line);
  expect(book.read([35_106], MARKER, first)).toMatchObject([{ delivered: [{ sha256: '4fghij' }] }]);
  expect(book.isComplete([35_106], first)).toBe(true);
  expect(book.read([35_106], MARKER, { ...first, port: 587 })).toMatchObject([{ delivered: [{ sha256: '4abcde' }] }]);
  // Later the system gives the port to the next trial, whose lines are still on their way.
  const next = { port: 25, sinceMs: performance.now() + 0.001 } as const;
  expect(book.read([35_106], MARKER, next)).toEqual([]);
  expect(book.isComplete([35_106], next)).toBe(false);
});

test('Dovecot names the listener as well', () => {
  const book = createLogBook(folder);
  const { dovecot } = readersOf(book);
  const left = (port: number, id: string) =>
    `2026-11-24 13:29:02 ${port === 993 ? 'imap' : 'pop3'}-login: Info: Disconnected: user=<>, rport=500, lport=${port}, session=<${id}>`;
  dovecot(left(993, 'aa'));
  dovecot(left(995, 'bb'));
  const log = (port: 993 | 995) => book.read([500], MARKER, { port, sinceMs: 0 }).flatMap((s) => s.log);
  expect(log(993)).toEqual([expect.stringContaining('lport=993')]);
  expect(log(995)).toEqual([expect.stringContaining('lport=995')]);
});
