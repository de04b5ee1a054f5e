import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { type ConnectionOptions, type TLSSocket, connect as connectTls } from 'node:tls';
import { readModes } from '../../modes/read-mode.ts';
import { type Pki, mintPki } from '../../pki/mint.ts';
import type { ServerSession } from '../../vocabulary/evidence.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { Port } from '../../vocabulary/trial.ts';
import type { Account, MailServer } from '../contract.ts';
import { type EmbeddedMailStore, createMailStore } from '../mail-store.ts';
import { type EmbeddedOptions, startEmbedded } from './start.ts';

/** For tests: a server of a mode with an account, a marker of its own, and what its witnesses saw. */
export interface TestServer extends AsyncDisposable {
  readonly server: MailServer;
  readonly store: EmbeddedMailStore;
  readonly account: Account;
  readonly marker: string;
  readonly pki: Pki;
  address(port: Port): { readonly host: string; readonly port: number };
  /** Every session, whatever port it came from. */
  sessions(): readonly ServerSession[];
  /** Sends all at once in the clear and reads until the server closes. */
  converse(port: Port, text: string | Buffer): Promise<string>;
  /** The same inside TLS from the first byte on, or what kept TLS from starting. */
  converseTls(port: Port, text: string, options?: ConnectionOptions): Promise<string>;
}

export async function openTestServer(
  mode: string,
  changes: Partial<Mode> = {},
  options: Partial<EmbeddedOptions> = {},
): Promise<TestServer> {
  const [base] = readModes([mode]);
  if (base === undefined) throw new Error(`no mode ${mode}`);
  const store = createMailStore();
  const server = await startEmbedded({ mode: { ...base, ...changes }, pki, store, listen: '127.0.0.1', ...options });
  const marker = `cutover-${randomBytes(8).toString('hex')}`;
  return {
    server,
    store,
    pki,
    marker,
    account: store.openAccount(),
    address: (port) => server.address(port),
    sessions: () => server.sessions(EVERY_PORT, marker),
    converse: (port, text) => exchange(connect({ ...server.address(port) }), text),
    converseTls(port, text, tls = {}) {
      const socket = connectTls({ ...server.address(port), rejectUnauthorized: false, ...tls });
      return new Promise((resolve) => {
        socket.once('secureConnect', () => resolve(exchange(socket, text)));
        socket.once('error', (error) => resolve(`TLS failed: ${error.message}`));
        socket.once('close', () => resolve('TLS failed: closed'));
      });
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Runs a program of the system to its end. `missing`: it is not installed. */
export function runProgram(
  program: string,
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number | null; readonly output: string; readonly missing: boolean }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'pipe' });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('latin1')));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('latin1')));
    child.on('error', () => resolve({ code: null, output, missing: true }));
    child.on('close', (code) => resolve({ code, output, missing: false }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** One for all tests of a file: keys take time. */
const pki = mintPki({ hosts: [], addresses: ['127.0.0.1'] });
const EVERY_PORT: readonly number[] = Array.from({ length: 65_535 }, (_, at) => at + 1);

function exchange(socket: ReturnType<typeof connect> | TLSSocket, text: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', (error) => (answer += `(${error.message})`));
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}
