import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { readModes } from '../modes/read-mode.ts';
import type { Port } from '../vocabulary/trial.ts';
import type { CheckLimits } from './limits.ts';
import type { Describe } from './notebook.ts';
import { type CheckHost, openCheckHost } from './open-host.ts';
import type { AgentView } from './view.ts';

/** For tests: a test host on free ports of loopback, and devices that dial it from addresses of their own. */
export interface TestHost extends AsyncDisposable {
  readonly host: CheckHost;
  readonly address: string;
  clock: number;
  /** Opens a ticket of this agent; its code. */
  open(agent?: string): { readonly id: string; readonly code: string };
  port(port: Port): number;
  /** Waits until what the agent sees fulfils the condition. */
  until(condition: (view: AgentView) => boolean, agent?: string): Promise<AgentView>;
  dial(port: Port, from?: string): Socket;
  /** Sends all at once in the clear and reads until the host closes. */
  converse(port: Port, text: string | Buffer, from?: string): Promise<string>;
  /** The same inside TLS from the first byte on, or what kept TLS from starting. */
  converseTls(port: Port, text: string, from?: string, tls?: ConnectionOptions): Promise<string>;
  /** A good device on 465: what the host said. */
  sendMail(code: string, from?: string): Promise<string>;
}

export async function openTestHost(
  limits: Partial<CheckLimits> = {},
  describe: Describe = () => ({ de: NO_WORDS, en: NO_WORDS }),
): Promise<TestHost> {
  const [mode] = readModes(['strict']);
  if (mode === undefined) throw new Error('no mode strict');
  const clock = { now: 1_700_000_000_000 };
  const host = await openCheckHost({
    mode,
    listen: '127.0.0.1',
    host: 'test.example',
    ports: [25, 110, 143, 465, 587, 993, 995],
    boundPort: () => 0,
    describe,
    limits,
    now: () => clock.now,
  });
  const port = (canonical: Port): number => host.ports.get(canonical) ?? 0;
  const test: TestHost = {
    host,
    address: '127.0.0.1',
    get clock() {
      return clock.now;
    },
    set clock(now) {
      clock.now = now;
    },
    open(agent = 'anna') {
      const opened = host.openTicket(agent, '');
      if (opened.kind !== 'opened') throw new Error('too many tickets');
      return opened;
    },
    port,
    until: (condition, agent = 'anna') =>
      new Promise((resolve) => {
        const look = () => {
          const view = host.viewOf(agent);
          if (!condition(view)) return;
          stop();
          resolve(view);
        };
        const stop = host.onChange(look);
        look();
      }),
    dial: (canonical, from = '127.0.0.1') =>
      connect({ host: '127.0.0.1', port: port(canonical), localAddress: from }).on('error', () => {}),
    converse: (canonical, text, from) => readToEnd(test.dial(canonical, from), text),
    converseTls(canonical, text, from, tls = {}) {
      const socket = connectTls({ socket: test.dial(canonical, from), rejectUnauthorized: false, ...tls });
      return new Promise((resolve) => {
        socket.once('secureConnect', () => resolve(readToEnd(socket, text)));
        socket.once('error', (error) => resolve(`TLS failed: ${error.message}`));
        socket.once('close', () => resolve('TLS failed: closed'));
      });
    },
    sendMail: (code, from) => test.converseTls(465, renderSubmission(code), from),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
  return test;
}

const NO_WORDS = { headline: '', facts: [], enter: [], aloud: [] };

/** What a device says that sends one mail, all at once. */
export function renderSubmission(
  code: string,
  to = 'someone@elsewhere.example',
  text = 'Subject: test\r\n\r\nhello',
): string {
  const login = Buffer.from(`\0${code}\0any password`).toString('base64');
  const mail = ['MAIL FROM:<device@here.example>', `RCPT TO:<${to}>`, 'DATA', text, '.', 'QUIT'];
  return ['EHLO device', `AUTH PLAIN ${login}`, ...mail, ''].join('\r\n');
}

function readToEnd(socket: Socket, text: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', (error) => (answer += `(${error.message})`));
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}
