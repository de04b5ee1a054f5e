import { describe, expect, test } from 'vitest';
import { createRedactor } from './redact.ts';
import type { Capture } from './wire/capture.ts';
import { parseConnection } from './wire/connection.ts';
import { buildCapture, bytesOf, type Said, splitEvents, SUBMISSION } from './wire/hand-built.ts';
import { renderPcapng } from './wire/pcapng.ts';

const SECRETS = ['Kanarie-77vogel', 'päß"wört\\/+&%', 'with space and =sign', 'aaaaaaaaaaaa'];

/** Every spelling that DESIGN.md lists, made by other code than ours. */
function spellings(secret: string): readonly (readonly [string, string])[] {
  const utf8 = Buffer.from(secret);
  const utf16 = Buffer.from(secret, 'utf16le');
  const around = (n: number) => Buffer.concat([Buffer.alloc(n, 0x21), utf8, Buffer.from('tail')]);
  const quotedPrintable = [...utf8].map((b) => `=${b.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  return [
    ['raw', secret],
    ['base64', utf8.toString('base64')],
    ['base64 shifted by one', around(1).toString('base64')],
    ['base64 shifted by two', around(2).toString('base64')],
    ['base64url', around(1).toString('base64url')],
    [
      'base64 over two lines',
      around(0)
        .toString('base64')
        .replace(/^(.{9})/, '$1\r\n'),
    ],
    ['SASL PLAIN', Buffer.from(`\0user@example.org\0${secret}`).toString('base64')],
    ['base64 of UTF-16', utf16.toString('base64')],
    ['hex', utf8.toString('hex')],
    ['HEX', utf8.toString('hex').toUpperCase()],
    ['hex with colons', utf8.toString('hex').replace(/(..)(?=.)/g, '$1:')],
    ['JSON', JSON.stringify({ password: secret })],
    ['JSON in JSON', JSON.stringify(JSON.stringify({ password: secret }))],
    [
      'JSON, ASCII only',
      JSON.stringify(secret).replace(/[\x80-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ],
    ['percent', encodeURIComponent(secret)],
    ['percent, every byte', [...utf8].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('')],
    ['form', new URLSearchParams({ password: secret }).toString()],
    ['quoted-printable', quotedPrintable],
    ['quoted-printable with a soft break', quotedPrintable.replace(/^(.{12})/, '$1=\r\n')],
  ];
}

/** What must not be left: a run of characters from where the secret stands in every spelling. */
function leaks(output: string, spelling: string): boolean {
  const piece = spelling
    .replace(/\r\n/g, '')
    .slice(Math.floor(spelling.length / 2))
    .slice(0, 8);
  return output.replace(/\r\n/g, '').includes(piece);
}

describe.for(SECRETS)('the secret %s', (secret) => {
  const redactor = createRedactor([secret]);

  test.for(spellings(secret))('is blanked as %s', ([, spelling]) => {
    const output = redactor.text(`before ${spelling} after`);
    expect(leaks(output, spelling)).toBe(false);
    expect(output).toMatch(/^before [^]*after$/);
    expect(Buffer.byteLength(output)).toBe(Buffer.byteLength(`before ${spelling} after`));
  });

  test('is blanked as UTF-16 and across segments of a capture', () => {
    for (const bytes of [
      Buffer.from(secret, 'utf16le'),
      Buffer.from(secret, 'utf16le').swap16(),
      Buffer.from(secret),
    ]) {
      const capture = buildCapture(SUBMISSION, [
        ['client', Buffer.concat([Buffer.from('NOOP '), bytes, Buffer.from('\r\n')])],
      ]);
      const output = bytesOf(redactor.capture(splitEvents(capture, [3, 1, 2])), 'client');
      expect(output.length).toBe(bytes.length + 7);
      expect(output.subarray(5, -2).toString('latin1')).toMatch(/^\*+$/);
    }
  });
});

describe('data', () => {
  test('keeps its shape; strings and keys are redacted, other values are not touched', () => {
    const redactor = createRedactor(['Kanarie-77']);
    const value = { list: ['x Kanarie-77', 7, null], nested: { 'Kanarie-77': true } };
    expect(redactor.object(value)).toEqual({ list: ['x **********', 7, null], nested: { '**********': true } });
    expect(value.list[0]).toBe('x Kanarie-77');
  });

  test('text without a secret is the same text, whatever it holds', () => {
    const text = 'Größe \u{1f600} \ud800 =?utf-8?';
    expect(createRedactor(['Kanarie-77']).text(text)).toBe(text);
  });

  test('a secret of a letter or two is not looked for', () => {
    expect(createRedactor(['', '1', 'ab']).text('ab 1 cd')).toBe('ab 1 cd');
  });
});

describe('secrets that nobody told us, by their place in the dialogue', () => {
  const imap = { protocol: 'imap', port: 143, tls: 'starttls' } as const;
  const pop3 = { protocol: 'pop3', port: 110, tls: 'starttls' } as const;
  const cases: readonly (readonly [string, Capture['endpoint'], readonly Said[]])[] = [
    [
      'AUTH PLAIN with initial response',
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', 'auth plain c2VjcmV0\r\n'],
      ],
    ],
    [
      'AUTH PLAIN without',
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', 'AUTH PLAIN\r\n'],
        ['server', '334 \r\n'],
        ['client', 'c2VjcmV0\r\n'],
      ],
    ],
    [
      'AUTH LOGIN, both lines at once',
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', 'AUTH LOGIN\r\ndXNlcg==\r\nc2VjcmV0\r\n'],
        ['server', '334 a\r\n334 b\r\n235 ok\r\n'],
      ],
    ],
    [
      'AUTH LOGIN that is never answered',
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', 'AUTH LOGIN\r\nc2VjcmV0\r\n'],
        ['client', 'fin', true],
      ],
    ],
    [
      'AUTH LOGIN that goes on after a refusal',
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', 'AUTH LOGIN\r\n'],
        ['server', '504 no\r\n'],
        ['client', 'c2VjcmV0\r\n'],
      ],
    ],
    [
      'CRAM-MD5',
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', 'AUTH CRAM-MD5\r\n'],
        ['server', '334 PDE+\r\n'],
        ['client', 'c2VjcmV0\r\n'],
        ['server', '535 no\r\n'],
      ],
    ],
    [
      'POP3 PASS',
      pop3,
      [
        ['server', '+OK\r\n'],
        ['client', 'USER u\r\nPASS c2VjcmV0 with spaces\r\n'],
      ],
    ],
    [
      'APOP',
      pop3,
      [
        ['server', '+OK <1@x>\r\n'],
        ['client', 'APOP u c2VjcmV0\r\n'],
      ],
    ],
    [
      'POP3 AUTH',
      pop3,
      [
        ['server', '+OK\r\n'],
        ['client', 'AUTH PLAIN\r\n'],
        ['server', '+ \r\n'],
        ['client', 'c2VjcmV0\r\n'],
      ],
    ],
    [
      'IMAP LOGIN',
      imap,
      [
        ['server', '* OK\r\n'],
        ['client', 'a1 LOGIN user c2VjcmV0\r\n'],
      ],
    ],
    [
      'IMAP LOGIN quoted',
      imap,
      [
        ['server', '* OK\r\n'],
        ['client', 'a1 login "us er" "c2VjcmV0 \\" x"\r\n'],
      ],
    ],
    [
      'IMAP LOGIN literals',
      imap,
      [
        ['server', '* OK\r\n'],
        ['client', 'a1 LOGIN {4}\r\n'],
        ['server', '+ \r\n'],
        ['client', 'user {8}\r\n'],
        ['server', '+ \r\n'],
        ['client', 'c2VjcmV0\r\n'],
      ],
    ],
    [
      'IMAP LOGIN, non-synchronising literal',
      imap,
      [
        ['server', '* OK\r\n'],
        ['client', 'a1 LOGIN user {8+}\r\nc2VjcmV0\r\n'],
      ],
    ],
    [
      'IMAP AUTHENTICATE',
      imap,
      [
        ['server', '* OK\r\n'],
        ['client', 'a1 AUTHENTICATE PLAIN\r\n'],
        ['server', '+ \r\n'],
        ['client', 'c2VjcmV0\r\n'],
      ],
    ],
    [
      'IMAP AUTHENTICATE with initial response',
      imap,
      [
        ['server', '* OK\r\n'],
        ['client', 'a1 AUTHENTICATE PLAIN c2VjcmV0\r\n'],
      ],
    ],
  ];

  test.for(cases)('%s', ([, endpoint, said]) => {
    const capture = buildCapture(endpoint, said);
    for (const given of [capture, splitEvents(capture, [1]), splitEvents(capture, [5, 2])]) {
      const redacted = createRedactor([]).capture(given);
      expect(renderPcapng([redacted]).toString('latin1')).not.toMatch(/c2Vj|cmV0/);
      expect(JSON.stringify(parseConnection(redacted))).not.toMatch(/c2Vj|cmV0/);
      expect(bytesOf(redacted, 'client').length).toBe(bytesOf(given, 'client').length);
    }
  });

  test('challenges, user names of USER and the commands around them stay readable', () => {
    const said: Said[] = [
      ['server', '+OK <1@x>\r\n'],
      ['client', 'USER paul\r\nPASS geheim77\r\n'],
      ['server', '+OK\r\n-ERR [AUTH] no\r\n'],
      ['client', 'QUIT\r\n'],
    ];
    const { dialogue } = parseConnection(createRedactor([]).capture(buildCapture(pop3, said)));
    expect(dialogue.map((d) => d.text)).toEqual([
      '+OK <1@x>',
      'USER paul',
      'PASS ********',
      '+OK',
      '-ERR [AUTH] no',
      'QUIT',
    ]);
  });

  test.for(['AUTH=PLAIN', 'Authorization: Basic'])('an argument of %s in a log', (command) => {
    expect(createRedactor([]).text(`said ${command} AHVzZXIAc2VjcmV0`)).toBe(`said ${command} ****************`);
  });

  test('an AUTH argument in a log', () => {
    expect(createRedactor([]).text('client said AUTH PLAIN AHVzZXIAc2VjcmV0 and left')).toBe(
      'client said AUTH PLAIN **************** and left',
    );
  });
});

describe('secrets of devices that keep to no protocol', () => {
  const imap = { protocol: 'imap', port: 143, tls: 'starttls' } as const;
  const pop3 = { protocol: 'pop3', port: 110, tls: 'starttls' } as const;
  const cases: readonly (readonly [string, Capture['endpoint'], readonly Said[]])[] = [
    [
      'blanks before AUTH',
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', ' \tAUTH PLAIN c2VjcmV0\r\n'],
        ['server', '500 what\r\n'],
      ],
    ],
    ['blanks before PASS', pop3, [['client', '  PASS c2VjcmV0\r\n']]],
    [
      'AUTH=PLAIN',
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', 'AUTH=PLAIN c2VjcmV0\r\n'],
        ['server', '500 what\r\n'],
      ],
    ],
    ['AUTH PLAIN with two arguments', SUBMISSION, [['client', 'AUTH PLAIN user c2VjcmV0\r\n']]],
    ['AUTH PLAIN with a bare CR in it', SUBMISSION, [['client', 'AUTH PLAIN user\rc2VjcmV0\r\n']]],
    ['AUTH without a mechanism', SUBMISSION, [['client', 'AUTH c2VjcmV0c2VjcmV0c2VjcmV0\r\n']]],
    ['PASS with a bare CR in it', pop3, [['client', 'PASS a\rc2VjcmV0\r\n']]],
    ['PASS, the password on the next line', pop3, [['client', 'PASS\r\nc2VjcmV0!\r\n']]],
    ['PASS: with a colon', pop3, [['client', 'PASS:c2VjcmV0\r\n']]],
    ['USER, then the password alone', pop3, [['client', 'USER u\r\nc2VjcmV0!\r\n']]],
    ['USER and PASS on SMTP', SUBMISSION, [['client', 'USER u\r\nPASS c2VjcmV0\r\n']]],
    ['AUTH PLAIN on IMAP', imap, [['client', 'AUTH PLAIN c2VjcmV0\r\n']]],
    ['LOGIN of IMAP on SMTP', SUBMISSION, [['client', 'a1 LOGIN "us er" c2VjcmV0\r\n']]],
    ['AUTHENTICATE of IMAP on POP3', pop3, [['client', 'a1 AUTHENTICATE PLAIN c2VjcmV0\r\n']]],
    ['LOGIN without a tag', imap, [['client', 'LOGIN user c2VjcmV0\r\n']]],
    [
      'IMAP LOGIN with a refused literal',
      imap,
      [
        ['client', 'a1 LOGIN {4}\r\n'],
        ['server', 'a1 NO no\r\n'],
        ['client', 'user {8}\r\nc2VjcmV0\r\n'],
      ],
    ],
    ...['504', '530', '535'].map((code): (typeof cases)[number] => [
      `AUTH LOGIN that goes on after ${code} with no base64`,
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', 'AUTH LOGIN\r\n'],
        ['server', `${code} no\r\n`],
        ['client', 'us er\r\n'],
        ['server', '500 what\r\n'],
        ['client', 'c2VjcmV0 !\r\n'],
      ],
    ]),
    ['HTTP', SUBMISSION, [['client', 'POST / HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\nCookie: c2VjcmV0\r\n\r\n']]],
  ];

  test.for(cases)('%s', ([, endpoint, said]) => {
    const capture = buildCapture(endpoint, [...said, ['client', 'QUIT\r\n'], ['client', 'fin', true]]);
    for (const given of [capture, splitEvents(capture, [1]), splitEvents(capture, [5, 2])]) {
      for (const keepBodies of [false, true]) {
        const redacted = createRedactor([], { keepBodies }).capture(given);
        expect(renderPcapng([redacted]).toString('latin1')).not.toMatch(/c2Vj|cmV0/);
        const facts = parseConnection(redacted);
        expect(JSON.stringify(facts)).not.toMatch(/c2Vj|cmV0/);
        expect(facts).toEqual(parseConnection(given));
        expect(facts.bytes.client).toBe(bytesOf(given, 'client').length);
        expect(facts.dialogue.at(-1)?.text).toBe('QUIT');
      }
    }
  });
});

describe('mail that the server did not ask for', () => {
  const imap = { protocol: 'imap', port: 143, tls: 'starttls' } as const;
  const pop3 = { protocol: 'pop3', port: 110, tls: 'starttls' } as const;
  const mail = 'Subject: scan\r\n\r\na scanned page\r\nscanned too\r\n.\r\n';
  const cases: readonly (readonly [string, Capture['endpoint'], readonly Said[]])[] = [
    ...['530 no', '250 ok', '421 bye'].map((answer): (typeof cases)[number] => [
      `DATA answered with ${answer}`,
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', 'MAIL FROM:<a>\r\n'],
        ['server', '530 no\r\n'],
        ['client', 'DATA\r\n'],
        ['server', `${answer}\r\n`],
        ['client', mail],
        ['server', '500 what\r\n'],
      ],
    ]),
    [
      'pipelined',
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', `EHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n${mail}`],
        ['server', '250 x\r\n530 no\r\n530 no\r\n530 no\r\n'],
      ],
    ],
    ['without DATA', SUBMISSION, [['client', `EHLO x\r\n${mail}`]]],
    ['SMTP on the port of POP3', pop3, [['client', `EHLO x\r\nMAIL FROM:<a>\r\nDATA\r\n${mail}`]]],
    ['SMTP on the port of IMAP', imap, [['client', `EHLO x\r\nMAIL FROM:<a>\r\nDATA\r\n${mail}`]]],
    [
      'IMAP APPEND answered with NO',
      imap,
      [
        ['server', '* OK\r\n'],
        ['client', 'a APPEND x {20}\r\n'],
        ['server', 'a NO no\r\n'],
        ['client', 'Subject: scanned abc\r\n'],
      ],
    ],
    [
      'IMAP APPEND of more than announced',
      imap,
      [
        ['server', '* OK\r\n'],
        ['client', 'a APPEND x {5}\r\n'],
        ['server', '+ go\r\n'],
        ['client', 'Subject: scanned abc\r\nscanned too\r\n'],
      ],
    ],
    [
      'behind Unix line ends around a dot, which end no mail',
      SUBMISSION,
      [
        ['server', '220 x\r\n'],
        ['client', 'DATA\r\n'],
        ['server', '354 go\r\n'],
        ['client', 'scanned\n.\nQUIT\nscanned\r\n.\nscanned\n.\r\nscanned\r\n.\r\n'],
        ['server', '250 ok\r\n'],
      ],
    ],
  ];

  test.for(cases)('%s', ([, endpoint, said]) => {
    const capture = buildCapture(endpoint, [...said, ['client', 'z9 NOOP\r\n'], ['client', 'fin', true]]);
    for (const given of [capture, splitEvents(capture, [1]), splitEvents(capture, [5, 2])]) {
      const redacted = createRedactor([]).capture(given);
      expect(renderPcapng([redacted]).toString('latin1')).not.toMatch(/scan|page/);
      const facts = parseConnection(redacted);
      expect(JSON.stringify(facts)).not.toMatch(/scan|page/);
      expect(facts).toEqual(parseConnection(given));
      expect(facts.bytes).toEqual(parseConnection(capture).bytes);
      // The dialogue goes on behind it.
      expect(facts.dialogue.filter((d) => d.from === 'client').at(-1)?.text).toBe('z9 NOOP');
      const kept = createRedactor([], { keepBodies: true }).capture(given);
      expect(bytesOf(kept, 'client')).toEqual(bytesOf(given, 'client'));
    }
  });

  test('is one body, and a device that does not send it is read on', () => {
    const dialogue = (next: string) =>
      parseConnection(
        buildCapture(SUBMISSION, [
          ['server', '220 x\r\n'],
          ['client', 'DATA\r\n'],
          ['server', '530 no\r\n'],
          ['client', next],
        ]),
      )
        .dialogue.slice(3)
        .map((d) => d.text);
    expect(dialogue(`${mail}QUIT\r\n`)).toEqual([expect.stringMatching(/^\(mail body, 46 bytes/), '.', 'QUIT']);
    expect(dialogue('RSET\r\nSTARTTLS\r\n')).toEqual(['RSET', 'STARTTLS']);
  });
});

describe('mail in the clear', () => {
  const said: Said[] = [
    ['server', '220 x\r\n'],
    ['client', 'DATA\r\n'],
    ['server', '354 go\r\n'],
    ['client', `Subject: scan\r\n\r\n${'a scanned page '.repeat(300)}\r\n.\r\n`],
    ['server', '250 ok\r\n'],
  ];
  const capture = buildCapture(SUBMISSION, said);

  test('is taken out of the capture, which keeps its length; the facts are the same', () => {
    const redacted = createRedactor([]).capture(capture);
    expect(renderPcapng([redacted]).toString('latin1')).not.toContain('scanned');
    expect(parseConnection(redacted)).toEqual(parseConnection(capture));
  });

  test('stays when told so', () => {
    const redacted = createRedactor([], { keepBodies: true }).capture(capture);
    expect(bytesOf(redacted, 'client')).toEqual(bytesOf(capture, 'client'));
  });

  test('is taken out although it never ended', () => {
    const cut = buildCapture(SUBMISSION, [
      ...said.slice(0, 3),
      ['client', 'Subject: scan\r\n\r\na scanned page'],
      ['client', 'reset', true],
    ]);
    expect(renderPcapng([createRedactor([]).capture(cut)]).toString('latin1')).not.toContain('scan');
  });
});
