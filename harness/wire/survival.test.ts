import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../redact.ts';
import { Connection } from '../vocabulary/evidence.ts';
import type { Capture, CaptureEvent } from './capture.ts';
import { parseConnection } from './connection.ts';
import {
  buildCapture,
  captureOf,
  clientHello,
  type Said,
  SUBMISSION,
  SUBMISSIONS,
  serverHello,
  splitEvents,
  tlsRecord,
  uint16,
  vector,
} from './hand-built.ts';
import { parsePcapng, renderPcapng } from './pcapng.ts';

/** 100,000 in CI. */
const CASES = Number(process.env['CUTOVER_PROPERTY_CASES'] ?? 2_000);
const redactor = createRedactor(['Kanarie-vogel-77']);

describe(`${CASES} cases of bytes that no one meant`, () => {
  test('arbitrary bytes and events give facts of the right shape', () => {
    fc.assert(
      fc.property(captures(), (capture) => {
        Connection.parse(parseConnection(capture));
        Connection.parse(parseConnection(redactor.capture(capture)));
      }),
      { numRuns: Math.ceil(CASES / 4) },
    );
  }, 600_000);

  test('mutated dialogues and handshakes give facts of the right shape', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MODELS), mutations(), (model, changes) => {
        const capture = mutate(model, changes);
        Connection.parse(parseConnection(capture));
        Connection.parse(parseConnection(redactor.capture(capture)));
      }),
      { numRuns: Math.ceil(CASES / 4) },
    );
  }, 600_000);

  test('any split of the stream gives the same facts', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MODELS),
        mutations(),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
        (model, changes, sizes) => {
          const capture = mutate(model, changes);
          expect(parseConnection(splitEvents(capture, sizes))).toEqual(parseConnection(capture));
        },
      ),
      { numRuns: Math.ceil(CASES / 4) },
    );
  }, 600_000);

  test('redaction keeps the length of a stream, and pcapng gives back the same facts', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MODELS),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
        mutations(),
        (model, sizes, changes) => {
          const redacted = redactor.capture(splitEvents(mutate(model, changes), sizes));
          const facts = parseConnection(redacted);
          expect(facts.bytes).toEqual(parseConnection(mutate(model, changes)).bytes);
          const [back] = parsePcapng(renderPcapng([redacted]));
          expect(rounded(parseConnection(back!))).toEqual(rounded(facts));
        },
      ),
      { numRuns: Math.ceil(CASES / 4) },
    );
  }, 600_000);
});

/** Times pass through integers of nanoseconds. */
function rounded(facts: Connection): unknown {
  return JSON.parse(
    JSON.stringify(facts, (key, value: unknown) =>
      key === 'atMs' && typeof value === 'number' ? Math.round(value * 1e3) : value,
    ),
  );
}

function captures(): fc.Arbitrary<Capture> {
  const from = fc.constantFrom('client' as const, 'server' as const);
  const word = fc.constantFrom(
    'STARTTLS\r\n',
    'DATA\r\n',
    '354 x\r\n',
    '220 x\r\n',
    '.\r\n',
    '\x16\x03\x01',
    '\x80\x2e\x01',
    'a LOGIN {3}\r\n',
    'AUTH LOGIN\r\n',
    '334 x\r\n',
    'BDAT 999999 LAST\r\n',
    '+ \r\n',
    'a OK\r\n',
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((a) => Buffer.from(a)),
    word.map((w) => Buffer.from(w, 'latin1')),
  );
  const event: fc.Arbitrary<CaptureEvent> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('data' as const), from, atMs: fc.nat(1_000), bytes }) },
    fc.record({ kind: fc.constant('omitted' as const), from, atMs: fc.nat(1_000), count: fc.nat(100_000) }),
    fc.record({
      kind: fc.constantFrom('fin' as const, 'reset' as const),
      from: fc.constantFrom('client' as const, 'server' as const, 'tap' as const),
      atMs: fc.nat(1_000),
    }),
  );
  const endpoint = fc.constantFrom(
    SUBMISSION,
    SUBMISSIONS,
    { protocol: 'imap', port: 143, tls: 'starttls' } as const,
    { protocol: 'pop3', port: 110, tls: 'starttls' } as const,
  );
  return fc.tuple(endpoint, fc.array(event, { maxLength: 20 })).map(([where, events]) => captureOf(where, events));
}

interface Mutation {
  readonly event: number;
  readonly at: number;
  readonly what: 'flip' | 'cut' | 'insert';
  readonly byte: number;
}

function mutations(): fc.Arbitrary<readonly Mutation[]> {
  return fc.array(
    fc.record({
      event: fc.nat(30),
      at: fc.nat(400),
      what: fc.constantFrom('flip' as const, 'cut' as const, 'insert' as const),
      byte: fc.nat(255),
    }),
    { maxLength: 4 },
  );
}

function mutate(capture: Capture, changes: readonly Mutation[]): Capture {
  const events = [...capture.events];
  for (const { event: index, at, what, byte } of changes) {
    const event = events[index % events.length];
    if (event?.kind !== 'data' || event.bytes.length === 0) continue;
    const place = at % event.bytes.length;
    const [before, after] = [event.bytes.subarray(0, place), event.bytes.subarray(place)];
    const middle =
      what === 'insert'
        ? [Buffer.from([byte]), after]
        : what === 'flip'
          ? [Buffer.from([byte]), after.subarray(1)]
          : [];
    events[index % events.length] = { ...event, bytes: Buffer.concat([before, ...middle]) };
  }
  // A tap never sees an event without bytes.
  return { ...capture, events: events.filter((e) => e.kind !== 'data' || e.bytes.length > 0) };
}

