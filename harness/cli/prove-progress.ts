import type { Listener } from '../servers/hosts/find-listeners.ts';
import { printable } from './printable.ts';

/** Which listener was asked last, on one line of a terminal; nothing where there is none. */
export function showProveProgress({ name, address, endpoint }: Listener, done: number, all: number): void {
  if (!process.stderr.isTTY) return;
  // A line that wraps could not be taken back.
  const line = `${done}/${all} ${printable(`${name} ${address} ${endpoint.port}`)}`.slice(
    0,
    (process.stderr.columns || 80) - 1,
  );
  process.stderr.write(`\r\u001B[2K${line}`);
  if (done === all) clearProveProgress();
}

export function clearProveProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[2K');
}
