import type { Mode } from '../vocabulary/mode.ts';
import { PORTS } from '../vocabulary/trial.ts';
import type { MailServer } from './contract.ts';

export interface BrownOutOptions {
  /** The policy that says so: with `refusal.until`. */
  readonly mode: Mode;
  readonly refusing: MailServer;
  readonly later: MailServer;
  /** From the first connection on, in ms. */
  readonly durationMs: number;
  /** `performance.now()`; a test has a clock of its own. */
  readonly now?: () => number;
}

/**
 * Two servers as one whose policy changes while a device is watched: whoever dials asks for the address each time. It
 * owns neither of the two. A connection that has begun stays with its server.
 */
export function openBrownOut({ mode, refusing, later, durationMs, now }: BrownOutOptions): MailServer {
  const clock = now ?? (() => performance.now());
  // Known beforehand: who dials must never meet a fault here.
  const addresses = new Map(PORTS.map((port) => [port, [refusing.address(port), later.address(port)] as const]));
  let firstAt: number | null = null;
  let isOver = false;
  return {
    /** The policy that answered last: what is judged is what the device met. */
    get mode() {
      return isOver ? { ...later.mode, id: mode.id } : mode;
    },
    engine: refusing.engine,
    unspoken: refusing.unspoken,
    address(port) {
      firstAt ??= clock();
      const [first, second] = addresses.get(port) ?? [refusing.address(port), later.address(port)];
      isOver = clock() - firstAt >= durationMs;
      return isOver ? second : first;
    },
    sessions(peerPorts, marker) {
      const sessions = [...refusing.sessions(peerPorts, marker), ...later.sessions(peerPorts, marker)];
      return [...new Map(sessions.map((s) => [s.peerPort, s])).values()];
    },
    get trouble() {
      return refusing.trouble ?? later.trouble;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
