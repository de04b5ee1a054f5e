import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Capture } from './capture.ts';
import { parseConnection } from './connection.ts';
import {
  buildCapture,
  captureOf,
  clientHello,
  handshakeMessage,
  type Said,
  SUBMISSION,
  SUBMISSIONS,
  serverHello,
  splitEvents,
  tlsRecord,
  uint16,
  vector,
} from './hand-built.ts';

const HELLO_12 = tlsRecord(
  22,
  0x0301,
  clientHello({
    extensions: [
      [0, vector(2, Buffer.from([0]), vector(2, Buffer.from('mail.test')))],
      [10, vector(2, uint16(23, 0x0a0a))],
      [13, vector(2, uint16(0x0401, 0x0201))],
    ],
  }),
);
const ALERT_70 = Buffer.from('15030100020246', 'hex');

describe('hellos', () => {
  test('tells what a hello offers, without GREASE', () => {
    const { hello } = parseConnection(buildCapture(SUBMISSIONS, [['client', HELLO_12]]));
    expect(hello).toMatchObject({
      format: 'tls',
      recordVersion: '1.0',
      helloVersion: '1.2',
      maxVersion: '1.2',
      versions: ['1.2'],
      suites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'],
      groups: ['secp256r1'],
      signatures: ['rsa_pkcs1_sha256', 'rsa_pkcs1_sha1'],
      sni: 'mail.test',
      extensions: ['server_name', 'supported_groups', 'signature_algorithms'],
      fallbackScsv: false,
    });
  });

  test('a hello without any extension has no groups, signatures or name', () => {
    const bytes = tlsRecord(22, 0x0300, clientHello({ version: 0x0301, suites: [0x000a, 0x5600], extensions: null }));
    const { hello, oddities } = parseConnection(buildCapture(SUBMISSIONS, [['client', bytes]]));
    expect(hello).toMatchObject({
      recordVersion: 'SSLv3',
      maxVersion: '1.0',
      groups: null,
      signatures: null,
      sni: null,
      extensions: [],
      fallbackScsv: true,
    });
    expect(oddities).toEqual([]);
  });

  test('supported_versions outranks the version field', () => {
    const bytes = clientHello({ extensions: [[43, vector(1, uint16(0x1a1a, 0x0304, 0x0303))]] });
    const { hello } = parseConnection(buildCapture(SUBMISSIONS, [['client', tlsRecord(22, 0x0301, bytes)]]));
    expect(hello).toMatchObject({ helloVersion: '1.2', maxVersion: '1.3', versions: ['1.3', '1.2'] });
  });

  test.for([
    [0x0301, '1.0', 'TLS 1.0'],
    [0x0002, 'SSLv2', 'SSL 2.0 alone'],
  ] as const)('SSLv2 format with version %i offers %s at most', ([version, maxVersion]) => {
    const kinds = Buffer.from('01008000000a000004', 'hex');
    const body = Buffer.concat([Buffer.from([1]), uint16(version, kinds.length, 0, 16), kinds, Buffer.alloc(16, 5)]);
    const bytes = Buffer.concat([uint16(0x8000 | body.length), body]);
    const { hello, alerts } = parseConnection(
      buildCapture(SUBMISSIONS, [
        ['client', bytes],
        ['server', ALERT_70],
        ['server', 'fin', true],
      ]),
    );
    expect(hello).toMatchObject({
      format: 'sslv2',
      recordVersion: null,
      maxVersion,
      suites: ['SSL_CK_RC4_128_WITH_MD5', 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'TLS_RSA_WITH_RC4_128_MD5'],
      ja3: null,
      ja4: null,
      lengthBytes: bytes.length,
    });
    expect(alerts).toMatchObject([{ from: 'server', level: 'fatal', number: 70, name: 'protocol_version' }]);
  });

  test('a hello spread over records and records spread over segments read the same', () => {
    const message = clientHello({ suites: [0x002f, 0x0035, 0x000a] });
    const spread = Buffer.concat(
      [10, 1, 30].map((cut, i, cuts) =>
        tlsRecord(
          22,
          0x0301,
          message.subarray(
            cuts.slice(0, i).reduce((a, b) => a + b, 0),
            i === 2 ? undefined : cuts.slice(0, i + 1).reduce((a, b) => a + b, 0),
          ),
        ),
      ),
    );
    const whole = parseConnection(buildCapture(SUBMISSIONS, [['client', tlsRecord(22, 0x0301, message)]]));
    const pieces = parseConnection(splitEvents(buildCapture(SUBMISSIONS, [['client', spread]]), [1, 3, 2]));
    expect(pieces.hello).toEqual(whole.hello);
  });

  test('a hello that is cut short is no hello, and is named', () => {
    const { hello, handshake, oddities } = parseConnection(
      buildCapture(SUBMISSIONS, [
        ['client', HELLO_12.subarray(0, 60)],
        ['client', 'reset', true],
      ]),
    );
    expect({ hello, handshake }).toEqual({ hello: null, handshake: 'started' });
    expect(oddities).toContainEqual(expect.stringContaining('cut after 55'));
  });
});

