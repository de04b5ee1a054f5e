import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LabFault } from '../../faults.ts';
import { openSsh, type SshOptions } from './open-ssh.ts';

// OpenSSH's own server as the far end: no library of ours on both sides.
const sshd = ['/usr/sbin', ...(process.env['PATH'] ?? '').split(':')]
  .map((folder) => join(folder, 'sshd'))
  .find((path) => existsSync(path) && existsSync('/run/sshd'));
if (sshd === undefined)
  console.log('skipped: OpenSSH as the far end: there is no sshd on this machine, or no /run/sshd for it');

/** Comes with sshd. */
const SSH_KEYGEN = 'ssh-keygen';
const ANCIENT = [
  'KexAlgorithms diffie-hellman-group1-sha1',
  'HostKeyAlgorithms ssh-rsa',
  'Ciphers 3des-cbc',
  'MACs hmac-md5',
];

describe.skipIf(sshd === undefined)('OpenSSH as the far end', () => {
  let folder = '';
  let clientKey = '';
  const servers: { readonly server: ChildProcess; readonly ended: Promise<unknown> }[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutover-sshd-'));
    clientKey = mintKey('client', '-t', 'rsa', '-b', '2048');
  });
  afterAll(async () => {
    for (const { server, ended } of servers) {
      server.kill();
      await ended;
    }
    rmSync(folder, { recursive: true });
  });

  function mintKey(name: string, ...args: readonly string[]): string {
    execFileSync(SSH_KEYGEN, ['-q', '-N', '', '-m', 'PEM', '-f', join(folder, name), ...args]);
    return join(folder, name);
  }

  async function start(hostKey: string, lines: readonly string[]): Promise<SshOptions> {
    const port = await findFreePort();
    const config = `${hostKey}.conf`;
    const settings = [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${clientKey}.pub`,
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      ...lines,
    ];
    writeFileSync(config, settings.join('\n'));
    const server = spawn(sshd ?? '', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    servers.push({ server, ended: new Promise((resolve) => server.once('close', resolve)) });
    await waitForListener(port);
    const [, fingerprint = ''] = execFileSync(SSH_KEYGEN, ['-lf', `${hostKey}.pub`], { encoding: 'utf8' }).split(' ');
    return {
      host: '127.0.0.1',
      port,
      user: userInfo().username,
      auth: 'key',
      secret: readFileSync(clientKey, 'utf8'),
      hostKey: fingerprint,
    };
  }

  test('a modern one: run() and facts, with the fingerprint that ssh-keygen prints', async () => {
    const options = await start(mintKey('modern', '-t', 'ed25519'), []);
    await using session = await openSsh(options);
    expect(await session.run('id -un; exit_code() { return 9; }; exit_code')).toEqual({
      output: options.user,
      exitCode: 9,
    });
    expect(session.facts).toMatchObject({
      server: expect.stringMatching(/^SSH-2\.0-OpenSSH_/),
      hostKey: options.hostKey,
      hostKeyAlgorithm: 'ssh-ed25519',
      legacy: '',
    });
  });

  test('one limited to the algorithms of old printers: refused, then allowed by the lines it was told', async () => {
    const options = await start(mintKey('ancient', '-t', 'rsa', '-b', '1024'), [...ANCIENT, 'RequiredRSASize 1024']);
    const fault: unknown = await openSsh(options).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'ssh-no-common-algorithm' });
    expect(fault instanceof LabFault && fault.advice).toContain('kex: [diffie-hellman-group1-sha1]');
    await using session = await openSsh({
      ...options,
      algorithms: {
        kex: ['diffie-hellman-group1-sha1'],
        serverHostKey: ['ssh-rsa'],
        cipher: ['3des-cbc'],
        hmac: ['hmac-md5'],
      },
    });
    expect((await session.run('echo reached')).output).toBe('reached');
    expect(session.facts['legacy']).toBe('diffie-hellman-group1-sha1 ssh-rsa 3des-cbc hmac-md5');
  });
});

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function waitForListener(port: number): Promise<void> {
  await expect
    .poll(
      async () =>
        new Promise((resolve) => {
          const socket = connect({ host: '127.0.0.1', port });
          socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
          socket.once('connect', () => socket.destroy());
        }),
      { timeout: 10_000 },
    )
    .toBe(true);
}
