import { expect, test } from 'vitest';
import { judge } from '../judge.ts';
import { readModes } from '../modes/read-mode.ts';
import { createRedactor } from '../redact.ts';
import type { Setting } from '../vocabulary/trial.ts';
import { parseConnection } from '../wire/connection.ts';
import { buildCapture, SUBMISSION, type Said } from '../wire/hand-built.ts';

const [strict, legacy] = readModes(['strict', 'legacy']);
const STARTTLS: Setting = { id: 'starttls-587', protocol: 'smtp', port: 587, security: 'starttls' };

const GREETING: readonly Said[] = [
  ['server', '220 smtp.example ESMTP\r\n'],
  ['client', 'EHLO camera\r\n'],
];
const OFFER: readonly Said[] = [...GREETING, ['server', '250-smtp.example\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n']];
const NO_OFFER: readonly Said[] = [...GREETING, ['server', '250-smtp.example\r\n250 AUTH PLAIN\r\n']];
const MASKED: readonly Said[] = [
  ['client', 'XXXXXXXX\r\n'],
  ['server', '500 5.5.2 Command not recognized\r\n'],
];

/** From the bytes, through redaction, as a trial does. */
function judged(said: readonly Said[], setting: Setting = STARTTLS, mode = strict!) {
  const capture = createRedactor([]).capture(buildCapture(SUBMISSION, [...said, ['client', 'fin', true]]));
  const connection = parseConnection(capture);
  const session = {
    peerPort: connection.tapPort,
    tls: null,
    alertNumber: null,
    auth: null,
    refusal: '500 5.5.2',
    delivered: [],
    fetched: false,
    log: [],
  };
  const evidence = {
    wire: { connections: [connection] },
    server: {
      sessions: [session],
      arrived: 0,
      unspoken: { versions: [], suites: [], groups: [], signatures: [] },
      trouble: null,
    },
    device: { said: 'failed' as const, text: '', exitCode: 1, trouble: null },
  };
  return judge({ role: 'question', direction: 'send', setting, endpoint: SUBMISSION, trust: 'none', evidence }, mode);
}

test.for([strict!, legacy!])('X where STARTTLS was offered is the work of a box on the way, in mode $id', (mode) => {
  expect(judged([...OFFER, ...MASKED], STARTTLS, mode)).toEqual({
    outcome: 'fails',
    cause: 'intercepted',
    because: [
      'The server offered STARTTLS, and XXXXXXXX arrived in its place: a box between device and server overwrote it.',
      'The server answered: 500 5.5.2 Command not recognized',
    ],
  });
});

test.for<[string, readonly Said[], Setting]>([
  ['a device that leaves after the offer', OFFER, STARTTLS],
  ['a device that goes on in the clear', [...OFFER, ['client', 'MAIL FROM:<a@b.example>\r\n']], STARTTLS],
  ['the same line where nothing was offered', [...NO_OFFER, ...MASKED], STARTTLS],
  ['fewer letters than STARTTLS has', [...OFFER, ['client', 'XXXX\r\n']], STARTTLS],
  ['a command that begins with X', [...OFFER, ['client', 'XFORWARD NAME=a\r\n']], STARTTLS],
  ['the line before the offer', [...GREETING, ...MASKED, ...OFFER.slice(1)], STARTTLS],
  ['a device told not to encrypt', [...OFFER, ...MASKED], { ...STARTTLS, security: 'plaintext' }],
])('%s proves no interception', ([, said, setting]) => {
  expect(judged(said, setting).cause).not.toBe('intercepted');
});

test('once a device logs in, such a line is hidden like every other that may be a password', () => {
  const said: Said[] = [...OFFER, ['client', 'AUTH LOGIN\r\n'], ['server', '504 no\r\n'], ['client', 'XXXXXXXX\r\n']];
  const connection = parseConnection(createRedactor([]).capture(buildCapture(SUBMISSION, said)));
  expect(connection.dialogue.map((line) => line.text).join('\n')).not.toContain('XXXXXXXX');
});
