import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Mode } from '../../vocabulary/mode.ts';
import { runProgram } from '../embedded/open-test-server.ts';
import { type Backend, changed, openTestHosts } from './open-test-hosts.ts';
import { type HostsProof, proveHosts } from './prove-hosts.ts';

const NO_DNS = { addresses: async () => [], exchangers: async () => [] };
const strict = (changes: Readonly<Record<string, unknown>> = {}) => changed('strict', changes);

async function proofOf(
  claims: Mode,
  backends: readonly Backend[],
  only: Readonly<Record<string, readonly string[]>> = {},
): Promise<HostsProof> {
  await using hosts = await openTestHosts(claims, backends, only);
  return await proveHosts({ modes: [hosts.mode], environment: hosts.environment, names: NO_DNS, pauseMs: 0 });
}
const textsOf = ({ findings }: HostsProof) => findings.map(({ text }) => text);

const { smtp, imap } = strict().hosts;

describe('servers that do what their mode says', () => {
  test('two backends and an IPv6 listener: nothing to say', async () => {
    const backends = ['127.0.0.2', '127.0.0.3', '::1'].map((address) => ({ address, serves: strict() }));
    await using hosts = await openTestHosts(strict(), backends);
    const proof = await proveHosts({ modes: [hosts.mode], environment: hosts.environment, names: NO_DNS, pauseMs: 0 });
    expect(proof.findings).toEqual([]);
    expect(proof.answers[0]?.listeners).toHaveLength(21);
    expect(proof.answers[0]?.listeners.every(({ login }) => login === 'accepted')).toBe(true);
    // Closing takes its time on the other side; a second one that is used never stands beside it.
    expect(hosts.mostAtOnce()).toBeLessThanOrEqual(2);
  });
});

describe('what servers are spared', () => {
  test('the password travels inside TLS only, also where the mode would take it in the clear', async () => {
    const legacy = changed('legacy', { ports: [587, 143, 110] });
    await using hosts = await openTestHosts(legacy, [{ address: '127.0.0.2', serves: legacy }]);
    const { user, password } = hosts.account;
    const proof = await proveHosts({ modes: [hosts.mode], environment: hosts.environment, names: NO_DNS, pauseMs: 0 });
    const [listeners = []] = proof.answers.map((answers) => answers.listeners);
    expect(listeners.map(({ login, clear }) => [login, clear?.login])).toEqual(
      [587, 143, 110].map(() => ['accepted', 'allowed']),
    );
    const heard = hosts.heard();
    // The clear part of the dialogues was heard.
    for (const said of ['AUTH PLAIN', 'AUTHENTICATE PLAIN', `USER ${user}`]) expect(heard.includes(said)).toBe(true);
    for (const secret of [password, btoa(`\0${user}\0${password}`), btoa(password)]) {
      expect(heard.includes(secret)).toBe(false);
    }
  });

  test('a login that is refused is not tried again', async () => {
    await using hosts = await openTestHosts(strict({ ports: [465, 993] }), [
      { address: '127.0.0.2', serves: strict() },
    ]);
    const environment = { TEST_PASSWORD: 'wrong' };
    const { answers, findings } = await proveHosts({ modes: [hosts.mode], environment, names: NO_DNS, pauseMs: 0 });
    expect(answers[0]?.listeners.map(({ login }) => (typeof login === 'object' ? 'refused' : login))).toEqual([
      'refused',
      'not-tried',
    ]);
    expect(findings.map(({ kind, places }) => [kind, places[0]?.ports])).toEqual([['account', [465]]]);
  });
});

