import { setTimeout as sleep } from 'node:timers/promises';
import { readModes } from '../modes/read-mode.ts';
import type { ListenerFacts } from '../servers/hosts/ask-listener.ts';
import { type HostsProof, proveHosts } from '../servers/hosts/prove-hosts.ts';
import { EXIT } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { demandOwnServers } from './own-servers.ts';
import { printable } from './printable.ts';
import { clearProveProgress, showProveProgress } from './prove-progress.ts';

export interface ProveOptions {
  readonly iOperateTheseServers?: boolean;
  readonly mode: readonly string[];
  readonly json?: boolean;
  /** ms between rounds; without it there is one. */
  readonly watch?: number;
  readonly pause: number;
}

/** `cutover prove`: asks servers that exist whether they do what their modes say. Returns the exit code. */
export async function proveServers(options: ProveOptions): Promise<number> {
  demandOwnServers(options);
  const modes = readModes(options.mode);
  using interrupt = onInterrupt();
  let before: readonly string[] | null = null;
  try {
    for (;;) {
      const proof = await proveHosts({
        modes,
        pauseMs: options.pause,
        environment: process.env,
        signal: interrupt.signal,
        onListener: showProveProgress,
      });
      clearProveProgress();
      const lines = renderProof(proof);
      const changes = before === null ? null : changesBetween(before, lines);
      // A program that reads JSON gets every round, so that it sees that the watch goes on.
      if (options.json === true) process.stdout.write(`${JSON.stringify(renderJson(proof))}\n`);
      else if (changes === null || changes.length > 0) console.log(printable((changes ?? lines).join('\n')));
      before = lines;
      if (options.watch === undefined) return exitCodeOf(proof);
      await sleep(options.watch, undefined, { signal: interrupt.signal });
    }
  } catch (fault) {
    clearProveProgress();
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw fault;
  }
}

function exitCodeOf({ findings }: HostsProof): number {
  return findings.some(({ weight }) => weight === 'differs') ? EXIT.different : EXIT.expected;
}

/** What changed since the last round, with the time, so that a watch can be read the day after. */
function changesBetween(before: readonly string[], now: readonly string[]): string[] {
  const time = new Date().toISOString().slice(0, 16).replace('T', ' ');
  return [
    ...before.filter((line) => !now.includes(line)).map((line) => `${time} - ${line.trim()}`),
    ...now.filter((line) => !before.includes(line)).map((line) => `${time} + ${line.trim()}`),
  ];
}

/** The table of a round, and what is to be said of it: one line each, so that rounds can be compared. */
function renderProof({ answers, findings }: HostsProof): string[] {
  const lines: string[] = [];
  for (const { mode, listeners } of answers) {
    lines.push(`${mode.id}: TLS ${mode.tls.min} to ${mode.tls.max}, plaintext ${mode.plaintext}`);
    for (const facts of listeners) lines.push(`  ${renderListener(facts)}`);
    const own = findings.filter((finding) => finding.mode === mode.id);
    for (const { weight, text, advice } of own) lines.push(`  ${weight === 'note' ? 'note' : '✗'} ${text} → ${advice}`);
    if (own.length === 0) lines.push(`  ✓ ${mode.id}: every listener does what the mode says.`);
  }
  return lines;
}

function renderListener(facts: ListenerFacts): string {
  const { name, address, endpoint, unusable, withName, clear, login } = facts;
  const place = `${name} ${address} ${endpoint.port}`;
  if (unusable !== null) return `${place}: ${unusable.why}`;
  if (withName === null) return `${place}: no STARTTLS`;
  const parts = [
    `TLS ${withName.accepted.join(' ') || 'none'}`,
    ...(clear === null ? [] : [`plaintext ${clear.login}`]),
    ...(login === 'not-tried' ? [] : [login === 'accepted' ? 'login accepted' : 'login refused']),
    ...(facts.mx ? ['MX'] : []),
  ];
  return `${place}: ${parts.join(' · ')}`;
}

function renderJson({ answers, findings }: HostsProof): unknown {
  return {
    at: new Date().toISOString(),
    modes: answers.map(({ mode, ...seen }) => ({ mode: mode.id, ...seen })),
    findings,
  };
}
