import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ContainerFile } from '../../containers/contract.ts';
import { MODES_FOLDER, readMode } from '../../modes/read-mode.ts';
import { mintPki } from '../../pki/mint.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import { FFDHE2048_PEM } from './dh-parameters.ts';
import { renderDovecot } from './dovecot/render.ts';
import { renderPostfix } from './postfix/render.ts';
import { refusalsOf } from './refusals.ts';

const read = (id: string) => readMode(join(MODES_FOLDER, `${id}.yaml`));
const [today, strict, legacy] = [read('today'), read('strict'), read('legacy')];
const pki = mintPki({ hosts: [], addresses: [] });

function renderBoth(mode: Mode) {
  const common = { mode, certificate: pki.certificate(mode), mailOwner: { uid: 1234, gid: 1235 } };
  return { postfix: renderPostfix({ ...common, dovecotHost: 'its-dovecot' }), dovecot: renderDovecot(common) };
}

function textOf(files: readonly ContainerFile[], name: string): string {
  const file = files.find(({ target }) => target.endsWith(`/${name}`));
  return String(file?.content);
}

/** `name = value` lines; what a file says twice is a mistake. */
function settingsOf(text: string): ReadonlyMap<string, string> {
  const pairs = [...text.matchAll(/^(\w+) = ?(.*)$/gm)].map(([, name, value]) => [name!, value!] as const);
  const settings = new Map(pairs);
  expect(settings.size).toBe(pairs.length);
  return settings;
}

const postfixOf = (mode: Mode) => settingsOf(textOf(renderBoth(mode).postfix.files, 'main.cf'));
const dovecotOf = (mode: Mode) => textOf(renderBoth(mode).dovecot.files, 'dovecot.conf');
const opensslOf = (mode: Mode, server: 'postfix' | 'dovecot') =>
  textOf(renderBoth(mode)[server].files, 'openssl.cnf').split('[policy]\n')[1];

describe('the shipped modes', () => {
  test('strict', () => {
    const postfix = postfixOf(strict);
    expect(postfix.get('smtpd_tls_security_level')).toBe('encrypt');
    // Both, or a port that only offers TLS would go on with old versions.
    expect(postfix.get('smtpd_tls_protocols')).toBe('>=TLSv1.2, <=TLSv1.3');
    expect(postfix.get('smtpd_tls_mandatory_protocols')).toBe('>=TLSv1.2, <=TLSv1.3');
    expect(dovecotOf(strict)).toContain('\nssl = required\n');
    expect(dovecotOf(strict)).toContain('\nssl_min_protocol = TLSv1.2\n');
    expect(dovecotOf(strict)).toContain('@SECLEVEL=1\n');
    expect(opensslOf(strict, 'postfix')).not.toContain('SignatureAlgorithms');
  });

  test.each([today, legacy])('$id lets old clients in', (mode) => {
    const postfix = postfixOf(mode);
    expect(postfix.get('smtpd_tls_security_level')).toBe('may');
    expect(postfix.get('smtpd_tls_auth_only')).toBe('no');
    expect(postfix.get('smtpd_tls_protocols')).toBe('>=TLSv1, <=TLSv1.3');
    expect(dovecotOf(mode)).toContain('\nssl = yes\n');
    expect(dovecotOf(mode)).toContain('\ndisable_plaintext_auth = no\n');
    expect(dovecotOf(mode)).toContain('\nssl_min_protocol = TLSv1\n');
    expect(dovecotOf(mode)).toContain('@SECLEVEL=0\n');
    // Level 0 opens more than the mode lists.
    expect(opensslOf(mode, 'postfix')).toMatch(/^SignatureAlgorithms = .*RSA\+SHA1$/m);
    expect(opensslOf(mode, 'dovecot')).toMatch(/^SignatureAlgorithms = .*RSA\+SHA1$/m);
  });

  test.each([today, strict, legacy])('$id relays nothing and can be expressed', (mode) => {
    expect(refusalsOf(mode)).toEqual([]);
    const { files } = renderBoth(mode).postfix;
    const services = textOf(files, 'master.cf').matchAll(/^\S+ \S+ .* (\w+)(?: -o .*)?$/gm);
    expect([...services].map(([, daemon]) => daemon)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(smtp|lmtp|pipe|local)$/)]),
    );
    expect(postfixOf(mode).get('smtpd_relay_restrictions')).toBe(
      'permit_sasl_authenticated, reject_unauth_destination, reject',
    );
  });

  test('no private key can be read by a server process', () => {
    const { postfix, dovecot } = renderBoth(strict);
    const keys = [...postfix.files, ...dovecot.files].filter(({ content }) => String(content).includes('PRIVATE KEY'));
    expect(keys.map(({ mode }) => mode)).toEqual([0o600, 0o600]);
  });
});

