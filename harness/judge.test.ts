import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { judge } from './judge.ts';
import type { Judged } from './judging/finding.ts';
import { MODES_FOLDER, readMode } from './modes/read-mode.ts';
import type { Alert, ClientHello, Connection, Evidence, ServerHello, ServerSession } from './vocabulary/evidence.ts';
import type { Mode } from './vocabulary/mode.ts';
import type { Setting } from './vocabulary/trial.ts';

const [strict, legacy, today] = [read('strict'), read('legacy'), read('today')] as const;

function read(id: string): Mode {
  return readMode(join(MODES_FOLDER, `${id}.yaml`));
}

const STARTTLS_587: Setting = { id: 'a', protocol: 'smtp', port: 587, security: 'starttls' };
const PLAIN_25: Setting = { id: 'b', protocol: 'smtp', port: 25, security: 'plaintext' };
const OPPORTUNISTIC: Setting = { ...STARTTLS_587, security: 'opportunistic' };

const hello = (more: Partial<ClientHello> = {}): ClientHello => {
  const maxVersion = more.maxVersion ?? '1.2';
  return {
    format: 'tls',
    recordVersion: '1.0',
    helloVersion: maxVersion,
    maxVersion,
    versions: [maxVersion],
    suites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_CBC_SHA'],
    groups: ['secp256r1'],
    signatures: ['rsa_pkcs1_sha256'],
    sni: null,
    alpn: [],
    extensions: [],
    fallbackScsv: false,
    ja3: null,
    ja3Hash: null,
    ja4: null,
    lengthBytes: 100,
    ...more,
  };
};
const SERVER_HELLO: ServerHello = {
  version: '1.2',
  suite: 'TLS_RSA_WITH_AES_128_CBC_SHA',
  group: null,
  signature: null,
  dhBits: null,
  retried: false,
};
const alert = (from: Alert['from'], number: number): Alert => ({ from, level: 'fatal', number, name: 'x', atMs: 1 });

const connection = (more: Partial<Connection> = {}): Connection => ({
  number: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  tapPort: 4001,
  late: false,
  dialogue: [{ from: 'client', text: 'EHLO x', atMs: 0 }],
  starttls: 'accepted',
  helloBeforeStarttls: false,
  hello: hello(),
  serverHello: null,
  certificate: null,
  alerts: [],
  handshake: 'started',
  applicationBytes: { client: 0, server: 0 },
  bytes: { client: 200, server: 200 },
  ended: { by: 'server', how: 'fin', atMs: 5 },
  oddities: [],
  ...more,
});
const finished = (more: Partial<Connection> = {}) =>
  connection({
    serverHello: SERVER_HELLO,
    handshake: 'finished',
    applicationBytes: { client: 99, server: 99 },
    ended: { by: 'client', how: 'fin', atMs: 9 },
    ...more,
  });
const inTheClear = (more: Partial<Connection> = {}) =>
  connection({ starttls: 'not-asked', hello: null, handshake: 'none', ...more });

const session = (more: Partial<ServerSession> = {}): ServerSession => ({
  peerPort: 4001,
  tls: { version: '1.2', suite: 'TLS_RSA_WITH_AES_128_CBC_SHA' },
  alertNumber: null,
  auth: { mechanism: 'PLAIN', accepted: true, note: null },
  refusal: null,
  delivered: [],
  fetched: false,
  log: [],
  ...more,
});
const MAIL = { bytes: 10, sha256: 'x', markerSeen: true };

