import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineServers, MailServer } from '../contract.ts';
import { changed, createDeliveringStore, openTestHosts, type TestHosts } from './open-test-hosts.ts';
import { openHostsServers } from './open-servers.ts';

const NO_DNS = { addresses: async () => [], exchangers: async () => [] };
const strict = changed('strict', { ports: [465, 993] });

const marker = (letter: string) => `cutover-${letter.repeat(16)}`;

describe('a provider with one backend', () => {
  let hosts: TestHosts;
  let engine: EngineServers;
  let server: MailServer;
  const store = createDeliveringStore();
  beforeAll(async () => {
    hosts = await openTestHosts(strict, [{ address: '127.0.0.2', serves: strict }], {}, store);
    engine = await openHostsServers({
      modes: [hosts.mode],
      environment: hosts.environment,
      names: NO_DNS,
      pauseMs: 0,
    });
    server = await engine.start(hosts.mode);
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await hosts[Symbol.asyncDispose]();
  });

  test('proves itself with one mail, and leaves nothing behind', async () => {
    const proof = await engine.prove?.(hosts.mode);
    expect(proof?.contradictions).toEqual([]);
    expect(proof?.ports.map(({ port, delivers }) => [port, delivers])).toEqual([
      [465, true],
      [993, true],
    ]);
    expect(store.mailbox(hosts.account).list()).toEqual([]);
  });

  test('tells what arrived for a trial, and lets others’ mail be', async () => {
    store.putMail(hosts.account, marker('x'), 50);
    const account = engine.store.openAccount();
    expect(account).toEqual(hosts.account);
    expect(server.sessions([1], marker('a'))).toEqual([]);
    await submit(server.address(465), account.user, account.password, marker('a'));
    await server.settled?.([1]);
    expect(engine.store.arrived(marker('a'))).toBe(1);
    expect(engine.store.arrived(marker('b'))).toBe(0);
    expect(
      store
        .mailbox(hosts.account)
        .list()
        .map((mail) => mail.marker),
    ).toEqual([marker('x')]);
  });

  test('a port that the mode does not name is never dialled, although something listens there', () => {
    expect(server.address(465)).toMatchObject({ host: '127.0.0.2' });
    expect(server.address(587)).toEqual({ host: '127.0.0.1', port: 0 });
  });

  test('a mailbox that no longer answers is trouble of the server', async () => {
    expect(server.trouble).toBeNull();
    await hosts[Symbol.asyncDispose]();
    server.sessions([1], marker('c'));
    await server.settled?.([1]);
    expect(server.trouble).toMatch(/^the mailbox of geraet-\w+ could not be used: nothing listens there$/);
  });
});

describe('what cannot be begun', () => {
  test.for<[string, Partial<typeof strict>]>([
    ['account-missing', { account: undefined }],
    ['account-password', { account: { user: 'u', passwordEnv: 'NOT_SET_HERE', address: 'u@cutover.example' } }],
    ['mailbox-unusable', { ports: [465] }],
    ['no-address', { addresses: {} }],
  ])('%s', async ([code, changes]) => {
    await using hosts = await openTestHosts(strict, [{ address: '127.0.0.2', serves: strict }]);
    const modes = [{ ...hosts.mode, ...changes }];
    const opening = openHostsServers({ modes, environment: hosts.environment, names: NO_DNS });
    await expect(opening).rejects.toMatchObject({ name: 'HarnessFault', code });
  });

  test('a wrong password is tried once', async () => {
    await using hosts = await openTestHosts(strict, [{ address: '127.0.0.2', serves: strict }]);
    const opening = openHostsServers({ modes: [hosts.mode], environment: { TEST_PASSWORD: 'wrong' }, names: NO_DNS });
    await expect(opening).rejects.toMatchObject({ code: 'mailbox-unusable' });
    expect(hosts.connections()).toBe(1);
  });
});

/** By hand, with nothing of ours: what a device would do. */
async function submit(at: { host: string; port: number }, user: string, password: string, subject: string) {
  const socket = connect({ ...at, rejectUnauthorized: false });
  const lines = [
    'EHLO device',
    `AUTH PLAIN ${btoa(`\0${user}\0${password}`)}`,
    `MAIL FROM:<${user}@cutover.example>`,
    `RCPT TO:<${user}@cutover.example>`,
    'DATA',
    `Subject: ${subject}\r\n\r\nscan\r\n.`,
    'QUIT',
  ];
  const said: string[] = [];
  for await (const chunk of socket) {
    said.push(String(chunk));
    const line = lines[said.length - 1];
    if (line !== undefined) socket.write(`${line}\r\n`);
  }
  expect(said.join('')).toMatch(/\r\n221 /);
}
