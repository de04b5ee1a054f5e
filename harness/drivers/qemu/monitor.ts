import { once } from 'node:events';
import net from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDeadline, type Deadline, renderLimit } from '../../deadline.ts';
import { LabFault } from '../../faults.ts';

/** QEMU's machine protocol on a Unix socket (QMP: docs/interop/qmp-spec.txt of QEMU). */
export interface Monitor extends Disposable {
  /** A command of the human monitor; what it prints, which for most is nothing. Throws LabFault `guest-monitor`. */
  command(line: string): Promise<string>;
}

/** QEMU listens 0.1 s after its start, on a machine at a load of 20 after seconds (measured). */
const START_MS = 30_000;
const BETWEEN_MS = 10;
/** A state of 256 MB is written in 0.1 to 0.8 s (measured). */
const ANSWER_MS = 60_000;

/**
 * Waits until the emulator listens.
 *
 * @param whyEnded Why there is no emulator any more, or null. Throws LabFault `guest-not-started` with it.
 */
export async function openMonitor(path: string, whyEnded: () => string | null, signal: AbortSignal): Promise<Monitor> {
  using deadline = createDeadline({ totalMs: START_MS, signal });
  const socket = await dial(path, whyEnded, deadline);
  const lines = createInterface({ input: socket });
  socket.on('error', () => socket.destroy());
  // The reader of lines passes on what went wrong with its socket: an emulator that is ended resets it.
  lines.on('error', () => socket.destroy());
  const queue = createAnswers(socket, lines);
  const ask = async (execute: string, args: object = {}): Promise<string> => {
    socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    using waiting = createDeadline({ totalMs: ANSWER_MS, signal });
    const raced = await waiting.race(queue.next());
    if (raced.kind === 'over') throw fault(`${execute}: ${renderLimit(raced.over)}`);
    return raced.value;
  };
  await ask('qmp_capabilities');
  return {
    command: (line) => ask('human-monitor-command', { 'command-line': line }),
    [Symbol.dispose]: () => socket.destroy(),
  };
}

async function dial(path: string, whyEnded: () => string | null, deadline: Deadline): Promise<net.Socket> {
  for (;;) {
    const socket = net.connect(path);
    try {
      await once(socket, 'connect');
      return socket;
    } catch (cause) {
      const { hit } = deadline;
      if (hit?.limit === 'aborted') throw hit.reason;
      const over = whyEnded() ?? (hit === null ? null : renderLimit(hit));
      if (over !== null)
        throw new LabFault('guest-not-started', `the emulator did not start: ${over}`, { stage: 'start', cause });
      await sleep(BETWEEN_MS);
    }
  }
}

/** Answers come in the order of the commands; events and the greeting stand between them. */
function createAnswers(socket: net.Socket, lines: Interface) {
  const waiting: PromiseWithResolvers<string>[] = [];
  lines.on('line', (line) => {
    const answer = parseAnswer(line);
    if (typeof answer !== 'object' || answer === null) return;
    if ('return' in answer) waiting.shift()?.resolve(typeof answer.return === 'string' ? answer.return : '');
    else if ('error' in answer) waiting.shift()?.reject(fault(JSON.stringify(answer.error)));
  });
  socket.on('close', () => {
    for (const one of waiting.splice(0)) one.reject(fault('the emulator has ended'));
  });
  return {
    next: async (): Promise<string> => {
      if (socket.destroyed) throw fault('the emulator has ended');
      const one = Promise.withResolvers<string>();
      waiting.push(one);
      return one.promise;
    },
  };
}

/** null: half a line, of an emulator that was ended. */
function parseAnswer(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function fault(why: string): LabFault {
  return new LabFault('guest-monitor', `the emulator's monitor: ${why}`, { stage: 'start' });
}
