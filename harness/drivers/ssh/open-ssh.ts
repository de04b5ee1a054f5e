import ssh2, { type AnyAuthMethod, type Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import type { LabFault } from '../../faults.ts';
import { createConsole, type ConsoleOptions, type OpenConsole } from '../expect.ts';
import type { Session } from '../session.ts';
import { listLegacy, planAlgorithms, type AlgorithmLists, type Algorithms } from './algorithms.ts';
import { createAuth, type SshAuth } from './auth.ts';
import { dial } from './dial.ts';
import { judgeHostKey, renderFingerprint, type HostKeyQuestion } from './host-key.ts';
import { createOfferReader } from './offer.ts';
import { translateSshError } from './translate.ts';

export interface SshOptions extends ConsoleOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly auth: SshAuth;
  /** Password, or private key in PEM. */
  readonly secret: string;
  /** SHA256:… of the only key that is believed. */
  readonly hostKey?: string;
  /** Asked whether the device has this key; resolves true to go on. Absent: an unknown key is refused. */
  readonly onUnknownHostKey?: (question: HostKeyQuestion) => Promise<boolean>;
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
  const first = await connect(options, options.hostKey);
  if (first.kind === 'open') return first.session;
  // Asked without a connection: a device ends one on which nobody logs in, and people take their time.
  const known = (await options.onUnknownHostKey?.(first.question)) === true;
  options.signal?.throwIfAborted();
  if (!known) throw first.fault;
  const second = await connect(options, first.question.fingerprint);
  if (second.kind === 'open') return second.session;
  throw second.fault;
}

type Connected =
  | { readonly kind: 'open'; readonly session: Session }
  | { readonly kind: 'unknown-host-key'; readonly question: HostKeyQuestion; readonly fault: LabFault };

async function connect(options: SshOptions, pinned: string | undefined): Promise<Connected> {
  const { host, port, user, cols = 80, rows = 24, signal } = options;
  const endpoint = `ssh://${user}@${host}:${port}`;
  const lists = planAlgorithms(options.algorithms);
  const auth = createAuth(options.auth, user, options.secret);
  const offer = createOfferReader();
  let question: HostKeyQuestion = { endpoint, fingerprint: '' };
  let refused: LabFault | null = null;
  let facts: Readonly<Record<string, string>> = {};
  const socket = await dial({ host, port, endpoint, ...(signal === undefined ? {} : { signal }) });
  const client = new ssh2.Client();
  client.once('handshake', (negotiated) => {
    facts = renderNegotiated(negotiated);
  });
  const stop = (): void => void socket.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const ready = whenReady(client);
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
      hostVerifier: (key: Buffer): boolean => {
        question = { endpoint, fingerprint: renderFingerprint(key) };
        refused = judgeHostKey(question, pinned);
        return refused === null;
      },
    });
    socket.on('data', (bytes) => offer.read(bytes));
    await ready;
    const channel = await openShell(client, cols, rows);
    const server = {
      carrier: 'ssh',
      server: offer.identification ?? '',
      auth: options.auth,
      hostKey: question.fingerprint,
    };
    return {
      kind: 'open',
      session: carry(client, channel, endpoint, { ...options, facts: { ...options.facts, ...server, ...facts } }),
    };
  } catch (error) {
    socket.destroy();
    signal?.throwIfAborted();
    const fault = refused ?? translateSshError(error, { endpoint, lists, offer, auth });
    if (refused !== null && pinned === undefined) return { kind: 'unknown-host-key', question, fault: refused };
    throw fault;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function whenReady(client: Client): Promise<void> {
  const ready = Promise.withResolvers<void>();
  // Kept for the whole session: without a listener a late error would end this process.
  client.on('error', (error) => ready.reject(error));
  client.once('close', () => ready.reject(new Error('the device closed the connection')));
  client.once('ready', () => {
    // A dialogue of short lines: Nagle's algorithm costs 40 ms an answer (measured, 12 answers).
    client.setNoDelay(true);
    ready.resolve();
  });
  return ready.promise;
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