describe('what is found', () => {
  test('an IPv6 listener that was forgotten', async () => {
    const proof = await proofOf(strict({ ports: [143, 993] }), [
      { address: '127.0.0.2', serves: strict() },
      { address: '::1', serves: strict({ 'tls.min': '1.0' }) },
    ]);
    expect(textsOf(proof)).toEqual([
      `${imap}, ports 143, 993 at ::1, accepts TLS 1.0, 1.1, and the mode says TLS 1.2 to 1.3. ` +
        '127.0.0.2 does not: it looks like a forgotten IPv6 listener.',
    ]);
  });

  test('one backend that differs', async () => {
    const proof = await proofOf(strict({ ports: [993] }), [
      { address: '127.0.0.2', serves: strict() },
      { address: '127.0.0.3', serves: strict({ suites: ['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_AES_128_GCM_SHA256'] }) },
    ]);
    expect(textsOf(proof)).toContainEqual(
      expect.stringMatching(
        /^imap\.variomedia\.de, port 993 at 127\.0\.0\.3, refuses TLS_ECDHE_RSA_.*, which the mode lists\. 127\.0\.0\.2 does not: it looks like a backend that was left out\.$/,
      ),
    );
  });

  test('a backend that speaks as the mode says and is unlike its siblings', async () => {
    const ec = strict({ 'certificate.minted': 'ecdsa-p256' });
    const proof = await proofOf(strict({ ports: [993] }), [
      { address: '127.0.0.2', serves: strict() },
      { address: '127.0.0.3', serves: strict() },
      { address: '127.0.0.4', serves: ec },
    ]);
    expect(textsOf(proof)).toEqual([
      `${imap}, port 993 at 127.0.0.4, is not like its siblings: key of the certificate: ec, there rsa.`,
    ]);
  });

  test('a port 25 that is only half switched', async () => {
    const half = strict({ 'refusal.plaintext': '504', 'tls.min': '1.0' });
    const proof = await proofOf(strict({ ports: [25] }), [{ address: '127.0.0.2', serves: half }]);
    expect(textsOf(proof)).toEqual([
      `${smtp}, port 25 at 127.0.0.2, is only half switched: it offers TLS and does not demand it (in the clear, ` +
        'MAIL FROM was answered "250 2.1.0 Ok" and AUTH "504 5.5.4 Encryption required for requested authentication ' +
        'mechanism"; the mode says 530).',
      `${smtp}, port 25 at 127.0.0.2, accepts TLS 1.0, 1.1, and the mode says TLS 1.2 to 1.3.`,
    ]);
    expect(proof.findings[0]?.advice).toContain('smtpd_tls_protocols governs the versions here');
  });

  test('an MX that demands STARTTLS, and none that does not', async () => {
    const claims = strict({ ports: [25] });
    const mode = { ...claims, aliases: [{ name: 'mx.example', protocols: ['smtp' as const], mx: true }] };
    const half = strict({ 'refusal.plaintext': '554' });
    const only = { [smtp]: ['127.0.0.2'], 'mx.example': ['127.0.0.3'] };
    const names = strict({ 'certificate.names': ['mx.example'] });
    const wrong = await proofOf(mode, [{ address: '127.0.0.2', serves: names }]);
    expect(wrong.findings.map(({ kind, text }) => [kind, text])).toEqual([
      [
        'mx-demands-tls',
        'mx.example, port 25 at 127.0.0.2, is an MX and demands STARTTLS ("530 5.7.0 Must issue a STARTTLS command ' +
          'first"), so other providers\' servers without TLS cannot deliver.',
      ],
    ]);
    const served = { ...half, certificate: names.certificate };
    const good = [
      { address: '127.0.0.2', serves: names },
      { address: '127.0.0.3', serves: served },
    ];
    expect((await proofOf(mode, good, only)).findings).toEqual([]);
  });

  test("a host that the account's domain has as its MX", async () => {
    await using hosts = await openTestHosts(strict({ ports: [25] }), [{ address: '127.0.0.2', serves: strict() }]);
    const asked: string[] = [];
    const names = {
      addresses: async () => [],
      exchangers: async (domain: string) => {
        asked.push(domain);
        return [`${smtp.toUpperCase()}.`];
      },
    };
    const proof = await proveHosts({ modes: [hosts.mode], environment: hosts.environment, names, pauseMs: 0 });
    expect(proof.findings.map(({ kind }) => kind)).toEqual(['mx-demands-tls']);
    expect(asked).toEqual(['cutover.example']);
  });

  test('a legacy host whose certificate needs the server name', async () => {
    const legacy = changed('legacy', { ports: [465, 993] });
    const named = legacy.hosts.imap;
    await using hosts = await openTestHosts(legacy, [
      { address: '127.0.0.2', serves: legacy, fallback: { ...legacy, hosts: strict().hosts } },
    ]);
    const proof = await proveHosts({ modes: [hosts.mode], environment: hosts.environment, names: NO_DNS, pauseMs: 0 });
    expect(textsOf(proof)).toContainEqual(
      `${named}, port 993 at 127.0.0.2, shows a certificate that does not cover ${named} to clients that send no ` +
        `server name (SNI); it holds DNS:${smtp}, DNS:${imap}, DNS:${strict().hosts.pop3}.`,
    );
    expect(proof.findings.map(({ kind }) => kind)).toEqual(['certificate-without-name', 'certificate-without-name']);

    // The same with a program that is not ours.
    const at = hosts.mode.addresses?.[named]?.[0];
    const port = typeof at === 'object' ? at.ports['993'] : 0;
    const show = async (sni: readonly string[]) => {
      const args = ['s_client', '-connect', `127.0.0.2:${port}`, ...sni, '-verify_hostname', named];
      const { output, missing } = await runProgram('openssl', args, 'z LOGOUT\r\n');
      return missing ? null : /hostname mismatch/i.test(output);
    };
    expect(await show(['-servername', named])).toBe(false);
    expect(await show(['-noservername'])).toBe(true);
  });

  test('a backend with the certificate of a fresh installation', async ({ skip }) => {
    const folder = mkdtempSync(join(tmpdir(), 'cutover-self-signed-'));
    const [chain, key] = [join(folder, 'chain.pem'), join(folder, 'key.pem')];
    const made = await runProgram(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${imap}`, '-days', '30'].concat([
        '-addext',
        `subjectAltName=DNS:${imap}`,
        '-keyout',
        key,
        '-out',
        chain,
      ]),
      '',
    );
    if (made.missing) skip('openssl is not installed');
    const fresh = strict({ certificate: { files: { chain, key } } });
    const proof = await proofOf(strict({ ports: [993] }), [
      { address: '127.0.0.2', serves: strict() },
      { address: '127.0.0.3', serves: strict() },
      { address: '127.0.0.4', serves: fresh },
    ]);
    rmSync(folder, { recursive: true });
    expect(textsOf(proof)).toContainEqual(
      `${imap}, port 993 at 127.0.0.4, shows a certificate that it signed itself. ` +
        '127.0.0.2, 127.0.0.3 do not: it looks like a backend that was left out.',
    );
  });

  test('strict that differs from today in more than version and plaintext', async () => {
    const both = { ports: [587, 993] };
    const today = strict({ ...both, 'tls.min': '1.0', plaintext: 'allowed', id: 'before' });
    const fewer = strict(both).suites.filter((name) => !name.startsWith('TLS_RSA_'));
    const stricter = strict({ ...both, suites: fewer });
    await using before = await openTestHosts(today, [{ address: '127.0.0.2', serves: today }]);
    await using good = await openTestHosts(strict(both), [{ address: '127.0.0.3', serves: strict(both) }]);
    await using after = await openTestHosts(strict(both), [{ address: '127.0.0.4', serves: stricter }]);
    const compare = async (other: typeof good) => {
      const first = { ...before.mode, account: undefined };
      const second = { ...other.mode, account: undefined };
      return proveHosts({ modes: [first, second], environment: {}, names: NO_DNS, pauseMs: 0 });
    };
    expect((await compare(good)).findings).toEqual([]);
    expect(textsOf(await compare(after))).toContainEqual(
      '"strict" differs from "before" in more than version and plaintext: suite TLS_RSA_WITH_AES_128_GCM_SHA256: ' +
        '"before" takes it, "strict" does not (ports 587, 993); suite TLS_RSA_WITH_AES_128_CBC_SHA: "before" takes ' +
        'it, "strict" does not (ports 587, 993).',
    );
  });
});

describe('name servers', () => {
  const names = (six: () => Promise<readonly string[]>) => ({
    addresses: async (_: string, family: 4 | 6) => (family === 6 ? six() : []),
    exchangers: async () => [],
  });
  const ask = async (six: () => Promise<readonly string[]>) => {
    const mode = { ...strict({ ports: [993] }), account: undefined };
    return (await proveHosts({ modes: [mode], environment: {}, names: names(six), pauseMs: 0 })).findings;
  };

  test('a name without addresses', async () => {
    expect((await ask(async () => [])).map(({ kind, text }) => [kind, text])).toContainEqual([
      'no-address',
      `${imap} has no address.`,
    ]);
  });

  test('records that nobody told of are said not to be asked, not to be missing', async () => {
    const findings = await ask(() => Promise.reject(Object.assign(new Error('no'), { code: 'ESERVFAIL' })));
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['name-service']));
    expect(findings.map(({ text }) => text)).toContainEqual(
      `No name server told the AAAA records of ${imap} (ESERVFAIL), so what listens there was not asked.`,
    );
  });
});

describe('a server that is not one of ours', () => {
  /** On 127.0.0.2 alone, as port 993 of every name. */
  async function proveAgainst(serve: (client: Socket) => void, signal?: AbortSignal): Promise<HostsProof> {
    const clients = new Set<Socket>();
    const server = createServer((client) => {
      clients.add(client.on('error', () => {}));
      serve(client);
    });
    server.listen(0, '127.0.0.2');
    await once(server, 'listening');
    const at = server.address();
    const port = at !== null && typeof at === 'object' ? at.port : 0;
    const claims = strict({ ports: [143] });
    const mode = {
      ...claims,
      account: undefined,
      addresses: Object.fromEntries(
        Object.values(claims.hosts).map((name) => [name, [{ address: '127.0.0.2', ports: { 143: port } }]]),
      ),
    };
    try {
      const options = { modes: [mode], environment: {}, names: NO_DNS, pauseMs: 0, idleMs: 300 };
      return await proveHosts({ ...options, ...(signal === undefined ? {} : { signal }) });
    } finally {
      for (const client of clients) client.destroy();
      server.close();
    }
  }

  test('that never greets', async () => {
    expect(textsOf(await proveAgainst(() => {}))).toEqual([
      `${imap}, port 143 at 127.0.0.2, cannot be used by a good client: the server said nothing for 300 ms.`,
    ]);
  });

  test('that never ends its line', async () => {
    const flood = (client: Socket) => {
      const pour = () => {
        while (!client.destroyed && client.write(Buffer.alloc(65_536, 'x')));
      };
      client.on('drain', pour);
      pour();
    };
    const [finding] = (await proveAgainst(flood)).findings;
    expect(finding?.kind).toBe('unseen');
  });

  test('that hangs while somebody presses Ctrl-C: nobody waits for it', async () => {
    const stopped = new AbortController();
    const proof = proveAgainst(() => stopped.abort(), stopped.signal);
    await expect(proof).rejects.toMatchObject({ name: 'AbortError' });
  });
});
