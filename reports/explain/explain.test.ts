import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDevices } from '../../harness/device-files.ts';
import { CAUSES } from '../../harness/vocabulary/finding.ts';
import { Device } from '../../harness/vocabulary/device.ts';
import { explainText } from './explain.ts';
import { KNOWN_TEXTS } from './known-texts.ts';
import { nextStep } from './next-steps.ts';
import { renderExplanations } from './render-explanations.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FIXTURES = join(ROOT, 'harness', 'servers', 'containers', 'fixtures');
const DEVICES = readDevices(join(ROOT, 'devices'));

const causesOf = (text: string) => explainText(text, DEVICES).explanations.flatMap((e) => e.causes);

/** What each log was made with, by its file's name. */
const MADE_WITH: readonly (readonly [RegExp, string])[] = [
  [/old-version/, 'version-too-old'],
  [/no-shared-cipher/, 'no-shared-cipher'],
  [/no-shared-group/, 'no-shared-group'],
  [/no-shared-signature/, 'no-shared-signature'],
  [/unknown-ca/, 'certificate-untrusted'],
  [/plaintext-login|smtp-plaintext-530/, 'plaintext-only'],
  [/imaps-plaintext|smtps-plaintext|hello-before-starttls/, 'wrong-tls-mode'],
  [/cut-password|wrong-password|unknown-user/, 'auth-rejected'],
  [/mechanism-not-offered/, 'auth-mechanism'],
  [/relay-554/, 'auth-missing'],
  [/just-closes/, 'connection-dropped'],
];
const FAILING = readdirSync(FIXTURES).flatMap((file) => {
  const cause = MADE_WITH.find(([name]) => name.test(file))?.[1];
  return cause === undefined ? [] : [[file, cause] as const];
});
const FINE = readdirSync(FIXTURES).filter((file) => /accepted|fetched|two-mails|deleted|only/.test(file));

