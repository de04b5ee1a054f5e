import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type ServerChannel, type ServerConfig } from 'ssh2';
import { mintSshKey } from './mint-key.ts';

export const PASSWORD = 'Kanari-4711';
/** As printers of about 2005 have it. */
export const ANCIENT = {
  kex: ['diffie-hellman-group1-sha1'],
  serverHostKey: ['ssh-rsa'],
  cipher: ['3des-cbc'],
  hmac: ['hmac-md5'],
} as const;
const ED25519 = { private: mintSshKey('ed25519').privateKey };

/** How a device of these tests differs from a modern one with a password. */
export interface DeviceOptions {
  readonly hostKey?: string;
  readonly algorithms?: typeof ANCIENT;
  readonly banner?: string;
  readonly greeting?: string;
  readonly login?: (context: AuthContext) => void;
  /** What the shell does; default: prints a prompt and echoes lines in capitals. */
  readonly shell?: (channel: ServerChannel) => void;
}

export interface SshDevice extends AsyncDisposable {
  readonly port: number;
  readonly hostKey: string;
  /** What clients sent before and as passwords. */
  readonly passwords: string[];
  readonly connections: () => number;
  cut(): void;
}

/** An SSH server on a free loopback port, as the far end of tests. */
export async function openSshDevice(options: DeviceOptions = {}): Promise<SshDevice> {
  const passwords: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const hostKey = options.hostKey ?? ED25519.private;
  const config: ServerConfig = {
    hostKeys: [hostKey],
    ...(options.algorithms === undefined ? {} : { algorithms: JSON.parse(JSON.stringify(options.algorithms)) }),
    ...(options.banner === undefined ? {} : { banner: options.banner }),
    ...(options.greeting === undefined ? {} : { greeting: options.greeting }),
  };
  const device = new ssh2.Server(config, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => {
      if (context.method === 'password') passwords.push(context.password);
      if (options.login !== undefined) return options.login(context);
      if (context.method === 'password' && context.password === PASSWORD) context.accept();
      else context.reject(['password']);
    });
    connection.on('session', (accept) => {
      const session = accept();
      session.on('pty', (acceptPty) => acceptPty?.());
      session.on('shell', (acceptShell) => (options.shell ?? shout)(acceptShell()));
    });
  });
  // In front of it, to be able to cut connections as a pulled cable does.
  const front = createServer((socket) => {
    connections += 1;
    sockets.add(socket.on('error', () => {}));
    device.injectSocket(socket);
  });
  await new Promise<void>((resolve) => void front.listen(0, '127.0.0.1', resolve));
  const key = ssh2.utils.parseKey(hostKey);
  if (key instanceof Error) throw key;
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
    port: (front.address() as AddressInfo).port,
    hostKey: `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`,
    passwords,
    connections: () => connections,
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}

function shout(channel: ServerChannel): void {
  channel.write('dev> ');
  channel.on('data', (bytes: Buffer) => {
    const line = bytes.toString().trim();
    if (line === 'exit') {
      channel.exit(5);
      channel.end();
    } else channel.write(`${line.toUpperCase()}\r\ndev> `);
  });
}