describe('answers', () => {
  test('a TLS 1.2 server key exchange names group and signature, and a finite field its size', () => {
    const ecdhe = Buffer.concat([
      Buffer.from([3]),
      uint16(24),
      vector(1, Buffer.alloc(97, 4)),
      uint16(0x0804),
      vector(2, Buffer.alloc(256)),
    ]);
    expect(serverFacts(0x0303, 0xc02f, ecdhe)).toMatchObject({
      version: '1.2',
      group: 'secp384r1',
      signature: 'rsa_pss_rsae_sha256',
      dhBits: null,
    });
    const modulus = Buffer.concat([Buffer.from([0, 0x7f]), Buffer.alloc(127, 1)]);
    const dhe = Buffer.concat([
      vector(2, modulus),
      vector(2, Buffer.from([2])),
      vector(2, Buffer.alloc(128)),
      uint16(0x0201),
      vector(2, Buffer.alloc(256)),
    ]);
    expect(serverFacts(0x0303, 0x0033, dhe)).toMatchObject({ group: null, signature: 'rsa_pkcs1_sha1', dhBits: 1023 });
    expect(serverFacts(0x0301, 0x0033, dhe)).toMatchObject({ version: '1.0', signature: null, dhBits: 1023 });
  });

  test('a retry request is told, and the group of the second answer counts', () => {
    const retry = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
    const first = serverHello(
      0x0303,
      0x1301,
      [
        [43, uint16(0x0304)],
        [51, uint16(29)],
      ],
      retry,
    );
    const second = serverHello(0x0303, 0x1301, [
      [43, uint16(0x0304)],
      [51, Buffer.concat([uint16(23), vector(2, Buffer.alloc(65))])],
    ]);
    const said: Said[] = [
      ['client', HELLO_12],
      ['server', tlsRecord(22, 0x0303, first)],
      ['client', HELLO_12],
    ];
    expect(parseConnection(buildCapture(SUBMISSIONS, said)).serverHello).toMatchObject({
      group: 'x25519',
      retried: true,
    });
    said.push(['server', tlsRecord(22, 0x0303, second)]);
    expect(parseConnection(buildCapture(SUBMISSIONS, said)).serverHello).toEqual({
      version: '1.3',
      suite: 'TLS_AES_128_GCM_SHA256',
      group: 'secp256r1',
      signature: null,
      dhBits: null,
      retried: true,
    });
  });

  test('a certificate that is none becomes an oddity', () => {
    const message = handshakeMessage(11, vector(3, vector(3, Buffer.from('no certificate'))));
    const { certificate, oddities } = parseConnection(
      buildCapture(SUBMISSIONS, [
        ['client', HELLO_12],
        ['server', tlsRecord(22, 0x0303, message)],
      ]),
    );
    expect(certificate).toBeNull();
    expect(oddities).toEqual(['server: certificate that cannot be read']);
  });
});