describe('logs of our own trials', () => {
  test('every log is one or the other', () => {
    expect(FAILING.length + FINE.length).toBe(readdirSync(FIXTURES).length);
  });

  test.for(FAILING)('%s: %s is among the causes', ([file, cause]) => {
    // The comment above the log names the cause; only the log may be read.
    const log = readFileSync(join(FIXTURES, file), 'utf8').replaceAll(/^#.*$/gm, '');
    expect(causesOf(log)).toContain(cause);
  });

  test.for(FINE.filter((f) => !f.includes('sha1')))('%s: nothing is wrong, and nothing is explained', (file) => {
    expect(causesOf(readFileSync(join(FIXTURES, file), 'utf8').replaceAll(/^#.*$/gm, ''))).toEqual([]);
  });
});

test.for([
  ['535 5.7.8', 'auth-rejected'],
  ['535 5.7.8 Error: authentication failed: authentication failure', 'auth-rejected'],
  ['0x800CCC0B', 'version-too-old'],
  ['Outlook-Fehler (0x800ccc1a)', 'wrong-tls-mode'],
  ['530 5.7.0 Must issue a STARTTLS command first', 'plaintext-only'],
  ['504 5.5.4 Unrecognized authentication type', 'auth-mechanism'],
  ['554 5.7.1 <x@y.example>: Relay access denied', 'auth-missing'],
  ['421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade', 'version-too-old'],
  [
    'javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled or cipher suites are inappropriate)',
    'version-too-old',
  ],
  ['javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure', 'no-shared-cipher'],
  ['curl: (35) error:1409442E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version', 'version-too-old'],
  ['error:1408F10B:SSL routines:ssl3_get_record:wrong version number', 'wrong-tls-mode'],
  [
    'SSL routines:tls_process_server_certificate:certificate verify failed: unable to get local issuer certificate',
    'certificate-untrusted',
  ],
  ['SSL3_READ_BYTES:sslv3 alert certificate unknown: SSL alert number 46', 'certificate-untrusted'],
  [
    'gnutls_handshake() failed: A TLS fatal alert has been received. (Handshake failed) Error in the pull function',
    'no-shared-cipher',
  ],
  ['cannot read from TLS connection: a protocol violating EOF occured', 'version-too-old'],
  ['Peer using unsupported version of security protocol. SSL_ERROR_UNSUPPORTED_VERSION', 'version-too-old'],
  ['Kyocera Fehler 1102', 'auth-rejected'],
  ['1102', 'auth-rejected'],
  ['postfix/smtpd[1]: lost connection after STARTTLS from unknown[192.0.2.1]', 'version-too-old'],
  ['warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6', 'auth-rejected'],
] as const)('%s: %s', ([text, cause]) => {
  expect(causesOf(text)).toContain(cause);
});

test('the telling line of many is found, and named', () => {
  const noise = Array.from(
    { length: 300 },
    (_, i) => `Nov 24 13:26:27 mx postfix/qmgr[${i}]: 4jYk${i}: removed (1102 bytes)`,
  );
  const telling =
    'Nov 24 13:26:27 mx postfix/smtpd[9]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:';
  const { explanations, linesRead } = explainText([...noise, telling, ...noise].join('\r\n'), DEVICES);
  expect(explanations).toMatchObject([{ id: 'unsupported-protocol', line: telling }]);
  expect(linesRead).toBe(601);
});

test('nothing known says so, and what to do', () => {
  const explained = explainText('the cake is burnt', DEVICES);
  expect(explained.explanations).toEqual([]);
  expect(renderExplanations(explained, 'en').join(' ')).toMatch(/no text that we know.*npx cutover lookup MODEL/);
});

test('a number in a log is no code of a panel', () => {
  expect(causesOf('Nov 24 13:26:27 mx postfix/smtpd[1102]: connect from unknown[192.0.2.7]:1102')).toEqual([]);
});

test('what many show is explained once; what one device means by it, only where that device is named', () => {
  const explained = (text: string) => explainText(text, DEVICES).explanations.map((e) => e.devices);
  expect(explained('SSL_accept() failed: wrong version number')).toEqual([[]]);
  expect(explained('msmtp: wrong version number').flat()).toEqual(['msmtp']);
});

test('who was not reached, or is locked out, is asked for that', () => {
  expect(nextStep('never-connected').ask.de).toMatch(/Servername/);
  expect(nextStep('banned').ask.de).toMatch(/immer wieder/);
});

test('hostile text is only text', () => {
  const long = `${'535 '.repeat(300_000)}\n${'('.repeat(100_000)}`;
  expect(explainText(long, DEVICES).explanations).toEqual([]);
  const evil = Device.parse({
    ...DEVICES.find((d) => d.errors.length > 0)!,
    reach: undefined,
    client: undefined,
    truth: undefined,
  });
  const text = '.*(a+)+$ <script>';
  const [hit] = explainText(text, [{ ...evil, errors: [{ ...evil.errors[0]!, text }] }]).explanations;
  expect(hit?.line).toBe(text);
  expect(explainText('\u0000\u001b[2J', [{ ...evil, errors: [] }]).explanations).toEqual([]);
});

test('every known text has both languages, lower-case parts, causes, a source, and a run that confirms', () => {
  for (const known of KNOWN_TEXTS) {
    expect(known.holds.flat()).toEqual(known.holds.flat().map((part) => part.toLowerCase()));
    expect([known.means.de, known.means.en].every((text) => text.endsWith('.'))).toBe(true);
    expect(known.causes.length).toBeGreaterThan(0);
    if (known.source !== 'measured') expect(known.source.url).toMatch(/^https:\/\//);
  }
  expect(new Set(KNOWN_TEXTS.map((k) => k.id)).size).toBe(KNOWN_TEXTS.length);
  for (const cause of CAUSES) expect(nextStep(cause).command).toMatch(/^npx cutover run --device DEVICE --mode \S/);
});
