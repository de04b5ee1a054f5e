import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { ImapFlow } from 'imapflow';
import Pop3Command from 'node-pop3';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerFile, ContainerLab, RunningContainer } from '../../containers/contract.ts';
import { askEngine } from '../../containers/engine.ts';
import { buildImages } from '../../containers/images.ts';
import { openContainerLab } from '../../containers/open-lab.ts';
import { MODES_FOLDER, readMode } from '../../modes/read-mode.ts';
import { mintPki } from '../../pki/mint.ts';
import { openTap, type Tap } from '../../tap.ts';
import type { ServerSession } from '../../vocabulary/evidence.ts';
import { SUITES } from '../../vocabulary/iana.ts';
import { ENDPOINTS, type Port } from '../../vocabulary/trial.ts';
import type { Account, EngineServers, MailServer } from '../contract.ts';
import { proveServer } from '../prove.ts';
import type { MailFolder } from './mail-folder.ts';
import { openContainerServers } from './open-servers.ts';

const engine = await askEngine();
// Where tests run for everybody nothing may be left out.
const isSkipped = engine.kind === 'missing' && process.env['CI'] === undefined;
if (engine.kind === 'missing') console.log(`skipped: real Postfix and Dovecot: ${engine.why}`);

const MODES = ['today', 'strict', 'legacy'] as const;
type ModeId = (typeof MODES)[number];
const mode = (id: ModeId) => readMode(join(MODES_FOLDER, `${id}.yaml`));
const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });

