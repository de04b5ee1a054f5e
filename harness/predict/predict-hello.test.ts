import { describe, expect, test } from 'vitest';
import { applyChange } from '../modes/apply-change.ts';
import { readModes } from '../modes/read-mode.ts';
import type { ClientHello } from '../vocabulary/evidence.ts';
import type { Mode } from '../vocabulary/mode.ts';
import { preparePredictionOfClient, type RecordedClient } from './predict-client.ts';
import { type Prediction, preparePrediction } from './predict-hello.ts';
import type { Offer, ServerRules } from './server-rules.ts';

// What servers really do is measured against in harness/replay; here stands what follows from how a hello is built.
const strict = readModes(['strict'])[0]!;
const today = readModes(['today'])[0]!;
const NOTHING = { versions: [], suites: [], groups: [], signatures: [] };

function rulesFor(mode: Mode, more: Partial<ServerRules> = {}): ServerRules {
  return {
    mode,
    software: 'test',
    versions: mode.tls.min === '1.0' ? ['1.0', '1.1', '1.2', '1.3'] : ['1.2', '1.3'],
    suites: mode.suites,
    groups: mode.groups,
    signatures: mode.signatures,
    unspoken: NOTHING,
    key: { type: 'RSA', bits: 2048, curve: null },
    certificate: null,
    dhBits: 2048,
    shareOrder: 'client',
    ...more,
  };
}

const HELLO: ClientHello = {
  format: 'tls',
  recordVersion: '1.0',
  helloVersion: '1.2',
  maxVersion: '1.2',
  versions: ['1.2'],
  suites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_CBC_SHA'],
  groups: ['secp256r1', 'x25519'],
  signatures: ['rsa_pkcs1_sha256'],
  sni: null,
  alpn: [],
  extensions: ['supported_groups', 'signature_algorithms'],
  fallbackScsv: false,
  ja3: null,
  ja3Hash: null,
  ja4: null,
  lengthBytes: 200,
};

const HELLO_13: ClientHello = {
  ...HELLO,
  maxVersion: '1.3',
  versions: ['1.3', '1.2'],
  suites: ['TLS_AES_128_GCM_SHA256', ...HELLO.suites],
  signatures: ['rsa_pss_rsae_sha256', 'rsa_pkcs1_sha256'],
  extensions: ['supported_groups', 'signature_algorithms', 'supported_versions', 'key_share'],
};

function predict(hello: Partial<ClientHello>, rules = rulesFor(strict), more: Partial<Offer> = {}): Prediction {
  return preparePrediction(rules)({ hello: { ...HELLO, ...hello }, ...more });
}

describe('a hello that passes', () => {
  test('the server chooses by its own order', () => {
    expect(predict({})).toMatchObject({
      outcome: 'works',
      negotiated: {
        version: '1.2',
        suite: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
        group: 'x25519',
        signature: 'rsa_pkcs1_sha256',
        dhBits: null,
        retried: false,
      },
    });
  });

  test.each([
    ['no group, no signature', { suites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] }, { group: null, signature: null }],
    ['the size of the parameters', { suites: ['TLS_DHE_RSA_WITH_AES_128_CBC_SHA'] }, { group: null, dhBits: 2048 }],
    ['no elliptic curve without a list of groups', { groups: null }, { suite: 'TLS_RSA_WITH_AES_128_CBC_SHA' }],
  ])('%s', (_, hello, negotiated) => {
    expect(predict(hello)).toMatchObject({ outcome: 'works', negotiated });
  });

  test('in TLS 1.0 nothing names a signature', () => {
    const old = { maxVersion: '1.0', versions: ['1.0'], signatures: null } as const;
    const passed = predict({ ...old, versions: ['1.0'] }, rulesFor(today));
    expect(passed).toMatchObject({ negotiated: { version: '1.0', suite: HELLO.suites[1], signature: null } });
  });

  test('of several keys the client’s or the server’s first is used, by the server’s kind', () => {
    const shares = { keyShares: ['secp256r1', 'x25519'] };
    const group = (shareOrder: ServerRules['shareOrder']) => {
      const passed = predict(HELLO_13, rulesFor(strict, { shareOrder }), shares);
      return passed.outcome === 'works' ? passed.negotiated.group : passed;
    };
    expect([group('client'), group('server')]).toEqual(['secp256r1', 'x25519']);
  });

  test('without a key that the server can use it asks for another hello', () => {
    expect(predict(HELLO_13, rulesFor(strict), { keyShares: [] })).toMatchObject({
      negotiated: { group: 'x25519', retried: true },
    });
  });
});

