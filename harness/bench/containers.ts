import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ContainerLab, ContainerNetwork } from '../containers/contract.ts';
import { askEngine } from '../containers/engine.ts';
import { buildImages } from '../containers/images.ts';
import { openContainerLab } from '../containers/open-lab.ts';
import { readModes } from '../modes/read-mode.ts';
import { mintPki } from '../pki/mint.ts';
import { openRig } from '../rig.ts';
import { openContainerServers } from '../servers/containers/open-servers.ts';
import type { Figure } from './bench.ts';

const MODES = ['today', 'strict', 'legacy'];
/** One client waits for the other side most of the time. */
const CLIENTS = 4;
const SECONDS = 5;

/**
 * What real servers cost, with compiled code kept as the command line keeps it: from nothing to three proven modes, and
 * back; and new TLS connections a second on published loopback ports, beside `openssl s_server` in a container of its own on the same path.
 */
export async function benchContainers(): Promise<readonly Figure[]> {
  const answer = await askEngine();
  if (answer.kind === 'missing') {
    console.log(`  containers are not measured: ${answer.why}`);
    return [];
  }
  await buildImages(['postfix', 'dovecot', 'probe']);
  return [...(await benchModes()), ...(await benchConnections())];
}

async function benchModes(): Promise<readonly Figure[]> {
  const beganMs = performance.now();
  const opened = new AsyncDisposableStack();
  let readyMs: number;
  try {
    const lab = opened.use(await openContainerLab());
    opened.use(
      await openRig({
        modes: readModes(MODES),
        listen: '127.0.0.1',
        openEngine: async (pki) => openContainerServers({ pki, lab }),
      }),
    );
    readyMs = performance.now();
  } finally {
    await opened.disposeAsync();
  }
  const closedMs = performance.now();
  return [
    { name: 'containers: three modes proven', value: (readyMs - beganMs) / 1000, unit: 's', limit: { atMost: 8 } },
    { name: 'containers: removed', value: (closedMs - readyMs) / 1000, unit: 's', limit: { atMost: 3 } },
  ];
}

async function benchConnections(): Promise<readonly Figure[]> {
  await using lab = await openContainerLab();
  await using network = await lab.openNetwork({ name: 'bench', neighbours: true, wayOut: true });
  const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
  const [mode] = readModes(['strict']);
  if (mode === undefined) throw new Error('there is no mode strict');
  const published = new Map<number, number>();
  await using servers = await openContainerServers({ pki, lab: publishing(lab, network, published) });
  await servers.start(mode);

  const { chainPem, keyPem } = pki.certificate(mode);
  const listening = Promise.withResolvers<void>();
  await using reference = await lab.start({
    image: 'probe',
    name: 's-server',
    network,
    publish: [993],
    files: [
      { target: '/chain.pem', content: chainPem },
      { target: '/key.pem', content: keyPem },
    ],
    command: ['openssl', 's_server', '-accept', '993', '-cert', '/chain.pem', '-key', '/key.pem', '-www'],
    onLog: (line) => line === 'ACCEPT' && listening.resolve(),
  });
  const plain = reference.published.get(993) ?? 0;
  await listening.promise;
  const [imaps, smtps] = [published.get(993) ?? 0, published.get(465) ?? 0];
  // The first connections pay for processes that are not there yet.
  for (const port of [plain, imaps, smtps]) await countPerSecond(port, 1);
  const none = await countPerSecond(plain, SECONDS);
  const mailbox = await countPerSecond(imaps, SECONDS);
  const submission = await countPerSecond(smtps, SECONDS);
  return [
    { name: 'openssl s_server: new TLS connections', value: none, unit: '/s' },
    { name: 'Dovecot, imaps: new TLS connections', value: mailbox, unit: '/s', limit: { atLeast: 300 } },
    { name: 'Dovecot, imaps: of openssl s_server', value: (100 * mailbox) / none, unit: '%' },
    { name: 'Postfix, smtps: new TLS connections', value: submission, unit: '/s', limit: { atLeast: 150 } },
    { name: 'Postfix, smtps: of openssl s_server', value: (100 * submission) / none, unit: '%' },
  ];
}

/** The lab, but whoever starts a mail server publishes it, in a network that can. */
function publishing(lab: ContainerLab, network: ContainerNetwork, published: Map<number, number>): ContainerLab {
  return {
    engine: lab.engine,
    folder: lab.folder,
    importRoot: (root) => lab.importRoot(root),
    openNetwork: async () => ({ ...network, [Symbol.asyncDispose]: async () => {} }),
    async start(options) {
      const container = await lab.start({
        ...options,
        network,
        publish: options.sharesNetworkOf === undefined ? [465, 993] : [],
      });
      for (const [port, bound] of container.published) published.set(port, bound);
      return container;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Handshakes that several clients of OpenSSL's own finish on this port in a second, each on a new session. */
async function countPerSecond(port: number, seconds: number): Promise<number> {
  const argv = ['s_time', '-connect', `127.0.0.1:${port}`, '-new', '-time', String(seconds)];
  const outputs = await Promise.all(
    Array.from({ length: CLIENTS }, async () => (await promisify(execFile)('openssl', argv)).stdout),
  );
  return outputs.reduce((sum, output) => {
    const [, count, took] = /(\d+) connections in (\d+) real seconds/.exec(output) ?? [];
    if (count === undefined || took === undefined) throw new Error(`openssl s_time said: ${output}`);
    return sum + Number(count) / Number(took);
  }, 0);
}
