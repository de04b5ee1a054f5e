import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, afterAll, expect, test } from 'vitest';
import type { Port } from '../../vocabulary/trial.ts';
import { type TestServer, openTestServer, runProgram } from './open-test-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'cutover-'));
afterAll(() => rmSync(folder, { recursive: true }));

function needs(context: TestContext, program: string): void {
  const missing = spawnSync(program, ['--version']).error !== undefined;
  context.skip(missing, `${program} is not installed`);
}

function caFile(t: TestServer): string {
  const path = join(folder, `${t.marker}.pem`);
  writeFileSync(path, t.pki.runCaPem);
  return path;
}

const OLD_CURL = ['--tlsv1.0', '--tls-max', '1.0', '--ciphers', 'DEFAULT@SECLEVEL=0'];

function curl(t: TestServer, scheme: string, port: Port, path: string, args: readonly string[], input = '') {
  const { host, port: bound } = t.address(port);
  const user = `${t.account.user}:${t.account.password}`;
  const always = ['--silent', '--show-error', '--max-time', '30', '--cacert', caFile(t), '--user', user];
  return runProgram('curl', [...always, ...args, `${scheme}://${host}:${bound}${path}`], input);
}

const envelope = ['--mail-from', 'cam@office.example', '--mail-rcpt', 'owner@home.example', '--upload-file', '-'];

test.for<[string, Port, string[]]>([
  ['smtp', 587, ['--ssl-reqd']],
  ['smtp', 25, ['--ssl-reqd']],
  ['smtps', 465, []],
])('curl sends with %s on %i', async ([scheme, port, args], context) => {
  needs(context, 'curl');
  await using strict = await openTestServer('strict');
  const mail = (t: TestServer) => `Subject: ${t.marker}\r\n\r\n.\r\nbody\r\n`;
  expect(await curl(strict, scheme, port, '', [...args, ...envelope], mail(strict))).toMatchObject({ code: 0 });
  expect(strict.store.arrived(strict.marker)).toBe(1);
  // 35: the handshake failed.
  const old = await curl(strict, scheme, port, '', [...args, ...OLD_CURL, ...envelope], mail(strict));
  expect(old).toMatchObject({ code: 35, output: expect.stringContaining('protocol version') });

  await using legacy = await openTestServer('legacy');
  const oldLegacy = await curl(legacy, scheme, port, '', [...args, ...OLD_CURL, ...envelope], mail(legacy));
  expect(oldLegacy).toMatchObject({ code: 0 });
  expect(legacy.sessions()).toMatchObject([{ tls: { version: '1.0' }, delivered: [{ markerSeen: true }] }]);
});

test.for<[string, Port, string, string[]]>([
  ['imap', 143, '/INBOX;UID=1', ['--ssl-reqd']],
  ['imaps', 993, '/INBOX;UID=1', []],
  ['pop3', 110, '/1', ['--ssl-reqd']],
  ['pop3s', 995, '/1', []],
])('curl fetches with %s on %i', async ([scheme, port, path, args], context) => {
  needs(context, 'curl');
  await using strict = await openTestServer('strict');
  strict.store.putMail(strict.account, strict.marker, 100_000);
  const fetched = await curl(strict, scheme, port, path, args);
  expect(fetched.code).toBe(0);
  const [mail] = strict.store.mailbox(strict.account).list();
  expect(fetched.output).toHaveLength(mail!.bytes);
  expect(strict.sessions()).toMatchObject([{ fetched: true, tls: { version: '1.3' } }]);
  expect((await curl(strict, scheme, port, path, [...args, ...OLD_CURL])).code).toBe(35);

  // 67: the login was refused.
  expect((await curl(strict, scheme, port, path, ['--user', 'nobody:x', ...args])).code).toBe(67);
});

test.for<[Port, string]>([
  [143, '/INBOX;UID=1'],
  [110, '/1'],
])('curl fetches in the clear on %i from legacy only', async ([port, path], context) => {
  needs(context, 'curl');
  const scheme = port === 143 ? 'imap' : 'pop3';
  await using legacy = await openTestServer('legacy');
  legacy.store.putMail(legacy.account, legacy.marker, 10);
  expect((await curl(legacy, scheme, port, path, [])).output).toContain(legacy.marker);
  await using strict = await openTestServer('strict');
  strict.store.putMail(strict.account, strict.marker, 10);
  expect((await curl(strict, scheme, port, path, [])).code).not.toBe(0);
});

