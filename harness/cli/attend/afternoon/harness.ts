import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import net from 'node:net';
import tls from 'node:tls';
import { openTestAttend } from '../open-test-attend.ts';

/** `cutover attend` as a user starts it, in a process of its own that can be killed. */
export interface Harness {
  /** The join address that it prints. */
  readonly url: string;
  /** The run's root, as its servers show it: what a device of the office is given. PEM. */
  readonly root: string;
  /** The number that stands for a canonical port. */
  portOf(port: number): number;
  /** As the power goes: nothing is closed in order. */
  kill(): Promise<void>;
  /** Its exit code, once it has ended by itself. */
  ended(): Promise<number | null>;
}

export async function startHarness(out: string, args: readonly string[]): Promise<Harness> {
  const { child, url } = await openTestAttend(args);
  const exit = once(child, 'exit');
  const ports = readPorts(out);
  const portOf = (port: number): number => ports[port] ?? port;
  return {
    url,
    root: await readRoot(portOf(465)),
    portOf,
    async kill() {
      if (isRunning(child)) child.kill('SIGKILL');
      await exit;
    },
    async ended() {
      const [code] = await exit;
      return typeof code === 'number' ? code : null;
    },
  };
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** The folder of the one run below an output folder. */
export function runFolderOf(out: string): string {
  const [run] = readdirSync(join(out, 'runs'));
  return join(out, 'runs', run ?? '');
}

function readPorts(out: string): Readonly<Record<string, number>> {
  const saved: { readonly ports: Record<string, number> } = JSON.parse(
    readFileSync(join(runFolderOf(out), 'attend.json'), 'utf8'),
  );
  return saved.ports;
}

/** Somebody looks at the certificate: a stranger to the door. */
async function readRoot(port: number): Promise<string> {
  const tcp = net.connect({ host: '127.0.0.1', port, localAddress: '127.0.9.9' });
  const socket = tls.connect({ socket: tcp, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  let certificate = socket.getPeerCertificate(true);
  while (certificate.issuerCertificate !== certificate && certificate.issuerCertificate !== undefined)
    certificate = certificate.issuerCertificate;
  // It may be killed before it has answered.
  socket.on('error', () => {}).end('QUIT\r\n');
  const base64 = certificate.raw.toString('base64').replaceAll(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}