describe.skipIf(isSkipped)('real Postfix and Dovecot', { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  const containers = new Map<string, RunningContainer>();
  const servers = new Map<ModeId, MailServer>();
  let engineServers: EngineServers & { readonly store: MailFolder };
  let account: Account;
  let lab: ContainerLab;

  beforeAll(async () => {
    await buildImages(['postfix', 'dovecot']);
    lab = opened.use(await openContainerLab());
    const seen: ContainerLab = Object.create(lab, {
      start: {
        async value(options: Parameters<ContainerLab['start']>[0]) {
          const container = await lab.start(options);
          containers.set(options.name, container);
          return container;
        },
      },
    });
    engineServers = opened.use(await openContainerServers({ pki, lab: seen }));
    await Promise.all(MODES.map(async (id) => servers.set(id, await engineServers.start(mode(id)))));
    account = engineServers.store.openAccount();
  }, 180_000);
  afterAll(() => opened.disposeAsync(), 60_000);

  const serverOf = (id: ModeId) => servers.get(id)!;
  const newMarker = () => `cutover-${randomBytes(8).toString('hex')}`;

  /** Lets a client come through a tap and tells what the server saw of it. */
  async function through(
    id: ModeId,
    port: Port,
    marker: string,
    client: (address: Tap['address']) => Promise<void>,
  ): Promise<readonly ServerSession[]> {
    const server = serverOf(id);
    const endpoint = ENDPOINTS.find((e) => e.port === port)!;
    await using tap = await openTap({ listen: '127.0.0.1', endpoint, upstream: server.address(port) });
    await client(tap.address);
    await tap.until((t) => t.openConnections === 0, { idleMs: 10_000, totalMs: 30_000 });
    const ports = tap.captures().map(({ tapPort }) => tapPort);
    await server.settled?.(ports);
    return server.sessions(ports, marker);
  }

  describe.each([
    [587, false],
    [465, true],
    [25, false],
  ] as const)('nodemailer sends on %i', (port, secure) => {
    test.each(MODES)('in %s', async (id) => {
      const marker = newMarker();
      const raw = `Subject: ${marker}\r\nFrom: <scan@office.example>\r\n\r\nFirst\r\n.\r\n..two\r\n\xe4\r\n`;
      const sessions = await through(id, port, marker, async ({ host, port: bound }) => {
        const { user, password: pass } = account;
        const transport = createTransport({
          host,
          port: bound,
          secure,
          auth: { user, pass },
          tls: { ca: pki.runCaPem },
        });
        const envelope = { from: 'scan@office.example', to: ['boss@home.example', 'other@elsewhere.example'] };
        await transport.sendMail({ envelope, raw: Buffer.from(raw, 'latin1') });
        transport.close();
      });
      // Length and hash are those of what the client sent, whatever the server wrote above it.
      const sha256 = createHash('sha256').update(Buffer.from(raw, 'latin1')).digest('hex');
      expect(sessions).toMatchObject([
        {
          tls: { version: '1.3' },
          auth: { mechanism: 'PLAIN', accepted: true, note: null },
          refusal: null,
          delivered: [{ bytes: raw.length, sha256, markerSeen: true }],
        },
      ]);
      expect(engineServers.store.arrived(marker)).toBe(1);
      expect(readdirSync(join(engineServers.store.path, 'arrived', 'new'))).toEqual([]);
    });
  });

  test.each(MODES)('imapflow and node-pop3 fetch in %s', async (id) => {
    const marker = newMarker();
    engineServers.store.clearMail(account);
    engineServers.store.putMail(account, marker, 5_000);
    let text = '';
    const listed = await through(id, 993, marker, async ({ host, port }) => {
      await using client = await openImap(host, port, account);
      for await (const mail of client.fetch('1:*', { envelope: true })) text = mail.envelope?.subject ?? '';
    });
    expect(text).toBe(marker);
    expect(listed).toMatchObject([{ auth: { accepted: true }, fetched: false }]);

    const fetched = await through(id, 993, marker, async ({ host, port }) => {
      await using client = await openImap(host, port, account);
      const mail = await client.fetchOne('*', { source: true });
      text = mail === false ? '' : (mail.source?.toString('latin1') ?? '');
    });
    expect(text).toContain(marker);
    expect(fetched).toMatchObject([{ tls: { version: '1.3' }, auth: { accepted: true }, fetched: true }]);

    const popped = await through(id, 995, marker, async ({ host, port }) => {
      const { user, password } = account;
      const client = new Pop3Command({ host, port, user, password, tls: true, tlsOptions: { ca: pki.runCaPem } });
      text = await client.RETR(1);
      await client.QUIT();
    });
    expect(text).toContain(marker);
    expect(popped).toMatchObject([{ auth: { accepted: true }, fetched: true }]);

    engineServers.store.clearMail(account);
    const empty = await through(id, 993, marker, async ({ host, port }) => {
      await using client = await openImap(host, port, account);
      expect(client.mailbox).toMatchObject({ exists: 0 });
    });
    expect(empty).toMatchObject([{ fetched: false }]);
  });

  test.each([
    ['smtp://', 587, ['--ssl-reqd', '--mail-from', 'a@b.example', '--mail-rcpt', 'c@d.example'], 'PLAIN'],
    ['imaps://', 993, [], 'PLAIN'],
    ['pop3s://', 995, [], 'PLAIN'],
  ] as const)('curl with a password that was cut off, by %s', async (scheme, port, args, mechanism) => {
    const sessions = await through('strict', port, newMarker(), async ({ host, port: bound }) => {
      const user = `${account.user}:${account.password.slice(0, 20)}`;
      const { code } = await run('curl', ['-sSk', '-m', '20', ...args, '-u', user, `${scheme}${host}:${bound}/`]);
      expect(code).toBe(67);
    });
    const note = "password shorter than the account's: first 20 of 24 characters";
    expect(sessions).toMatchObject([{ auth: { mechanism, accepted: false, note }, delivered: [], fetched: false }]);
    expect(JSON.stringify(sessions)).not.toMatch(/SHA1/);
  });

  test('says which versions run, as the programs themselves do', async () => {
    const { postfix, 'dovecot-core': dovecot, libssl3 } = serverOf('strict').software ?? {};
    const ask = async (name: string, argv: readonly string[]) =>
      (await containers.get(name)?.exec(argv))?.output.trim().split(/[ (]/)[0] ?? 'nothing';
    // Debian appends its own revision.
    expect(postfix?.split('-')[0]).toBe(await ask('strict-postfix', ['postconf', '-h', 'mail_version']));
    // Debian puts its epoch before it and more after it.
    expect(dovecot).toContain(await ask('strict-dovecot', ['dovecot', '--version']));
    expect(libssl3).toMatch(/^3\.0\./);
  });

  test('TLS 1.0 is refused in strict: Postfix by alert, Dovecot without one, both logs say why', async () => {
    const tls10 = ['-tls1', '-cipher', 'ALL@SECLEVEL=0'];
    const attempt = (id: ModeId, port: Port) =>
      through(id, port, newMarker(), async ({ host, port: bound }) => {
        const { output } = await run('openssl', ['s_client', '-connect', `${host}:${bound}`, ...tls10]);
        expect(output.includes('alert number 70')).toBe(id === 'strict' && port === 465);
        expect(/Cipher is (?!\(NONE\))/.test(output)).toBe(id === 'legacy');
      });
    for (const port of [465, 993] as const) {
      const refused = await attempt('strict', port);
      expect(refused).toMatchObject([{ tls: null, auth: null }]);
      expect(refused[0]?.log.join('\n')).toContain('unsupported protocol');
      const [session] = await attempt('legacy', port);
      // Dovecot tells the version of a client that leaves without a login, as Postfix does.
      expect(session?.tls?.version).toBe('1.0');
    }
  });

  test('a client that does not trust the certificate is seen with its alert', async () => {
    for (const port of [465, 993] as const) {
      const sessions = await through('strict', port, newMarker(), async ({ host, port: bound }) => {
        const socket = connectTls({ host, port: bound, servername: 'smtp.variomedia.de' });
        await new Promise<void>((resolve) => socket.once('error', () => resolve()));
        await run('curl', ['-sS', '-m', '20', `${port === 465 ? 'smtps' : 'imaps'}://${host}:${bound}/`]);
      });
      expect(sessions.map((s) => s.alertNumber)).toContain(48);
    }
  });

  describe('nothing is relayed', () => {
    test.each(MODES)('by %s, whoever asks on whatever port', async (id) => {
      for (const port of [587, 25, 465] as const) {
        const { host } = serverOf(id).address(port);
        const tls = port === 465 ? ['--tls-on-connect'] : ['--tls'];
        const to = ['--from', 'x@spam.example', '--to', 'victim@elsewhere.example', '--quit-after', 'RCPT'];
        const { output } = await run('swaks', ['--server', `${host}:${port}`, ...tls, ...to]);
        expect(output).toMatch(/<\S+ {1,2}(?:554 5\.7\.1|530 5\.7\.0)/);
        if (port === 465) continue;
        const inTheClear = await run('swaks', ['--server', `${host}:${port}`, '--timeout', '5', ...to]);
        expect(inTheClear.output).not.toMatch(/RCPT[^\n]*\n<\S+ +250/);
      }
    });
  });

  test('plaintext logins to strict are refused on every port, from the own address of the servers as well', async () => {
    const login = Buffer.from(`\0${account.user}\0${account.password}`).toString('base64');
    const words = {
      smtp: [`EHLO x`, `AUTH PLAIN ${login}`, 'MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>'],
      imap: [`a LOGIN ${account.user} ${account.password}`, `b AUTHENTICATE PLAIN ${login}`],
      pop3: [`USER ${account.user}`, `PASS ${account.password}`, `AUTH PLAIN ${login}`],
    };
    const attempts = ENDPOINTS.flatMap(({ protocol, port }) => {
      const server = `strict-${protocol === 'smtp' ? 'postfix' : 'dovecot'}`;
      const container = containers.get(server)!;
      return ['127.0.0.1', container.address].map((host) => ({ host, port, protocol, container }));
    });
    const script =
      'exec 3<>/dev/tcp/$1/$2 || exit 9; shift 2; for l in "$@"; do printf "$l" >&3; sleep 0.2; done; timeout 5 cat <&3';
    await Promise.all(
      attempts.map(async ({ host, port, protocol, container }) => {
        const lines = [...words[protocol], protocol === 'imap' ? 'z LOGOUT' : 'QUIT'].map((line) => `${line}\\r\\n`);
        const { output } = await container.exec(['bash', '-c', script, 'x', host, String(port), ...lines]);
        expect(output, `${port} at ${host}`).not.toMatch(/^235|^250 2\.1\.5|^[ab] OK|Logged in|maildrop/im);
      }),
    );
  });

  test.each(MODES)('%s proves itself, shows its traits, and sslscan agrees', async (id) => {
    const server = serverOf(id);
    const proof = await proveServer(server, engineServers.store.openAccount(), engineServers.store);
    expect(proof.contradictions).toEqual([]);
    expect(proof.ports.every(({ delivers }) => delivers)).toBe(true);
    const traits = (proof.peculiarities ?? []).join('\n');
    expect(traits.includes('SHA-1')).toBe(id === 'strict');
    // Without anything to refuse nothing is closed silently.
    expect(traits.includes('143, 993, 110, 995: Dovecot 2.3 refuses a handshake')).toBe(id === 'strict');

    const thorough = proof.ports.find(({ port }) => port === 465);
    await Promise.all(
      ENDPOINTS.map(async ({ port, protocol, tls }) => {
        const starttls = tls === 'starttls' ? [`--starttls-${protocol}`] : [];
        const target = `${server.address(port).host}:${port}`;
        const { output } = await run('sslscan', ['--no-colour', '--no-heartbleed', ...starttls, '--xml=-', target]);
        const enabled = [...output.matchAll(/<protocol type="tls" version="([\d.]+)" enabled="1"/g)].map(([, v]) => v);
        expect(enabled, `versions on ${port}`).toEqual(proof.ports.find((found) => found.port === port)?.accepted);
        const suites = [...output.matchAll(/<cipher [^>]*\bcipher="([^"]+)"/g)].map(([, name = '']) => ianaName(name));
        expect([...new Set(suites)].toSorted(), `suites on ${port}`).toEqual(thorough?.suites.toSorted());
      }),
    );
  });

  test('a server that dies makes its trial inconclusive, and serves the next', async () => {
    const before = new Date();
    const server = serverOf('today');
    await containers.get('today-postfix')!.exec(['sh', '-c', 'kill 1']);
    await expect.poll(() => server.troubleSince?.(before), { timeout: 30_000 }).toMatch(/postfix/);
    await expect.poll(() => server.trouble, { timeout: 60_000 }).toBeNull();
    expect(server.troubleSince?.(before)).toMatch(/postfix/);
    expect(server.troubleSince?.(new Date(Date.now() + 1))).toBeNull();
    expect(serverOf('strict').troubleSince?.(before)).toBeNull();

    const marker = newMarker();
    const { host } = server.address(587);
    const { user, password: pass } = account;
    const transport = createTransport({ host, port: 587, auth: { user, pass }, tls: { rejectUnauthorized: false } });
    await transport.sendMail({ from: 'a@b.example', to: 'c@d.example', subject: marker, text: 'again' });
    await expect.poll(() => engineServers.store.arrived(marker), { timeout: 10_000 }).toBe(1);
  });

  test('what a server will not start with is told in its words, with the place in the mode', async () => {
    await using other = await openContainerLab();
    const broken: ContainerLab = Object.create(other, {
      start: {
        value: (options: Parameters<ContainerLab['start']>[0]) =>
          other.start({ ...options, files: (options.files ?? []).map(withoutSuites) }),
      },
    });
    await using others = await openContainerServers({ pki, lab: broken });
    await expect(others.start(mode('strict'))).rejects.toMatchObject({
      code: 'mode-rejected',
      message: expect.stringMatching(/"strict": dovecot does not start.*comes from suites of the mode/s),
    });
  });
});

function withoutSuites(file: ContainerFile): ContainerFile {
  if (!file.target.endsWith('dovecot.conf')) return file;
  return { ...file, content: String(file.content).replace(/^ssl_cipher_list = .*$/m, 'ssl_cipher_list = NONSENSE') };
}

async function openImap(host: string, port: number, { user, password: pass }: Account) {
  const client = new ImapFlow({
    host,
    port,
    secure: true,
    auth: { user, pass },
    tls: { ca: pki.runCaPem },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  return Object.assign(client, {
    async [Symbol.asyncDispose]() {
      await client.logout();
    },
  });
}

/** Runs a program of the system with nothing to read. */
function run(program: string, args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: 16_000_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
    child.stdin?.end();
  });
}

function ianaName(openssl: string): string {
  return SUITES.find((suite) => suite.openssl === openssl)?.name ?? openssl;
}