function sClient(t: TestServer, port: Port, args: readonly string[]) {
  const starttls = ({ 587: 'smtp', 25: 'smtp', 143: 'imap', 110: 'pop3' } as Record<number, string>)[port];
  const { host, port: bound } = t.address(port);
  return runProgram('openssl', [
    's_client',
    '-brief',
    '-connect',
    `${host}:${bound}`,
    '-CAfile',
    caFile(t),
    '-verify_return_error',
    ...(starttls === undefined ? [] : ['-starttls', starttls]),
    ...args,
  ]);
}

const EVERY_TLS_PORT: readonly Port[] = [25, 587, 465, 143, 993, 110, 995];
const SECLEVEL_0 = ['-cipher', 'DEFAULT@SECLEVEL=0'];

test.for(EVERY_TLS_PORT)('openssl s_client meets the versions of strict and legacy on %i', async (port, context) => {
  needs(context, 'openssl');
  await using strict = await openTestServer('strict');
  await using legacy = await openTestServer('legacy');
  for (const [flag, name] of [
    ['-tls1_3', 'TLSv1.3'],
    ['-tls1_2', 'TLSv1.2'],
  ] as const) {
    const { code, output } = await sClient(strict, port, [flag]);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining(`version: ${name}\n`) });
  }
  for (const [flag, name] of [
    ['-tls1_1', 'TLSv1.1'],
    ['-tls1', 'TLSv1'],
  ] as const) {
    expect((await sClient(legacy, port, [flag, ...SECLEVEL_0])).output).toContain(`version: ${name}\n`);
    expect((await sClient(strict, port, [flag, ...SECLEVEL_0])).output).toContain('alert protocol version');
  }
});

test.for(EVERY_TLS_PORT)('the silent style closes without a byte of TLS on %i', async (port, context) => {
  needs(context, 'openssl');
  await using t = await openTestServer('strict', { refusal: { version: 'silent', plaintext: '530' } });
  for (const flag of ['-tls1', '-tls1_1']) {
    const { code, output } = await sClient(t, port, [flag, ...SECLEVEL_0, '-msg']);
    expect(code).not.toBe(0);
    expect(output).toMatch(/>>> .*ClientHello/);
    expect(output).not.toContain('<<<');
    expect(output).toContain('unexpected eof');
  }
  expect(t.sessions()[0]?.log.join('\n')).toContain('refused without an alert');
  for (const flag of ['-tls1_2', '-tls1_3']) expect((await sClient(t, port, [flag])).code).toBe(0);
});

test('the alert of a client that does not trust the certificate is seen under TLS 1.3 and 1.2', async (context) => {
  needs(context, 'openssl');
  await using t = await openTestServer('strict', { certificate: { minted: 'untrusted-root', names: [] } });
  for (const flag of ['-tls1_3', '-tls1_2']) expect((await sClient(t, 465, [flag])).code).not.toBe(0);
  expect(t.sessions().map(({ alertNumber }) => alertNumber)).toEqual([48, 48]);
});

test.for(['PLAIN', 'LOGIN', 'CRAM-MD5'])('swaks signs in with %s and sends', async (mechanism, context) => {
  needs(context, 'swaks');
  await using t = await openTestServer('strict', { auth: ['PLAIN', 'LOGIN', 'CRAM-MD5'] });
  const { host, port } = t.address(587);
  const args = ['--server', host, '--port', String(port), '--helo', 'office.example', '--tls', '--auth', mechanism];
  const login = ['--auth-user', t.account.user, '--auth-password', t.account.password];
  const mail = ['--from', 'a@office.example', '--to', 'b@home.example', '--header', `Subject: ${t.marker}`];
  const { code, output } = await runProgram('swaks', [...args, ...login, ...mail]);
  context.skip(/requires Authen|not available/.test(output), `swaks lacks a Perl module: ${output.slice(-200)}`);
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(t.store.arrived(t.marker)).toBe(1);
  expect(t.sessions()[0]?.auth).toEqual({ mechanism, accepted: true, note: null });
});
