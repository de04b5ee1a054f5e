import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { HarnessFault } from '../faults.ts';
import type { ConsoleOptions } from './expect.ts';
import type { ClientRecipe, Order } from './recipe.ts';
import { flood, openFake } from './scripted.ts';
import type { Session } from './session.ts';

const FAKE_DEVICES = [
  'delivers-plaintext',
  'waits-then-delivers',
  'never-connects',
  'closes-at-once',
  'hangs',
  'floods',
] as const;
type FakeDevice = (typeof FAKE_DEVICES)[number];

/** Part of an order that a fake device needs, as one line of JSON on its console. */
const FakeOrder = z.object({
  host: z.string(),
  port: z.int(),
  user: z.string(),
  password: z.string(),
  from: z.string(),
  to: z.string(),
  marker: z.string(),
  sizeBytes: z.int(),
  mails: z.int(),
});
type FakeOrder = z.infer<typeof FakeOrder>;

/**
 * A device in this process that connects by itself when it is ordered to: thousands cost neither programs nor
 * terminals. Throws HarnessFault `no-such-script`.
 */
export function openFakeDevice(script: string, options: ConsoleOptions = {}): Session {
  const device = FAKE_DEVICES.find((name) => name === script);
  if (device === undefined) {
    throw new HarnessFault('no-such-script', `reach.script: there is no "${script}"`, {
      advice: `There are: ${FAKE_DEVICES.join(', ')}.`,
      stage: 'configuration',
    });
  }
  return openFake((far) => {
    const abort = new AbortController();
    let line = '';
    let working: Promise<void> = Promise.resolve();
    return {
      typed: (text) => {
        line += text;
        if (!line.includes('\r')) return;
        const order = readOrder(line.slice(0, line.indexOf('\r')));
        line = '';
        if (order === null) far.print('failed: that is no order\r\n');
        else if (device === 'floods') flood(far);
        else working = carryOut(device, order, abort.signal).then((said) => far.print(said));
      },
      closed: async () => {
        abort.abort();
        await working;
      },
    };
  }, options);
}

/** Tells a fake device to send; its console takes an order as one line of JSON. */
export const fakeClient: ClientRecipe = {
  speaks: 'Fake devices of tests and benchmarks.',
  submit: async (session: Session, order: Order) => {
    session.send(JSON.stringify(FakeOrder.parse(order)), { secret: true });
    const { hit, match } = await session.expect({ sent: /^sent\n/m, failed: /^failed: (.*)\n/m });
    return { said: hit, text: match[0].trim(), exitCode: null };
  },
};

function readOrder(line: string): FakeOrder | null {
  try {
    return FakeOrder.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/**
 * What `waits-then-delivers` waits before it connects, as devices do that wake up, scan or look a name up. Real ones take
 * from under a second to tens of them; a second is long enough that a run of such devices spends its time waiting.
 */
export const DEVICE_WAIT_MS = 1_000;

async function carryOut(device: FakeDevice, order: FakeOrder, signal: AbortSignal): Promise<string> {
  if (device === 'never-connects') return 'failed: no route\r\n';
  if (device === 'hangs') return new Promise((resolve) => signal.addEventListener('abort', () => resolve('')));
  if (device === 'waits-then-delivers') await sleep(DEVICE_WAIT_MS, undefined, { signal }).catch(() => {});
  const socket = connect({ host: order.host, port: order.port, signal });
  try {
    socket.setTimeout(replyTimeoutMs, () => socket.destroy());
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    if (device === 'closes-at-once') return 'failed: gave up\r\n';
    await deliver(socket, order);
    return 'sent\r\n';
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}\r\n`;
  } finally {
    socket.destroy();
  }
}

/** A server that waits for us to speak first would hold us for ever. */
const replyTimeoutMs = 5000;

/** RFC 5321 without TLS; AUTH PLAIN (RFC 4954) where it is announced. Throws an Error with the refusing line. */
async function deliver(socket: Socket, order: FakeOrder): Promise<void> {
  const reader = createInterface({ input: socket.on('error', () => {}) });
  // It waits for the end of its input, which a destroyed socket never tells.
  socket.once('close', () => reader.close());
  const lines = reader[Symbol.asyncIterator]();
  const reply = async (): Promise<string> => {
    let text = '';
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the server closed the connection');
      text += `${value}\n`;
      if (text.length > MAX_REPLY || value.startsWith('4') || value.startsWith('5')) throw new Error(value);
      if (/^\d{3}(?: |$)/.test(value)) return text;
    }
  };
  const ask = async (command: string): Promise<string> => {
    socket.write(`${command}\r\n`);
    return reply();
  };
  await reply();
  const announced = await ask('EHLO fake.invalid');
  if (/^250[- ]AUTH .*PLAIN/im.test(announced)) {
    await ask(`AUTH PLAIN ${Buffer.from(`\0${order.user}\0${order.password}`).toString('base64')}`);
  }
  for (let mail = 0; mail < order.mails; mail += 1) {
    await ask(`MAIL FROM:<${order.from}>`);
    await ask(`RCPT TO:<${order.to}>`);
    await ask('DATA');
    await ask(`${renderMail(order)}\r\n.`);
  }
  await ask('QUIT');
}

const MAX_REPLY = 64 * 1024;

function renderMail({ from, to, marker, sizeBytes }: FakeOrder): string {
  const line = `${'0'.repeat(76)}\r\n`;
  const body = line.repeat(Math.ceil(sizeBytes / line.length)).slice(0, sizeBytes);
  return `From: <${from}>\r\nTo: <${to}>\r\nSubject: ${marker}\r\n\r\n${body}`;
}
