import { connect as connectTls } from 'node:tls';
import { connect, type Socket } from 'node:net';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerLab, RunningContainer } from '../../containers/contract.ts';
import { hasEngine } from '../../containers/has-engine.ts';
import { buildImages } from '../../containers/images.ts';
import { openContainerLab } from '../../containers/open-lab.ts';
import { MODES_FOLDER, readMode } from '../../modes/read-mode.ts';
import { mintPki } from '../../pki/mint.ts';
import { ENDPOINTS, type Port } from '../../vocabulary/trial.ts';
import { openMailFolder } from './mail-folder.ts';
import { FETCH_PORTS, SMTP_PORTS } from './rendering.ts';
import { startContainerServer } from './start.ts';

const ready = await hasEngine('servers on published ports');
const MODES = ['today', 'strict', 'legacy'] as const;

/** The way by which a benchmark comes, and a person who tries a server out: this host's own loopback. */
describe.skipIf(!ready)('from 127.0.0.1 of this host', { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  const published = new Map<string, number>();
  let account: ReturnType<ReturnType<typeof openMailFolder>['openAccount']>;

  beforeAll(async () => {
    await buildImages(['postfix', 'dovecot']);
    const lab = opened.use(await openContainerLab());
    const network = opened.use(await lab.openNetwork({ name: 'published', neighbours: true, wayOut: true }));
    mkdirSync(join(lab.folder, 'mail'));
    const folder = openMailFolder(join(lab.folder, 'mail'));
    account = folder.openAccount();
    const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
    const started = MODES.map(async (id) => {
      const publishing: ContainerLab = {
        ...lab,
        async start(options): Promise<RunningContainer> {
          const publish = options.sharesNetworkOf === undefined ? [...SMTP_PORTS, ...FETCH_PORTS] : [];
          const container = await lab.start({ ...options, publish });
          for (const [port, bound] of container.published) published.set(`${id} ${port}`, bound);
          return container;
        },
      };
      const mode = readMode(join(MODES_FOLDER, `${id}.yaml`));
      opened.use(await startContainerServer({ mode, pki, lab: publishing, network, folder }));
    });
    await Promise.all(started);
  }, 240_000);
  afterAll(() => opened.disposeAsync(), 60_000);

  const boundOf = (mode: string, port: Port) => published.get(`${mode} ${port}`)!;

  test.each(ENDPOINTS)('strict lets nobody log in in the clear on $port', async ({ protocol, port }) => {
    const login = Buffer.from(`\0${account.user}\0${account.password}`).toString('base64');
    const words = {
      smtp: ['EHLO x', `AUTH PLAIN ${login}`, 'MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'QUIT'],
      imap: [`a LOGIN ${account.user} ${account.password}`, `b AUTHENTICATE PLAIN ${login}`, 'z LOGOUT'],
      pop3: [`USER ${account.user}`, `PASS ${account.password}`, `AUTH PLAIN ${login}`, 'QUIT'],
    };
    const text = await talk(connect(boundOf('strict', port), '127.0.0.1'), words[protocol]);
    expect(text).not.toMatch(/^235|^250 2\.1\.5|^[ab] OK|Logged in|maildrop/im);
  });

  test.each(MODES.flatMap((mode) => SMTP_PORTS.map((port) => [mode, port] as const)))(
    '%s relays nothing for a stranger on %i',
    async (mode, port) => {
      const words = ['EHLO x', 'MAIL FROM:<x@spam.example>', 'RCPT TO:<victim@elsewhere.example>', 'QUIT'];
      const bound = boundOf(mode, port);
      const tcp = connect(bound, '127.0.0.1');
      if (port !== 465) await talk(tcp, ['EHLO x', 'STARTTLS'], { until: /^220 2/m });
      const encrypted = await talk(connectTls({ socket: tcp, rejectUnauthorized: false }), words, {
        speaksFirst: port !== 465,
      });
      expect(encrypted).toMatch(/^554 5\.7\.1/m);
      const clear = port === 465 ? '' : await talk(connect(bound, '127.0.0.1'), words);
      expect(encrypted + clear).not.toMatch(/^250 2\.1\.5/m);
    },
  );
});

/** Says each line after an answer to the one before, until the server closes or `until` was read. */
function talk(
  socket: Socket,
  lines: readonly string[],
  { until, speaksFirst = false }: { readonly until?: RegExp; readonly speaksFirst?: boolean } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const left = [...lines];
    let text = '';
    const say = () => {
      const line = left.shift();
      if (line !== undefined) socket.write(`${line}\r\n`);
    };
    socket.setTimeout(20_000, () => reject(new Error(`nothing more after ${JSON.stringify(text)}`)));
    socket.once('error', (error) => (text === '' && until !== undefined ? reject(error) : resolve(text)));
    socket.once('close', () => resolve(text));
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (until?.test(text) === true) {
        socket
          .removeAllListeners()
          .on('error', () => {})
          .setTimeout(0);
        return resolve(text);
      }
      // A multi-line answer may come in pieces.
      if (/(?:^|\n)(?!\d{3}-)[^\n]*\r\n$/.test(text)) say();
    });
    // After STARTTLS the client speaks first. Where TLS is expected at once, what is said in the clear must not be taken.
    if (speaksFirst) socket.once('secureConnect', say);
    else if (!('encrypted' in socket)) setTimeout(() => text === '' && say(), 1_000).unref();
  });
}
