import { type AddressInfo, createServer } from 'node:net';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { HarnessFault, LabFault } from '../../faults.ts';
import type { Session } from '../session.ts';
import { ANCIENT, openSshDevice, PASSWORD, type SshDevice } from './device-of-tests.ts';
import { openSsh, type SshOptions } from './open-ssh.ts';

const RSA = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
const SMALL_RSA = ssh2.utils.generateKeyPairSync('rsa', { bits: 1024 });

async function open(device: SshDevice, options: Partial<SshOptions> = {}): Promise<Session> {
  return openSsh({
    host: '127.0.0.1',
    port: device.port,
    user: 'admin',
    auth: 'password',
    secret: PASSWORD,
    hostKey: device.hostKey,
    secrets: [PASSWORD],
    ...options,
  });
}

async function faultOf(opening: Promise<Session>): Promise<LabFault | HarnessFault> {
  const fault: unknown = await opening.then(
    (session) => session[Symbol.asyncDispose](),
    (error: unknown) => error,
  );
  if (fault instanceof LabFault || fault instanceof HarnessFault) return fault;
  throw new Error(`no fault, but ${String(fault)}`);
}

test('a modern device: shell, facts, exit code', async () => {
  await using device = await openSshDevice();
  await using session = await open(device);
  await session.expect({ prompt: /dev> $/ });
  session.send('hello');
  await session.expect({ answer: /HELLO\n/ });
  expect(session.facts).toEqual({
    carrier: 'ssh',
    server: expect.stringMatching(/^SSH-2\.0-ssh2js/),
    auth: 'password',
    hostKey: device.hostKey,
    kex: 'curve25519-sha256',
    hostKeyAlgorithm: 'ssh-ed25519',
    cipher: 'aes128-gcm@openssh.com',
    mac: '',
    legacy: '',
  });
  session.send('exit');
  await expect(session.expect({ never: /never/ })).rejects.toMatchObject({
    code: 'console-ended',
    message: expect.stringContaining('exit code 5'),
  });
});

test('an ancient device is refused with the lines to add; with them it works and is recorded as legacy', async () => {
  await using device = await openSshDevice({ hostKey: SMALL_RSA.private, algorithms: ANCIENT });
  const fault = await faultOf(open(device));
  expect(fault.code).toBe('ssh-no-common-algorithm');
  expect(fault.message).toContain(
    'kex diffie-hellman-group1-sha1; serverHostKey ssh-rsa; cipher 3des-cbc; hmac hmac-md5',
  );
  const lines = fault.advice?.split('\n').slice(1);
  expect(lines).toEqual([
    'reach:',
    '  algorithms:',
    '    kex: [diffie-hellman-group1-sha1]',
    '    serverHostKey: [ssh-rsa]',
    '    cipher: [3des-cbc]',
    '    hmac: [hmac-md5]',
  ]);
  await using session = await open(device, {
    algorithms: { kex: [...ANCIENT.kex], serverHostKey: ['ssh-rsa'], cipher: ['3des-cbc'], hmac: ['hmac-md5'] },
  });
  await session.expect({ prompt: /dev> $/ });
  expect(session.facts['legacy']).toBe('diffie-hellman-group1-sha1 ssh-rsa 3des-cbc hmac-md5');
});

test('an algorithm that cannot be spoken is refused before anything connects', async () => {
  await using device = await openSshDevice();
  const fault = await faultOf(open(device, { algorithms: { cipher: ['arcfour'] } }));
  expect(fault).toMatchObject({ name: 'HarnessFault', code: 'ssh-algorithm-unknown' });
  expect(fault.message).toContain('reach.algorithms.cipher: "arcfour"');
  expect(device.connections()).toBe(0);
});

test('keyboard-interactive: the name where the answer is shown, the password where it is not', async () => {
  const asked: string[][] = [];
  await using device = await openSshDevice({
    login: (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      const prompts = [
        { prompt: 'User: ', echo: true },
        { prompt: 'Password: ', echo: false },
      ];
      context.prompt(prompts, (answers) => {
        asked.push(answers);
        context.accept();
      });
    },
  });
  await using session = await open(device, { auth: 'keyboard-interactive' });
  await session.expect({ prompt: /dev> $/ });
  expect(asked).toEqual([['admin', PASSWORD]]);
});

test('a device that asks for ever does not get the password for ever', async () => {
  let rounds = 0;
  let withPassword = 0;
  await using device = await openSshDevice({
    login: (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      const ask = (): void =>
        context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
          rounds += 1;
          if (answers.includes(PASSWORD)) withPassword += 1;
          if (rounds < 10) ask();
          else context.reject();
        });
      ask();
    },
  });
  expect((await faultOf(open(device, { auth: 'keyboard-interactive' }))).code).toMatch(/^ssh-/);
  expect(withPassword).toBe(3);
});

test('a key logs in; what is no key is named before anything connects', async () => {
  const allowed = ssh2.utils.parseKey(RSA.public);
  if (allowed instanceof Error) throw allowed;
  await using device = await openSshDevice({
    login: (context) => {
      if (context.method !== 'publickey' || !allowed.getPublicSSH().equals(context.key.data))
        return context.reject(['publickey']);
      const { signature, blob, hashAlgo } = context;
      if (signature !== undefined && blob !== undefined && !allowed.verify(blob, signature, hashAlgo)) context.reject();
      else context.accept();
    },
  });
  await using session = await open(device, { auth: 'key', secret: RSA.private });
  await session.expect({ prompt: /dev> $/ });
  expect((await faultOf(open(device, { auth: 'key', secret: SMALL_RSA.private }))).code).toBe('ssh-auth-rejected');
  const before = device.connections();
  expect(await faultOf(open(device, { auth: 'key', secret: 'no key' }))).toMatchObject({ code: 'ssh-key-unreadable' });
  expect(device.connections()).toBe(before);
});