function evidence(
  connections: Connection[],
  sessions: ServerSession[] = [],
  more: Partial<Evidence['device']> = {},
): Evidence {
  return {
    wire: { connections },
    server: {
      sessions,
      arrived: sessions.reduce((n, s) => n + s.delivered.length, 0),
      unspoken: { versions: ['SSLv2', 'SSLv3'], suites: ['TLS_RSA_WITH_3DES_EDE_CBC_SHA'], groups: [], signatures: [] },
      trouble: null,
    },
    device: { said: 'failed', text: '', exitCode: null, trouble: null, ...more },
  };
}
const trial = (e: Evidence, more: Partial<Judged> = {}): Judged => ({
  role: 'question',
  direction: 'send',
  setting: STARTTLS_587,
  endpoint: { protocol: 'smtp', port: 587, tls: 'starttls' },
  trust: 'none',
  evidence: e,
  ...more,
});
const finding = (mode: Mode, e: Evidence, more: Partial<Judged> = {}) => {
  const { outcome, cause } = judge(trial(e, more), mode);
  return cause === undefined ? outcome : `${outcome} ${cause}`;
};

describe('what works', () => {
  test('mail over TLS', () => {
    const e = evidence([finished()], [session({ delivered: [MAIL] })]);
    expect(judge(trial(e), strict)).toMatchObject({ outcome: 'works', encrypted: true });
  });
  test('mail in the clear works where it was asked for and allowed', () => {
    const e = evidence([inTheClear()], [session({ tls: null, delivered: [MAIL] })]);
    expect(judge(trial(e, { setting: PLAIN_25 }), today)).toMatchObject({ outcome: 'works', encrypted: false });
    expect(finding(today, e, { setting: OPPORTUNISTIC })).toBe('works');
  });
  test('mail in the clear behind the owner’s back is a fallback, and is not called lost', () => {
    const e = evidence(
      [connection(), inTheClear({ number: 2, tapPort: 4002 })],
      [session({ peerPort: 4002, tls: null, delivered: [MAIL] })],
      { said: 'sent' },
    );
    expect(judge(trial(e), legacy)).toMatchObject({ outcome: 'fails', cause: 'plaintext-fallback', encrypted: false });
    expect(judge(trial(e), legacy).silent).toBeUndefined();
  });
  test('"sent" alone is nothing', () => {
    const e = evidence([finished()], [session()], { said: 'sent' });
    expect(judge(trial(e), strict)).toMatchObject({ outcome: 'fails', cause: 'mail-lost', silent: true });
  });
  test('fetching counts what the server gave out', () => {
    const fetch = {
      direction: 'fetch',
      setting: { id: 'i', protocol: 'imap', port: 993, security: 'implicit' },
      endpoint: { protocol: 'imap', port: 993, tls: 'implicit' },
    } as const;
    const seen = finished({ dialogue: [], starttls: 'not-asked' });
    expect(finding(strict, evidence([seen], [session({ fetched: true })]), fetch)).toBe('works');
    expect(finding(strict, evidence([seen], [session({ fetched: false })]), fetch)).toBe('fails mail-lost');
  });
});

