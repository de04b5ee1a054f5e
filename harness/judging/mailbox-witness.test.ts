import { expect, test } from 'vitest';
import { judge } from '../judge.ts';
import { readModes } from '../modes/read-mode.ts';
import type { Connection } from '../vocabulary/evidence.ts';
import type { Direction, Setting } from '../vocabulary/trial.ts';

const [strict, legacy] = readModes(['strict', 'legacy']);
if (strict === undefined || legacy === undefined) throw new Error('modes are missing');

const HELLO: NonNullable<Connection['hello']> = {
  format: 'tls',
  recordVersion: '1.0',
  helloVersion: '1.2',
  maxVersion: '1.2',
  versions: ['1.2'],
  suites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  groups: ['x25519'],
  signatures: ['rsa_pkcs1_sha256'],
  sni: null,
  alpn: [],
  extensions: [],
  fallbackScsv: false,
  ja3: null,
  ja3Hash: null,
  ja4: null,
  lengthBytes: 100,
};

function encrypted(number: number, changes: Partial<Connection> = {}): Connection {
  return {
    number,
    startedAt: '2025-03-05T10:00:00.000Z',
    tapPort: 40_000 + number,
    late: false,
    dialogue: [],
    starttls: 'not-asked',
    helloBeforeStarttls: false,
    hello: HELLO,
    serverHello: {
      version: '1.2',
      suite: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      group: 'x25519',
      signature: 'rsa_pkcs1_sha256',
      dhBits: null,
      retried: false,
    },
    certificate: null,
    alerts: [],
    handshake: 'finished',
    applicationBytes: { client: 800, server: 300 },
    bytes: { client: 1500, server: 4000 },
    ended: { by: 'client', how: 'fin', atMs: 900 },
    oddities: [],
    ...changes,
  };
}

/** What was said in the clear: "C: …" and "S: …". */
function clear(number: number, ...lines: readonly string[]): Connection {
  const dialogue = lines.map((line, at) => ({
    from: line.startsWith('C') ? ('client' as const) : ('server' as const),
    text: line.slice(3),
    atMs: at,
  }));
  const nothing = {
    hello: null,
    serverHello: null,
    handshake: 'none',
    applicationBytes: { client: 0, server: 0 },
  } as const;
  return encrypted(number, { ...nothing, dialogue });
}

const IMPLICIT: Setting = { id: 'tls-465', protocol: 'smtp', port: 465, security: 'implicit' };
const PLAIN: Setting = { id: 'plain-587', protocol: 'smtp', port: 587, security: 'plaintext' };

interface Case {
  readonly connections: readonly Connection[];
  readonly arrived?: number;
  readonly fetched?: boolean;
  readonly direction?: Direction;
  readonly setting?: Setting;
  readonly mode?: typeof strict;
}

function judged({ connections, arrived = 0, fetched = false, direction = 'send', ...given }: Case) {
  const setting = given.setting ?? IMPLICIT;
  const evidence = {
    wire: { connections: [...connections] },
    server: {
      sessions: [],
      arrived,
      unspoken: { versions: [], suites: [], groups: [], signatures: [] },
      trouble: null,
      mailboxOnly: { fetched },
    },
    device: { said: 'sent' as const, text: '', exitCode: null, trouble: null },
  };
  const tls = setting.port === 465 ? ('implicit' as const) : ('starttls' as const);
  const endpoint = { protocol: setting.protocol, port: setting.port, tls };
  const trial = { role: 'question', direction, setting, endpoint, trust: 'none', evidence } as const;
  return judge(trial, given.mode ?? strict!);
}

test('its mail arrived, and one connection can have carried it', () => {
  expect(judged({ connections: [encrypted(1)], arrived: 1 })).toEqual({
    outcome: 'works',
    encrypted: true,
    because: ['The mail arrived over TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.'],
  });
});

test('a handshake that failed carried nothing: the one that finished did', () => {
  const failed = encrypted(1, { handshake: 'started', serverHello: null, applicationBytes: { client: 0, server: 0 } });
  expect(judged({ connections: [failed, encrypted(2)], arrived: 1 }).outcome).toBe('works');
});

test('without the marker in the mailbox nothing works', () => {
  expect(judged({ connections: [encrypted(1)] })).toMatchObject({ outcome: 'inconclusive', cause: 'harness-trouble' });
});

test('two connections could have carried it: no mail is tied to either', () => {
  expect(judged({ connections: [encrypted(1), encrypted(2)], arrived: 1 })).toMatchObject({ outcome: 'inconclusive' });
});

test('mail that no connection of the tap carried', () => {
  const old: Connection['hello'] = { ...HELLO, maxVersion: '1.0', versions: ['1.0'], helloVersion: '1.0' };
  const refused = encrypted(1, {
    hello: old,
    serverHello: null,
    handshake: 'started',
    applicationBytes: { client: 0, server: 0 },
  });
  expect(judged({ connections: [refused], arrived: 1 })).toMatchObject({ outcome: 'inconclusive' });
  expect(judged({ connections: [refused] })).toMatchObject({ outcome: 'fails', cause: 'version-too-old' });
});

test('a waiting mail that was fetched', () => {
  expect(judged({ connections: [encrypted(1)], direction: 'fetch', fetched: true }).outcome).toBe('works');
  expect(judged({ connections: [encrypted(1)], direction: 'fetch', arrived: 1 }).outcome).toBe('inconclusive');
});

test('in the clear the wire shows the answers', () => {
  const refused = clear(
    1,
    'S: 220 hi',
    'C: EHLO x',
    'S: 250 STARTTLS',
    'C: MAIL FROM:<a@b>',
    'S: 530 5.7.0 Must issue',
  );
  expect(judged({ connections: [refused], setting: PLAIN })).toMatchObject({
    outcome: 'fails',
    cause: 'plaintext-only',
    because: ['It never asked for TLS.', 'The server answered 530 5.7.0.'],
  });
  const wrong = clear(1, 'S: 220 hi', 'C: EHLO x', 'S: 250 AUTH PLAIN', 'C: AUTH PLAIN …', 'S: 535 5.7.8 No');
  expect(judged({ connections: [wrong], setting: PLAIN, mode: legacy })).toMatchObject({ cause: 'auth-rejected' });
  const sent = clear(
    1,
    'S: 220 hi',
    'C: AUTH PLAIN …',
    'S: 235 2.7.0 Ok',
    'C: MAIL FROM:<a@b>',
    'S: 250 Ok',
    'C: DATA',
    'S: 354 Go on',
    'S: 250 Ok',
  );
  expect(judged({ connections: [sent], setting: PLAIN, mode: legacy, arrived: 1 })).toMatchObject({
    outcome: 'works',
    encrypted: false,
  });
});

test('who leaves after the certificate left the provider’s own', () => {
  const left = encrypted(1, {
    handshake: 'started',
    applicationBytes: { client: 0, server: 0 },
    alerts: [{ from: 'client', level: 'fatal', number: 48, name: 'unknown_ca', atMs: 5 }],
  });
  expect(judged({ connections: [left] })).toMatchObject({ outcome: 'fails', cause: 'certificate-untrusted' });
});