test('a rejected login says what the device would take, and tries no second time', async () => {
  await using device = await openSshDevice({
    login: (context) => context.reject(['publickey', 'keyboard-interactive']),
  });
  const fault = await faultOf(open(device));
  expect(fault).toMatchObject({ code: 'ssh-auth-rejected', stage: 'login' });
  expect(fault.advice).toContain('The device takes: publickey, keyboard-interactive.');
  expect(device.passwords).toEqual([PASSWORD]);
});

test('another host key than the pinned one: both are named, and no password was sent', async () => {
  await using device = await openSshDevice();
  const pinned = 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  const fault = await faultOf(open(device, { hostKey: pinned }));
  expect(fault.code).toBe('ssh-host-key-changed');
  expect(fault.message).toContain(device.hostKey);
  expect(fault.message).toContain(pinned);
  expect(fault.advice).toMatch(/reset or replaced.*in between/);
  expect(device.passwords).toEqual([]);
});

test('an unknown host key is refused, or asked for and then pinned', async () => {
  await using device = await openSshDevice();
  const { hostKey: _, ...unpinned }: SshOptions = {
    host: '127.0.0.1',
    port: device.port,
    user: 'admin',
    auth: 'password',
    secret: PASSWORD,
  };
  const refused = await faultOf(openSsh(unpinned));
  expect(refused.code).toBe('ssh-host-key-unknown');
  expect(refused.advice).toContain(`hostKey: ${device.hostKey}`);
  expect((await faultOf(openSsh({ ...unpinned, onUnknownHostKey: async () => false }))).code).toBe(
    'ssh-host-key-unknown',
  );
  expect(device.passwords).toEqual([]);
  const asked: string[] = [];
  await using session = await openSsh({
    ...unpinned,
    onUnknownHostKey: async ({ fingerprint }) => asked.push(fingerprint) > 0,
  });
  await session.expect({ prompt: /dev> $/ });
  expect(asked).toEqual([device.hostKey]);
});

test('a connection that is lost ends the session, and what came is kept', async () => {
  await using device = await openSshDevice();
  await using session = await open(device);
  await session.expect({ prompt: /dev> $/ });
  session.send('hello');
  await session.expect({ answer: /HELLO\n/ });
  const waiting = expect(session.expect({ never: /never/ })).rejects.toMatchObject({
    code: 'console-ended',
    message: expect.stringContaining('connection was lost'),
  });
  device.cut();
  await waiting;
  expect((await session.takeTranscript()).screen).toContain('HELLO');
});

test('a flooding device is stopped and can still be closed', async () => {
  await using device = await openSshDevice({
    shell: (channel) => {
      const line = `${'y'.repeat(78)}\r\n`.repeat(500);
      const more = (): void => {
        while (channel.writable && channel.write(line));
        channel.once('drain', more);
      };
      more();
    },
  });
  await using session = await open(device);
  await expect(session.expect({ never: /never/ })).rejects.toMatchObject({ code: 'console-flood' });
});

test('a long banner and greeting are borne', async () => {
  await using device = await openSshDevice({ banner: 'b'.repeat(20_000), greeting: 'Authorized access only' });
  await using session = await open(device);
  await session.expect({ prompt: /dev> $/ });
});

test('the password is in no transcript, echoed or not', async () => {
  await using device = await openSshDevice({
    shell: (channel) => {
      channel.write(`Welcome ${PASSWORD.slice(0, 5)}`);
      channel.write(`${PASSWORD.slice(5)}\r\ndev> `);
    },
  });
  await using session = await open(device);
  await session.expect({ prompt: /dev> $/ });
  const { cast, screen } = await session.takeTranscript();
  expect(cast).not.toContain(PASSWORD.slice(0, 5));
  expect(screen).toBe('Welcome ***\ndev>');
});

test('what is no SSH server, hangs up, or is not there, is told apart', async () => {
  const greet = async (bytes: string): Promise<LabFault | HarnessFault> => {
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end(bytes),
    );
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
    const { port } = server.address() as AddressInfo;
    const fault = await faultOf(openSsh({ host: '127.0.0.1', port, user: 'u', auth: 'password', secret: 'p' }));
    await new Promise((resolve) => server.close(resolve));
    return fault;
  };
  expect(await greet('220 mail.example ESMTP\r\n')).toMatchObject({
    code: 'ssh-failed',
    message: 'what answers does not speak SSH',
  });
  expect(await greet('')).toMatchObject({ code: 'ssh-failed', message: 'what answers does not speak SSH' });
  expect((await greet('SSH-2.0-dropbear_0.46\r\n')).message).toContain('SSH with SSH-2.0-dropbear_0.46 broke off');
  const closed = createServer();
  await new Promise<void>((resolve) => void closed.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const fault = await faultOf(openSsh({ host: '127.0.0.1', port, user: 'u', auth: 'password', secret: 'p' }));
  expect(fault).toMatchObject({ code: 'ssh-refused', stage: 'connect', endpoint: `ssh://u@127.0.0.1:${port}` });
});

test('a stopped run ends a login that hangs', async () => {
  const abort = new AbortController();
  await using device = await openSshDevice({ login: () => abort.abort(new Error('stopped')) });
  await expect(open(device, { signal: abort.signal })).rejects.toThrow('stopped');
});
