import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasEngine } from '../../containers/has-engine.ts';
import { buildImages } from '../../containers/images.ts';
import { openContainerLab } from '../../containers/open-lab.ts';
import { MODES_FOLDER, readMode } from '../../modes/read-mode.ts';
import { mintPki } from '../../pki/mint.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Port } from '../../vocabulary/trial.ts';
import type { MailServer } from '../contract.ts';
import { proveServer } from '../prove.ts';
import { openContainerServers } from './open-servers.ts';

const ready = await hasEngine('modes of users in Postfix and Dovecot');
const pki = mintPki({ hosts: [], addresses: [] });
const strict = readMode(join(MODES_FOLDER, 'strict.yaml'));
const today = readMode(join(MODES_FOLDER, 'today.yaml'));

/** Modes as a user could add them: what the shipped three leave untouched. */
const USER_MODES: Readonly<Record<string, Mode>> = {
  'TLS 1.3 alone, no AUTH': { ...strict, tls: { min: '1.3', max: '1.3' }, auth: ['NONE'] },
  'TLS 1.2 at most, few names, plaintext answered 504': {
    ...strict,
    tls: { min: '1.2', max: '1.2' },
    suites: ['TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
    groups: ['secp384r1', 'secp256r1'],
    signatures: ['rsa_pkcs1_sha384'],
    refusal: { ...strict.refusal, plaintext: '504' },
  },
  'one suite of TLS 1.3, plaintext answered 554': {
    ...strict,
    suites: ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
    refusal: { ...strict.refusal, plaintext: '554' },
  },
  'TLS 1.1 alone, AUTH or not': { ...today, tls: { min: '1.1', max: '1.1' }, auth: ['PLAIN', 'NONE'] },
  'a certificate with an EC key; no AUTH, but encrypted': {
    ...strict,
    certificate: { minted: 'ecdsa-p256', names: [] },
    auth: ['NONE'],
    refusal: { ...strict.refusal, plaintext: '504' },
  },
  'a certificate signed with SHA-1, CRAM-MD5 alone': {
    ...today,
    certificate: { minted: 'sha1-signed', names: [] },
    auth: ['CRAM-MD5'],
  },
};

describe.skipIf(!ready)('Postfix and Dovecot do as a mode says', { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  let servers: Awaited<ReturnType<typeof openContainerServers>>;

  beforeAll(async () => {
    await buildImages(['postfix', 'dovecot']);
    const lab = opened.use(await openContainerLab());
    servers = opened.use(await openContainerServers({ pki, lab }));
  }, 240_000);
  afterAll(() => opened.disposeAsync(), 60_000);

  test.each(Object.entries(USER_MODES))('%s', async (_, mode) => {
    await using server = await servers.start(mode);
    const proof = await proveServer(server, servers.store.openAccount(), servers.store);
    expect(proof.contradictions).toEqual([]);
    expect(proof.ports.map((port) => port.accepted.length > 0)).toEqual(Array(7).fill(true));
  });

  describe('with a configuration of the provider laid over ours', () => {
    const top = mkdtempSync(join(tmpdir(), 'cutover-own-'));
    afterAll(() => rmSync(top, { recursive: true }));
    let count = 0;
    const modeWith = (files: Readonly<Record<string, string>>): Mode => {
      const folder = join(top, String(++count));
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      return { ...strict, configuration: folder };
    };

    test('its settings win, and what they change is seen by who connects', async () => {
      const mode = modeWith({
        'postfix/main.cf': 'smtpd_banner = mx.provider.example ESMTP ours',
        'dovecot/10.conf': 'login_greeting = provider.example ready',
      });
      await using server = await servers.start(mode);
      const proof = await proveServer(server, servers.store.openAccount(), servers.store);
      expect(proof.contradictions).toEqual([]);
      expect(await greetingOf(server, 587)).toContain('mx.provider.example ESMTP ours');
      expect(await greetingOf(server, 143)).toContain('provider.example ready');
    });

    test('one that contradicts the mode is caught by the proof', async () => {
      const mode = modeWith({
        'postfix/main.cf': 'smtpd_tls_security_level = may\nsmtpd_tls_auth_only = no',
        'dovecot/10.conf': 'ssl = yes\ndisable_plaintext_auth = no',
      });
      await using server = await servers.start(mode);
      const proof = await proveServer(server, servers.store.openAccount(), servers.store);
      expect(proof.contradictions.join('\n')).toMatch(/587.*plaintext is refused, but a client without TLS was let in/);
      expect(proof.contradictions.join('\n')).toMatch(/143.*plaintext is refused, but a client without TLS was let in/);
    });

    test.each([
      ['postfix', { 'postfix/main.cf': 'smtpd_client_port_logging = no' }],
      ['dovecot', { 'dovecot/10.conf': 'login_log_format_elements = user=<%u> method=%m rip=%r' }],
      ['dovecot', { 'dovecot/10.conf': 'log_path = /tmp/dovecot.log' }],
    ] as const)(
      'one that takes the log of %s away is refused: each device would seem to lose its mail',
      async (name, files) => {
        await expect(servers.start(modeWith(files))).rejects.toMatchObject({
          code: 'mode-rejected',
          message: expect.stringContaining(`the log of ${name} does not tell of connections`),
        });
      },
    );

    test.each([
      ['postfix', { 'postfix/main.cf': 'smtpd_relay_restrictions = permit' }, /smtpd_relay_restrictions/],
      ['dovecot', { 'dovecot/10.conf': 'ssl_min_protokoll = TLSv1.2' }, /10\.conf line 1.*ssl_min_protokoll/s],
    ] as const)('what %s says to a wrong one is told', async (name, files, words) => {
      const starting = servers.start(modeWith(files));
      await expect(starting).rejects.toMatchObject({ code: 'mode-rejected', message: expect.stringMatching(words) });
      await expect(starting).rejects.toThrow(name);
    });
  });
});

function greetingOf(server: MailServer, port: Port): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.address(port));
    socket.once('error', reject);
    socket.once('data', (bytes) => {
      resolve(bytes.toString());
      socket.destroy();
    });
  });
}
