import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { HarnessFault } from '../faults.ts';
import { fakeClient, openFakeDevice } from './fake-device.ts';
import type { Order } from './recipe.ts';

interface MailSink extends AsyncDisposable {
  readonly port: number;
  /** All that clients sent, a text for each connection. */
  readonly heard: string[];
}

/** Answers each line of SMTP with 250 (354 to DATA) except for those in `answers`. */
async function openSink(answers: Readonly<Record<string, string>> = {}): Promise<MailSink> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const at = heard.push('') - 1;
    sockets.add(socket.on('error', () => {}));
    let inMail = false;
    let rest = '';
    socket.write('220 test\r\n');
    socket.on('data', (bytes) => {
      heard[at] += bytes.toString();
      const lines = (rest + bytes.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const verb = line.split(' ')[0] ?? '';
        if (inMail && line !== '.') continue;
        inMail = verb === 'DATA';
        socket.write(`${answers[verb] ?? (inMail ? '354 go on' : '250 ok')}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    heard,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function order(port: number): Order {
  return {
    setting: { id: 's', protocol: 'smtp', port: 25, security: 'plaintext' },
    host: '127.0.0.1',
    port,
    user: 'u1',
    password: 'Kanari-4711',
    from: 'a@example.org',
    to: 'b@example.org',
    marker: 'marker-42',
    sizeBytes: 300,
    mails: 2,
  };
}

test('delivers-plaintext sends the mails with their marker, and logs in where it can', async () => {
  await using sink = await openSink({ EHLO: '250-test\r\n250 AUTH LOGIN PLAIN' });
  await using session = openFakeDevice('delivers-plaintext');
  expect(await fakeClient.submit(session, order(sink.port))).toEqual({ said: 'sent', text: 'sent', exitCode: null });
  expect(sink.heard).toHaveLength(1);
  expect(sink.heard[0]).toContain(`AUTH PLAIN ${Buffer.from('\0u1\0Kanari-4711').toString('base64')}\r\n`);
  expect(sink.heard[0]?.match(/Subject: marker-42\r\n/g)).toHaveLength(2);
  expect((await session.takeTranscript()).cast).not.toContain('Kanari');
});

test('delivers-plaintext says why it failed, and takes the next order', async () => {
  await using sink = await openSink({ MAIL: '530 5.7.0 Must issue a STARTTLS command first' });
  await using session = openFakeDevice('delivers-plaintext');
  for (const _ of [1, 2]) {
    expect(await fakeClient.submit(session, order(sink.port))).toEqual({
      said: 'failed',
      text: 'failed: 530 5.7.0 Must issue a STARTTLS command first',
      exitCode: null,
    });
  }
});

test('closes-at-once connects and says nothing; never-connects does not connect', async () => {
  await using sink = await openSink();
  await using closing = openFakeDevice('closes-at-once');
  expect((await fakeClient.submit(closing, order(sink.port))).said).toBe('failed');
  await expect.poll(() => sink.heard).toEqual(['']);
  await using silent = openFakeDevice('never-connects');
  expect((await fakeClient.submit(silent, order(sink.port))).said).toBe('failed');
  expect(sink.heard).toHaveLength(1);
});

test('hangs and floods are what they say', async () => {
  await using hanging = openFakeDevice('hangs', { waiting: { idleMs: 20 } });
  await expect(fakeClient.submit(hanging, order(1))).rejects.toMatchObject({ code: 'console-timeout' });
  await using flooding = openFakeDevice('floods');
  await expect(fakeClient.submit(flooding, order(1))).rejects.toMatchObject({ code: 'console-flood' });
});

test('a script that does not exist is named', () => {
  expect(() => openFakeDevice('explodes')).toThrow(HarnessFault);
});
