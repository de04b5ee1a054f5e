import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/**
 * Binds a free port that is still free after a restart: the system gives ports of its range for outgoing connections to
 * any program as soon as this process is gone. `bind` is called with a port until one is not in use; 0: any.
 */
export async function bindFree<T>(
  bind: (port: number) => Promise<T>,
  range: PortRange | null = outsideOf(outgoingPorts()),
): Promise<T> {
  if (range === null) return bind(0);
  const { from, to } = range;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    try {
      return await bind(randomInt(from, to + 1));
    } catch (fault) {
      if (!isInUse(fault)) throw fault;
    }
  }
  return bind(0);
}

/**
 * Binds the port that was bound before a restart. Who took it meanwhile may be done with it in a moment: it is tried
 * again for some seconds, then the fault is that of `bind`.
 */
export async function bindKept<T>(
  port: number,
  bind: (port: number) => Promise<T>,
  { everyMs, forMs } = PATIENCE,
): Promise<T> {
  for (const until = performance.now() + forMs; ; ) {
    try {
      return await bind(port);
    } catch (fault) {
      if (!isInUse(fault) || performance.now() >= until) throw fault;
    }
    await setTimeout(everyMs);
  }
}

/** Both are among them. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** From which ports this machine's connections go out. */
export function outgoingPorts(): PortRange {
  try {
    // Of IPv6 as well, whatever its name says.
    const [from, to] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number);
    return from === undefined || to === undefined || !(from <= to) ? USUAL : { from, to };
  } catch {
    return USUAL;
  }
}

/** Linux as it comes; macOS and Windows begin at 49152 (RFC 6335 section 6). */
const USUAL: PortRange = { from: 32_768, to: 65_535 };
/** Below it are the ports of many services. */
const LOWEST = 20_000;
/** Fewer are not worth looking for a free one. */
const FEW = 500;
const MAX_TRIES = 50;
/** A connection that goes out and holds the port is over in a moment, or lasts long. */
const PATIENCE = { everyMs: 250, forMs: 4_000 };

/** Where to look for ports that nobody is given by chance; null: all are. */
export function outsideOf({ from, to }: PortRange): PortRange | null {
  if (from - LOWEST >= FEW) return { from: LOWEST, to: Math.min(from, 65_536) - 1 };
  if (65_535 - to >= FEW) return { from: to + 1, to: 65_535 };
  return null;
}

/** Said by the fault or by what caused it. */
function isInUse(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  return ('code' in fault && fault.code === 'EADDRINUSE') || isInUse(fault.cause);
}
