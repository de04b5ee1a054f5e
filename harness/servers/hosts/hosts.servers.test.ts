import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import Pop3Command from 'node-pop3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askEngine } from '../../containers/engine.ts';
import { buildImages } from '../../containers/images.ts';
import { openContainerLab } from '../../containers/open-lab.ts';
import { mintPki } from '../../pki/mint.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import { openContainerServers } from '../containers/open-servers.ts';
import type { Account, EngineServers, MailServer } from '../contract.ts';
import { changed } from './open-test-hosts.ts';
import { openHostsServers } from './open-servers.ts';
import { proveHosts } from './prove-hosts.ts';

const found = await askEngine();
const isSkipped = found.kind === 'missing' && process.env['CI'] === undefined;
if (found.kind === 'missing') console.log(`skipped: hosts that are real Postfix and Dovecot: ${found.why}`);

const NO_DNS = { addresses: async () => [], exchangers: async () => [] };
const marker = (letter: string) => `cutover-${letter.repeat(16)}`;

describe.skipIf(isSkipped)('a provider with Postfix and Dovecot', { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  const pki = mintPki({ hosts: [], addresses: [] });
  const modes = new Map<string, Mode>();
  let account: Account;
  let environment: Readonly<Record<string, string>>;

  /** A mode of the provider, at the containers that serve it. */
  const existing = (served: Mode, server: MailServer): Mode => {
    const places = (port: 587 | 993 | 995) => [server.address(port).host];
    const { smtp, imap, pop3 } = served.hosts;
    return {
      ...served,
      addresses: { [smtp]: places(587), [imap]: places(993), [pop3]: places(995) },
      account: { user: account.user, passwordEnv: 'TEST_PASSWORD', address: account.address },
    };
  };

  beforeAll(async () => {
    await buildImages(['postfix', 'dovecot']);
    const lab = opened.use(await openContainerLab());
    const provider = opened.use(await openContainerServers({ pki, lab }));
    account = provider.store.openAccount();
    environment = { TEST_PASSWORD: account.password };
    const served = [changed('strict'), changed('legacy')];
    await Promise.all(served.map(async (mode) => modes.set(mode.id, existing(mode, await provider.start(mode)))));
    // What comes in waits in one folder there; a provider's servers bring it to the account.
    const [arrived, inbox] = ['arrived', join('mail', account.user, 'Maildir')].map((name) =>
      join(provider.store.path, name, 'new'),
    );
    const carry = () => {
      for (const name of readdirSync(arrived!)) renameSync(join(arrived!, name), join(inbox!, name));
    };
    const carrier = setInterval(carry, 50);
    opened.defer(() => clearInterval(carrier));
  }, 180_000);
  afterAll(() => opened.disposeAsync(), 60_000);

  const modeOf = (id: string) => modes.get(id)!;

  test.for<[string, unknown[]]>([
    // Postfix takes SHA-1 signatures unless it is told otherwise, as this legacy mode has it.
    ['strict', [['signatures', 'note', [587, 25, 465]]]],
    ['legacy', []],
  ])('%s does what its mode says', async ([id, expected]) => {
    const { findings } = await proveHosts({ modes: [modeOf(id)], environment, names: NO_DNS, pauseMs: 0 });
    expect(findings.map(({ kind, weight, places }) => [kind, weight, places[0]?.ports])).toEqual(expected);
  });

  describe('the engine', () => {
    let engine: EngineServers;
    let server: MailServer;
    beforeAll(async () => {
      engine = await openHostsServers({ modes: [modeOf('strict')], environment, names: NO_DNS, pauseMs: 0 });
      server = await engine.start(modeOf('strict'));
    });
    afterAll(async () => engine[Symbol.asyncDispose]());

    /** With a client that is not ours. */
    async function inbox<T>(work: (client: ImapFlow) => Promise<T>): Promise<T> {
      const client = new ImapFlow({
        ...server.address(993),
        secure: true,
        auth: { user: account.user, pass: account.password },
        tls: { rejectUnauthorized: false },
        logger: false,
      });
      await client.connect();
      try {
        const lock = await client.getMailboxLock('INBOX');
        try {
          return await work(client);
        } finally {
          lock.release();
        }
      } finally {
        await client.logout();
      }
    }
    const subjects = () =>
      inbox(async (client) => {
        const all = await client.fetchAll('1:*', { envelope: true });
        return all.map(({ envelope }) => envelope?.subject);
      });

    test('delivers a mail to the account and takes it away again', async () => {
      const proof = await engine.prove?.(modeOf('strict'));
      expect(proof?.contradictions).toEqual([]);
      expect(proof?.peculiarities?.[0]).toMatch(/SHA-1 signatures alone.*Postfix does so by itself/);
      expect(proof?.ports.every(({ delivers }) => delivers)).toBe(true);
      expect(await subjects()).toEqual([]);
    });

    test('puts a mail, sees who fetched it, and removes it; another stays', async () => {
      await inbox(async (client) => client.append('INBOX', `Subject: mine\r\n\r\nDo not touch ${marker('z')}\r\n`));
      engine.store.putMail(account, marker('f'), 300);
      await engine.store.ready?.();
      expect(await subjects()).toEqual(['mine', marker('f')]);
      expect(server.mailboxOnly?.fetched(marker('f'))).toBe(false);

      const pop3 = server.address(995);
      const client = new Pop3Command({
        user: account.user,
        password: account.password,
        host: pop3.host,
        port: pop3.port,
        tls: true,
        tlsOptions: { rejectUnauthorized: false },
      });
      expect(await client.RETR(2)).toContain(marker('f'));
      await client.QUIT();
      await server.settled?.([1]);
      expect(server.mailboxOnly?.fetched(marker('f'))).toBe(true);
      expect(engine.store.arrived(marker('f'))).toBe(0);

      engine.store.clearMail(account);
      await engine.store.ready?.();
      expect(await subjects()).toEqual(['mine']);
    });

    test('a waiting mail that nobody fetched is not fetched', async () => {
      engine.store.putMail(account, marker('g'), 300);
      await engine.store.ready?.();
      await server.settled?.([1]);
      expect(server.mailboxOnly?.fetched(marker('g'))).toBe(false);
      expect(server.trouble).toBeNull();
    });
  });
});