describe('what hello and mode do not share', () => {
  test('a version below the minimum, with alert 70, with a silent close, or with TLS accepted and 421', () => {
    const old = hello({ maxVersion: '1.0', signatures: null });
    expect(finding(strict, evidence([connection({ hello: old, alerts: [alert('server', 70)] })]))).toBe(
      'fails version-too-old',
    );
    expect(finding(strict, evidence([connection({ hello: old })]))).toBe('fails version-too-old');
    const late = finished({ hello: old, serverHello: { ...SERVER_HELLO, version: '1.0' } });
    const told = session({ tls: { version: '1.0', suite: 'x' }, auth: null, refusal: '421 4.7.66' });
    expect(finding(strict, evidence([late], [told]))).toBe('fails version-too-old');
  });
  test('suites, groups, signatures', () => {
    expect(finding(strict, evidence([connection({ hello: hello({ suites: ['TLS_RSA_WITH_RC4_128_SHA'] }) })]))).toBe(
      'fails no-shared-cipher',
    );
    const curve = hello({ suites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'], groups: ['secp256k1'] });
    expect(finding(strict, evidence([connection({ hello: curve })]))).toBe('fails no-shared-group');
    // The server may choose then, and OpenSSL chooses no curve.
    const unnamed = hello({ suites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'], groups: null });
    expect(finding(strict, evidence([connection({ hello: unnamed })]))).toBe('fails no-shared-group');
    expect(finding(strict, evidence([connection({ hello: hello({ signatures: ['rsa_pkcs1_sha1'] }) })]))).toBe(
      'fails no-shared-signature',
    );
    const none = hello({ suites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'], signatures: null });
    expect(finding(strict, evidence([connection({ hello: none })]))).toBe('fails no-shared-signature');
    // RSA key exchange needs no signature, but OpenSSL looks for one all the same.
    const both = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_GCM_SHA256'];
    const behind = hello({ suites: both, signatures: null });
    expect(finding(strict, evidence([connection({ hello: behind })]))).toBe('fails no-shared-signature');
    const before = hello({ suites: both.toReversed(), signatures: null });
    expect(finding(strict, evidence([connection({ hello: before })]))).toBe('fails no-shared-signature');
    expect(finding(legacy, evidence([connection({ hello: none })]))).toBe('fails connection-dropped');
  });
  test('a signature that is shared, and that the key of the certificate cannot make', () => {
    const tls13: Partial<ClientHello> = { maxVersion: '1.3', versions: ['1.3'], suites: ['TLS_AES_128_GCM_SHA256'] };
    const taking = (signature: string, more: Partial<ClientHello> = {}) =>
      finding(strict, evidence([connection({ hello: hello({ ...tls13, signatures: [signature], ...more }) })]));
    expect(taking('rsa_pkcs1_sha256')).toBe('fails no-shared-signature');
    expect(taking('ecdsa_secp256r1_sha256')).toBe('fails certificate-key');
    // The server looks at it before it looks at groups.
    expect(taking('rsa_pkcs1_sha256', { groups: null })).toBe('fails no-shared-signature');
    expect(taking('rsa_pss_rsae_sha256', { groups: null })).toBe('fails no-shared-group');
    expect(taking('rsa_pss_rsae_sha256')).toBe('fails connection-dropped');
  });
  test('RSA suites remain when no group is shared', () => {
    expect(finding(strict, evidence([connection({ hello: hello({ groups: ['secp256k1'] }) })]))).toBe(
      'fails connection-dropped',
    );
  });
  test('what the engine cannot speak is not tested', () => {
    const e = evidence([
      connection({ hello: hello({ maxVersion: '1.0', suites: ['TLS_RSA_WITH_3DES_EDE_CBC_SHA'] }) }),
    ]);
    expect(finding(today, e)).toBe('not-run not-testable');
    expect(finding(legacy, e)).toBe('fails no-shared-cipher');
  });
  test('an RSA-only hello against an ECDSA certificate', () => {
    const ecdsa: Mode = { ...strict, certificate: { minted: 'ecdsa-p256', names: [] } };
    const rsa = hello({ suites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] });
    expect(finding(ecdsa, evidence([connection({ hello: rsa })]))).toBe('fails certificate-key');
  });
  test('retries with lower versions are judged by the highest offer', () => {
    const first = connection({ hello: hello({ signatures: ['rsa_pkcs1_sha1'] }) });
    const lower = connection({
      number: 2,
      tapPort: 4002,
      hello: hello({ maxVersion: '1.0' }),
      alerts: [alert('server', 70)],
    });
    expect(finding(strict, evidence([first, lower]))).toBe('fails no-shared-signature');
    expect(finding(strict, evidence([lower, first]))).toBe('fails no-shared-signature');
  });
  test('a lower retry, or one in the clear, does not hide a better offer that was dropped', () => {
    const dropped = connection();
    const lower = connection({
      number: 2,
      tapPort: 4002,
      hello: hello({ maxVersion: '1.0' }),
      alerts: [alert('server', 70)],
    });
    expect(finding(strict, evidence([dropped, lower]))).toBe('fails connection-dropped');
    const probe = inTheClear({
      number: 3,
      tapPort: 4003,
      dialogue: [{ from: 'client', text: 'MAIL FROM:<a@b>', atMs: 1 }],
    });
    expect(
      finding(
        strict,
        evidence([probe, dropped], [session({ peerPort: 4003, tls: null, auth: null, refusal: '530 5.7.0' })]),
      ),
    ).toBe('fails connection-dropped');
  });
  test('alert 86 is not a version failure', () => {
    const scsv = connection({ hello: hello({ maxVersion: '1.1', fallbackScsv: true }), alerts: [alert('server', 86)] });
    expect(finding(strict, evidence([scsv]))).toBe('fails connection-dropped');
  });
  test('a TLS failure outranks the plaintext that follows it', () => {
    const clear = inTheClear({ number: 2, tapPort: 4002 });
    const e = evidence(
      [connection({ hello: hello({ maxVersion: '1.0' }) }), clear],
      [session({ peerPort: 4002, tls: null, auth: null, refusal: '530 5.7.0' })],
    );
    const judged = judge(trial(e, { setting: OPPORTUNISTIC }), strict);
    expect(judged.cause).toBe('version-too-old');
    expect(judged.because.join(' ')).toContain('in the clear');
  });
});

describe('certificates', () => {
  const left = finished({ applicationBytes: { client: 0, server: 0 }, ended: { by: 'client', how: 'fin', atMs: 9 } });
  test('leaving without a word leaves candidates, and is inconclusive where the root was never given', () => {
    const e = evidence([left], [session({ auth: null })]);
    expect(judge(trial(e, { trust: 'run-ca' }), strict)).toMatchObject({
      outcome: 'fails',
      cause: 'connection-dropped',
      candidates: ['certificate-name', 'certificate-dates', 'certificate-untrusted'],
    });
    expect(judge(trial(e), strict).outcome).toBe('inconclusive');
  });
  test('the provider’s own chain counts whatever the device was given', () => {
    const own: Mode = { ...strict, certificate: { files: { chain: '/c', key: '/k' } } };
    expect(judge(trial(evidence([left], [session({ auth: null })])), own).outcome).toBe('fails');
  });
  test('alerts name the trouble, on the wire or in the log', () => {
    const expired = evidence(
      [finished({ handshake: 'started', applicationBytes: { client: 0, server: 0 }, alerts: [alert('client', 45)] })],
      [session({ auth: null })],
    );
    expect(finding(strict, expired, { trust: 'run-ca' })).toBe('fails certificate-dates');
    const hidden = evidence([left], [session({ auth: null, alertNumber: 48 })]);
    expect(finding(strict, hidden, { trust: 'run-ca' })).toBe('fails certificate-untrusted');
    expect(finding(strict, hidden)).toBe('inconclusive certificate-untrusted');
  });
  test('an alert about the handshake is no certificate trouble', () => {
    const small = evidence([connection({ serverHello: SERVER_HELLO, alerts: [alert('client', 71)] })]);
    expect(judge(trial(small, { trust: 'run-ca' }), strict)).toMatchObject({ cause: 'connection-dropped' });
    expect(judge(trial(small, { trust: 'run-ca' }), strict).candidates).toBeUndefined();
  });
});

describe('dialogue', () => {
  test('plaintext where it is refused', () => {
    const e = evidence([inTheClear()], [session({ tls: null, auth: null, refusal: '530 5.7.0' })]);
    expect(finding(strict, e, { setting: PLAIN_25, endpoint: { protocol: 'smtp', port: 25, tls: 'starttls' } })).toBe(
      'fails plaintext-only',
    );
  });
  test('a hello on a port that starts in the clear, and a greeting awaited on one that does not', () => {
    expect(finding(legacy, evidence([connection({ helloBeforeStarttls: true, starttls: 'not-asked' })]))).toBe(
      'fails wrong-tls-mode',
    );
    const waits = inTheClear({ dialogue: [], bytes: { client: 0, server: 0 } });
    expect(finding(legacy, evidence([waits]), { endpoint: { protocol: 'smtp', port: 465, tls: 'implicit' } })).toBe(
      'fails wrong-tls-mode',
    );
  });
  test('signing in: none, an unknown mechanism, a wrong password, a refused mail', () => {
    expect(finding(strict, evidence([finished()], [session({ auth: null, refusal: '554 5.7.1' })]))).toBe(
      'fails auth-missing',
    );
    const cram = { mechanism: 'CRAM-MD5', accepted: false, note: null };
    expect(finding(strict, evidence([finished()], [session({ auth: cram, refusal: '504 5.5.4' })]))).toBe(
      'fails auth-mechanism',
    );
    const wrong = { mechanism: 'LOGIN', accepted: false, note: 'password shorter' };
    expect(finding(strict, evidence([finished()], [session({ auth: wrong, refusal: '535 5.7.8' })]))).toBe(
      'fails auth-rejected',
    );
    expect(finding(strict, evidence([finished()], [session({ refusal: '552 5.3.4' })]))).toBe('fails mail-refused');
  });
  test('leaving after the greeting leaves the mechanism as a candidate', () => {
    const left = trial(evidence([finished()], [session({ auth: null })]), { trust: 'run-ca' });
    expect(judge(left, strict)).toMatchObject({
      outcome: 'fails',
      cause: 'connection-dropped',
      candidates: ['auth-mechanism', 'certificate-name', 'certificate-dates', 'certificate-untrusted'],
    });
    // A client that dislikes the certificate may say QUIT too, and the lab's root was never given to this one.
    expect(judge({ ...left, trust: 'none' }, strict).outcome).toBe('inconclusive');
  });
  test('an order that the server does not know is not mail without signing in', () => {
    const odd = evidence([finished()], [session({ auth: null, refusal: '501 5.5.4' })]);
    expect(finding(strict, odd)).toBe('fails connection-dropped');
  });
  test('a mode that hides STARTTLS from a device that insists on it', () => {
    const hidden: Mode = { ...strict, starttls: 'hidden' };
    const leaves = inTheClear({
      dialogue: [
        { from: 'client', text: 'EHLO x', atMs: 1 },
        { from: 'client', text: 'QUIT', atMs: 2 },
      ],
    });
    expect(finding(hidden, evidence([leaves], [session({ tls: null, auth: null })]))).toBe('fails wrong-tls-mode');
  });
  test('a device that only greets and leaves has not shown that it knows no TLS', () => {
    const leaves = inTheClear({ ended: { by: 'client', how: 'fin', atMs: 3 } });
    expect(finding(strict, evidence([leaves], [session({ tls: null, auth: null })]))).toBe('fails connection-dropped');
  });
});

describe('not seen is not incompatible', () => {
  test('no connection', () => {
    expect(finding(strict, evidence([]))).toBe('inconclusive never-connected');
    expect(judge(trial(evidence([], [], { said: 'sent' })), strict)).toMatchObject({
      cause: 'never-connected',
      silent: true,
    });
    expect(finding(strict, evidence([], [], { trouble: 'hung' }))).toBe('inconclusive device-trouble');
  });
  test('late connections belong to no trial', () => {
    expect(finding(strict, evidence([finished({ late: true })], [session({ delivered: [MAIL] })]))).toBe(
      'inconclusive harness-trouble',
    );
  });
  test('a hung device is its own trouble, unless the wire already decided', () => {
    const hung = { said: 'nothing', trouble: 'nothing moved for 3 s' } as const;
    expect(finding(strict, evidence([inTheClear({ starttls: 'accepted' })], [], hung))).toBe(
      'inconclusive device-trouble',
    );
    expect(finding(strict, evidence([connection({ hello: hello({ maxVersion: '1.0' }) })], [], hung))).toBe(
      'fails version-too-old',
    );
  });
  test('witnesses that disagree are quoted', () => {
    const judged = judge(trial(evidence([inTheClear()], [session({ delivered: [MAIL] })])), strict);
    expect(judged).toMatchObject({ outcome: 'inconclusive', cause: 'harness-trouble' });
    expect(judged.because).toEqual(['The wire shows no hello on this connection.', 'The server says TLS 1.2.']);
  });
  test('a server that does not even greet is server trouble', () => {
    const mute = inTheClear({ dialogue: [], bytes: { client: 0, server: 0 } });
    expect(finding(strict, evidence([mute]))).toBe('inconclusive server-trouble');
  });
  test('a greeting that came too late is the lab’s trouble too', () => {
    const late = inTheClear({
      dialogue: [{ from: 'server', text: '220 x', atMs: 2_700 }],
      bytes: { client: 0, server: 9 },
    });
    expect(finding(strict, evidence([late], [session({ tls: null, auth: null })]))).toBe('inconclusive server-trouble');
  });
  test('a server that takes what its mode refuses is server trouble', () => {
    const e = evidence([inTheClear()], [session({ tls: null, delivered: [MAIL] })]);
    expect(finding(strict, e, { setting: PLAIN_25 })).toBe('inconclusive server-trouble');
    const old = evidence(
      [finished({ hello: hello({ maxVersion: '1.0' }) })],
      [session({ tls: { version: '1.0', suite: 'x' }, delivered: [MAIL] })],
    );
    expect(finding(strict, old)).toBe('inconclusive server-trouble');
  });
});

describe('an end that is not the device’s', () => {
  const open = { by: 'nobody', how: 'open', atMs: 99 } as const;
  const reset = { by: 'server', how: 'reset', atMs: 99 } as const;
  test('says nothing about the mode: still open, cut off by the server, never reached', () => {
    expect(finding(strict, evidence([finished({ ended: open })], [session()]))).toBe('inconclusive device-trouble');
    expect(finding(strict, evidence([finished({ ended: reset })], [session()]))).toBe('inconclusive server-trouble');
    const early = inTheClear({ ended: reset });
    expect(finding(strict, evidence([early], [session({ tls: null, auth: null })]), { setting: PLAIN_25 })).toBe(
      'inconclusive server-trouble',
    );
    const unreached = inTheClear({
      tapPort: 0,
      bytes: { client: 0, server: 0 },
      ended: { by: 'tap', how: 'reset', atMs: 1 },
    });
    expect(finding(strict, evidence([unreached]))).toBe('inconclusive server-trouble');
  });
  test('a server that resets after its hello leaves no certificate candidates', () => {
    const cut = connection({ serverHello: SERVER_HELLO, ended: reset });
    expect(judge(trial(evidence([cut]), { trust: 'run-ca' }), strict).candidates).toBeUndefined();
  });
  test('mail in the mailbox that no kept connection carried is quoted, not overruled', () => {
    const e = evidence([connection({ hello: hello({ maxVersion: '1.0' }) })]);
    const judged = judge(trial({ ...e, server: { ...e.server, arrived: 1 } }), strict);
    expect(judged).toMatchObject({ outcome: 'inconclusive', cause: 'harness-trouble' });
  });
  test('cleartext on a port where TLS starts at once is the wrong mode, whatever was set', () => {
    const spoke = inTheClear({ bytes: { client: 9, server: 0 } });
    const implicit = {
      setting: { ...STARTTLS_587, port: 465, security: 'implicit' },
      endpoint: { protocol: 'smtp', port: 465, tls: 'implicit' },
    } as const;
    expect(finding(strict, evidence([spoke]), implicit)).toBe('fails wrong-tls-mode');
  });
});

describe('the control that refuses', () => {
  const refused = { role: 'control-refused' } as const;
  test('surprises only by mail that arrives, or by no attempt', () => {
    const reset = inTheClear({ dialogue: [], tapPort: 0, ended: { by: 'tap', how: 'reset', atMs: 0 } });
    expect(finding(strict, evidence([reset]), refused)).toBe('fails connection-dropped');
    expect(finding(strict, evidence([]), refused)).toBe('inconclusive never-connected');
    const elsewhere = evidence([reset], [session({ peerPort: 9, delivered: [MAIL] })]);
    expect(finding(strict, elsewhere, refused)).toBe('inconclusive harness-trouble');
  });
});