describe('handshake and alerts', () => {
  const server12 = tlsRecord(22, 0x0303, serverHello(0x0303, 0x009c));
  const finish = (from: 'client' | 'server'): Said => [
    from,
    Buffer.concat([tlsRecord(20, 0x0303, Buffer.from([1])), tlsRecord(22, 0x0303, Buffer.alloc(40))]),
  ];

  test('is finished when both sides sent an encrypted record behind ChangeCipherSpec', () => {
    const said: Said[] = [['client', HELLO_12], ['server', server12], finish('client')];
    expect(parseConnection(buildCapture(SUBMISSIONS, said)).handshake).toBe('started');
    said.push(finish('server'), ['server', tlsRecord(23, 0x0303, Buffer.alloc(45))]);
    expect(parseConnection(buildCapture(SUBMISSIONS, said))).toMatchObject({
      handshake: 'finished',
      applicationBytes: { client: 0, server: 45 },
    });
  });

  test('an alert before ChangeCipherSpec is read, one behind it only seen', () => {
    const alert = tlsRecord(21, 0x0303, Buffer.from([2, 48]));
    const early = parseConnection(
      buildCapture(SUBMISSIONS, [
        ['client', HELLO_12],
        ['server', server12],
        ['client', alert],
        ['client', 'reset', true],
      ]),
    );
    expect(early.alerts).toEqual([{ from: 'client', level: 'fatal', number: 48, name: 'unknown_ca', atMs: 2 }]);
    expect(early.ended).toEqual({ by: 'client', how: 'reset', atMs: 3 });
    const hidden = parseConnection(
      buildCapture(SUBMISSIONS, [
        ['client', HELLO_12],
        ['server', server12],
        finish('client'),
        ['client', tlsRecord(21, 0x0303, Buffer.alloc(26))],
      ]),
    );
    expect(hidden.alerts).toEqual([{ from: 'client', level: null, number: null, name: null, atMs: 3 }]);
  });

  test('TLS 1.3: finished with the client’s Finished; 19 bytes are an alert', () => {
    const server13 = tlsRecord(
      22,
      0x0303,
      serverHello(0x0303, 0x1301, [
        [43, uint16(0x0304)],
        [51, uint16(29)],
      ]),
    );
    const encrypted = (length: number) => tlsRecord(23, 0x0303, Buffer.alloc(length));
    const start: Said[] = [
      ['client', HELLO_12],
      ['server', Buffer.concat([server13, encrypted(900), encrypted(53)])],
    ];
    const refused = parseConnection(
      buildCapture(SUBMISSIONS, [...start, ['client', encrypted(19)], ['client', 'fin', true]]),
    );
    expect(refused).toMatchObject({
      handshake: 'started',
      alerts: [{ from: 'client', number: null }],
      applicationBytes: { client: 0, server: 0 },
    });
    const good: Said[] = [
      ...start,
      ['client', encrypted(53)],
      ['server', encrypted(250)],
      ['server', encrypted(250)],
      ['server', encrypted(40)],
      ['client', encrypted(30)],
      ['client', encrypted(19)],
    ];
    expect(parseConnection(buildCapture(SUBMISSIONS, good))).toMatchObject({
      handshake: 'finished',
      alerts: [{ from: 'client', number: null }],
      applicationBytes: { client: 30, server: 40 },
    });
  });

  test('a gap in application data loses neither the alert behind it nor the count', () => {
    const capture = buildCapture(SUBMISSIONS, [
      ['client', HELLO_12],
      ['server', server12],
      finish('client'),
      finish('server'),
      ['client', tlsRecord(23, 0x0303, Buffer.alloc(16_000)).subarray(0, 9_000)],
    ]);
    const tail = Buffer.concat([
      Buffer.alloc(500, 0xaa),
      tlsRecord(23, 0x0303, Buffer.alloc(700)),
      tlsRecord(21, 0x0303, Buffer.alloc(26)),
    ]);
    const events: Capture['events'] = [
      ...capture.events,
      { kind: 'omitted', from: 'client', atMs: 6, count: 1_000_000 },
      { kind: 'data', from: 'client', atMs: 7, bytes: tail },
    ];
    const facts = parseConnection(captureOf(SUBMISSIONS, events));
    expect(facts.alerts).toMatchObject([{ from: 'client', number: null, atMs: 7 }]);
    expect(facts.applicationBytes.client).toBeGreaterThan(1_000_000);
    expect(facts.bytes.client).toBe(HELLO_12.length + 6 + 45 + 9_000 + 1_000_000 + tail.length);
  });
});