describe('a hello that is refused', () => {
  test.each<[string, Partial<ClientHello>, string]>([
    ['an old version', { maxVersion: '1.1', versions: ['1.1'] }, 'version-too-old'],
    ['no suite of the mode', { suites: ['TLS_RSA_WITH_RC4_128_SHA'] }, 'no-shared-cipher'],
    ['SHA-1 by silence', { signatures: null }, 'no-shared-signature'],
    ['no group of the mode', { groups: ['sect163k1'], suites: HELLO.suites.slice(0, 1) }, 'no-shared-group'],
    [
      'elliptic curves alone and no list of groups',
      { groups: null, suites: HELLO.suites.slice(0, 1) },
      'no-shared-group',
    ],
    ['groups that TLS 1.2 has not', { groups: ['ffdhe2048'], suites: HELLO.suites.slice(0, 1) }, 'no-shared-group'],
    ['ECDSA alone', { suites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'] }, 'certificate-key'],
    ['TLS 1.3 with signatures of TLS 1.2', { ...HELLO_13, signatures: ['rsa_pkcs1_sha256'] }, 'no-shared-signature'],
    ['a fallback that is none', { fallbackScsv: true }, 'connection-dropped'],
    ['a fallback to what is too old', { fallbackScsv: true, maxVersion: '1.0', versions: ['1.0'] }, 'version-too-old'],
  ])('%s', (_, hello, cause) => {
    const groups = { groups: [...strict.groups, 'ffdhe2048'] };
    const rules = rulesFor({ ...strict, ...groups }, groups);
    expect(predict(hello, rules)).toMatchObject({ outcome: 'fails', cause });
  });

  test('a server that takes more than its mode lists takes it', () => {
    const postfix = rulesFor(strict, { signatures: [...strict.signatures, 'rsa_pkcs1_sha1'] });
    expect(predict({ signatures: null }, postfix)).toMatchObject({ outcome: 'works' });
  });

  test('what the engine has lost says nothing of the mode', () => {
    const lost = { ...NOTHING, suites: ['TLS_RSA_WITH_3DES_EDE_CBC_SHA'] };
    const rules = rulesFor(today, { unspoken: lost, suites: today.suites.filter((s) => !lost.suites.includes(s)) });
    expect(predict({ suites: lost.suites }, rules)).toMatchObject({ outcome: 'not-run', cause: 'not-testable' });
    expect(predict({ suites: lost.suites }, rulesFor(strict))).toMatchObject({ cause: 'no-shared-cipher' });
  });

  test.each([
    ['a certificate', { rsaBits: { atMost: 1024 } }, {}, 'certificate-key'],
    [
      'Diffie-Hellman',
      { dhBits: { atMost: 1024 } },
      { suites: ['TLS_DHE_RSA_WITH_AES_128_CBC_SHA'] },
      'no-shared-group',
    ],
  ])('a size of %s that the client does not take', (_, limits, hello, cause) => {
    expect(predict(hello, rulesFor(strict), { limits })).toMatchObject({ outcome: 'fails', cause });
    expect(predict(hello, rulesFor(strict), { limits: { rsaBits: { atLeast: 2048, atMost: 4096 } } }).outcome).toBe(
      'works',
    );
  });
});

test.each<[string, Mode | null, Partial<ServerRules>]>([
  [
    'a mode that changes while it is asked',
    { ...strict, refusal: { ...strict.refusal, until: { seconds: 60, mode: 'today' } } },
    {},
  ],
  ["the provider's own configuration", { ...strict, configuration: '/etc/mail' }, {}],
  ['an unknown kind of key', null, { key: { type: 'other', bits: 0, curve: null } }],
])('%s cannot be predicted', (_, mode, rules) => {
  expect(predict({}, rulesFor(mode ?? strict, rules)).outcome).toBe('cannot-be-predicted');
});

describe('a client', () => {
  const client: RecordedClient = { security: 'starttls', offers: [{ hello: HELLO }], met: [] };
  const worked = { mode: 'today', outcome: 'works', certificate: 'rsa-2048', auth: 'PLAIN' } as const;
  const inStrict = (more: Partial<RecordedClient>, mode = strict) =>
    preparePredictionOfClient(rulesFor(mode))({ ...client, ...more });

  test('of which only the hello is known', () => {
    expect(inStrict({})).toMatchObject({ outcome: 'works', beyondHello: 'not-recorded' });
    expect(inStrict({ met: [worked] })).toMatchObject({ outcome: 'works', beyondHello: 'seen' });
  });

  test('that logs in with name and password, as IMAP and POP3 have it, gets in where PLAIN does', () => {
    const met = [{ ...worked, auth: 'USERPASS' }];
    expect(inStrict({ met })).toMatchObject({ outcome: 'works', beyondHello: 'seen' });
    expect(inStrict({ met }, { ...strict, auth: ['CRAM-MD5'] }).outcome).toBe('cannot-be-predicted');
  });

  test.each<[string, RecordedClient['met'][number]]>([
    ['trust in the certificate', { ...worked, outcome: 'fails', cause: 'certificate-untrusted' }],
    ['the login', { ...worked, outcome: 'fails', cause: 'auth-rejected' }],
    ["the mail's way", { ...worked, outcome: 'fails', cause: 'mail-lost' }],
    ['a login that the mode does not have', { ...worked, auth: 'CRAM-MD5' }],
    ['no login', { mode: 'forgiving', outcome: 'works', certificate: 'rsa-2048' }],
    ['another certificate', { ...worked, certificate: 'factory-root' }],
  ])('that %s stops cannot be predicted, unless its hello stops it before', (_, met) => {
    expect(inStrict({ met: [met] }).outcome).toBe('cannot-be-predicted');
    const old = { hello: { ...HELLO, maxVersion: '1.0', versions: ['1.0'] } } as Offer;
    expect(inStrict({ met: [met], offers: [old] })).toMatchObject({ outcome: 'fails', cause: 'version-too-old' });
  });

  test('that comes back with another hello is judged by the best', () => {
    const old: Offer = { hello: { ...HELLO, maxVersion: 'SSLv3', versions: ['SSLv3'] } };
    expect(inStrict({ offers: [old, { hello: HELLO }] }).outcome).toBe('works');
    const weak: Offer = { hello: { ...HELLO, suites: ['TLS_RSA_WITH_RC4_128_SHA'] } };
    expect(inStrict({ offers: [old, weak] })).toMatchObject({ cause: 'no-shared-cipher' });
  });

  test('that may go on in the clear, where that is allowed', () => {
    const old: Offer = { hello: { ...HELLO, maxVersion: 'SSLv3', versions: ['SSLv3'] } };
    const opportunistic = { security: 'opportunistic', offers: [old] } as const;
    expect(inStrict(opportunistic, today).outcome).toBe('cannot-be-predicted');
    expect(inStrict(opportunistic)).toMatchObject({ cause: 'version-too-old' });
  });

  test('that opens TLS at once where a port starts in the clear gets nowhere', () => {
    expect(inStrict({ security: 'implicit', port: 587 })).toMatchObject({ outcome: 'fails', cause: 'wrong-tls-mode' });
    expect(inStrict({ security: 'implicit', port: 465 })).toMatchObject({ outcome: 'works' });
    expect(inStrict({ security: 'starttls', port: 587 })).toMatchObject({ outcome: 'works' });
  });

  test('that only says that it comes back has a better hello, which nobody recorded', () => {
    const back: Offer = { hello: { ...HELLO, maxVersion: '1.0', versions: ['1.0'], fallbackScsv: true } };
    expect(inStrict({ offers: [back] }).outcome).toBe('cannot-be-predicted');
    const weak: Offer = { hello: { ...HELLO, suites: ['TLS_RSA_WITH_RC4_128_SHA'] } };
    expect(inStrict({ offers: [back, weak] })).toMatchObject({ outcome: 'fails', cause: 'no-shared-cipher' });
    expect(inStrict({ offers: [back], met: [worked] })).toMatchObject({ outcome: 'fails', cause: 'version-too-old' });
  });

  test('calls a name that the mode must have', () => {
    const typed = { host: 'mail.kunde.example', met: [worked] };
    expect(inStrict(typed).outcome).toBe('cannot-be-predicted');
    const { mode } = applyChange(strict, 'certificate.names', ['mail.kunde.example']);
    expect(inStrict(typed, mode)).toMatchObject({ outcome: 'works', beyondHello: 'seen' });
  });
});
