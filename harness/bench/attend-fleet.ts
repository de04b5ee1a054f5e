import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { createTransport } from 'nodemailer';
import type { Prompt } from '../vocabulary/attend.ts';
import { Device } from '../vocabulary/device.ts';

/** Half of them speak TLS 1.0 alone: they are pressed a second time, for the legacy servers. */
const DEVICES = 40;

export interface BenchDevice {
  readonly device: Device;
  /** Of its own, as on a LAN. */
  readonly address: string;
  readonly isOld: boolean;
}

export function listFleet(): readonly BenchDevice[] {
  return Array.from({ length: DEVICES }, (_, i) => ({
    device: Device.parse({
      id: `bench-${i}`,
      vendor: 'Bench',
      model: `Printer ${i}`,
      kind: 'printer',
      firmware: [{ version: '1.0' }],
      settings: [{ id: 'implicit-465', protocol: 'smtp', port: 465, security: 'implicit' }],
      trust: 'none',
      reach: { driver: 'button' },
    }),
    address: `127.0.3.${i + 1}`,
    isOld: i % 2 === 1,
  }));
}

/** Devices send in a thread of their own: what they compute is not a page's time. */
export interface FleetThread extends AsyncDisposable {
  /** The device sends its test mail once, as the prompt says; when it dialled, in epoch ms. */
  send(device: number, port: number, prompt: Prompt): Promise<number>;
}

interface Order {
  readonly device: number;
  readonly port: number;
  readonly prompt: Prompt;
}

export function startFleet(): FleetThread {
  const worker = new Worker(import.meta.filename);
  const waiting = new Map<number, (dialledAt: number) => void>();
  worker.on('message', ([device, dialledAt]: readonly [number, number]) => waiting.get(device)?.(dialledAt));
  return {
    async send(device, port, prompt) {
      const { promise, resolve } = Promise.withResolvers<number>();
      waiting.set(device, resolve);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage({ device, port, prompt } satisfies Order);
      return promise;
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}

if (!isMainThread && parentPort !== null) {
  const fleet = listFleet();
  const desk = parentPort;
  desk.on('message', ({ device, port, prompt }: Order) => {
    const one = fleet[device];
    const dialledAt = Date.now();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    if (one !== undefined) void sendTestMail(one, port, prompt).then(() => desk.postMessage([device, dialledAt]));
  });
}

/** That servers refuse it is no fault. */
async function sendTestMail({ address, isOld }: BenchDevice, port: number, prompt: Prompt): Promise<void> {
  const entered = (name: string) => prompt.entries.find((e) => e.name === name)?.value ?? '';
  const mailer = createTransport({
    host: '127.0.0.1',
    port,
    secure: true,
    localAddress: address,
    auth: { user: entered('user'), pass: entered('password') },
    connectionTimeout: 20_000,
    tls: {
      rejectUnauthorized: false,
      // OpenSSL 3 takes TLS 1.0 at security level 0 only.
      ...(isOld ? { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
    },
  });
  try {
    const mailbox = entered('sender');
    await mailer.sendMail({ from: mailbox, to: mailbox, subject: 'test', text: 'test mail' });
  } catch {
    // Strict refuses the old ones.
  } finally {
    mailer.close();
  }
}