describe('what a mode says', () => {
  test('how plaintext is refused', () => {
    const style = (plaintext: Mode['refusal']['plaintext']) =>
      postfixOf({ ...strict, refusal: { ...strict.refusal, plaintext } }).get('smtpd_tls_security_level');
    expect([style('530'), style('504'), style('554')]).toEqual(['encrypt', 'may', 'may']);
    const half = renderBoth({ ...strict, refusal: { ...strict.refusal, plaintext: '554' } }).postfix;
    expect(half.peculiarities.map(({ id }) => id)).toContain('postfix-answers-504');
  });

  test('a client without AUTH gets in only where it is listed, and then encrypted', () => {
    const rule = (mode: Mode) => postfixOf(mode).get('smtpd_relay_restrictions');
    expect(rule({ ...strict, auth: ['NONE'] })).toBe('reject_plaintext_session, check_client_access static:OK, reject');
    expect(rule({ ...today, auth: ['PLAIN', 'NONE'] })).toBe('check_client_access static:OK, reject');
    expect(postfixOf({ ...strict, auth: ['NONE'] }).get('smtpd_sasl_auth_enable')).toBe('no');
  });

  test('its mechanisms', () => {
    expect(dovecotOf({ ...today, auth: ['PLAIN', 'CRAM-MD5', 'NONE'] })).toContain(
      'auth_mechanisms = plain cram-md5\n',
    );
  });

  test('no version without a suite: OpenSSL would fill TLS 1.3 with its own', () => {
    const suites = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'];
    expect(postfixOf({ ...strict, suites }).get('smtpd_tls_protocols')).toBe('>=TLSv1.2, <=TLSv1.2');
    expect(opensslOf({ ...strict, suites }, 'dovecot')).toContain('MaxProtocol = TLSv1.2\n');
    const only13 = postfixOf({ ...today, suites: ['TLS_AES_128_GCM_SHA256'] });
    expect(only13.get('smtpd_tls_protocols')).toBe('>=TLSv1.3, <=TLSv1.3');
  });

  test("a certificate signed with SHA-1 lowers Dovecot's level, whatever else is listed", () => {
    expect(dovecotOf({ ...strict, certificate: { minted: 'sha1-signed', names: [] } })).toContain('@SECLEVEL=0\n');
  });

  test('its peculiarities follow from it', () => {
    const ids = (mode: Mode) => {
      const { postfix, dovecot } = renderBoth(mode);
      return [...postfix.peculiarities, ...dovecot.peculiarities].map(({ id }) => id);
    };
    expect(ids(strict)).toEqual(['postfix-accepts-sha1', 'dovecot-closes-silently', 'dovecot-own-address']);
    expect(ids(today)).toEqual(['dovecot-closes-silently']);
    expect(ids({ ...strict, tls: { min: '1.3', max: '1.3' } })).not.toContain('postfix-accepts-sha1');
  });
});

describe('what cannot be expressed', () => {
  test.each<readonly [string, Partial<Mode>, string]>([
    ['421 after TLS', { refusal: { version: '421-after-tls', plaintext: '530' } }, 'refusal.version'],
    ['a silent close of Postfix', { refusal: { version: 'silent', plaintext: '530' } }, 'refusal.version'],
    ['STARTTLS hidden', { starttls: 'hidden' }, 'starttls'],
    ['only lost suites', { suites: ['TLS_RSA_WITH_RC4_128_SHA'] }, 'suites'],
    ['only SSL 3.0', { tls: { min: 'SSLv3', max: 'SSLv3' } }, 'tls'],
    ['suites of other versions', { suites: ['TLS_AES_128_GCM_SHA256'], tls: { min: '1.0', max: '1.2' } }, 'tls'],
    ['only groups of later days', { groups: ['X25519MLKEM768'] }, 'groups'],
    ['only MD5', { signatures: ['rsa_pkcs1_md5'] }, 'signatures'],
    ['a host name that says more', { hosts: { ...strict.hosts, smtp: 'a\nmynetworks = 0.0.0.0/0' } }, 'hosts.smtp'],
  ])('%s', (_, change, place) => {
    const refusals = refusalsOf({ ...strict, ...change });
    expect(refusals.map(({ path }) => path.join('.'))).toEqual([place]);
    for (const { what, why, todo } of refusals) expect([what, why, todo].every((text) => text.length > 10)).toBe(true);
  });
});

test('the DH parameters are the group ffdhe2048, says openssl', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-test-'));
  try {
    const path = join(folder, 'dh.pem');
    writeFileSync(path, FFDHE2048_PEM);
    const text = execFileSync('openssl', ['dhparam', '-in', path, '-noout', '-text'], { encoding: 'utf8' });
    expect(text).toContain('GROUP: ffdhe2048');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
