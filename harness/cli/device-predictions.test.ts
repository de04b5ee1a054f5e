import { expect, test } from 'vitest';
import type { Recording } from '../corpus/corpus.ts';
import type { Met, Origin } from '../corpus/entry.ts';
import type { RecordedHello } from '../corpus/recorded-hello.ts';
import { readModes } from '../modes/read-mode.ts';
import { applyChange } from '../modes/apply-change.ts';
import { Device } from '../vocabulary/device.ts';
import { predictDevices } from './device-predictions.ts';

const POLICIES = readModes(['today', 'strict', 'legacy', 'forgiving']);

/** A client that has TLS 1.0 and nothing newer, with a suite that servers of today still have. */
const OLD: RecordedHello = {
  format: 'tls',
  recordVersion: 0x0301,
  version: 0x0301,
  sessionBytes: 0,
  // TLS_RSA_WITH_AES_128_CBC_SHA
  suites: [0x002f],
  compressions: [0],
  extensions: null,
};
/** TLS 1.2 with ECDHE, x25519 and SHA-256. */
const NEW: RecordedHello = {
  ...OLD,
  version: 0x0303,
  // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
  suites: [0xc02f],
  extensions: [
    { code: 0x000a, body: Buffer.from('0004001d0017', 'hex') },
    { code: 0x000d, body: Buffer.from('000408040401', 'hex') },
  ],
};

const SMTP = { id: 'a', protocol: 'smtp', port: 465, security: 'implicit' } as const;
const IMAP = { id: 'b', protocol: 'imap', port: 993, security: 'implicit' } as const;

function recording(hello: RecordedHello, part: Partial<Origin>): Recording {
  const origin: Origin = {
    device: 'drucker-1',
    model: 'Drucker 1',
    firmware: '2.4',
    emulated: false,
    setting: SMTP,
    source: { kind: 'capture', name: 'drucker.pcap' },
    on: '2026-11-02',
    met: [],
    ...part,
  };
  return { hello, origin };
}

test('a hello says how the handshake ends in each policy, and why; the mode for controls is no policy', () => {
  expect(predictDevices([recording(OLD, {}), recording(NEW, { device: 'kamera-1' })], POLICIES)).toEqual({
    'drucker-1': [
      {
        directions: ['send'],
        recordings: [{ kind: 'capture', on: '2026-11-02', firmware: '2.4', port: 465, security: 'implicit' }],
        modes: [
          { mode: 'today', outcome: 'works' },
          { mode: 'strict', outcome: 'fails', cause: 'version-too-old' },
          { mode: 'legacy', outcome: 'works' },
        ],
      },
    ],
    'kamera-1': [
      expect.objectContaining({
        modes: ['today', 'strict', 'legacy'].map((mode) => ({ mode, outcome: 'works' })),
      }),
    ],
  });
});

test('a client of a list speaks for the device that it stands for, others of it for nobody', () => {
  const testssl = { source: { kind: 'testssl', name: 'list' }, firmware: 'unknown' } as const;
  const client = (model: string, hello: RecordedHello) =>
    // As files are read: in no order of ours.
    [IMAP, SMTP].map((setting) => recording(hello, { ...testssl, device: `testssl-${model}`, model, setting }));
  const clients = [...client('IE 8 Win 7', OLD), ...client('IE 11 Win 7', NEW), ...client('Googlebot', OLD)];
  const predictions = predictDevices([...clients, ...client('IE 9 Win 7', OLD)], POLICIES);
  expect(Object.keys(predictions)).toEqual(['windows-7']);
  const told = predictions['windows-7']?.map(({ directions, recordings }) => [
    directions,
    recordings.map((r) => r.name),
  ]);
  expect(told).toEqual([
    [
      ['send', 'fetch'],
      ['IE 8 Win 7', 'IE 9 Win 7'],
    ],
    [['send', 'fetch'], ['IE 11 Win 7']],
  ]);
});

test('all hellos of a client are one attempt: its best counts', () => {
  const [[only] = []] = Object.values(predictDevices([recording(OLD, {}), recording(NEW, {})], POLICIES));
  expect(only?.modes.map(({ outcome }) => outcome)).toEqual(['works', 'works', 'works']);
});

test('what was measured behind the hello is not taken over, but that it goes on in the clear is', () => {
  const met: Met = {
    scenario: 's',
    mode: 'strict',
    engine: 'embedded',
    connections: [1],
    certificate: 'rsa-2048',
    outcome: 'works',
  };
  const failed = recording(NEW, { met: [{ ...met, outcome: 'fails', cause: 'auth-rejected' }] });
  const strictOf = (one: Recording) =>
    predictDevices([one], POLICIES)['drucker-1']?.[0]?.modes.find(({ mode }) => mode === 'strict');
  expect(strictOf(failed)).toEqual({ mode: 'strict', outcome: 'works' });
  const clear = recording(OLD, { met: [{ ...met, mode: 'legacy', outcome: 'works', clear: true }] });
  const [newest] = readModes(['legacy']).map((mode) => applyChange(mode, 'tls.min', '1.2').mode);
  const own = newest === undefined ? [] : [{ ...newest, id: 'own' }];
  const predicted = predictDevices([clear], own)['drucker-1']?.[0]?.modes;
  expect(predicted).toEqual([{ mode: 'own', outcome: 'cannot-be-predicted' }]);
  expect(predictDevices([recording(OLD, {})], own)['drucker-1']?.[0]?.modes).toEqual([
    { mode: 'own', outcome: 'fails', cause: 'version-too-old' },
  ]);
});

test('a container of the lab speaks for the program that it runs as it is, by the versions in it', () => {
  const lab = (part: object) =>
    Device.parse({
      id: 'lab-1',
      vendor: 'Lab',
      model: 'Lab 1',
      kind: 'appliance',
      program: 'mailer',
      firmware: [{ version: '2.4', stack: 'OpenSSL 3.0 (mailer 1.8)' }],
      settings: [SMTP],
      reach: { driver: 'container', image: 'lab-1' },
      client: 'msmtp',
      truth: { built: 'a container', verdict: { send: 'works' } },
      ...part,
    });
  const heard = [recording(NEW, { device: 'lab-1', emulated: true })];
  const predictions = predictDevices(heard, POLICIES, [lab({})]);
  expect(predictions['mailer']?.[0]?.recordings).toEqual([
    { kind: 'capture', on: '2026-11-02', name: 'OpenSSL 3.0 (mailer 1.8)' },
  ]);
  expect(predictions['lab-1']?.[0]?.recordings[0]).toMatchObject({ firmware: '2.4' });
  expect(Object.keys(predictDevices(heard, POLICIES, [lab({ program: undefined })]))).toEqual(['lab-1']);
  expect(Object.keys(predictDevices(heard, POLICIES))).toEqual(['lab-1']);
});
