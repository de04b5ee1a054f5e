import { createHash, generateKeyPairSync, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type AuthContext, type KeyboardAuthContext, type ParsedKey, type ServerChannel } from 'ssh2';
import type { Dialect } from './dialect.ts';
import type { EmulatedFirmware } from './firmware.ts';
import type { Task } from './task.ts';
import { ConsoleClosed, Terminal } from './terminal.ts';

/**
 * Serves the console over SSH on a free loopback port, prints one line of JSON
 * (`{"port", "hostKey": "SHA256:…", "clientKey"?: PEM}`) on stdout, and ends the process when its stdin closes.
 * Host key and client key live as long as the process.
 */
export async function serveOverSsh(task: Task, dialect: Dialect, firmware: EmulatedFirmware): Promise<void> {
  const hostKey = mintKey(task.hostKeyBits);
  const clientKey = task.auth === 'key' ? mintKey(2048) : null;
  const server = new ssh2.Server(
    {
      hostKeys: [hostKey],
      ident: 'embedded_0.9',
      // Names come from a device file; ssh2 itself refuses those that it does not know.
      ...(task.algorithms === undefined ? {} : { algorithms: task.algorithms as object }),
    },
    (client) => {
      client.setNoDelay(true);
      client.on('error', () => client.end());
      client.on('authentication', (context) => {
        if (context.method !== METHODS[task.auth]) return context.reject([METHODS[task.auth]]);
        if (context.method === 'keyboard-interactive') return askPassword(context, task);
        return accepts(context, task, clientKey) ? context.accept() : context.reject();
      });
      client.on('session', (accept) => {
        const session = accept();
        session.on('pty', (acceptPty) => acceptPty?.());
        session.on('window-change', (acceptChange) => acceptChange?.());
        session.on('shell', (acceptShell) => void serveChannel(acceptShell(), dialect, firmware));
      });
    },
  );
  process.stdin.on('end', () => process.exit(0));
  process.stdin.resume();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the SSH server has no port');
  const { port } = address;
  const announced = { port, hostKey: fingerprint(hostKey), ...(clientKey === null ? {} : { clientKey }) };
  process.stdout.write(`${JSON.stringify(announced)}\n`);
}

declare module 'ssh2' {
  interface Connection {
    /** Missing in the declarations. */
    setNoDelay(noDelay: boolean): this;
  }
}

const METHODS = { password: 'password', key: 'publickey', 'keyboard-interactive': 'keyboard-interactive' } as const;

function accepts(context: AuthContext, task: Task, clientKey: string | null): boolean {
  if (context.username !== task.login.user) return false;
  if (context.method === 'password') return same(context.password, task.login.password);
  if (context.method === 'publickey' && clientKey !== null) {
    const key = parseKey(clientKey);
    if (!same(context.key.data, key.getPublicSSH())) return false;
    // Without a signature the client only asks whether the key would do (RFC 4252 section 7).
    return context.signature === undefined || context.blob === undefined
      ? true
      : key.verify(context.blob, context.signature, context.hashAlgo);
  }
  return false;
}

function askPassword(context: KeyboardAuthContext, task: Task): void {
  context.prompt([{ prompt: 'Passcode: ', echo: false }], '', (answers) => {
    const right = context.username === task.login.user && same(answers[0] ?? '', task.login.password);
    if (right) context.accept();
    else context.reject();
  });
}

async function serveChannel(channel: ServerChannel, dialect: Dialect, firmware: EmulatedFirmware): Promise<void> {
  const terminal = new Terminal(async (text) => {
    if (channel.write(text.replaceAll('\n', '\r\n'))) return;
    await new Promise<void>((resolve) => {
      channel.once('drain', resolve);
      channel.once('close', resolve);
    });
  });
  channel.on('data', (bytes: Buffer) => terminal.receive(bytes));
  channel.on('close', () => terminal.close());
  channel.on('end', () => terminal.close());
  channel.on('error', () => terminal.close());
  try {
    await dialect(terminal, (order) => firmware.carry(order, terminal));
  } catch (error) {
    if (!(error instanceof ConsoleClosed)) throw error;
  }
  if (!channel.writable) return;
  // OpenSSH's client waits for an exit status before it closes.
  channel.exit(0);
  channel.end();
}

function mintKey(bits: Task['hostKeyBits']): string {
  if (bits === 'ed25519') return mintEd25519();
  return generateKeyPairSync('rsa', { modulusLength: bits })
    .privateKey.export({ type: 'pkcs1', format: 'pem' })
    .toString();
}

/** One in 240 of those that ssh2 makes it cannot read itself (84 of 20,000, measured): then another is made. */
function mintEd25519(): string {
  for (;;) {
    const { private: pem } = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pem) instanceof Error)) return pem;
  }
}

function parseKey(pem: string): ParsedKey {
  const key = ssh2.utils.parseKey(pem);
  if (key instanceof Error) throw key;
  return key;
}

/** As `ssh-keygen -lf` prints it. */
function fingerprint(pem: string): string {
  const hash = createHash('sha256').update(parseKey(pem).getPublicSSH()).digest('base64');
  return `SHA256:${hash.replace(/=+$/, '')}`;
}

function same(given: Buffer | string, expected: Buffer | string): boolean {
  const [a, b] = [given, expected].map((value) => createHash('sha256').update(value).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