describe('dialogue', () => {
  test('STARTTLS, refused or accepted, and a hello without it', () => {
    const start: Said[] = [
      ['server', '220 mail.test ESMTP\r\n'],
      ['client', 'EHLO x\r\nSTARTTLS\r\n'],
      ['server', '250-mail.test\r\n250 STARTTLS\r\n'],
    ];
    const accepted = parseConnection(
      buildCapture(SUBMISSION, [...start, ['server', '220 go\r\n'], ['client', HELLO_12], ['server', ALERT_70]]),
    );
    expect(accepted).toMatchObject({ starttls: 'accepted', helloBeforeStarttls: false, alerts: [{ number: 70 }] });
    expect(accepted.dialogue.map((d) => d.text)).toEqual([
      '220 mail.test ESMTP',
      'EHLO x',
      'STARTTLS',
      '250-mail.test',
      '250 STARTTLS',
      '220 go',
    ]);
    const refused = parseConnection(
      buildCapture(SUBMISSION, [...start, ['server', '454 no\r\n'], ['client', 'QUIT\r\n']]),
    );
    expect(refused).toMatchObject({ starttls: 'refused', hello: null, handshake: 'none' });
    expect(refused.dialogue.at(-1)).toEqual({ from: 'client', text: 'QUIT', atMs: 4 });
    const early = parseConnection(
      buildCapture(SUBMISSION, [
        ['server', '220 x\r\n'],
        ['client', HELLO_12],
        ['server', '500 5.5.2 Error: bad syntax\r\n'],
      ]),
    );
    expect(early).toMatchObject({ starttls: 'not-asked', helloBeforeStarttls: true, hello: { sni: 'mail.test' } });
    expect(early.dialogue.map((d) => d.text)).toEqual(['220 x', '500 5.5.2 Error: bad syntax']);
  });

  test('a hello sent at once behind STARTTLS waits for the answer', () => {
    const said: Said[] = [
      ['server', '220 x\r\n'],
      ['client', Buffer.concat([Buffer.from('STARTTLS\r\n'), HELLO_12])],
      ['server', '220 go\r\n'],
    ];
    expect(parseConnection(buildCapture(SUBMISSION, said))).toMatchObject({
      starttls: 'accepted',
      hello: { sni: 'mail.test' },
    });
  });

  test('IMAP and POP3 ask for TLS in their own words', () => {
    const imap = parseConnection(
      buildCapture({ protocol: 'imap', port: 143, tls: 'starttls' }, [
        ['server', '* OK hi\r\n'],
        ['client', 'a1 STARTTLS\r\n'],
        ['server', '* BYE maybe\r\na1 OK begin\r\n'],
        ['client', HELLO_12],
      ]),
    );
    expect(imap).toMatchObject({ starttls: 'accepted', hello: { sni: 'mail.test' } });
    const pop3 = parseConnection(
      buildCapture({ protocol: 'pop3', port: 110, tls: 'starttls' }, [
        ['server', '+OK hi\r\n'],
        ['client', 'CAPA\r\n'],
        ['server', '+OK\r\nSTLS\r\n.\r\n'],
        ['client', 'STLS\r\n'],
        ['server', '-ERR no\r\n'],
      ]),
    );
    expect(pop3).toMatchObject({ starttls: 'refused', hello: null });
    expect(pop3.dialogue).toHaveLength(7);
  });

  test('a mail in the clear is told by length and hash', () => {
    const mail = 'Subject: scan\r\n\r\n..dot\r\npage\r\n';
    const said: Said[] = [
      ['server', '220 x\r\n'],
      ['client', 'DATA\r\n'],
      ['server', '354 go\r\n'],
      ['client', `${mail}.\r\nQUIT\r\n`],
      ['server', '250 ok\r\n'],
    ];
    const { dialogue } = parseConnection(buildCapture(SUBMISSION, said));
    const hash = createHash('sha256').update(mail).digest('hex');
    expect(dialogue.map((d) => d.text)).toEqual([
      '220 x',
      'DATA',
      '354 go',
      `(mail body, ${mail.length} bytes, sha256 ${hash})`,
      '.',
      'QUIT',
      '250 ok',
    ]);
  });

  test('what is retrieved is told the same way: RETR, FETCH, BDAT', () => {
    const pop3 = parseConnection(
      buildCapture({ protocol: 'pop3', port: 110, tls: 'starttls' }, [
        ['server', '+OK\r\n'],
        ['client', 'RETR 1\r\n'],
        ['server', '+OK 20\r\nsecret page\r\n.\r\n'],
      ]),
    );
    expect(pop3.dialogue[3]?.text).toMatch(/^\(mail body, 13 bytes/);
    const imap = parseConnection(
      buildCapture({ protocol: 'imap', port: 143, tls: 'starttls' }, [
        ['server', '* OK\r\n'],
        ['client', 'a FETCH 1 BODY[]\r\n'],
        ['server', '* 1 FETCH (BODY[] {11}\r\nsecret page)\r\na OK\r\n'],
      ]),
    );
    expect(imap.dialogue.map((d) => d.text).slice(3)).toEqual([
      expect.stringMatching(/^\(mail body, 11 bytes/),
      ')',
      'a OK',
    ]);
    const bdat = parseConnection(
      buildCapture(SUBMISSION, [
        ['server', '220 x\r\n'],
        ['client', 'BDAT 11 LAST\r\nsecret page'],
        ['server', '250 ok\r\n'],
      ]),
    );
    expect(JSON.stringify([pop3, imap, bdat])).not.toContain('secret');
  });

  test('any bytes are a line that is safe to print', () => {
    const { dialogue } = parseConnection(
      buildCapture(SUBMISSION, [
        ['server', Buffer.from('\0\x1b[31mGET / \xff\n', 'latin1')],
        ['client', Buffer.from('NOOP \0\x1b[31m \xff\n', 'latin1')],
        ['server', 'half a li'],
        ['server', 'fin', true],
      ]),
    );
    expect(dialogue.map((d) => d.text)).toEqual([
      '\\x00\\x1b[31mGET / \ufffd',
      'NOOP \\x00\\x1b[31m \ufffd',
      'half a li',
    ]);
  });

  test('a line of the client that is no command is told by length and hash: it may be part of a mail', () => {
    const said: Said[] = [
      ['client', 'Lieber Paul\n'],
      ['client', 'half a li'],
      ['client', 'fin', true],
    ];
    const told = (line: string) => {
      const hash = createHash('sha256').update(line).digest('hex');
      return `(unrecognised line, ${line.length} bytes, sha256 ${hash})`;
    };
    const { dialogue } = parseConnection(buildCapture(SUBMISSION, said));
    expect(dialogue.map((d) => d.text)).toEqual([told('Lieber Paul\n'), told('half a li')]);
  });

  test('of a client that never says a command, the first hundred lines are told one by one', () => {
    const lines = `${'a scanned page\r\n'.repeat(5_000)}QUIT\r\n`;
    const { dialogue } = parseConnection(buildCapture(SUBMISSION, [['client', lines]]));
    expect(dialogue).toHaveLength(102);
    expect(dialogue[100]?.text).toMatch(/^\(mail body, 78400 bytes/);
    expect(dialogue[101]?.text).toBe('QUIT');
  });

  test('a hello behind a mail that was sent although refused is found', () => {
    const facts = parseConnection(
      buildCapture(SUBMISSION, [
        ['server', '220 x\r\n'],
        ['client', 'DATA\r\n'],
        ['server', '530 no\r\n'],
        ['client', 'Subject: scan\r\n\r\npage\r\n'],
        ['client', HELLO_12],
      ]),
    );
    expect(facts).toMatchObject({ hello: { sni: 'mail.test' }, oddities: [] });
  });

  test('plaintext on an implicit port is a dialogue, and the alert of the server is seen', () => {
    const facts = parseConnection(
      buildCapture(SUBMISSIONS, [
        ['client', 'EHLO x\r\n'],
        ['server', ALERT_70],
      ]),
    );
    expect(facts).toMatchObject({
      dialogue: [{ text: 'EHLO x' }],
      alerts: [{ from: 'server', number: 70 }],
      hello: null,
      handshake: 'started',
    });
  });

  test('who ended it, and how', () => {
    expect(parseConnection(buildCapture(SUBMISSION, [['tap', 'reset', true]])).ended).toEqual({
      by: 'tap',
      how: 'reset',
      atMs: 0,
    });
    expect(parseConnection(buildCapture(SUBMISSION, [['server', '220 x\r\n']])).ended).toEqual({
      by: 'nobody',
      how: 'open',
      atMs: 0,
    });
    expect(
      parseConnection(
        buildCapture(SUBMISSION, [
          ['server', 'fin', true],
          ['client', 'reset', true],
        ]),
      ).ended,
    ).toMatchObject({ by: 'server', how: 'fin' });
  });
});

function serverFacts(version: number, suite: number, keyExchange: Buffer) {
  const messages = Buffer.concat([
    serverHello(version, suite),
    handshakeMessage(12, keyExchange),
    handshakeMessage(14, Buffer.alloc(0)),
  ]);
  return parseConnection(
    buildCapture(SUBMISSIONS, [
      ['client', HELLO_12],
      ['server', tlsRecord(22, version, messages)],
    ]),
  ).serverHello;
}
