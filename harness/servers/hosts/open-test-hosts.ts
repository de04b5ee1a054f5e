import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { applyChange } from '../../modes/apply-change.ts';
import { MODES_FOLDER, readMode } from '../../modes/read-mode.ts';
import { mintPki } from '../../pki/mint.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import { ENDPOINTS } from '../../vocabulary/trial.ts';
import type { Account, MailServer } from '../contract.ts';
import { startEmbedded } from '../embedded/start.ts';
import { createMailStore, type EmbeddedMailStore } from '../mail-store.ts';

/** For tests: what one address serves. */
export interface Backend {
  readonly address: string;
  readonly serves: Mode;
  /** Answers on ports that start with TLS to clients that send no server name. */
  readonly fallback?: Mode;
}

/** For tests: servers of a provider on addresses of this machine, and a mode that claims to be theirs. */
export interface TestHosts extends AsyncDisposable {
  readonly mode: Mode;
  readonly account: Account;
  readonly store: EmbeddedMailStore;
  readonly environment: Readonly<Record<string, string>>;
  /** Connections that were open at the same time, at most. */
  readonly mostAtOnce: () => number;
  readonly connections: () => number;
  /** Everything that clients sent, in the clear or not. */
  readonly heard: () => Buffer;
}

const pki = mintPki({ hosts: [], addresses: [] });

/** A shipped mode with single keys changed; keys without a dot may be new. */
export function changed(id: string, changes: Readonly<Record<string, unknown>> = {}): Mode {
  const base = readMode(join(MODES_FOLDER, `${id}.yaml`));
  return Object.entries(changes).reduce(
    (mode, [path, to]) => (path.includes('.') ? applyChange(mode, path, to).mode : { ...mode, [path]: to }),
    base,
  );
}

/** Every name of the mode leads to all backends, unless `only` says otherwise. */
export async function openTestHosts(
  claims: Mode,
  backends: readonly Backend[],
  only: Readonly<Record<string, readonly string[]>> = {},
  store = createMailStore(),
): Promise<TestHosts> {
  await using unlessReady = new AsyncDisposableStack();
  const account = store.openAccount();
  const counter: Counter = { open: 0, most: 0, all: 0, heard: [] };
  const places: { address: string; ports: Record<string, number> }[] = [];
  for (const backend of backends) {
    const start = async (mode: Mode) => unlessReady.use(await startEmbedded({ mode, pki, store, listen: '127.0.0.1' }));
    const server = await start(backend.serves);
    const fallback = backend.fallback === undefined ? server : await start(backend.fallback);
    places.push(await standIn(backend.address, { server, fallback }, unlessReady, counter));
  }
  const names = [...Object.values(claims.hosts), ...(claims.aliases ?? []).map(({ name }) => name)];
  const addresses = Object.fromEntries(
    names.map((name) => [name, places.filter(({ address }) => only[name]?.includes(address) ?? true)]),
  );
  const opened = unlessReady.move();
  return {
    mode: {
      ...claims,
      addresses,
      account: { user: account.user, passwordEnv: 'TEST_PASSWORD', address: account.address },
    },
    account,
    store,
    environment: { TEST_PASSWORD: account.password },
    mostAtOnce: () => counter.most,
    connections: () => counter.all,
    heard: () => Buffer.concat(counter.heard),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** For tests: a store that puts what comes in into the inbox of its one account, as a provider's servers do. */
export function createDeliveringStore(): EmbeddedMailStore {
  const store = createMailStore();
  const account = store.openAccount();
  return {
    ...store,
    openAccount: () => account,
    openDelivery() {
      const delivery = store.openDelivery();
      return {
        write: (chunk) => delivery.write(chunk),
        finish() {
          const mail = delivery.finish();
          for (const marker of mail.markers) store.putMail(account, marker, 100);
          return mail;
        },
      };
    },
  };
}

interface Counter {
  open: number;
  most: number;
  all: number;
  readonly heard: Buffer[];
}

/** Passes bytes from an address of its own, so that what is counted is what a provider's machine would see. */
async function standIn(
  address: string,
  servers: { readonly server: MailServer; readonly fallback: MailServer },
  opened: AsyncDisposableStack,
  counter: Counter,
): Promise<{ address: string; ports: Record<string, number> }> {
  const ports: Record<string, number> = {};
  for (const { port, tls } of ENDPOINTS) {
    const listener = createServer((client) => {
      counter.open += 1;
      counter.all += 1;
      counter.most = Math.max(counter.most, counter.open);
      client.on('close', () => (counter.open -= 1));
      if (tls === 'starttls') return carry(client, servers.server.address(port), counter);
      // The hello holds the name as it stands (RFC 6066 section 3).
      client.once('readable', () => {
        const hello: unknown = client.read();
        if (!Buffer.isBuffer(hello)) return client.destroy();
        const names = Object.values(servers.server.mode.hosts);
        const isNamed = names.some((name) => hello.includes(name));
        client.unshift(hello);
        return carry(client, (isNamed ? servers.server : servers.fallback).address(port), counter);
      });
    });
    listener.listen(0, address);
    await once(listener, 'listening');
    opened.defer(() => closed(listener));
    const bound = listener.address();
    if (bound !== null && typeof bound === 'object') ports[String(port)] = bound.port;
  }
  return { address, ports };
}

function carry(client: Socket, to: ReturnType<MailServer['address']>, counter: Counter): void {
  const upstream = connect({ ...to });
  client.on('data', (chunk: Buffer) => counter.heard.push(chunk));
  for (const [from, into] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.on('error', () => into.destroy());
    from.on('close', () => into.destroySoon());
    from.pipe(into);
  }
}

function closed(listener: Server): Promise<void> {
  return new Promise((resolve) => listener.close(() => resolve()));
}
