import { expect, test } from 'vitest';
import { readModes } from '../modes/read-mode.ts';
import type { Connection } from '../vocabulary/evidence.ts';
import type { Record } from '../vocabulary/record.ts';
import { buildCapture, clientHello, SUBMISSION, SUBMISSIONS, tlsRecord } from '../wire/hand-built.ts';
import { parseConnection } from '../wire/connection.ts';
import { describeRecorded } from './recorded-hello.ts';
import { recordTrial } from './record-run.ts';

const strict = readModes(['strict'])[0]!;
const hello = (version: number) => tlsRecord(22, 0x0301, clientHello({ version, suites: [0xc02f] }));

/** An attempt in three connections: TLS 1.2, then TLS 1.0 twice. */
const CAPTURES = [0x0303, 0x0301, 0x0301].map((version, i) => ({
  ...buildCapture(SUBMISSIONS, [
    ['client', hello(version)],
    ['server', 'fin', true],
  ]),
  number: i + 1,
}));

function recordOf(connections: Connection[], more: Partial<Record> = {}): Record {
  const unspoken = { versions: [], suites: [], groups: [], signatures: [] };
  return {
    v: 1,
    run: 'run-1',
    trial: 'printer@1.0/submit/implicit-465/strict/question',
    role: 'question',
    attempt: 1,
    device: {
      id: 'printer',
      vendor: 'Example',
      model: 'P 1',
      firmware: '1.0',
      installed: true,
      kind: 'printer',
      emulated: true,
      trust: 'none',
    },
    scenario: 'submit',
    direction: 'send',
    setting: { id: 'implicit-465', protocol: 'smtp', port: 465, security: 'implicit', host: 'mail.example' },
    asConfigured: true,
    endpoint: SUBMISSIONS,
    mode: 'strict',
    engine: 'embedded',
    startedAt: '2026-03-01T12:00:00.000Z',
    durationMs: 10,
    outcome: 'fails',
    cause: 'version-too-old',
    because: [],
    evidence: {
      wire: { connections },
      server: { sessions: [], arrived: 0, unspoken, trouble: null },
      device: { said: 'failed', text: '', exitCode: 1, trouble: null },
    },
    attachments: [],
    ...more,
  };
}

const RECORD = recordOf(CAPTURES.map(parseConnection));

test('each hello of an attempt is kept once, with the connections that said it and what came of the attempt', () => {
  const { recordings, skipped } = recordTrial(RECORD, strict, CAPTURES);
  expect(skipped).toEqual([]);
  expect(recordings.map(({ hello: h }) => describeRecorded(h).maxVersion)).toEqual(['1.2', '1.0']);
  expect(recordings.map(({ origin }) => origin.met[0]?.connections)).toEqual([[1], [2, 3]]);
  expect(recordings[0]?.origin).toMatchObject({
    device: 'printer',
    model: 'Example P 1',
    firmware: '1.0',
    setting: { id: 'implicit-465', host: 'mail.example' },
    source: { kind: 'run', name: 'run-1' },
    on: '2026-03-01',
    met: [{ mode: 'strict', engine: 'embedded', outcome: 'fails', cause: 'version-too-old', certificate: 'rsa-2048' }],
  });
});

test('a counter-test gives hellos and no results: its mode stands in no file', () => {
  const { recordings } = recordTrial({ ...RECORD, role: 'counter-test' }, strict, CAPTURES);
  expect(recordings.map(({ origin }) => origin.met)).toEqual([[], []]);
});

test('a trial in the clear has none; a hello that is cut is told and left out', () => {
  const clear = buildCapture(SUBMISSION, [
    ['server', '220 mail\r\n'],
    ['client', 'EHLO x\r\n'],
  ]);
  const cut = buildCapture(SUBMISSIONS, [['client', hello(0x0303).subarray(0, 30)]]);
  const { recordings, skipped } = recordTrial(RECORD, strict, [clear, { ...cut, number: 2 }]);
  expect(recordings).toEqual([]);
  expect(skipped).toEqual([{ trial: RECORD.trial, connection: 2, why: 'the hello is cut short' }]);
});
