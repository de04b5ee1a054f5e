import ssh2, { type AnyAuthMethod, type Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { createConsole, type ConsoleOptions, type OpenConsole } from '../expect.ts';
import type { Session } from '../session.ts';
import { listLegacy, planAlgorithms, type AlgorithmLists, type Algorithms } from './algorithms.ts';
import { createAuth, type SshAuth } from './auth.ts';
import { dial } from './dial.ts';
import { judgeHostKey, renderFingerprint, type HostKeyPolicy } from './host-key.ts';
import { createOfferReader } from './offer.ts';
import { translateSshError, type SshTrouble } from './translate.ts';

export interface SshOptions extends ConsoleOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly auth: SshAuth;
  /** Password, or private key in PEM. */
  readonly secret: string;
  /** SHA256:… of the only key that is believed. */
  readonly hostKey?: string;
  readonly onUnknownHostKey?: NonNullable<HostKeyPolicy['onUnknownHostKey']>;
  /** Old algorithms that this device may use in addition. */
  readonly algorithms?: Algorithms;
}

/** To the first prompt. An RSA signature on a 50 MHz router takes seconds, a sleeping printer more. */
const readyTimeoutMs = 30_000;
/** A dead line is noticed after three of them. */
const keepaliveMs = 15_000;

/**
 * Opens a shell on a terminal over SSH. `facts`: carrier, server, kex, hostKeyAlgorithm, hostKey, cipher, mac, auth
 * and `legacy`, those of the algorithms that only the device file allowed.
 * Throws LabFault `ssh-refused`, `ssh-unreachable`, `ssh-timeout`, `ssh-no-common-algorithm`, `ssh-auth-rejected`,
 * `ssh-host-key-changed`, `ssh-host-key-unknown` or `ssh-failed`; HarnessFault for what the device file has wrong.
 */
export async function openSsh(options: SshOptions): Promise<Session> {
  const { host, port, user, cols = 80, rows = 24, signal } = options;
  const endpoint = `ssh://${user}@${host}:${port}`;
  const lists = planAlgorithms(options.algorithms);
  const auth = createAuth(options.auth, user, options.secret);
  const offer = createOfferReader();
  const trouble: SshTrouble = { endpoint, lists, offer, auth, refused: null };
  const socket = await dial({ host, port, endpoint, ...(signal === undefined ? {} : { signal }) });
  const client = new ssh2.Client();
  const facts: Record<string, string> = { carrier: 'ssh', auth: options.auth };
  client.once('handshake', (negotiated) => Object.assign(facts, renderNegotiated(negotiated)));
  const stop = (): void => void socket.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  const ready = Promise.withResolvers<void>();
  // Kept for the whole session: without a listener a late error would end this process.
  client.on('error', (error) => ready.reject(error));
  client.once('close', () => ready.reject(new Error('the device closed the connection')));
  client.once('ready', () => ready.resolve());
  try {
    client.connect({
      sock: socket,
      username: user,
      readyTimeout: readyTimeoutMs,
      keepaliveInterval: keepaliveMs,
      algorithms: offerAlgorithms(lists),
      authHandler: (left, _partial, decide) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the declaration forgets that false ends it
        auth.next(left, decide as (method: AnyAuthMethod | false) => void);
      },
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
        facts['hostKey'] = renderFingerprint(key);
        const policy: HostKeyPolicy = {
          endpoint,
          ...(options.hostKey === undefined ? {} : { pinned: options.hostKey }),
          ...(options.onUnknownHostKey === undefined ? {} : { onUnknownHostKey: options.onUnknownHostKey }),
        };
        judgeHostKey(renderFingerprint(key), policy).then(
          (fault) => {
            trouble.refused = fault;
            verify(fault === null);
          },
          (error: unknown) => ready.reject(error),
        );
      },
    });
    socket.on('data', (bytes) => offer.read(bytes));
    await ready.promise;
    const channel = await openShell(client, cols, rows);
    return carry(client, channel, endpoint, { ...options, facts: { ...options.facts, ...facts } });
  } catch (error) {
    socket.destroy();
    signal?.throwIfAborted();
    throw translateSshError(error, trouble);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** The names were checked when the lists were planned; the library's types list them one by one. */
function offerAlgorithms(lists: AlgorithmLists): NonNullable<ConnectConfig['algorithms']> {
  const { kex, serverHostKey, cipher, hmac } = lists;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return { kex, serverHostKey, cipher, hmac } as unknown as NonNullable<ConnectConfig['algorithms']>;
}

async function openShell(client: Client, cols: number, rows: number): Promise<ClientChannel> {
  const opened = Promise.withResolvers<ClientChannel>();
  client.once('close', () => opened.reject(new Error('the device closed the connection')));
  client.on('error', (error) => opened.reject(error));
  client.shell({ term: 'xterm', cols, rows }, (error, channel) => {
    if (error) opened.reject(error);
    else opened.resolve(channel);
  });
  return opened.promise;
}

function carry(client: Client, channel: ClientChannel, endpoint: string, options: ConsoleOptions): Session {
  const gone = Promise.withResolvers<void>();
  const opened: OpenConsole = createConsole(
    {
      endpoint,
      write: (text) => {
        if (channel.writable) channel.write(text);
      },
      pause: () => channel.pause(),
      close: async () => {
        client.end();
        // A device that does not close its side must not hold up ours.
        const late = setTimeout(() => client.destroy(), graceMs);
        channel.resume();
        await gone.promise;
        clearTimeout(late);
      },
    },
    options,
  );
  let lost: string | null = null;
  channel.on('data', (bytes: Buffer) => opened.receive(bytes));
  channel.stderr.on('data', (bytes: Buffer) => opened.receive(bytes));
  channel.on('exit', (code: number | null) => {
    lost = `the device's shell ended with exit code ${code ?? 'unknown'}`;
  });
  channel.on('error', () => {});
  channel.on('close', () => opened.end(lost ?? 'the device closed the shell'));
  client.on('error', (error) => {
    lost ??= `the connection was lost (${error.message})`;
  });
  client.on('close', () => {
    opened.end(lost ?? 'the connection was lost');
    gone.resolve();
  });
  return opened.session;
}

/** What a device gets to close its side. */
const graceMs = 500;

interface Negotiated {
  readonly kex: string;
  readonly serverHostKey: string;
  readonly cs: { readonly cipher: string; readonly mac: string };
}

/** `mac` is empty where the cipher brings its own. */
function renderNegotiated({ kex, serverHostKey, cs }: Negotiated): Readonly<Record<string, string>> {
  const legacy = listLegacy([kex, serverHostKey, cs.cipher, cs.mac]);
  return { kex, hostKeyAlgorithm: serverHostKey, cipher: cs.cipher, mac: cs.mac, legacy: legacy.join(' ') };
}