const SECRET = 'Kanarie-vogel-77';
const HELLO = tlsRecord(
  22,
  0x0301,
  clientHello({
    suites: [0x1301, 0xc02f, 0x002f, 0x0a0a],
    extensions: [
      [0, vector(2, Buffer.from([0]), vector(2, Buffer.from('mail.test')))],
      [10, vector(2, uint16(29, 23))],
      [13, vector(2, uint16(0x0804, 0x0401))],
      [43, vector(1, uint16(0x0304, 0x0303))],
      [16, vector(2, vector(1, Buffer.from('smtp')))],
    ],
  }),
);
const ANSWER = tlsRecord(
  22,
  0x0303,
  serverHello(0x0303, 0x1301, [
    [43, uint16(0x0304)],
    [51, uint16(29)],
  ]),
);
const OLD_ANSWER = tlsRecord(22, 0x0301, serverHello(0x0301, 0x002f));
const ENCRYPTED = tlsRecord(23, 0x0303, Buffer.alloc(53));

const SAID: readonly (readonly [Capture['endpoint'], readonly Said[]])[] = [
  [
    SUBMISSIONS,
    [
      ['client', HELLO],
      ['server', Buffer.concat([ANSWER, ENCRYPTED])],
      ['client', ENCRYPTED],
      ['server', ENCRYPTED],
      ['client', tlsRecord(23, 0x0303, Buffer.alloc(19))],
      ['client', 'reset', true],
    ],
  ],
  [
    SUBMISSIONS,
    [
      ['client', HELLO],
      ['server', OLD_ANSWER],
      ['client', Buffer.concat([tlsRecord(20, 0x0301, Buffer.from([1])), tlsRecord(22, 0x0301, Buffer.alloc(40))])],
      ['server', Buffer.from('15030100020228', 'hex')],
      ['server', 'fin', true],
    ],
  ],
  [
    SUBMISSION,
    [
      ['server', '220 x\r\n'],
      ['client', 'EHLO x\r\n'],
      ['server', '250-x\r\n250 STARTTLS\r\n'],
      ['client', 'STARTTLS\r\n'],
      ['server', '220 go\r\n'],
      ['client', HELLO],
      ['server', OLD_ANSWER],
      ['client', Buffer.from('15030100020230', 'hex')],
      ['client', 'fin', true],
    ],
  ],
  [
    SUBMISSION,
    [
      ['server', '220 x\r\n'],
      ['client', 'EHLO x\r\nAUTH LOGIN\r\n'],
      ['server', '250 x\r\n334 VXNlcm5hbWU6\r\n'],
      ['client', 'dXNlcg==\r\n'],
      ['server', '334 UGFzc3dvcmQ6\r\n'],
      ['client', `${Buffer.from(SECRET).toString('base64')}\r\n`],
      ['server', '235 ok\r\n'],
      ['client', 'MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n'],
      ['server', '250 ok\r\n250 ok\r\n354 go\r\n'],
      ['client', `Subject: ${SECRET}\r\n\r\nx\r\n.\r\nQUIT\r\n`],
      ['server', '250 ok\r\n221 bye\r\n'],
      ['server', 'fin', true],
    ],
  ],
  [
    { protocol: 'imap', port: 143, tls: 'starttls' },
    [
      ['server', '* OK hi\r\n'],
      ['client', 'a LOGIN user {16}\r\n'],
      ['server', '+ go\r\n'],
      ['client', `${SECRET}\r\n`],
      ['server', 'a OK\r\n'],
      ['client', 'b FETCH 1 BODY[]\r\n'],
      ['server', '* 1 FETCH (BODY[] {5}\r\nhello)\r\nb OK\r\n'],
      ['client', 'c LOGOUT\r\n'],
    ],
  ],
  [
    { protocol: 'pop3', port: 110, tls: 'starttls' },
    [
      ['server', '+OK hi\r\n'],
      ['client', `USER u\r\nPASS ${SECRET}\r\n`],
      ['server', '+OK\r\n+OK\r\n'],
      ['client', 'RETR 1\r\nQUIT\r\n'],
      ['server', '+OK\r\nhello\r\n.\r\n+OK\r\n'],
      ['client', 'fin', true],
    ],
  ],
];
const REFUSED: readonly (readonly [Capture['endpoint'], readonly Said[]])[] = [
  [
    SUBMISSION,
    [
      ['server', '220 x\r\n'],
      ['client', 'EHLO x\r\nMAIL FROM:<a>\r\nDATA\r\nSubject: x\r\n\r\npage\n.\npage\r\n.\r\nQUIT\r\n'],
      ['server', '250 x\r\n530 no\r\n530 no\r\n500 what\r\n'],
      ['client', `hello there\r\nAUTH=PLAIN ${SECRET}\r\nhello again\r\n`],
      ['client', HELLO],
    ],
  ],
  [
    { protocol: 'imap', port: 143, tls: 'starttls' },
    [
      ['server', '* OK hi\r\n'],
      ['client', 'a APPEND x {16}\r\n'],
      ['server', 'a NO no\r\n'],
      ['client', 'Subject: a\r\n\r\nxyz\r\nrest\r\nb NOOP\r\n'],
      ['client', ` PASS\r\n${SECRET}\r\n`],
    ],
  ],
  [
    { protocol: 'pop3', port: 110, tls: 'starttls' },
    [
      ['server', '+OK hi\r\n'],
      ['client', `${'x\r\n'.repeat(101)}EHLO x\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n`],
      ['server', '-ERR\r\n'],
    ],
  ],
];
const MODELS = [...SAID, ...REFUSED].map(([endpoint, said]) => buildCapture(endpoint, said));
