import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stackPath } from '../stack-path.ts';
import type { MailOrder, MailResult, Stage } from './dialect.ts';
import type { Task } from './task.ts';
import { ConsoleClosed, type Terminal } from './terminal.ts';

export interface EmulatedFirmware {
  /** Orders of one console, one after the other. */
  carry(order: MailOrder, terminal: Terminal): Promise<MailResult>;
}

/** The firmware of a device: for each order it starts the mail client inside the old TLS stack. */
export function openFirmware(task: Task): EmulatedFirmware {
  let previous: Promise<unknown> = Promise.resolve();
  let givesUp = new AbortController();
  return {
    async carry(order, terminal) {
      if (task.firmware.fault === 'floods-console') await flood(terminal);
      givesUp.abort();
      await previous;
      givesUp = new AbortController();
      const abort = new AbortController();
      const running = runClient(task, order, abort.signal);
      previous = resend(task, order, running, givesUp.signal);
      if (task.firmware.queues) return { ok: true, stage: 'queued', text: '' };
      terminal.onInterrupt = () => abort.abort();
      try {
        return await running;
      } finally {
        terminal.onInterrupt = null;
      }
    },
  };
}

/**
 * What the device does by itself with a mail that failed: it has one place for it, so a new order ends this. Tries begin
 * at fixed intervals, as a queue's timer has them, however long each takes.
 */
async function resend(task: Task, order: MailOrder, trying: Promise<MailResult>, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  const first = await trying;
  const { resends, resendsDelivered } = task.firmware;
  if (resends === undefined || first.ok || first.stage === 'aborted') return;
  const intervalMs = (resends.everySeconds * 1000) / task.speed;
  let mailsLeft = resendsDelivered ? 2 : 1;
  for (let times = 0; times < resends.times && mailsLeft > 0; times += 1) {
    // A timer must not keep a device alive whose console was left.
    await sleep(startedAt + (times + 1) * intervalMs - performance.now(), undefined, { ref: false, signal }).catch(
      () => {},
    );
    if (signal.aborted) return;
    const { ok } = await runClient(task, order, signal);
    if (ok) mailsLeft -= 1;
  }
}

/** In bytes. More than any reader keeps, and an end for a console that nobody closes. */
const FLOOD_BYTES = 256 * 1024 * 1024;

async function flood(terminal: Terminal): Promise<never> {
  const line = 'smtpd_scan: retry queue 0xdeadbeef state=7 state=7 state=7 state=7 state=7 state=7\n';
  const block = line.repeat(200);
  for (let sent = 0; sent < FLOOD_BYTES; sent += block.length) {
    await terminal.print(block);
    // Without a turn of the event loop a closed terminal would go unnoticed.
    await new Promise(setImmediate);
  }
  throw new ConsoleClosed();
}

const STAGES: ReadonlySet<string> = new Set<Stage>([
  'done',
  'connect',
  'greeting',
  'tls',
  'certificate',
  'auth',
  'mail',
  'fetch',
  'timeout',
  'fault',
]);

/** Characters. The client's answer is one line. */
const MAX_ANSWER = 4_096;

function runClient(task: Task, order: MailOrder, signal: AbortSignal): Promise<MailResult> {
  const stack = stackPath(task.firmware.stack);
  if ('reason' in stack) return Promise.resolve({ ok: false, stage: 'fault', text: stack.reason });
  const file = task.firmware.stack === 'forge' ? `forge-client${extname(import.meta.url)}` : 'mail-client.cjs';
  const program = new URL(`../${file}`, import.meta.url);
  const client = spawn(stack.path, [fileURLToPath(program)], {
    env: { NODE_NO_WARNINGS: '1', ...compileCache() },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const { promise, resolve } = Promise.withResolvers<MailResult>();
  let answer = '';
  client.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (answer.length < MAX_ANSWER) answer += text;
  });
  // Its stdin stays open: when this process dies, whatever way, the client sees the end and dies too.
  client.stdin.on('error', () => {});
  client.stdin.write(`${JSON.stringify(renderJob(task, order))}\n`);
  const kill = () => client.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  client.on('error', (error) => resolve({ ok: false, stage: 'fault', text: error.message }));
  client.on('close', () => resolve(signal.aborted ? { ok: false, stage: 'aborted', text: '' } : parseAnswer(answer)));
  return promise;
}

/** Halves the start of clients on the current Node (forge); old ones do not know it. */
function compileCache(): { readonly NODE_COMPILE_CACHE?: string } {
  const cache = process.env['NODE_COMPILE_CACHE'];
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: cache };
}

function renderJob(task: Task, order: MailOrder) {
  const { firmware, roots } = task;
  const { subject, ...rest } = order;
  const password =
    firmware.passwordField === undefined ? order.password : order.password.slice(0, firmware.passwordField);
  const known = { nothing: [], factory: [roots.factory], imported: [roots.factory, roots.run] }[firmware.verifies];
  return { ...rest, marker: subject, password, resolve: task.resolve, firmware, roots: known };
}

function parseAnswer(answer: string): MailResult {
  try {
    const { ok, stage, text }: MailResult = JSON.parse(answer);
    if (typeof ok === 'boolean' && STAGES.has(stage)) return { ok, stage, text };
  } catch {
    // Falls through: the client ended without an answer.
  }
  return { ok: false, stage: 'fault', text: 'mail service stopped' };
}
